import type { AudioFrame, ServerMessage } from "../wire";

/** What a connection tells the page. */
export interface ConnectionListener {
  /** A message in its order. `ready` comes first. */
  message(message: ServerMessage): void;
  /** Sound of the agent, in its order among the messages. */
  sound(frame: AudioFrame): void;
  /** The connection is over. Comes once, and nothing follows. */
  closed(closing: Closing): void;
}

/** How a connection ended. */
export interface Closing {
  /** WebSocket close code; 1006 when the connection broke or was never made. */
  readonly code: number;
  readonly reason: string;
}

export interface ConnectionOptions {
  readonly agent: string;
  /** Rates of the sound sent and received, Hz. */
  readonly rate: number;
  readonly playRate: number;
  /** Let the agent speak first. */
  readonly greet: boolean;
  /** The session to go on with; null opens one. */
  readonly goesOn: Continuation | null;
}

/** A session that was interrupted by the loss of its connection, and how much of it was heard. */
export interface Continuation {
  readonly session: string;
  readonly resume: string;
  readonly playedTurn: number;
  readonly playedSamples: number;
}

/** One way to carry a conversation. The page is the same over each; the messages are those of `wire.ts`. */
export interface Connection {
  /** Sound of the caller at the rate agreed, without a break. Dropped until the session is open. */
  sendSound(pcm: Int16Array<ArrayBuffer>): void;
  /** `samples` of `turn` have left the loudspeaker; with `cleared` the count is final. */
  acknowledge(turn: number, samples: number, cleared: boolean): void;
  /** A typed line: a whole turn. `id` counts the lines of the session from 1; the same one is taken once. */
  say(text: string, id: number): void;
  /** Stop speaking now. */
  interrupt(): void;
  hangUp(): void;
}

export type Connect = (options: ConnectionOptions, listener: ConnectionListener) => Connection;
