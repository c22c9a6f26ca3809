/**
 * The single bidirectional WebSocket, version 1, as a browser speaks it: messages as values, and their JSON.
 * `docs/reference/orchestrate.md` is the protocol; what comes in is checked here once and trusted afterwards.
 */

export const VERSION = 1;
/** Sample rates the server takes and sends, Hz. */
export const RATES: readonly number[] = [8000, 16000, 22050, 24000, 32000, 44100, 48000];
/** Characters of one typed line. */
export const MAX_TYPED = 2000;

export type ClientMessage =
  | {
      readonly type: "hello";
      readonly agent: string;
      readonly version: number;
      readonly rate: number;
      readonly play_rate: number;
      readonly client: string;
      readonly greet: boolean;
    }
  | { readonly type: "played"; readonly turn: number; readonly samples: number; readonly cleared: boolean }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "interrupt" }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "bye" };

export const PHASES = ["idle", "listening", "thinking", "speaking", "interrupted"] as const;
export type Phase = (typeof PHASES)[number];

export const PURPOSES = ["answer", "filler", "greeting", "prompt", "apology"] as const;
export type Purpose = (typeof PURPOSES)[number];

const SIDES = ["input", "output"] as const;
const ACTIONS = ["rewrite", "block"] as const;
const ROLES = ["user", "agent", "supervisor"] as const;
export type Role = (typeof ROLES)[number];

/** One part of a turn's waterfall, in the order it happened. */
export interface Part {
  readonly name: string;
  readonly ms: number;
}

export interface Ready {
  readonly type: "ready";
  readonly session: string;
  readonly agent: string;
  readonly version: number;
  readonly rate: number;
  readonly playRate: number;
  readonly ackMs: number;
  readonly leadMs: number;
  readonly suggestions: readonly string[];
}
export interface PhaseIs {
  readonly type: "phase";
  readonly phase: Phase;
  readonly turn: number;
}
export interface Transcript {
  readonly type: "transcript";
  readonly utterance: number;
  readonly text: string;
  readonly isFinal: boolean;
}
export interface RouteChosen {
  readonly type: "route";
  readonly turn: number;
  readonly specialist: string;
  readonly confidence: number;
  readonly reason: string;
}
export interface VerdictGiven {
  readonly type: "verdict";
  readonly turn: number;
  readonly side: (typeof SIDES)[number];
  readonly action: (typeof ACTIONS)[number];
  readonly categories: readonly string[];
  readonly confidence: number;
}
export interface Sentence {
  readonly type: "sentence";
  readonly turn: number;
  readonly sentence: number;
  readonly text: string;
  readonly purpose: Purpose;
  readonly isRewritten: boolean;
}
export interface HeardText {
  readonly type: "heard";
  readonly turn: number;
  readonly heard: string;
  readonly unheard: string;
}
export interface Remembered {
  readonly type: "remembered";
  readonly turn: number;
  readonly role: Role;
  readonly text: string;
  readonly isCut: boolean;
}
export interface Steer {
  readonly type: "hold" | "resume" | "clear";
  readonly turn: number;
}
export interface Latency {
  readonly type: "latency";
  readonly turn: number;
  readonly responseMs: number;
  readonly parts: readonly Part[];
}
export interface Pong {
  readonly type: "pong";
  readonly id: number;
}
export interface Refused {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  readonly field: string;
}
export interface Ended {
  readonly type: "ended";
  readonly reason: string;
}

export type ServerMessage =
  | Ready
  | PhaseIs
  | Transcript
  | RouteChosen
  | VerdictGiven
  | Sentence
  | HeardText
  | Remembered
  | Steer
  | Latency
  | Pong
  | Refused
  | Ended;

/** The agent's sound: `offset` counts samples from the start of the turn. */
export interface AudioFrame {
  readonly turn: number;
  readonly offset: number;
  readonly samples: Int16Array<ArrayBuffer>;
}

/** Something received does not follow the protocol; `field` names it where one is at fault. */
export class WireError extends Error {
  constructor(
    message: string,
    readonly code: "bad_json" | "unknown_type" | "missing_field" | "bad_type" | "bad_audio",
    readonly field = "",
  ) {
    super(message);
    this.name = "WireError";
  }
}

/** The message as the text of one frame. */
export function encode(message: ClientMessage): string {
  return JSON.stringify(message);
}

/** Reads one text frame. Unknown fields are ignored. Throws WireError. */
export function decodeServer(text: string): ServerMessage {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new WireError("not JSON", "bad_json");
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new WireError("a message must be a JSON object", "bad_json");
  }
  const fields = new Fields(data as Record<string, unknown>);
  const type = fields.string("type");
  const read = READERS[type as ServerMessage["type"]];
  if (!Object.hasOwn(READERS, type)) throw new WireError(`unknown type "${type}"`, "unknown_type", "type");
  return read(fields);
}

/** Reads one binary frame: uint32 turn, uint32 offset, PCM16, all little-endian. Throws WireError. */
export function decodeAudio(data: ArrayBuffer): AudioFrame {
  if (data.byteLength < 8 || data.byteLength % 2) {
    throw new WireError(`an audio frame of ${data.byteLength} bytes is malformed`, "bad_audio");
  }
  const header = new DataView(data);
  return {
    turn: header.getUint32(0, true),
    offset: header.getUint32(4, true),
    samples: new Int16Array(data.slice(8)),
  };
}

class Fields {
  constructor(private readonly data: Record<string, unknown>) {}

  string(name: string, fallback?: string): string {
    return this.read(name, "a string", (value) => typeof value === "string", fallback);
  }
  /** A finite number. */
  number(name: string, fallback?: number): number {
    return this.read(name, "a number", (value) => typeof value === "number" && Number.isFinite(value), fallback);
  }
  /** A whole number from 0. */
  count(name: string, fallback?: number): number {
    return this.read(name, "a count", (value) => Number.isInteger(value) && (value as number) >= 0, fallback);
  }
  boolean(name: string, fallback: boolean): boolean {
    return this.read(name, "true or false", (value) => typeof value === "boolean", fallback);
  }
  strings(name: string): readonly string[] {
    const isList = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string");
    return this.read<readonly string[]>(name, "a list of strings", isList, []);
  }
  oneOf<T extends string>(name: string, allowed: readonly T[], fallback?: T): T {
    const isAllowed = (value: unknown) => (allowed as readonly unknown[]).includes(value);
    return this.read(name, `one of ${allowed.join(", ")}`, isAllowed, fallback);
  }
  /** A JSON object of numbers, in its own order. */
  parts(name: string): readonly Part[] {
    const isParts = (value: unknown) =>
      typeof value === "object" && value !== null && Object.values(value).every((ms) => Number.isFinite(ms));
    const found = this.read<Record<string, number>>(name, "an object of numbers", isParts, {});
    return Object.entries(found).map(([part, ms]) => ({ name: part, ms }));
  }

  private read<T>(name: string, wanted: string, isFit: (value: unknown) => boolean, fallback?: T): T {
    const value = this.data[name];
    if (value === undefined) {
      if (fallback !== undefined) return fallback;
      throw new WireError(`${String(this.data.type)} needs ${name}`, "missing_field", name);
    }
    if (!isFit(value)) throw new WireError(`${name} must be ${wanted}`, "bad_type", name);
    return value as T;
  }
}

const steer =
  (type: Steer["type"]) =>
  (from: Fields): Steer => ({ type, turn: from.count("turn") });

const READERS: { readonly [Type in ServerMessage["type"]]: (from: Fields) => ServerMessage } = {
  ready: (from) => ({
    type: "ready",
    session: from.string("session"),
    agent: from.string("agent"),
    version: from.count("version", VERSION),
    rate: from.count("rate", 16000),
    playRate: from.count("play_rate", 24000),
    ackMs: from.count("ack_ms", 50),
    leadMs: from.count("lead_ms", 400),
    suggestions: from.strings("suggestions"),
  }),
  phase: (from) => ({ type: "phase", phase: from.oneOf("phase", PHASES), turn: from.count("turn", 0) }),
  transcript: (from) => ({
    type: "transcript",
    utterance: from.count("utterance"),
    text: from.string("text"),
    isFinal: from.boolean("is_final", false),
  }),
  route: (from) => ({
    type: "route",
    turn: from.count("turn"),
    specialist: from.string("specialist"),
    confidence: from.number("confidence"),
    reason: from.string("reason", ""),
  }),
  verdict: (from) => ({
    type: "verdict",
    turn: from.count("turn"),
    side: from.oneOf("side", SIDES),
    action: from.oneOf("action", ACTIONS),
    categories: from.strings("categories"),
    confidence: from.number("confidence", 1),
  }),
  sentence: (from) => ({
    type: "sentence",
    turn: from.count("turn"),
    sentence: from.count("sentence"),
    text: from.string("text"),
    purpose: from.oneOf("purpose", PURPOSES, "answer"),
    isRewritten: from.boolean("is_rewritten", false),
  }),
  heard: (from) => ({
    type: "heard",
    turn: from.count("turn"),
    heard: from.string("heard"),
    unheard: from.string("unheard"),
  }),
  remembered: (from) => ({
    type: "remembered",
    turn: from.count("turn"),
    role: from.oneOf("role", ROLES),
    text: from.string("text"),
    isCut: from.boolean("is_cut", false),
  }),
  hold: steer("hold"),
  resume: steer("resume"),
  clear: steer("clear"),
  latency: (from) => ({
    type: "latency",
    turn: from.count("turn"),
    responseMs: from.number("response_ms"),
    parts: from.parts("parts_ms"),
  }),
  pong: (from) => ({ type: "pong", id: from.count("id", 0) }),
  error: (from) => ({
    type: "error",
    code: from.string("code"),
    message: from.string("message"),
    field: from.string("field", ""),
  }),
  ended: (from) => ({ type: "ended", reason: from.string("reason", "") }),
};
