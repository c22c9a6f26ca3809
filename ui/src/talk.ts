import type { TimedFrame } from "./audio/framer";
import { LivePlayer } from "./audio/live";
import { Microphone, MicrophoneError } from "./audio/microphone";
import { PLAY_RATE, Player, type Position } from "./audio/player";
import type { Report } from "./audio/queue";
import { Voices } from "./audio/voices";
import type { Front, Whose } from "./connections/connection";
import type { Keeper } from "./connections/kept";
import type { ConnectResuming, ResumingConnection } from "./connections/resuming";
import type { Via } from "./connections/via";
import type { Way, Ways } from "./connections/ways";
import { soundingSentence } from "./lines";
import { Mark, Score, UNHEARD } from "./score";
import { type Action, initialState, reduce, type TalkState } from "./state";
import { audioTrouble, INSECURE, loadTrouble } from "./trouble";
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

/** How long the browser may take to open its audio, ms. Without a loudspeaker some wait for ever. */
const AUDIO_WITHIN_MS = 5000;
/** The same without a gesture: a browser that refuses to play by itself lets one wait for ever. */
const UNASKED_AUDIO_WITHIN_MS = 800;

/** A person's words have gaps, s. */
const PAUSE_S = 0.1;

/** One conversation of this page: it owns the microphone, the loudspeaker and the connection. */
export class Talk {
  state: TalkState;
  score = new Score(PLAY_RATE);
  playout: Playout = emptyPlayout();
  /** Levels now, 0…1. */
  readonly levels = { caller: 0, agent: 0 };
  private readonly watchers = new Set<() => void>();
  private context: AudioContext | null = null;
  private microphone: Microphone | null = null;
  private player: Player | null = null;
  private live: LivePlayer | null = null;
  private readonly voices = new Voices<Whose>(PLAY_RATE, (frame, whose, loudest) => this.onStream(frame, whose, loudest));
  private front: Front = "stream";
  /** When a person's voice was last heard, as a time of the audio context, s. */
  private personAt = -Infinity;
  private connection: ResumingConnection | null = null;
  /** Counts conversations, so that late news of an earlier one is dropped. */
  private round = 0;
  private toSay: string | null = null;

  constructor(
    agent: string,
    private readonly ways: Ways,
    via: Via,
  ) {
    this.state = initialState(agent, via);
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): TalkState => this.state;

  /** The next conversation goes that way. One that is on, goes on as it is. */
  choose(via: Via): void {
    if (this.isOpen || via === this.state.via) return;
    // Who goes another way does not come back to what was interrupted.
    this.keeper.write(null);
    this.dispatch({ did: "choose", via });
  }

  private get way(): Way {
    return this.ways[this.state.via];
  }

  private get keeper(): Keeper {
    return this.way.keeper;
  }

  /** Opens the conversation. Must be called in a gesture, or the browser plays nothing. */
  async start({ withMicrophone, isAsked = true }: { withMicrophone: boolean; isAsked?: boolean }): Promise<void> {
    if (this.isOpen) return;
    if (!window.isSecureContext) return this.dispatch({ did: "fail", trouble: INSECURE });
    if (isAsked) this.keeper.isListening = withMicrophone;
    const round = ++this.round;
    this.score = new Score(PLAY_RATE);
    this.playout = emptyPlayout();
    this.dispatch({ did: "connect", goesOn: this.canGoOn });
    const loading = this.way.load();
    loading.catch(() => undefined);
    try {
      await this.openAudio(round, isAsked ? AUDIO_WITHIN_MS : UNASKED_AUDIO_WITHIN_MS);
    } catch (error) {
      this.release();
      if (!isAsked) return this.dispatch({ did: "wait" });
      return this.dispatch({ did: "fail", trouble: audioTrouble(error) });
    }
    if (withMicrophone) await this.useMicrophone();
    let connect: ConnectResuming;
    try {
      connect = await loading;
    } catch (error) {
      if (round !== this.round) return;
      this.release();
      return this.dispatch({ did: "fail", trouble: loadTrouble(error) });
    }
    if (round !== this.round || !this.microphone) return;
    this.connection = connect(
      {
        agent: this.state.agent,
        rate: this.microphone.rate,
        playRate: PLAY_RATE,
        greet: this.toSay === null,
      },
      {
        message: (message) => this.onMessage(message),
        sound: (frame) => this.onSound(frame),
        voice: (stream, whose = "agent") => this.voices.add(stream, whose),
        hush: (stream) => this.voices.hush(stream),
        notice: (text) => this.dispatch({ did: "notice", text }),
        front: (who) => this.onFront(who),
        lost: () => this.onLost(),
        closed: (closing) => {
          this.release();
          this.dispatch({ did: "close", closing });
        },
      },
    );
    if (this.microphone.track) this.connection.useMicrophone(this.microphone.track);
  }

  /** There is a conversation with this agent that was interrupted, by a reload or a lost connection. */
  get canGoOn(): boolean {
    return this.keeper.read(this.state.agent) !== null;
  }

  /** Goes on after a reload, if the browser lets the page sound before anybody has touched it; else it offers to. */
  async goOn(): Promise<void> {
    if (this.canGoOn) await this.start({ withMicrophone: this.keeper.isListening, isAsked: false });
  }

  /** Asks for the microphone. Refusal is told and the conversation goes on without. */
  async useMicrophone(): Promise<void> {
    const { microphone } = this;
    if (!microphone) return;
    this.dispatch({ did: "listen", ear: "asking" });
    try {
      await microphone.listen(() => this.dispatch({ did: "miss microphone", trouble: "missing" }));
      if (microphone !== this.microphone) return;
      microphone.mute(this.state.isMuted);
      this.keeper.isListening = true;
      if (microphone.track) this.connection?.useMicrophone(microphone.track);
      this.dispatch({ did: "listen", ear: "on" });
      if (this.state.trouble) this.dispatch({ did: "dismiss" });
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      if (microphone !== this.microphone) return;
      this.dispatch({ did: "miss microphone", trouble: error.trouble });
    }
  }

  /** Sends a typed line, opening a conversation without a microphone if there is none. */
  say(text: string): void {
    const line = text.trim();
    if (!line) return;
    if ((this.state.link === "on" || this.state.link === "reconnecting") && this.connection) {
      this.dispatch({ did: "type", text: line });
      this.connection.say(line);
      return;
    }
    this.toSay = line;
    void this.start({ withMicrophone: false });
  }

  private get isOpen(): boolean {
    return this.state.link !== "off" && this.state.link !== "over";
  }

  mute(isMuted: boolean): void {
    this.microphone?.mute(isMuted);
    this.dispatch({ did: "mute", isMuted });
  }

  interrupt(): void {
    if (this.state.link === "on") this.connection?.interrupt();
  }

  hangUp(): void {
    if (this.connection) return this.connection.hangUp();
    if (this.state.link !== "connecting") return;
    this.release();
    this.dispatch({ did: "close", closing: { code: 1000, reason: "bye" } });
  }

  dismiss(): void {
    this.dispatch({ did: "dismiss" });
  }

  private async openAudio(round: number, withinMs: number): Promise<void> {
    const context = new AudioContext({ latencyHint: "interactive" });
    this.context = context;
    await within(withinMs, context.resume(), "no loudspeaker answered");
    const listener = {
      played: (report: Report) => round === this.round && this.onPlayed(report),
      position: (position: Position) => round === this.round && this.onPosition(position),
    };
    this.player = await Player.open(context, listener, context.destination, this.way.fades);
    this.live = new LivePlayer(context, PLAY_RATE);
    this.microphone = await Microphone.open(context, (frame) => round === this.round && this.onFrame(frame));
    this.front = "stream";
    this.voices.open(context);
  }

  private onMessage(message: ServerMessage): void {
    const now = performance.now();
    switch (message.type) {
      case "ready":
        this.player?.acknowledgeEvery(message.ackMs);
        break;
      case "hold":
        this.player?.hold(message.turn);
        this.score.hold();
        break;
      case "resume":
        this.player?.resume(message.turn);
        this.score.resume();
        break;
      case "clear":
        this.player?.clear(message.turn);
        this.score.clear(now, message.turn);
        break;
      case "remembered":
        // Where the far end plays, this is the first that is known of it.
        if (message.isCut && !message.isPast && message.role === "agent") this.score.cut(now, message.turn);
        break;
      case "latency": {
        const { totalMs, segments } = waterfall(message);
        this.score.lay(now, message.turn, totalMs, segments);
      }
    }
    this.dispatch({ did: "hear", message });
    if (message.type === "ready" && this.toSay !== null) {
      const line = this.toSay;
      this.toSay = null;
      this.say(line);
    }
  }

  /** The microphone stays open. What was queued is dropped: the count of what was heard is final, and told by hello. */
  private onLost(): void {
    this.player?.drop();
    this.voices.clear();
    this.onFront("stream");
    this.score.drop(performance.now());
    this.dispatch({ did: "lose" });
  }

  private onSound(frame: AudioFrame): void {
    if (frame.turn === LIVE) {
      this.score.personSounds(performance.now(), frame.samples);
      this.playout.liveFrames++;
      this.live?.push(frame.samples);
      return;
    }
    this.score.queue(performance.now(), frame.turn, frame.offset, frame.samples);
    this.playout.received[frame.turn] = frame.offset + frame.samples.length;
    this.player?.push(frame);
  }

  private onFront(who: Front): void {
    this.front = who;
    this.voices.sound("agent", who === "stream");
  }

  /** A voice of the far end. Where the answers come as frames, the agent's only fills pauses. */
  private onStream({ at, pcm, level }: TimedFrame, whose: Whose, loudest: number): void {
    if (whose === "person") {
      if (level <= UNHEARD) return;
      this.personAt = at;
      this.playout.liveFrames++;
      return this.score.personSounds(this.pageTime(at), pcm);
    }
    if (this.front !== "stream") return;
    this.levels.agent = loudest;
    this.playout.peakLevel = Math.max(this.playout.peakLevel, level);
    if (level > 0) this.playout.streamed += pcm.length;
    // Of an agent who listens the silence comes as well: it does not wipe out who speaks in its place.
    if (loudest <= UNHEARD && at - this.personAt < PAUSE_S) return;
    const mark = this.state.via === "direct" ? Mark.Dotted : this.markOf(this.state.turn);
    this.score.streamSounds(this.pageTime(at), loudest, mark);
  }

  private onFrame({ at, pcm, level }: TimedFrame): void {
    this.levels.caller = level;
    this.score.callerSounds(this.pageTime(at), level);
    this.connection?.sendSound(pcm);
  }

  private onPlayed({ turn, samples, cleared }: Report): void {
    const { acknowledged } = this.playout;
    this.playout.samplesPlayed += samples - (acknowledged[turn] ?? 0);
    acknowledged[turn] = samples;
    this.connection?.acknowledge(turn, samples, cleared);
  }

  private onPosition({ at, turn, samples, level, isPlaying }: Position): void {
    this.levels.agent = isPlaying ? level : 0;
    this.playout.peakLevel = Math.max(this.playout.peakLevel, level);
    if (isPlaying) this.score.played(this.pageTime(at), turn, samples, this.markOf(turn));
  }

  /** A time of the audio context, s, as one of the page, ms. News comes in bursts when the page is busy. */
  private pageTime(at: number): number {
    return performance.now() - ((this.context?.currentTime ?? at) - at) * 1000;
  }

  private markOf(turn: number): Mark {
    const line = this.state.lines.findLast((each) => each.who === "agent" && each.turn === turn);
    const isFiller = line?.who === "agent" && soundingSentence(line)?.purpose === "filler";
    return isFiller ? Mark.Dotted : Mark.Solid;
  }

  private release(): void {
    this.round++;
    this.connection = null;
    this.microphone?.close();
    this.player?.close();
    this.live?.close();
    this.voices.close();
    void this.context?.close();
    this.microphone = null;
    this.player = null;
    this.live = null;
    this.context = null;
    this.toSay = null;
    this.levels.caller = this.levels.agent = 0;
  }

  private dispatch(action: Action): void {
    this.state = reduce(this.state, action);
    for (const watcher of this.watchers) watcher();
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

function emptyPlayout(): Playout {
  return { samplesPlayed: 0, peakLevel: 0, liveFrames: 0, streamed: 0, acknowledged: {}, received: {} };
}
