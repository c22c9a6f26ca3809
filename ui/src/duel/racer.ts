import type { TimedFrame } from "../audio/framer";
import { listening } from "../audio/microphone";
import { PLAY_RATE, Player } from "../audio/player";
import { Voices } from "../audio/voices";
import { type Closing, REFUSED, type Whose } from "../connections/connection";
import type { ConnectResuming, ResumingConnection } from "../connections/resuming";
import { type Via, VIA_NAMES } from "../connections/via";
import type { Way } from "../connections/ways";
import { closingTrouble, loadTrouble } from "../trouble";
import { type AudioFrame, LIVE, RATES, type ServerMessage } from "../wire";
import type { Lane } from "./model";
import { SOUND_RATE } from "./sound";
import { Take } from "./take";

/** Hz of what is sent where the sound card's own rate is not spoken by the server. */
const FALLBACK_RATE = 16_000;
/** How long a way may take to be open and quiet, ms: the first LiveKit room takes some fifteen seconds. */
const OPEN_WITHIN_MS = 45_000;
/** How often a way that refuses is tried, and after how long, ms. */
const MOST_TRIES = 4;
const AGAIN_AFTER_MS = 2_000;
/** How long it must have been quiet to be asked, and after its answer to be over, ms. */
const QUIET_MS = 700;
/** How long an answer may let one wait, ms after the end of speech. */
const ANSWER_WITHIN_MS = 30_000;
/** How long the measures of an answer may come after it, ms. */
const TOLD_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 40;
/** Below this is what a codec makes of silence, 0…1. */
const QUIET = 0.002;

/** What of the page a lane needs. The worklets that listen must have been loaded. */
export interface Track {
  readonly context: AudioContext;
  /** Where the caller's sound comes from, for all lanes the same. */
  readonly mouth: AudioNode;
  readonly agent: string;
  readonly via: Via;
  readonly way: Way;
}

/** One lane of a duel: a call of its own with a player of its own, whose sound is kept as it is played. */
export class Racer {
  /** What is to be known of its opening; empty for nothing. */
  notice = "";
  isOpen = false;
  isOver = false;
  take: Take;
  private readonly out: GainNode;
  private readonly speaker: GainNode;
  private readonly tap: AudioWorkletNode;
  private readonly ear: AudioWorkletNode;
  private readonly track: MediaStreamAudioDestinationNode;
  private readonly voices: Voices<Whose>;
  private player: Player | null = null;
  private connection: ResumingConnection | null = null;
  private closing: Closing | null = null;
  private readonly frames: TimedFrame[] = [];
  /** When the utterance begins, as a time of the audio context, s. */
  private zero = Infinity;
  private loudAt = 0;
  private speechEndMs = 0;
  private isClosed = false;
  private readonly rate: number;

  constructor(
    private readonly on: Track,
    private readonly changed: () => void,
  ) {
    const { context, mouth, via } = on;
    this.take = new Take(via, 0);
    this.rate = RATES.includes(context.sampleRate) ? context.sampleRate : FALLBACK_RATE;
    this.out = context.createGain();
    this.speaker = context.createGain();
    this.speaker.gain.value = 0;
    this.out.connect(this.speaker);
    this.speaker.connect(context.destination);
    this.tap = listening(context, SOUND_RATE, (frame) => this.onPlayed(frame));
    this.out.connect(this.tap);
    this.ear = listening(context, this.rate, ({ pcm }) => this.connection?.sendSound(pcm));
    this.track = context.createMediaStreamDestination();
    mouth.connect(this.ear);
    mouth.connect(this.track);
    this.voices = new Voices<Whose>(SOUND_RATE, () => undefined);
  }

  /** The call is open, and nobody speaks in it. Throws Error, for people. */
  async open(): Promise<void> {
    const { context, way } = this.on;
    const began = performance.now();
    let connect;
    try {
      connect = await way.load();
    } catch (error) {
      throw new Error(loadTrouble(error).what);
    }
    const listener = { played: this.acknowledge, position: () => undefined };
    this.player = await Player.open(context, listener, this.out, way.fades);
    this.voices.open(context, () => this.out);
    const isInTime = () => performance.now() - began < OPEN_WITHIN_MS;
    for (let tries = 1; ; tries++) {
      if (this.isClosed) return;
      this.call(connect);
      await this.until(() => this.take.session !== "" || this.isWorthTrying(tries), began + OPEN_WITHIN_MS, "It was not open in time.");
      if (this.take.session !== "" || !isInTime()) break;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
    this.take.joinMs = performance.now() - began;
    this.loudAt = context.currentTime;
    await this.until(() => this.isQuiet, performance.now() + OPEN_WITHIN_MS, "The agent did not stop speaking.");
    this.isOpen = true;
    this.note("");
  }

  /** A refusal may be one for the moment, as of a first room that is not open yet. */
  private isWorthTrying(tries: number): boolean {
    return this.closing?.code === REFUSED && tries < MOST_TRIES;
  }

  private call(connect: ConnectResuming): void {
    const { agent } = this.on;
    this.closing = null;
    this.connection = connect(
      { agent, rate: this.rate, playRate: PLAY_RATE, greet: false },
      {
        message: (message) => this.onMessage(message),
        sound: (frame) => this.onSound(frame),
        voice: (stream, whose = "agent") => this.voices.add(stream, whose),
        hush: (stream) => this.voices.hush(stream),
        front: (who) => this.voices.sound("agent", who === "stream"),
        notice: (text) => this.note(text),
        lost: () => this.player?.drop(),
        closed: (closing) => (this.closing = closing),
      },
    );
    this.connection.useMicrophone(this.track.stream.getAudioTracks()[0]!);
  }

  /** The utterance begins at that time of the audio context; its last audible sample comes so much later. */
  begin(zero: number, speechEndMs: number): void {
    const { session, joinMs } = this.take;
    this.take = new Take(this.on.via, speechEndMs);
    this.take.session = session;
    this.take.joinMs = joinMs;
    this.speechEndMs = speechEndMs;
    this.zero = zero;
    this.frames.length = 0;
  }

  /** The answer was heard to its end, or there is none. */
  async finish(): Promise<void> {
    const { context } = this.on;
    const nowMs = () => (context.currentTime - this.zero) * 1000;
    const deadline = performance.now() - nowMs() + this.speechEndMs + ANSWER_WITHIN_MS;
    try {
      await this.until(() => this.take.isSaid && nowMs() > this.speechEndMs && this.isQuiet, deadline, "No answer within 30 seconds.");
      const late = performance.now() + TOLD_WITHIN_MS;
      await this.until(() => this.take.isTold || performance.now() > late, late + 1000, "");
    } catch (error) {
      this.take.error = error instanceof Error ? error.message : String(error);
    }
    this.isOver = true;
    this.changed();
  }

  /** What the lane comes to, as soon as its answer sounds and the server has told where the time went. */
  soFar: Lane | null = null;

  /** What the lane comes to. */
  lane(): Lane {
    return this.take.lane(this.heard(), SOUND_RATE);
  }

  /** What was heard since the utterance began. */
  heard(): Float32Array<ArrayBuffer> {
    const [first] = this.frames;
    if (!first) return new Float32Array(0);
    const before = Math.round((this.zero - first.at) * SOUND_RATE) + first.pcm.length;
    const length = this.frames.reduce((total, { pcm }) => total + pcm.length, 0);
    const heard = new Float32Array(length);
    let at = 0;
    for (const { pcm } of this.frames) for (const sample of pcm) heard[at++] = sample / 32768;
    if (before >= 0) return heard.slice(before);
    const late = new Float32Array(length - before);
    late.set(heard, -before);
    return late;
  }

  /** It is heard aloud, or not. What is measured stays the same. */
  sound(isHeard: boolean): void {
    this.speaker.gain.value = isHeard ? 1 : 0;
  }

  close(): void {
    this.isClosed = true;
    this.connection?.hangUp();
    this.connection = null;
    this.on.mouth.disconnect(this.ear);
    this.on.mouth.disconnect(this.track);
    for (const node of [this.out, this.speaker, this.tap, this.ear]) node.disconnect();
    for (const node of [this.tap, this.ear]) node.port.close();
    this.player?.close();
    this.voices.close();
  }

  private get isQuiet(): boolean {
    return (this.on.context.currentTime - this.loudAt) * 1000 >= QUIET_MS;
  }

  private readonly acknowledge = ({ turn, samples, cleared }: { turn: number; samples: number; cleared: boolean }) => {
    this.connection?.acknowledge(turn, samples, cleared);
  };

  private onMessage(message: ServerMessage): void {
    switch (message.type) {
      case "ready":
        this.player?.acknowledgeEvery(message.ackMs);
        this.take.session = message.session;
        break;
      case "hold":
        this.player?.hold(message.turn);
        break;
      case "resume":
        this.player?.resume(message.turn);
        break;
      case "clear":
        this.player?.clear(message.turn);
        break;
    }
    this.take.hear(message, this.nowMs);
    this.changed();
  }

  private onSound(frame: AudioFrame): void {
    if (frame.turn === LIVE) return;
    // On a direct call the provider fills the pauses by a voice of its own: frames are answers.
    if (this.on.via === "direct" && this.nowMs >= 0) this.take.answersFromMs ??= this.nowMs;
    this.player?.push(frame);
  }

  private onPlayed(frame: TimedFrame): void {
    if (frame.level > QUIET) this.loudAt = frame.at;
    if (this.zero === Infinity) return;
    this.frames.push(frame);
    if (this.soFar || frame.level <= QUIET || !this.take.isTold) return;
    const lane = this.lane();
    if (lane.responseMs === null) return;
    this.soFar = lane;
    this.changed();
  }

  private get nowMs(): number {
    return this.zero === Infinity ? -1 : (this.on.context.currentTime - this.zero) * 1000;
  }

  private note(text: string): void {
    this.notice = text;
    this.changed();
  }

  /** Throws Error when the call has ended before, or it was not so in time. */
  private async until(isTrue: () => boolean, deadlineMs: number, otherwise: string): Promise<void> {
    while (!isTrue()) {
      if (this.closing || this.isClosed) throw new Error(this.why(this.closing));
      if (performance.now() > deadlineMs) throw new Error(otherwise);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private why(closing: Closing | null): string {
    const trouble = closing && closingTrouble(closing, { agent: this.on.agent, link: this.isOpen ? "on" : "connecting" });
    return trouble ? trouble.what : `${VIA_NAMES[this.on.via]} ended the call.`;
  }
}
