import type { Closing } from "../connections/connection";
import { LiveSocket, socketUrl } from "../connections/socket";
import { PLAY_RATE } from "../audio/player";
import type { AudioFrame } from "../wire";
import { decodeWatch, encodeSupervisor, type SupervisorMessage, WATCH_RATE, type WatchMessage } from "./wire";

const OPEN_WITHIN_MS = 5_000;

/** Whose voice it is. */
export type Speaker = "caller" | "agent" | "person";

/** What a supervisor's way to a call tells. */
export interface BesideListener {
  /** A message in its order. `watching` comes first, and again once a lost connection is mended. */
  message(message: WatchMessage): void;
  sound(frame: AudioFrame): void;
  /** A voice as a stream of its own, until it is hushed or all is over. */
  voice(stream: MediaStream, whose: Speaker): void;
  hush(stream: MediaStream): void;
  fault(what: string): void;
  /** It was interrupted and mends itself. */
  lost(): void;
  /** Comes once, and nothing follows. `isOver`: the call itself is known to be over, and is not to be looked for. */
  closed(closing: Closing, isOver?: boolean): void;
}

/** How a supervisor is beside a call: the same by each way. */
export interface Beside {
  send(message: SupervisorMessage): void;
  /** Their voice as frames. */
  sendSound(pcm: Int16Array<ArrayBuffer>): void;
  /** Their voice as a track, which is heard until null is given. */
  speak(track: MediaStreamTrack | null): void;
  end(code: number, reason: string): void;
}

export type Stander = (session: string, agent: string, listener: BesideListener) => Beside;

/** By the server's `/supervise`: that of the page, or of the server at `place`, which takes the token. */
export function besideBySocket(session: string, listener: BesideListener, place: string | null, token: string): Beside {
  const socket = new LiveSocket<SupervisorMessage, WatchMessage>(
    socketUrl("supervise", { href: place === null ? location.href : withSlash(place) }),
    {
      first: { type: "watch", session, sound: true, rate: WATCH_RATE, play_rate: PLAY_RATE },
      ping: { type: "ping", id: 0 },
      encode: encodeSupervisor,
    },
    {
      decode: decodeWatch,
      isOpening: (message) => message.type === "watching",
      message: (message) => listener.message(message),
      sound: (frame) => listener.sound(frame),
      fault: ({ message }) => listener.fault(`Something could not be read: ${message}.`),
      closed: (closing) => listener.closed(closing),
    },
    OPEN_WITHIN_MS,
    token ? ["antiphon", `antiphon.token.${token}`] : [],
  );
  return {
    send: (message) => socket.send(message),
    sendSound: (pcm) => socket.sendSound(pcm),
    speak: () => undefined,
    end: (code, reason) => socket.end(code, reason),
  };
}

/** The address as that of a folder, so that what is named beside it lies in it. */
function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
