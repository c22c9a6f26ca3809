import type { TimedFrame } from "./audio/framer";
import { LivePlayer } from "./audio/live";
import { Microphone } from "./audio/microphone";
import { PLAY_RATE, Player, type Position } from "./audio/player";
import type { Fades, Report } from "./audio/queue";
import { Voices } from "./audio/voices";
import type { Front, Whose } from "./connections/connection";
import { Lateness } from "./lateness";
import { Mark, Score, UNHEARD } from "./score";
import { Stopwatch } from "./stopwatch";
import { waterfall } from "./waterfall";
import { type AudioFrame, LIVE, type ServerMessage } from "./wire";

/** Numbers about what was played, for tests and for the curious. */
export interface Playout {
  /** Samples of all turns that left the loudspeaker, at the play rate. */
  samplesPlayed: number;
  /** Loudest moment rendered, root mean square, 0…1. */
  peakLevel: number;
  /** Last acknowledged count of each turn. */
  acknowledged: Record<number, number>;
  /** Frames of a person's live voice. */
  liveFrames: number;
  /** Samples with a voice in them that came as a stream, at the play rate. */
  streamed: number;
  /** Samples that arrived of each turn. */
  received: Record<number, number>;
}

export interface SoundListener {
  /** A frame of the caller's, without a break. */
  frame(pcm: Int16Array<ArrayBuffer>): void;
  /** So much of a turn has been played. */
  played(report: Report): void;
  /** How the agent's voice is to be drawn in that turn. */
  markOf(turn: number): Mark;
  /** The provider's own voice fills a pause. */
  filled(): void;
  /** The agent's sound keeps coming late, or comes in time again. */
  late(isLate: boolean): void;
  /** The browser has paused all sound, or goes on with it. */
  paused(isPaused: boolean): void;
}

/** A person's words have gaps, s. */
const PAUSE_S = 0.1;

/** The sound of one conversation, both ways: played, drawn on the score, and measured. */
export class Sound {
  readonly score = new Score(PLAY_RATE);
  readonly stopwatch = new Stopwatch();
  readonly playout: Playout = { samplesPlayed: 0, peakLevel: 0, liveFrames: 0, streamed: 0, acknowledged: {}, received: {} };
  /** Levels now, 0…1. */
  readonly levels = { caller: 0, agent: 0 };
  /** Null until `open`, and from `close` on. */
  microphone: Microphone | null = null;
  private readonly lateness = new Lateness();
  private readonly voices = new Voices<Whose>(PLAY_RATE, (frame, whose, loudest) => this.onStream(frame, whose, loudest));
  private context: AudioContext | null = null;
  private player: Player | null = null;
  private live: LivePlayer | null = null;
  private front: Front = "stream";
  /** When a person's voice was last heard, as a time of the audio context, s. */
  private personAt = -Infinity;
  private isClosed = false;

  constructor(
    private readonly listener: SoundListener,
    /** The far end's stream says nothing but fillers. */
    private readonly isStreamFiller: boolean,
  ) {}

  /** Sound can come and go. Must be called in a gesture, or the browser may play nothing. Throws when it takes longer. */
  async open(withinMs: number, fades: Fades): Promise<void> {
    const context = (this.context = new AudioContext({ latencyHint: "interactive" }));
    await within(withinMs, context.resume(), "no loudspeaker answered");
    const listener = {
      played: (report: Report) => this.isClosed || this.onPlayed(report),
      position: (position: Position) => this.isClosed || this.onPosition(position),
    };
    this.player = await Player.open(context, listener, context.destination, fades);
    this.live = new LivePlayer(context, PLAY_RATE);
    this.microphone = await Microphone.open(context, (frame) => this.isClosed || this.onFrame(frame));
    this.voices.open(context);
    context.onstatechange = () => !this.isClosed && this.listener.paused(context.state !== "running");
  }

  /** Goes on after the browser has paused it, if it lets us. */
  wake(): void {
    const { context } = this;
    if (context && context.state !== "running" && context.state !== "closed") void context.resume().catch(() => undefined);
  }

  /** What a message means for what sounds. */
  obey(message: ServerMessage): void {
    const now = performance.now();
    switch (message.type) {
      case "ready":
        return this.player?.acknowledgeEvery(message.ackMs);
      case "hold":
        this.player?.hold(message.turn);
        return this.score.hold();
      case "resume":
        this.player?.resume(message.turn);
        return this.score.resume();
      case "clear":
        this.player?.clear(message.turn);
        this.stopwatch.stopped(now, message.turn);
        return this.score.clear(now, message.turn);
      case "remembered":
        // Where the far end plays, this is the first that is known of it.
        if (!message.isCut || message.isPast || message.role !== "agent") return;
        this.stopwatch.stopped(now, message.turn);
        return this.score.cut(now, message.turn);
      case "phase":
        return this.listener.late(this.lateness.isLate(now));
      case "sentence":
        return this.lateness.announces();
      case "latency": {
        const { totalMs, segments } = waterfall(message);
        this.score.lay(now, message.turn, totalMs, segments);
      }
    }
  }

  /** Sound of the agent, or live of a person. */
  push(frame: AudioFrame): void {
    const now = performance.now();
    if (frame.turn === LIVE) {
      this.score.personSounds(now, frame.samples);
      this.playout.liveFrames++;
      this.live?.push(frame.samples);
      return;
    }
    this.score.queue(now, frame.turn, frame.offset, frame.samples);
    const { received } = this.playout;
    this.lateness.arrives(now, frame.turn, received[frame.turn] ?? 0);
    this.listener.late(this.lateness.isLate(now));
    received[frame.turn] = frame.offset + frame.samples.length;
    this.player?.push(frame);
  }

  /** A voice that comes as a stream of its own. */
  add(stream: MediaStream, whose: Whose = "agent"): void {
    this.voices.add(stream, whose);
  }

  hush(stream: MediaStream): void {
    this.voices.hush(stream);
  }

  toFront(who: Front): void {
    this.front = who;
    this.voices.sound("agent", who === "stream");
  }

  /** The connection is lost: what was queued is dropped, and the count of what was heard is final. */
  drop(): void {
    this.player?.drop();
    this.voices.clear();
    this.toFront("stream");
    this.score.drop(performance.now());
  }

  close(): void {
    this.isClosed = true;
    this.microphone?.close();
    this.player?.close();
    this.live?.close();
    this.voices.close();
    void this.context?.close();
    this.microphone = this.player = this.live = this.context = null;
    this.levels.caller = this.levels.agent = 0;
  }

  /** A voice of the far end. Where the answers come as frames, the agent's only fills pauses. */
  private onStream({ at, pcm, level }: TimedFrame, whose: Whose, loudest: number): void {
    const now = this.pageTime(at);
    if (whose === "person") {
      if (level <= UNHEARD) return;
      this.personAt = at;
      this.playout.liveFrames++;
      return this.score.personSounds(now, pcm);
    }
    if (this.front !== "stream") return;
    this.levels.agent = loudest;
    this.playout.peakLevel = Math.max(this.playout.peakLevel, level);
    if (level > 0) this.playout.streamed += pcm.length;
    // Of an agent who listens the silence comes as well: it does not wipe out who speaks in its place.
    if (loudest <= UNHEARD && at - this.personAt < PAUSE_S) return;
    const mark = this.isStreamFiller ? Mark.Dotted : this.listener.markOf(0);
    this.score.streamSounds(now, loudest, mark);
    this.stopwatch.agentSounds(now, loudest, mark === Mark.Dotted);
    if (this.isStreamFiller && loudest > UNHEARD) this.listener.filled();
  }

  private onFrame({ at, pcm, level }: TimedFrame): void {
    const now = this.pageTime(at);
    this.levels.caller = level;
    this.score.callerSounds(now, level);
    this.stopwatch.callerSounds(now, level);
    this.listener.frame(pcm);
  }

  private onPlayed(report: Report): void {
    const { acknowledged } = this.playout;
    this.playout.samplesPlayed += report.samples - (acknowledged[report.turn] ?? 0);
    acknowledged[report.turn] = report.samples;
    this.listener.played(report);
  }

  private onPosition({ at, turn, samples, level, isPlaying }: Position): void {
    this.levels.agent = isPlaying ? level : 0;
    this.playout.peakLevel = Math.max(this.playout.peakLevel, level);
    const now = this.pageTime(at);
    this.lateness.plays(now, turn, samples);
    if (!isPlaying) return;
    const mark = this.listener.markOf(turn);
    this.score.played(now, turn, samples, mark);
    this.stopwatch.agentSounds(now, level, mark === Mark.Dotted);
  }

  /** A time of the audio context, s, as one of the page, ms. News comes in bursts when the page is busy. */
  private pageTime(at: number): number {
    return performance.now() - ((this.context?.currentTime ?? at) - at) * 1000;
  }
}

/** What `promise` brings, or an error with `otherwise` when it takes longer than `ms`. */
async function within<T>(ms: number, promise: Promise<T>, otherwise: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(otherwise)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
