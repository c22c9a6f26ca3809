/**
 * The single bidirectional WebSocket, version 1, as a browser speaks it: messages as values, and their JSON.
 * `docs/reference/orchestrate.md` is the protocol; what comes in is checked here once and trusted afterwards.
 */

import { type Fields, type Part, type Readers, read, WireError } from "./fields";

export const VERSION = 1;
/** Sample rates the server takes and sends, Hz. */
export const RATES: readonly number[] = [8000, 16000, 22050, 24000, 32000, 44100, 48000];
/** Characters of one typed line. */
export const MAX_TYPED = 2000;
/** The turn number that stands for a person's live voice: played as it comes, and not acknowledged. */
export const LIVE = 0;

export type ClientMessage =
  | {
      readonly type: "hello";
      readonly agent: string;
      readonly version: number;
      readonly rate: number;
      readonly play_rate: number;
      readonly client: string;
      readonly greet: boolean;
      readonly session: string;
      readonly resume: string;
      readonly played_turn: number;
      readonly played_samples: number;
    }
  | { readonly type: "played"; readonly turn: number; readonly samples: number; readonly cleared: boolean }
  | { readonly type: "text"; readonly text: string; readonly id: number }
  | { readonly type: "interrupt" }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "bye" };

export const PHASES = ["idle", "listening", "thinking", "speaking", "interrupted"] as const;
export type Phase = (typeof PHASES)[number];

export const PURPOSES = ["answer", "filler", "greeting", "prompt", "apology", "person"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Steps of a reply that are told when they are done. */
export const STEPS = ["retrieval", "model", "guardrail"] as const;

const SIDES = ["input", "output"] as const;
const ACTIONS = ["rewrite", "block"] as const;
const STANCES = ["joined", "taken_over", "handed_back", "left"] as const;
/** What a person beside the call has done last. */
export type Stance = (typeof STANCES)[number];
const ROLES = ["user", "agent", "supervisor"] as const;
export type Role = (typeof ROLES)[number];

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
  /** To be said with the session to go on after a lost connection; empty where that cannot be had. */
  readonly resume: string;
  readonly isResumed: boolean;
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
/** The reply has passed this step for the first time in the turn. */
export interface StagePassed {
  readonly type: "stage";
  readonly turn: number;
  readonly stage: (typeof STEPS)[number];
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
  /** Said before the connection was lost. */
  readonly isPast: boolean;
  /** Who said it, of a person who had taken over; else empty. */
  readonly by: string;
}
export interface Supervised {
  readonly type: "supervised";
  readonly by: string;
  readonly how: Stance;
}
export interface Escalated {
  readonly type: "escalated";
  readonly turn: number;
  readonly reason: string;
}
export interface GoAway {
  readonly type: "goaway";
  readonly reason: string;
  readonly retryMs: number;
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
  | StagePassed
  | VerdictGiven
  | Sentence
  | HeardText
  | Remembered
  | Supervised
  | Escalated
  | GoAway
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

/** The message as the text of one frame. */
export function encode(message: ClientMessage): string {
  return JSON.stringify(message);
}

/** Reads one text frame. Unknown fields are ignored. Throws WireError. */
export function decodeServer(text: string): ServerMessage {
  return read(text, READERS);
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

const steer =
  (type: Steer["type"]) =>
  (from: Fields): Steer => ({ type, turn: from.count("turn") });

export const READERS: Readers<ServerMessage> = {
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
    resume: from.string("resume", ""),
    isResumed: from.boolean("is_resumed", false),
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
  stage: (from) => ({ type: "stage", turn: from.count("turn"), stage: from.oneOf("stage", STEPS) }),
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
    isPast: from.boolean("is_past", false),
    by: from.string("by", ""),
  }),
  supervised: (from) => ({ type: "supervised", by: from.string("by"), how: from.oneOf("how", STANCES) }),
  escalated: (from) => ({ type: "escalated", turn: from.count("turn", 0), reason: from.string("reason", "") }),
  goaway: (from) => ({ type: "goaway", reason: from.string("reason", ""), retryMs: from.count("retry_ms", 0) }),
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
