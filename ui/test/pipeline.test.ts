import { describe, expect, test } from "vitest";
import { answerer, inWords, NOTHING, type Pipeline, pipelineAfter, stageTimes } from "../src/pipeline";
import type { Action } from "../src/state";
import { decodeServer } from "../src/wire";

type Told = Record<string, unknown>;

/** The pipeline after each of these, the last one last. */
function steps(...happened: (Told | Action)[]): Pipeline[] {
  let pipeline = NOTHING;
  return happened.map((each) => {
    const action = "did" in each ? (each as Action) : ({ did: "hear", message: decodeServer(JSON.stringify(each)) } as const);
    return (pipeline = pipelineAfter(pipeline, action));
  });
}
const after = (...happened: (Told | Action)[]) => steps(...happened).at(-1)!;
const lit = (...happened: (Told | Action)[]) => steps(...happened).map((each) => each.lit.join(" "));

const ready = { type: "ready", session: "s_1", agent: "tutor" };
const phase = (name: string, turn: number) => ({ type: "phase", phase: name, turn });
const route = (turn: number, specialist: string, confidence = 0.97) => ({ type: "route", turn, specialist, confidence });
const stage = (turn: number, name: string) => ({ type: "stage", turn, stage: name });
const say = (turn: number, sentence: number, purpose = "answer") => ({ type: "sentence", turn, sentence, text: "So.", purpose });
const verdict = (turn: number, side: string, action: string) => ({ type: "verdict", turn, side, action, categories: ["violence"] });
const supervised = (how: string) => ({ type: "supervised", by: "Ms Finch", how });

describe("a turn", () => {
  test("takes its way stage by stage, checking and routing side by side", () => {
    expect(
      lit(
        ready,
        phase("listening", 0),
        phase("thinking", 1),
        route(1, "math"),
        stage(1, "retrieval"),
        stage(1, "model"),
        stage(1, "guardrail"),
        say(1, 0),
        phase("speaking", 1),
        phase("listening", 1),
      ),
    ).toEqual(["", "hear", "check route", "ground", "phrase", "guard", "speak", "speak", "speak", "hear"]);
  });

  test("passes what is lit no longer", () => {
    expect(after(phase("listening", 0), phase("thinking", 1), route(1, "math")).passed).toEqual(["hear", "check", "route"]);
    expect(after(phase("thinking", 1), route(1, "math"), stage(1, "retrieval"), stage(1, "guardrail"), say(1, 0)).passed).not.toContain("phrase");
  });

  test("that began on a guess is as far as it is when it is sure that the caller has ended", () => {
    expect(lit(phase("listening", 0), route(1, "math"), stage(1, "retrieval"), phase("thinking", 1))).toEqual(["hear", "ground", "phrase", "phrase"]);
  });

  test("goes on without the steps where a server does not tell them", () => {
    expect(lit(phase("thinking", 1), route(1, "math"), say(1, 0), phase("speaking", 1))).toEqual(["check route", "ground", "speak", "speak"]);
  });

  test("forgets the one before, and is not gone back to", () => {
    const next = after(phase("thinking", 1), route(1, "math"), say(1, 0), phase("thinking", 2));
    expect(next).toMatchObject({ turn: 2, passed: ["hear"], rulings: {}, specialist: "math" });
    expect(after(phase("thinking", 2), route(1, "history")).turn).toBe(2);
  });

  test("says who answers, how sure that is, and from whom it was handed over", () => {
    const first = after(phase("thinking", 1), route(1, "math", 0.9));
    expect(first).toMatchObject({ specialist: "math", confidence: 0.9, handedFrom: "" });
    const second = [phase("thinking", 1), route(1, "math"), phase("thinking", 2), route(2, "history")];
    expect(after(...second).handedFrom).toBe("math");
    expect(after(...second, route(2, "history")).handedFrom).toBe("math");
    expect(after(...second, phase("thinking", 3), route(3, "history")).handedFrom).toBe("");
  });
});

describe("the guardrail", () => {
  test("that blocks a question leaves nothing to look for", () => {
    const steps = [phase("thinking", 1), verdict(1, "input", "block"), say(1, 0)];
    expect(lit(...steps)).toEqual(["check route", "speak", "speak"]);
    expect(after(...steps).rulings).toEqual({ check: "block" });
    expect(after(...steps).passed).toEqual(["hear", "check", "route"]);
  });

  test("that blocks a question lets nobody answer it who answered the one before", () => {
    const before = [phase("thinking", 1), route(1, "english"), say(1, 0)];
    expect(answerer(after(...before))).toBe("english");
    const blocked = after(...before, phase("thinking", 2), verdict(2, "input", "block"), say(2, 0));
    expect(answerer(blocked)).toBe("");
    expect(inWords(blocked)).not.toContain("english");
  });

  test("that rewrites a sentence is marked where it sits", () => {
    const steps = [phase("thinking", 1), route(1, "history"), stage(1, "retrieval"), verdict(1, "output", "rewrite"), say(1, 0)];
    expect(lit(...steps).at(-2)).toBe("guard");
    expect(after(...steps).rulings).toEqual({ guard: "rewrite" });
    expect(after(...steps, phase("thinking", 2)).rulings).toEqual({});
  });
});

describe("beside the line", () => {
  test("a filler bridges the wait while the answer is still being made", () => {
    const filling = after(phase("thinking", 1), route(1, "history"), say(1, 0, "filler"));
    expect(filling).toMatchObject({ isFilling: true, lit: ["ground"] });
    expect(after(phase("thinking", 1), route(1, "history"), say(1, 0, "filler"), phase("speaking", 1)).lit).toEqual(["ground"]);
    expect(after(phase("thinking", 1), route(1, "history"), say(1, 0, "filler"), say(1, 1))).toMatchObject({ isFilling: false, lit: ["speak"] });
  });

  test("a provider's filler is one as well", () => {
    expect(after(phase("thinking", 1), { did: "fill", turn: 1 }).isFilling).toBe(true);
  });

  test("a person is asked for, comes, speaks, hands back and goes", () => {
    const asked = { type: "escalated", turn: 1, reason: "" };
    const all = [asked, supervised("joined"), asked, supervised("taken_over"), supervised("handed_back"), supervised("left")];
    expect(steps(...all).map(({ person }) => person)).toEqual(["asked", "there", "there", "speaks", "there", "none"]);
  });

  test("while a person speaks in its place, nothing of the agent is at work", () => {
    expect(after(phase("thinking", 1), supervised("taken_over")).lit).toEqual([]);
  });
});

describe("an interruption", () => {
  test("lights the ear beside the voice until it is known what it was", () => {
    const words = { type: "transcript", utterance: 2, text: "mhm" };
    const speaking = [phase("thinking", 1), route(1, "math"), say(1, 0), phase("speaking", 1), words];
    expect(after(...speaking).lit).toEqual(["speak", "hear"]);
    expect(after(...speaking, { type: "resume", turn: 1 }).lit).toEqual(["speak"]);
    expect(after(...speaking, { type: "clear", turn: 1 }).lit).toEqual(["hear"]);
  });

  test("by a lost connection puts everything out", () => {
    expect(after(phase("thinking", 1), { did: "lose" }).lit).toEqual([]);
    expect(after(phase("thinking", 1), route(1, "math"), { did: "connect" })).toEqual(NOTHING);
  });
});

test("the time of a turn is told by stage, what travelled with who speaks", () => {
  const parts = { endpointing: 300, recognition: 96, routing: 12, model: 118, synthesis: 70, transport: 5, unheard_of: 7 };
  expect(stageTimes(Object.entries(parts).map(([name, ms]) => ({ name, ms })))).toEqual({ hear: 396, route: 12, phrase: 118, speak: 75 });
});

test("who does not see it is told in words", () => {
  expect(inWords(NOTHING)).toBe("Nothing is at work.");
  const told = inWords(after(phase("thinking", 1), route(1, "math", 0.9), { type: "escalated", turn: 1, reason: "" }));
  expect(told).toBe("Now finding the answer. math answers, 0.90 sure. A person has been asked to come.");
});
