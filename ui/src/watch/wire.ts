/**
 * `/supervise`, version 1, as a supervisor's page speaks it. What comes down are the messages of the caller's own
 * connection and four more; `docs/reference/supervise.md` is the protocol.
 */
import { read, type Readers } from "../fields";
import { type Phase, PHASES, READERS, type ServerMessage } from "../wire";

/** The turn number that stands for the caller's voice. */
export const CALLER = 0xffff_ffff;
/** Rate of the supervisor's microphone and of the caller's voice, Hz. */
export const WATCH_RATE = 24000;

export type SupervisorMessage =
  | {
      readonly type: "watch";
      readonly session: string;
      readonly sound: boolean;
      readonly rate: number;
      readonly play_rate: number;
    }
  | { readonly type: "whisper" | "say"; readonly text: string }
  | { readonly type: "take_over" | "hand_back" }
  | { readonly type: "ping"; readonly id: number };

export interface Watching {
  readonly type: "watching";
  readonly session: string;
  readonly agent: string;
  readonly phase: Phase;
  readonly turn: number;
  readonly takenOverBy: string;
}
export interface Whispered {
  readonly type: "whispered";
  readonly by: string;
  readonly text: string;
}
export interface LineRefused {
  readonly type: "line_refused";
  readonly text: string;
  readonly categories: readonly string[];
}

/** Another server has the call: the one at `url`, where it is known. */
export interface Elsewhere {
  readonly type: "elsewhere";
  readonly node: string;
  readonly url: string;
}

export type WatchMessage = Watching | Whispered | LineRefused | Elsewhere | ServerMessage;

export function encodeSupervisor(message: SupervisorMessage): string {
  return JSON.stringify(message);
}

/** Reads one text frame. Unknown fields are ignored. Throws WireError. */
export function decodeWatch(text: string): WatchMessage {
  return read(text, WATCH_READERS);
}

const WATCH_READERS: Readers<WatchMessage> = {
  ...READERS,
  watching: (from) => ({
    type: "watching",
    session: from.string("session"),
    agent: from.string("agent"),
    phase: from.oneOf("phase", PHASES),
    turn: from.count("turn", 0),
    takenOverBy: from.string("taken_over_by", ""),
  }),
  whispered: (from) => ({ type: "whispered", by: from.string("by"), text: from.string("text") }),
  elsewhere: (from) => ({ type: "elsewhere", node: from.string("node"), url: from.string("url", "") }),
  line_refused: (from) => ({ type: "line_refused", text: from.string("text"), categories: from.strings("categories") }),
};
