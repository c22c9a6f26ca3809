import type { TimedFrame } from "../audio/framer";
import { LivePlayer } from "../audio/live";
import { loadListening, Microphone, MicrophoneError } from "../audio/microphone";
import { PLAY_RATE, Player } from "../audio/player";
import { Voices } from "../audio/voices";
import { type Closing, REFUSED } from "../connections/connection";
import { soundingSentence } from "../lines";
import { Mark, rms16, Score, UNHEARD } from "../score";
import { microphoneTrouble } from "../trouble";
import { type AudioFrame, LIVE } from "../wire";
import { waterfall } from "../waterfall";
import { type Beside, besideBySocket, type BesideListener, type Speaker } from "./beside";
import { Following } from "./following";
import { initialStanding, reduceStanding, type Standing, type StandingAction } from "./standing";
import { CALLER, WATCH_RATE, type WatchMessage } from "./wire";

/** Two voices a supervisor may turn down, each for itself. */
export type Voice = "caller" | "agent";

/** Standing by one conversation: its way to it, its sound, and the supervisor's own voice when they take over. */
export class Stand {
  state: Standing;
  score = new Score(PLAY_RATE);
  private readonly watchers = new Set<() => void>();
  private beside: Beside | null = null;
  private readonly voices = new Voices<Speaker>(PLAY_RATE, (frame, whose, loudest) => this.onVoice(frame, whose, loudest));
  private context: AudioContext | null = null;
  private gains: Record<Voice, GainNode> | null = null;
  private player: Player | null = null;
  private person: LivePlayer | null = null;
  private caller: LivePlayer | null = null;
  private microphone: Microphone | null = null;
  /** What has been given to the room to be heard. */
  private speaking: MediaStreamTrack | null = null;
  private isInRoom = false;
  private following = new Following();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isLeft = false;

  constructor(
    readonly session: string,
    agent: string,
    /** The session is on air, or waits for its caller to come back. */
    private readonly isOnAir: (session: string) => boolean,
    /** A token that another server takes from this supervisor; empty when there is none to be had. */
    private readonly token: (session: string) => Promise<string>,
    /** What carries the session, as the server names it. */
    private readonly host: (session: string) => Promise<string>,
  ) {
    this.state = initialStanding(agent);
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): Standing => this.state;

  /** Must be called in a gesture, or the browser plays nothing; the transcript is there without sound, too. */
  join(): void {
    if (this.state.link !== "off" && this.state.link !== "over") return;
    this.score = new Score(PLAY_RATE);
    this.following = new Following();
    this.isLeft = false;
    this.dispatch({ did: "join" });
    void this.connect();
    this.openSound().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.dispatch({ did: "notice", what: `There is no sound: ${why}.` });
    });
  }

  /** How loud a voice is, 0…1. */
  turn(voice: Voice, volume: number): void {
    if (this.gains) this.gains[voice].gain.value = volume;
  }

  whisper(text: string): void {
    this.beside?.send({ type: "whisper", text });
  }

  say(text: string): void {
    this.beside?.send({ type: "say", text });
  }

  /** The supervisor's voice goes to the caller from the server's word on; without a microphone by writing only. */
  async takeOver(): Promise<void> {
    if (this.state.link !== "on") return;
    this.dispatch({ did: "ask" });
    this.beside?.send({ type: "take_over" });
    const { context } = this;
    if (!context || this.microphone) return;
    try {
      const microphone = await Microphone.open(context, (frame) => this.onFrame(frame), WATCH_RATE);
      if (context !== this.context || this.state.isMine === "no") return microphone.close();
      this.microphone = microphone;
      await microphone.listen(() => this.missMicrophone("missing"));
      this.speak();
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      this.missMicrophone(error.trouble);
    }
  }

  handBack(): void {
    this.beside?.send({ type: "hand_back" });
    this.dropMicrophone();
  }

  mute(isMuted: boolean): void {
    this.microphone?.mute(isMuted);
    this.dispatch({ did: "mute", isMuted });
  }

  leave(): void {
    this.isLeft = true;
    clearTimeout(this.timer);
    if (this.beside) this.beside.end(1000, "left");
    else if (this.state.link === "reconnecting" || this.state.link === "connecting") this.finish({ code: 1000, reason: "left" });
  }

  private async connect(): Promise<void> {
    let beside: Beside;
    try {
      beside = await this.reached();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.finish({ code: REFUSED, reason: why.replace(/\.$/, "") });
    }
    if (this.isLeft) beside.end(1000, "left");
    else this.beside = beside;
  }

  /** By the room of the call if it is held in one, else by a socket, to wherever the call went. */
  private async reached(): Promise<Beside> {
    const { session, state } = this;
    this.isInRoom = (await this.host(session)) === "livekit";
    if (this.isInRoom) {
      const { besideInRoom } = await import("./room");
      return besideInRoom(session, state.talk.agent, this.listener());
    }
    const { place } = this.following;
    const isAway = place !== null && new URL(place).origin !== location.origin;
    return besideBySocket(session, this.listener(), isAway ? place : null, isAway ? await this.token(session) : "");
  }

  private listener(): BesideListener {
    return {
      message: (message) => this.onMessage(message),
      sound: (frame) => this.onSound(frame),
      voice: (stream, whose) => this.voices.add(stream, whose),
      hush: (stream) => this.voices.hush(stream),
      fault: (what) => this.dispatch({ did: "notice", what }),
      lost: () => this.lose(),
      closed: (closing, isOver = false) => this.onClosed(closing, isOver),
    };
  }

  private onMessage(message: WatchMessage): void {
    const now = performance.now();
    switch (message.type) {
      case "watching":
        this.following.found();
        break;
      case "elsewhere":
        this.following.elsewhere(message.url);
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
      case "latency": {
        const { totalMs, segments } = waterfall(message);
        this.score.lay(now, message.turn, totalMs, segments);
        break;
      }
    }
    this.dispatch({ did: "hear", message });
    if (this.state.isMine === "no") this.dropMicrophone();
    else this.speak();
  }

  private onSound({ turn, offset, samples }: AudioFrame): void {
    const now = performance.now();
    if (turn === CALLER) {
      this.score.callerSounds(now, rms16(samples));
      this.caller?.push(samples);
    } else if (turn === LIVE) {
      this.score.personSounds(now, samples);
      // One's own voice, coming back, would be an echo.
      if (this.state.isMine !== "yes") this.person?.push(samples);
    } else {
      this.score.queue(now, turn, offset, samples);
      this.player?.push({ turn, offset, samples });
    }
  }

  /** A voice of the room. Silence of an agent is not drawn over a person who speaks in its place. */
  private onVoice({ pcm, level }: TimedFrame, whose: Speaker, loudest: number): void {
    const now = performance.now();
    if (whose === "caller") return this.score.callerSounds(now, loudest);
    if (whose === "agent" && !this.state.takenOverBy) return this.score.streamSounds(now, loudest, this.markOf(this.state.talk.turn));
    if (whose === "person" && level > UNHEARD) this.score.personSounds(now, pcm);
  }

  private onFrame({ pcm }: TimedFrame): void {
    if (this.state.isMine !== "yes") return;
    this.beside?.sendSound(pcm);
    // What is said here does not come back, however the call is carried.
    this.score.personSounds(performance.now(), pcm);
  }

  /** Who speaks in the agent's place is heard by their track, where the call is one of tracks. */
  private speak(): void {
    const { microphone } = this;
    if (this.state.isMine !== "yes" || !microphone?.track || this.speaking === microphone.track) return;
    this.speaking = microphone.track;
    this.beside?.speak(microphone.track);
  }

  private onClosed(closing: Closing, isOver: boolean): void {
    this.beside = null;
    if (this.isLeft || isOver) return this.finish({ code: 1000, reason: "left" });
    const next = this.following.next(closing, this.isOnAir(this.session));
    if (typeof next !== "number") return this.finish(next);
    this.lose();
    this.timer = setTimeout(() => void this.connect(), next);
  }

  /** The call goes on without this supervisor, who looks for it. */
  private lose(): void {
    this.player?.drop();
    this.voices.clear();
    this.dropMicrophone();
    if (this.state.link !== "reconnecting") this.dispatch({ did: "lose" });
  }

  private finish(closing: Closing): void {
    this.dropMicrophone();
    this.voices.close();
    this.player?.close();
    this.person?.close();
    this.caller?.close();
    void this.context?.close();
    this.player = this.person = this.caller = this.context = this.gains = null;
    this.dispatch({ did: "leave", closing });
  }

  private async openSound(): Promise<void> {
    const context = new AudioContext({ latencyHint: "interactive" });
    this.context = context;
    const gain = () => {
      const node = context.createGain();
      node.connect(context.destination);
      return node;
    };
    const gains = { caller: gain(), agent: gain() };
    this.gains = gains;
    await context.resume();
    const player = await Player.open(
      context,
      {
        played: () => {},
        position: ({ turn, samples, isPlaying }) => {
          if (isPlaying) this.score.played(performance.now(), turn, samples, this.markOf(turn));
        },
      },
      gains.agent,
    );
    if (context !== this.context) return player.close();
    this.player = player;
    this.person = new LivePlayer(context, PLAY_RATE, gains.agent);
    this.caller = new LivePlayer(context, WATCH_RATE, gains.caller);
    await loadListening(context);
    if (context === this.context) this.voices.open(context, (whose) => (whose === "caller" ? gains.caller : gains.agent));
  }

  private markOf(turn: number): Mark {
    const line = this.state.talk.lines.findLast((each) => each.who === "agent" && each.turn === turn);
    const isFiller = line?.who === "agent" && soundingSentence(line)?.purpose === "filler";
    return isFiller ? Mark.Dotted : Mark.Solid;
  }

  private missMicrophone(trouble: "denied" | "missing" | "busy"): void {
    this.dispatch({ did: "notice", what: `${microphoneTrouble(trouble).what} The agent can still say what you write.` });
  }

  private dropMicrophone(): void {
    if (this.speaking) this.beside?.speak(null);
    this.speaking = null;
    this.microphone?.close();
    this.microphone = null;
  }

  private dispatch(action: StandingAction): void {
    this.state = reduceStanding(this.state, action);
    for (const watcher of this.watchers) watcher();
  }
}
