import { plainly } from "../lines";
import type { ServerMessage } from "../wire";
import type { Closing, Connect, Connection, ConnectionListener, ConnectionOptions } from "./connection";
import type { Keeper, Kept } from "./kept";
import { pauseMs } from "./redial";

/** How long it is tried, ms: as long as the server waits for a lost caller. */
const GIVE_UP_MS = 30_000;

/** The conversation could not be taken up again; the reason of the `closed` that says so. */
export const CANNOT_RESUME = "cannot_resume";
/** The session is carried on over another connection. */
export const ELSEWHERE = 4409;
/** Our own codes after which it is worth trying again: silence for too long, too many callers, not available. */
const WORTH_TRYING: readonly number[] = [4408, 4429, 4503];
const FINAL: readonly number[] = [1000, 1009, 1011];

export type Opening = Omit<ConnectionOptions, "goesOn">;

/** A connection that numbers the typed lines itself, and says them again where the server may have missed them. */
export interface ResumingConnection extends Omit<Connection, "say"> {
  say(text: string): void;
}

export type ConnectResuming = (options: Opening, listener: ConnectionListener) => ResumingConnection;

/** Connections of one kind, each of which comes back by itself while its session can be gone on with. */
export function resuming(connect: Connect, keeper: Keeper): ConnectResuming {
  return (options, listener) => new Resuming(connect, keeper, options, listener);
}

/** One conversation over as many connections as it takes. */
class Resuming implements ResumingConnection {
  private kept: Kept | null;
  private inner: Connection | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the connection was lost, ms; null while there is one. */
  private lostAt: number | null = null;
  private retryMs = 0;
  private isRefused = false;
  private isOver = false;
  private track: MediaStreamTrack | null = null;
  /** Typed lines counted where nothing is kept. */
  private lines = 0;

  constructor(
    private readonly connect: Connect,
    private readonly keeper: Keeper,
    private readonly options: Opening,
    private readonly listener: ConnectionListener,
  ) {
    this.kept = keeper.read(options.agent);
    globalThis.addEventListener?.("online", this.hurry);
    this.open();
  }

  sendSound(pcm: Int16Array<ArrayBuffer>): void {
    if (this.lostAt === null) this.inner?.sendSound(pcm);
  }

  useMicrophone(track: MediaStreamTrack): void {
    this.track = track;
    this.inner?.useMicrophone(track);
  }

  acknowledge(turn: number, samples: number, cleared: boolean): void {
    if (samples > 0 && turn >= (this.kept?.playedTurn ?? 0)) this.keep({ playedTurn: turn, playedSamples: samples });
    if (this.lostAt === null) this.inner?.acknowledge(turn, samples, cleared);
  }

  say(text: string): void {
    const id = (this.kept?.lastLine ?? this.lines) + 1;
    this.lines = id;
    this.keep({ lastLine: id, unanswered: [...(this.kept?.unanswered ?? []), { id, text }] });
    if (this.lostAt === null) this.inner?.say(text, id);
  }

  interrupt(): void {
    if (this.lostAt === null) this.inner?.interrupt();
  }

  hangUp(): void {
    if (this.inner) this.inner.hangUp();
    else this.finish({ code: 1000, reason: "bye" });
  }

  private open(): void {
    this.timer = undefined;
    const { kept } = this;
    this.inner = this.connect(
      { ...this.options, greet: this.options.greet && !kept, goesOn: kept },
      {
        message: (message) => this.hear(message),
        sound: (frame) => this.listener.sound(frame),
        voice: (stream, whose) => this.listener.voice(stream, whose),
        hush: (stream) => this.listener.hush(stream),
        front: (who) => this.listener.front(who),
        notice: (text) => this.listener.notice(text),
        lost: () => this.listener.lost(),
        closed: (closing) => this.closed(closing),
      },
    );
    if (this.track) this.inner.useMicrophone(this.track);
  }

  private hear(message: ServerMessage): void {
    switch (message.type) {
      case "ready": {
        this.lostAt = null;
        this.retryMs = 0;
        const { session, resume, isResumed } = message;
        const blank = { playedTurn: 0, playedSamples: 0, lastLine: 0, unanswered: [] };
        const earlier = isResumed ? this.kept : null;
        this.kept = resume ? { ...(earlier ?? blank), agent: this.options.agent, session, resume } : null;
        this.keeper.write(this.kept);
        this.listener.message(message);
        for (const { id, text } of earlier?.unanswered ?? []) this.inner?.say(text, id);
        return;
      }
      case "goaway":
        this.retryMs = message.retryMs;
        break;
      case "remembered":
        if (message.role === "user") this.settle(message.text);
        break;
      case "error":
        if (message.code !== CANNOT_RESUME) break;
        // The page is told once, when the connection closes.
        this.isRefused = true;
        return;
    }
    this.listener.message(message);
  }

  /** The first typed line that the server now remembers need not be said again. */
  private settle(text: string): void {
    const unanswered = this.kept?.unanswered ?? [];
    const place = unanswered.findIndex((line) => plainly(text).includes(plainly(line.text)));
    if (place >= 0) this.keep({ unanswered: unanswered.filter((_, at) => at !== place) });
  }

  private closed(closing: Closing): void {
    this.inner = null;
    if (this.isOver) return;
    if (this.isRefused) return this.finish({ code: closing.code, reason: CANNOT_RESUME });
    const isWorthTrying = WORTH_TRYING.includes(closing.code) || (closing.code < 4000 && !FINAL.includes(closing.code));
    if (!this.kept || !isWorthTrying) return this.finish(closing);
    if (this.lostAt === null) {
      this.lostAt = Date.now();
      this.listener.lost();
    }
    const pause = Math.max(pauseMs(Date.now() - this.lostAt), this.retryMs);
    this.retryMs = 0;
    if (Date.now() + pause - this.lostAt > GIVE_UP_MS) return this.finish({ code: 1006, reason: closing.reason });
    this.timer = setTimeout(() => this.open(), pause);
  }

  /** The network is back: no need to wait any longer. */
  private readonly hurry = () => {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.open();
  };

  private finish(closing: Closing): void {
    this.isOver = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("online", this.hurry);
    // After a connection that merely broke, one may still want to go on later.
    if (closing.code !== 1006) this.keeper.write(null);
    this.listener.closed(closing);
  }

  private keep(change: Partial<Kept>): void {
    if (!this.kept) return;
    this.kept = { ...this.kept, ...change };
    this.keeper.write(this.kept);
  }
}
