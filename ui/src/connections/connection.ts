import type { AudioFrame, ServerMessage } from "../wire";

/** What a connection tells the page. */
export interface ConnectionListener {
  /** A message in its order. `ready` comes first. */
  message(message: ServerMessage): void;
  /** Sound of the agent, in its order among the messages. */
  sound(frame: AudioFrame): void;
  /** A voice of the far end as a stream of its own, to be played as it comes until it is hushed or all is over. */
  voice(stream: MediaStream, whose?: Whose): void;
  /** That voice has left. */
  hush(stream: MediaStream): void;
  /** From now on this one is to be heard: the stream, as at the beginning, or the frames. */
  front(who: Front): void;
  /** What is to be known about the connection from now on; empty for nothing. */
  notice(text: string): void;
  /** It was interrupted and mends itself. A `ready` that is resumed follows, or `closed`; its voices come again. */
  lost(): void;
  /** The connection is over. Comes once, and nothing follows. */
  closed(closing: Closing): void;
}

/** Who speaks: the agent, or a person in its place. */
export type Whose = "agent" | "person";

/** Of two voices that come by different ways, the one that is heard. */
export type Front = "stream" | "frames";

/** How a connection ended. */
export interface Closing {
  /** WebSocket close code; 1006 when the connection broke or was never made. */
  readonly code: number;
  readonly reason: string;
}

/** Codes of our own, for what has none: the `reason` then is what was said, for people. */
export const REFUSED = 4480;
export const PROVIDER_REFUSED = 4481;
/** Sound could not be connected. */
export const NO_MEDIA = 4482;
/** The browser has no WebRTC. */
export const NO_WEBRTC = 4483;
/** The agent stayed away. */
export const NOBODY = 4484;

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
  /** The microphone, once there is one: for connections that carry its sound themselves, and not as frames. */
  useMicrophone(track: MediaStreamTrack): void;
  /** `samples` of `turn` have left the loudspeaker; with `cleared` the count is final. */
  acknowledge(turn: number, samples: number, cleared: boolean): void;
  /** A typed line: a whole turn. `id` counts the lines of the session from 1; the same one is taken once. */
  say(text: string, id: number): void;
  /** Stop speaking now. */
  interrupt(): void;
  hangUp(): void;
}

export type Connect = (options: ConnectionOptions, listener: ConnectionListener) => Connection;
