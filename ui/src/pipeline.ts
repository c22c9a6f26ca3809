/**
 * Where a turn is on its way through the server: a pure fold over the messages of its session, the same on every way.
 *
 *   hear ─┬─ check ─┬─ ground ── phrase ── guard ── speak
 *         └─ route ─┘
 *
 * A stage is lit from the moment that the one before it is known to be done until it is done itself.
 */
import type { Action } from "./state";
import type { Phase, ServerMessage, StagePassed } from "./wire";

export const STAGES = ["hear", "check", "route", "ground", "phrase", "guard", "speak"] as const;
export type Stage = (typeof STAGES)[number];

/** What the guardrail did at a stage. */
export type Ruling = "block" | "rewrite";
/** A person beside the call: called for, there, or speaking in the agent's place. */
export type Beside = "none" | "asked" | "there" | "speaks";

export interface Pipeline {
  readonly turn: number;
  /** At work now. */
  readonly lit: readonly Stage[];
  /** Done in this turn. */
  readonly passed: readonly Stage[];
  readonly rulings: Readonly<Partial<Record<Stage, Ruling>>>;
  /** A filler sounds while the answer is made. */
  readonly isFilling: boolean;
  readonly specialist: string;
  readonly confidence: number;
  /** Who answered before, where this turn went to somebody else; empty where not. */
  readonly handedFrom: string;
  readonly person: Beside;
}

export const NOTHING: Pipeline = {
  turn: 0,
  lit: [],
  passed: [],
  rulings: {},
  isFilling: false,
  specialist: "",
  confidence: 0,
  handedFrom: "",
  person: "none",
};

/** The pipeline after what the caller or the connection did; messages are `told`. */
export function pipelineAfter(before: Pipeline, action: Action): Pipeline {
  switch (action.did) {
    case "hear":
      return told(before, action.message);
    case "connect":
      return action.goesOn ? { ...before, lit: [], isFilling: false } : NOTHING;
    case "lose":
    case "close":
    case "fail":
    case "wait":
      return { ...before, lit: [], isFilling: false, person: "none" };
    case "fill":
      return { ...before, isFilling: true };
    default:
      return before;
  }
}

function told(before: Pipeline, message: ServerMessage): Pipeline {
  switch (message.type) {
    case "phase":
      return phase(before, message.phase, message.turn);
    case "transcript":
      // Over the agent's voice the caller may be heard as well.
      return before.lit.includes("hear") ? before : { ...before, lit: [...before.lit, "hear"] };
    case "remembered":
      return message.role === "user" && !message.isPast && before.lit.includes("hear")
        ? { ...before, lit: before.lit.filter((each) => each !== "hear") }
        : before;
    case "route": {
      const { specialist, confidence } = message;
      const turn = begun(before, message.turn);
      const handedFrom = before.specialist && before.specialist !== specialist ? before.specialist : "";
      const isAgain = message.turn === before.turn && specialist === before.specialist;
      return {
        ...done(turn, ["hear", "check", "route"], ["ground"]),
        specialist,
        confidence,
        handedFrom: isAgain ? before.handedFrom : handedFrom,
      };
    }
    case "stage":
      return passed(begun(before, message.turn), message);
    case "verdict": {
      const turn = begun(before, message.turn);
      const rulings = { ...turn.rulings, [message.side === "input" ? "check" : "guard"]: message.action };
      if (message.side === "output") return { ...done(turn, ["ground", "phrase"], ["guard"]), rulings };
      // What may not be asked is answered by a line that stands ready: nothing is looked for.
      return { ...(message.action === "block" ? done(turn, ["hear", "check", "route"], ["speak"]) : turn), rulings };
    }
    case "sentence": {
      const turn = begun(before, message.turn);
      if (message.purpose === "filler") return { ...turn, isFilling: true };
      const worked: readonly Stage[] = message.purpose === "answer" && turn.rulings.check !== "block" ? ["ground", "guard"] : [];
      return { ...done(turn, worked, ["speak"]), isFilling: false };
    }
    case "resume":
      return { ...before, lit: before.lit.filter((each) => each !== "hear") };
    case "clear":
      return { ...before, lit: ["hear"], isFilling: false };
    case "escalated":
      return { ...before, person: before.person === "none" ? "asked" : before.person };
    case "supervised":
      return supervised(before, message.how);
    case "ready":
      return { ...before, lit: [], isFilling: false };
    case "ended":
      return { ...before, lit: [], isFilling: false, person: "none" };
    default:
      return before;
  }
}

/** Who answers in this turn; nobody where the guardrail stopped the question, and a line that stands ready is said. */
export function answerer({ specialist, rulings }: Pipeline): string {
  return rulings.check === "block" ? "" : specialist;
}

/** The pipeline of that turn. One that is over is not gone back to. */
function begun(before: Pipeline, turn: number): Pipeline {
  if (turn <= before.turn) return before;
  return { ...before, turn, passed: [], rulings: {}, isFilling: false, handedFrom: "" };
}

function done(before: Pipeline, stages: readonly Stage[], lit: readonly Stage[]): Pipeline {
  const fresh = stages.filter((each) => !before.passed.includes(each));
  return { ...before, lit, passed: [...before.passed, ...fresh] };
}

function phase(before: Pipeline, now: Phase, turn: number): Pipeline {
  switch (now) {
    case "idle":
      return { ...before, lit: [], isFilling: false };
    case "listening":
    case "interrupted":
      return { ...before, lit: ["hear"], isFilling: false };
    case "thinking": {
      const thought = begun(before, turn);
      const isFurther = thought.passed.includes("route");
      // What began on a guess, before the turn was certain to be over, is as far as it is.
      if (isFurther) return { ...thought, lit: thought.lit.filter((each) => each !== "hear") };
      return done(thought, ["hear"], ["check", "route"]);
    }
    case "speaking":
      return { ...begun(before, turn), lit: before.isFilling && before.turn >= turn ? before.lit : ["speak"] };
  }
}

/** A step was done for the first time in the turn; later sentences take it again, and are told of no more. */
function passed(before: Pipeline, { stage }: StagePassed): Pipeline {
  const isSpeaking = before.lit.includes("speak");
  const next: Record<StagePassed["stage"], readonly Stage[]> = {
    retrieval: ["phrase"],
    model: ["guard"],
    guardrail: ["speak"],
  };
  const stages: Record<StagePassed["stage"], readonly Stage[]> = {
    retrieval: ["ground"],
    model: ["phrase"],
    guardrail: ["guard"],
  };
  return done(before, stages[stage], isSpeaking ? before.lit : next[stage]);
}

function supervised(before: Pipeline, how: "joined" | "taken_over" | "handed_back" | "left"): Pipeline {
  if (how === "taken_over") return { ...before, person: "speaks", lit: before.lit.filter((each) => each === "hear") };
  return { ...before, person: how === "left" ? "none" : "there" };
}

/** Stages whose part of a turn's time is known by these names. */
const PARTS: Readonly<Record<string, Stage>> = {
  provider: "hear",
  endpointing: "hear",
  recognition: "hear",
  routing: "route",
  retrieval: "ground",
  model: "phrase",
  guardrail: "guard",
  synthesis: "speak",
  transport: "speak",
};

/** Milliseconds that the turn spent at each stage. Checking and routing go side by side and are measured as one. */
export function stageTimes(parts: readonly { readonly name: string; readonly ms: number }[]): Partial<Record<Stage, number>> {
  const times: Partial<Record<Stage, number>> = {};
  for (const { name, ms } of parts) {
    const stage = PARTS[name];
    if (stage) times[stage] = (times[stage] ?? 0) + ms;
  }
  return times;
}

const WORDS: Readonly<Record<Stage, string>> = {
  hear: "hearing you",
  check: "checking the question",
  route: "choosing who answers",
  ground: "finding the answer",
  phrase: "putting it into words",
  guard: "checking the answer",
  speak: "speaking",
};

/** The pipeline in a sentence or two, for who does not see it. */
export function inWords(pipeline: Pipeline): string {
  const { lit, confidence, handedFrom, isFilling, person, rulings } = pipeline;
  const name = answerer(pipeline);
  const now = lit.length ? `Now ${lit.map((stage) => WORDS[stage]).join(" and ")}.` : "Nothing is at work.";
  const who = name ? ` ${name} answers, ${confidence.toFixed(2)} sure${handedFrom ? `, after ${handedFrom}` : ""}.` : "";
  const filler = isFilling ? " A filler bridges the wait." : "";
  const ruling = rulings.check ?? rulings.guard;
  const ruled = ruling ? ` The guardrail ${ruling === "block" ? "blocked" : "changed"} ${rulings.check ? "the question" : "the answer"}.` : "";
  const beside = { none: "", asked: " A person has been asked to come.", there: " A person is there.", speaks: " A person speaks in the agent's place." };
  return now + who + filler + ruled + beside[person];
}
