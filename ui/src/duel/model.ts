import { VIAS, type Via } from "../connections/via";
import { Fields, type Part } from "../fields";

/** What a lane can be by; the page itself runs those of `VIAS`. */
export type LaneVia = Via | "webrtc";
const LANE_VIAS: readonly LaneVia[] = [...VIAS, "webrtc"];

/** The part of a wait that no server counts, and all of it where the server tells nothing. */
export const OUTSIDE = "outside";
export const UNTOLD = "other";

/** Parts that begin when the caller is taken to have ended. */
const FROM_THE_END_OF_SPEECH: readonly string[] = ["provider", "endpointing"];

/** Something that happened on a lane, ms after the utterance began. */
export interface Happening {
  readonly atMs: number;
  readonly what: "understood" | "route" | "sentence" | "filler" | "answer" | "stopped" | "over";
  readonly text: string;
}
const WHATS = ["understood", "route", "sentence", "filler", "answer", "stopped", "over"] as const;

/** One way's part in a duel. */
export interface Lane {
  readonly via: LaneVia;
  /** Why it gave no answer, for people; empty when it did. */
  readonly error: string;
  /** From the last audible sample of the utterance to the first of the answer, ms; null without one. */
  readonly responseMs: number | null;
  /** The same to the first sound of any kind. */
  readonly firstSoundMs: number | null;
  /** In their order; their sum is `responseMs`. */
  readonly parts: readonly Part[];
  readonly understood: string;
  readonly answer: string;
  readonly specialist: string;
  readonly session: string;
  readonly events: readonly Happening[];
  /** Of every round, ms. */
  readonly waitsMs: readonly number[];
  /** From the wish for a call until one can be heard in it, ms, of every round. */
  readonly joinsMs: readonly number[];
  readonly hasSound: boolean;
  readonly n: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface Utterance {
  readonly text: string;
  readonly seconds: number;
  readonly speechStartMs: number;
  readonly speechEndMs: number;
}

/** A duel: one utterance, and what each way made of it. Times are ms after the utterance began. */
export interface Duel {
  /** Empty until it is kept. */
  readonly id: string;
  readonly madeBy: string;
  readonly agent: string;
  readonly startedAt: string;
  readonly machine: string;
  readonly rounds: number;
  readonly utterance: Utterance;
  readonly lanes: readonly Lane[];
}

/**
 * The whole wait as its parts, in tenths of a millisecond, so that they sum to it: what the server tells, in order, and
 * last what is waited besides. A server may tell more than was waited: it dates the end of speech before the last audible
 * sample, or learns late that its sound was heard. The first is cut off from the parts that begin with the end of speech;
 * what is left, from the last.
 */
export function partsOf(responseMs: number, told: readonly Part[]): readonly Part[] {
  const whole = Math.round(responseMs * 10);
  if (whole <= 0) return [];
  const parts = told.filter(({ ms }) => ms > 0).map(({ name, ms }) => ({ name, tenths: Math.round(ms * 10) }));
  if (!parts.length) return [{ name: UNTOLD, ms: whole / 10 }];
  let over = sum(parts.map(({ tenths }) => tenths)) - whole;
  const isFirst = ({ name }: { readonly name: string }) => FROM_THE_END_OF_SPEECH.includes(name);
  for (const part of [...parts.filter(isFirst), ...parts.toReversed()]) {
    const cut = Math.min(part.tenths, Math.max(0, over));
    over -= cut;
    part.tenths -= cut;
  }
  parts.push({ name: OUTSIDE, tenths: whole - sum(parts.map(({ tenths }) => tenths)) });
  return parts.filter(({ tenths }) => tenths > 0).map(({ name, tenths }) => ({ name, ms: tenths / 10 }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

// ---- as JSON ---------------------------------------------------------------------------------------------------

/** A duel as the server tells it, with or without what happened in it. Throws WireError. */
export function readDuel(data: unknown): Duel {
  const from = Fields.of(data);
  const said = from.inner("utterance") ?? Fields.of({});
  return {
    id: from.string("id", ""),
    madeBy: from.string("made_by", ""),
    agent: from.string("agent"),
    startedAt: from.string("started_at"),
    machine: from.string("machine", ""),
    rounds: from.count("rounds", 1),
    utterance: {
      text: said.string("text", ""),
      seconds: said.number("seconds"),
      speechStartMs: said.number("speech_start_ms"),
      speechEndMs: said.number("speech_end_ms"),
    },
    lanes: from.list("lanes", readLane),
  };
}

function readLane(from: Fields): Lane {
  const orNull = (name: string) => (from.has(name) ? from.number(name) : null);
  return {
    via: from.oneOf("via", LANE_VIAS),
    error: from.string("error", ""),
    responseMs: orNull("response_ms"),
    firstSoundMs: orNull("first_sound_ms"),
    parts: from.list("parts", (part) => ({ name: part.string("name"), ms: part.number("ms") })),
    understood: from.string("understood", ""),
    answer: from.string("answer", ""),
    specialist: from.string("specialist", ""),
    session: from.string("session", ""),
    events: from.has("events") ? from.list("events", readEvent) : [],
    waitsMs: from.numbers("waits_ms"),
    joinsMs: from.numbers("joins_ms"),
    hasSound: from.boolean("has_sound", false),
    n: from.count("n", 0),
    p50Ms: orNull("p50_ms"),
    p95Ms: orNull("p95_ms"),
  };
}

function readEvent(from: Fields): Happening {
  return { atMs: from.number("at_ms"), what: from.oneOf("what", WHATS), text: from.string("text", "") };
}

/** The duel as the server takes it. */
export function toJson(duel: Duel): object {
  return {
    agent: duel.agent,
    started_at: duel.startedAt,
    machine: duel.machine.slice(0, 300),
    utterance: {
      text: duel.utterance.text,
      seconds: duel.utterance.seconds,
      speech_start_ms: duel.utterance.speechStartMs,
      speech_end_ms: duel.utterance.speechEndMs,
    },
    lanes: duel.lanes.map((lane) => ({
      via: lane.via,
      error: lane.error.slice(0, 500),
      response_ms: lane.responseMs,
      first_sound_ms: lane.firstSoundMs,
      parts: lane.parts,
      understood: lane.understood.slice(0, 2000),
      answer: lane.answer.slice(0, 2000),
      specialist: lane.specialist.slice(0, 80),
      session: lane.session.slice(0, 80),
      events: lane.events.slice(0, 200).map(({ atMs, what, text }) => ({ at_ms: atMs, what, text: text.slice(0, 2000) })),
      waits_ms: lane.waitsMs,
      joins_ms: lane.joinsMs,
    })),
  };
}
