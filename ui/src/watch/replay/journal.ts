/** A kept journal as moments on a time axis: what everybody's screen was told, and when. */
import { Fields, WireError } from "../../fields";
import { decodeServer, type ServerMessage } from "../../wire";

/** Something was told `at` seconds after the conversation began. */
export interface Moment {
  readonly at: number;
  readonly message: ServerMessage;
}

/** From `from` to `to`, seconds. */
export interface Stretch {
  readonly phase: string;
  readonly from: number;
  readonly to: number;
}

export interface Timeline {
  readonly moments: readonly Moment[];
  /** Without gaps. */
  readonly phases: readonly Stretch[];
  /** When the agent was cut short, seconds. */
  readonly interruptions: readonly number[];
  /** Seconds. */
  readonly lasts: number;
}

/** Reads a journal: a JSON object a line, of which the first is the header. Lines that no screen is told are left out. */
export function readJournal(text: string): Timeline {
  const lines = text.split("\n").filter(Boolean).slice(1);
  const moments: Moment[] = [];
  let origin: number | null = null;
  let last = 0;
  let turn = 0;
  for (const line of lines) {
    const from = entry(line);
    if (!from) continue;
    const t = from.number("t");
    // A conversation that was gone on with elsewhere counts from another origin: its time goes on all the same.
    if (origin === null || t - origin < last) origin = t - last;
    last = t - origin;
    turn = from.has("turn") ? from.count("turn") : turn;
    const message = messageOf(from, turn);
    if (message) moments.push({ at: last, message });
  }
  return { moments, phases: phasesOf(moments, last), interruptions: interruptionsOf(moments), lasts: last };
}

function entry(line: string): Fields | null {
  try {
    return Fields.of(JSON.parse(line));
  } catch {
    // The last line of a process that was killed may be cut short.
    return null;
  }
}

/** What screens are told of an entry; null for nothing. */
function messageOf(from: Fields, turn: number): ServerMessage | null {
  const told = toldOf(from, turn);
  if (!told) return null;
  try {
    return decodeServer(JSON.stringify(told));
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function toldOf(from: Fields, turn: number): object | null {
  const text = (name: string) => (from.has(name) ? from.string(name) : "");
  switch (from.string("e", "") || from.string("c", "") || from.string("n", "")) {
    case "PartiallyTranscribed":
      return { type: "transcript", utterance: from.count("utterance"), text: text("text"), is_final: false };
    case "Transcribed":
      return { type: "transcript", utterance: from.count("utterance"), text: text("text"), is_final: true };
    case "ChangePhase":
      return { type: "phase", phase: text("phase"), turn };
    case "Speak": {
      const spoken = from.inner("text");
      const isRewritten = spoken?.boolean("is_rewritten", false) ?? false;
      return { type: "sentence", turn, sentence: from.count("sentence"), text: spoken?.string("text") ?? "", purpose: from.string("purpose", "answer"), is_rewritten: isRewritten };
    }
    case "ShowHeard":
      return { type: "heard", turn, heard: text("heard"), unheard: text("unheard") };
    case "HoldPlayout":
      return { type: "hold", turn };
    case "ResumePlayout":
      return { type: "resume", turn };
    case "ClearPlayout":
      return { type: "clear", turn };
    case "Remember":
      return { type: "remembered", turn, role: text("role"), text: text("text"), is_cut: from.boolean("is_cut", false), by: from.string("by", "") };
    case "RouteDecided":
      return { type: "route", turn, specialist: text("specialist"), confidence: from.number("confidence"), reason: from.string("reason", "") };
    case "TextJudged":
      if (text("action") === "allow") return null;
      return { type: "verdict", turn, side: text("side"), action: text("action"), categories: from.strings("categories"), confidence: from.number("confidence", 1) };
    case "TakenOver":
      return { type: "supervised", by: text("by"), how: "taken_over" };
    case "HandedBack":
      return { type: "supervised", by: text("by"), how: "handed_back" };
    case "Attended":
      return { type: "supervised", by: text("by"), how: from.boolean("is_there", true) ? "joined" : "left" };
    case "EndConversation":
      return { type: "ended", reason: from.string("reason", "") };
    default:
      return null;
  }
}

function phasesOf(moments: readonly Moment[], lasts: number): readonly Stretch[] {
  const begun = moments.flatMap(({ at, message }) => (message.type === "phase" ? [{ phase: message.phase as string, from: at }] : []));
  const all = begun.length && begun[0]!.from === 0 ? begun : [{ phase: "idle", from: 0 }, ...begun];
  return all.map((each, place) => ({ ...each, to: all[place + 1]?.from ?? lasts })).filter(({ from, to }) => to > from);
}

/** When the voice was stopped in a turn of which not all was heard. */
function interruptionsOf(moments: readonly Moment[]): readonly number[] {
  const cut = new Set(moments.flatMap(({ message }) => (message.type === "remembered" && message.role === "agent" && message.isCut ? [message.turn] : [])));
  const found = new Map<number, number>();
  for (const { at, message } of moments) {
    if (message.type === "clear" && cut.has(message.turn) && !found.has(message.turn)) found.set(message.turn, at);
  }
  return [...found.values()];
}

/** How many of the moments have been by then. */
export function countUntil({ moments }: Timeline, at: number): number {
  const next = moments.findIndex((moment) => moment.at > at);
  return next < 0 ? moments.length : next;
}

/** `1:05`. */
export function minutes(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
