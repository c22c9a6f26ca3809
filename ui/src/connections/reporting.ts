import type { PageEvents, Transport } from "../events";
import { rms16 } from "../score";
import { type AudioFrame, LIVE, type ServerMessage } from "../wire";
import type { Closing, ConnectionListener } from "./connection";
import type { ConnectResuming, Opening, ResumingConnection } from "./resuming";

/** Louder than this is the caller, root mean square: −38 dB. */
const LOUD = 0.0125;
/** Speech has gaps; after a longer one the caller begins anew, ms. */
const GAP_MS = 700;
/** What sounds later is no answer to that, ms. */
const LONGEST_MS = 30_000;
/** What a player tells is a little old: 30 ms at the play rate. */
const SLACK_SAMPLES = 720;
/** Of one turn: more of them say nothing more. */
const MOST_UNDERRUNS = 5;

/** Connections that are the same, and tell `events` what becomes of them and of the sound that they carry. */
export function reporting(connect: ConnectResuming, transport: Transport, events: PageEvents): ConnectResuming {
  return (options, listener) => new Reporting(connect, transport, events, options, listener);
}

/** How far the sound of a turn has come. */
class Sounding {
  received = 0;
  played = 0;
  /** When all that had come was played, ms. */
  dryAt = 0;
  underruns = 0;
  /** A sentence was announced, and nothing of it has come yet: until then the answer was being made. */
  isBetween = false;
  constructor(readonly turn: number) {}
}

class Reporting implements ResumingConnection {
  private readonly inner: ResumingConnection;
  private readonly openedAt = performance.now();
  private lostAt: number | null = null;
  private sounding = new Sounding(-1);
  /** When the caller was last heard, or wrote; null: not since the latest answer began. */
  private askedAt: number | null = null;
  /** When the caller was last heard, and when they began then. */
  private loudAt = -Infinity;
  private loudSince = -Infinity;
  private hasMicrophone = false;
  private hasToldMicrophone = false;

  constructor(
    connect: ConnectResuming,
    private readonly transport: Transport,
    private readonly events: PageEvents,
    private readonly options: Opening,
    listener: ConnectionListener,
  ) {
    this.inner = connect(options, {
      message: (message) => {
        this.hear(message);
        listener.message(message);
      },
      sound: (frame) => {
        this.arrive(frame);
        listener.sound(frame);
      },
      voice: (stream, whose) => listener.voice(stream, whose),
      hush: (stream) => listener.hush(stream),
      front: (who) => listener.front(who),
      notice: (text) => listener.notice(text),
      lost: () => {
        this.lostAt = performance.now();
        this.tell("connection_lost");
        listener.lost();
      },
      closed: (closing) => {
        this.close(closing);
        listener.closed(closing);
      },
    });
  }

  sendSound(pcm: Int16Array<ArrayBuffer>): void {
    if (rms16(pcm) > LOUD) {
      const now = performance.now();
      if (now - this.loudAt > GAP_MS) this.loudSince = now;
      this.loudAt = this.askedAt = now;
    }
    this.inner.sendSound(pcm);
  }

  useMicrophone(track: MediaStreamTrack): void {
    this.hasMicrophone = true;
    this.tellMicrophone();
    this.inner.useMicrophone(track);
  }

  acknowledge(turn: number, samples: number, cleared: boolean): void {
    this.play(turn, samples, cleared);
    this.inner.acknowledge(turn, samples, cleared);
  }

  say(text: string): void {
    this.askedAt = performance.now();
    this.inner.say(text);
  }

  interrupt(): void {
    this.inner.interrupt();
  }

  hangUp(): void {
    this.events.flush();
    this.inner.hangUp();
  }

  private hear(message: ServerMessage): void {
    switch (message.type) {
      case "ready": {
        this.events.of(message.session);
        const since = this.lostAt ?? this.openedAt;
        this.lostAt = null;
        this.tell(message.isResumed ? "reconnected" : "connection_open", performance.now() - since);
        return this.tellMicrophone();
      }
      case "hold":
        return this.tell("playout_held", 0, message.turn);
      case "sentence":
        this.sounding.isBetween = true;
    }
  }

  private arrive({ turn, offset, samples }: AudioFrame): void {
    if (turn === LIVE) return;
    if (turn !== this.sounding.turn) this.sounding = new Sounding(turn);
    const { sounding } = this;
    const isDry = sounding.received > SLACK_SAMPLES && sounding.played >= sounding.received - SLACK_SAMPLES;
    if (isDry && !sounding.isBetween && ++sounding.underruns <= MOST_UNDERRUNS) {
      this.tell("playout_underrun", performance.now() - sounding.dryAt, turn);
    }
    sounding.isBetween = false;
    sounding.received = Math.max(sounding.received, offset + samples.length);
  }

  /** So much of the turn has left the loudspeaker. */
  private play(turn: number, samples: number, cleared: boolean): void {
    const { sounding } = this;
    const now = performance.now();
    if (turn !== sounding.turn) return;
    if (samples > 0 && sounding.played === 0) {
      const waited = this.askedAt === null ? -1 : now - (1000 * samples) / this.options.playRate - this.askedAt;
      if (waited >= 0 && waited < LONGEST_MS) this.tell("first_sound_played", waited, turn);
      this.askedAt = null;
    }
    if (samples > sounding.played) sounding.dryAt = now;
    sounding.played = Math.max(sounding.played, samples);
    if (!cleared || this.lostAt !== null) return;
    this.sounding = new Sounding(-1);
    // Silent again so long after the caller began to speak over the voice.
    this.tell("playout_cleared", now - this.loudAt < LONGEST_MS ? now - this.loudSince : 0, turn);
  }

  private close({ code }: Closing): void {
    if (code !== 1000) this.events.happened("error", 0, { where: "connection", code });
    this.events.of("");
  }

  private tellMicrophone(): void {
    if (!this.hasMicrophone || this.hasToldMicrophone || !this.events.isOn) return;
    this.hasToldMicrophone = true;
    this.tell("microphone_ready");
  }

  private tell(name: Parameters<PageEvents["happened"]>[0], ms = 0, turn = 0): void {
    this.events.happened(name, ms, { transport: this.transport, ...(turn ? { turn } : {}) });
  }
}
