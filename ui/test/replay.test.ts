import { describe, expect, test } from "vitest";
import { readFork } from "../src/watch/replay/fork";
import { countUntil, minutes, readJournal } from "../src/watch/replay/journal";

const journal = (...entries: object[]) => [{ header: { session: "s_1" } }, ...entries].map((each) => JSON.stringify(each)).join("\n");
const phase = (t: number, phase: string) => ({ t, c: "ChangePhase", phase });
const remembered = (t: number, turn: number, isCut = false) => ({ t, c: "Remember", turn, role: "agent", text: "Hello", is_cut: isCut, by: "" });

describe("a journal", () => {
  test("becomes what screens were told, from its own beginning on", () => {
    const { moments, lasts } = readJournal(
      journal(
        phase(50, "listening"),
        { t: 51, e: "PartiallyTranscribed", utterance: 1, text: "Wh" },
        { t: 52, c: "Speak", turn: 1, sentence: 0, text: { text: "Hello there.", is_rewritten: true }, purpose: "answer" },
        { t: 53, c: "ShowHeard", turn: 1, heard: "Hello", unheard: "there." },
        { t: 54.5, e: "Played", turn: 1, samples: 100 },
      ),
    );
    expect(moments.map(({ at, message }) => [at, message.type])).toEqual([
      [0, "phase"],
      [1, "transcript"],
      [2, "sentence"],
      [3, "heard"],
    ]);
    expect(moments[2]!.message).toMatchObject({ text: "Hello there.", isRewritten: true, purpose: "answer" });
    expect(lasts).toBe(4.5);
  });

  test("has its phases without gaps, and the moments at which the agent was cut short", () => {
    const { phases, interruptions } = readJournal(
      journal(phase(0, "listening"), phase(2, "speaking"), { t: 3, c: "ClearPlayout", turn: 1 }, remembered(3.2, 1, true), { t: 4, c: "ClearPlayout", turn: 2 }, remembered(4, 2), phase(5, "idle"), { t: 6, tick: true }),
    );
    expect(phases).toEqual([
      { phase: "listening", from: 0, to: 2 },
      { phase: "speaking", from: 2, to: 5 },
      { phase: "idle", from: 5, to: 6 },
    ]);
    expect(interruptions).toEqual([3]);
  });

  test("goes on where another process took it up, and ends where one was killed", () => {
    const { moments } = readJournal(`${journal(phase(900, "listening"), phase(910, "thinking"), phase(3, "speaking"), phase(4, "idle"))}\n{"t": 5, "c": "Rem`);
    expect(moments.map(({ at }) => at)).toEqual([0, 10, 10, 11]);
  });

  test("is looked at up to a moment", () => {
    const timeline = readJournal(journal(phase(0, "listening"), phase(1, "thinking"), phase(2, "speaking")));
    expect([0, 1.5, 9].map((at) => countUntil(timeline, at))).toEqual([1, 2, 3]);
    expect(minutes(65.9)).toBe("1:05");
  });
});

test("a fork is read with both answers", () => {
  const answer = { text: "Twenty.", specialist: "math", confidence: 1, is_cut: false };
  const asked = { turn: 1, text: "What?", recorded: answer, forked: { ...answer, text: "20." }, error: "" };
  expect(readFork({ model: "none", asked: [asked], differences: 1, usd: null })).toMatchObject({
    usd: null,
    asked: [{ recorded: { text: "Twenty." }, forked: { text: "20.", specialist: "math" } }],
  });
});
