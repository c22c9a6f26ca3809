import type { TimedFrame } from "../audio/framer";
import { LivePlayer } from "../audio/live";
import { Microphone, MicrophoneError } from "../audio/microphone";
import { PLAY_RATE, Player } from "../audio/player";
import type { Closing } from "../connections/connection";
import { LiveSocket, socketUrl } from "../connections/socket";
import { soundingSentence } from "../lines";
import { Mark, rms16, Score } from "../score";
import { microphoneTrouble } from "../trouble";
import { type AudioFrame, LIVE } from "../wire";
import { waterfall } from "../waterfall";
import { Following } from "./following";
import { initialStanding, reduceStanding, type Standing, type StandingAction } from "./standing";
import { CALLER, decodeWatch, encodeSupervisor, type SupervisorMessage, WATCH_RATE, type WatchMessage } from "./wire";

const OPEN_WITHIN_MS = 5_000;

/** Two voices a supervisor may turn down, each for itself. */
export type Voice = "caller" | "agent";

/** Standing by one conversation: its socket, its sound, and the supervisor's own voice when they take over. */
export class Stand {
  state: Standing;
  score = new Score(PLAY_RATE);
  private readonly watchers = new Set<() => void>();
  private socket: LiveSocket<SupervisorMessage, WatchMessage> | null = null;
  private context: AudioContext | null = null;
  private gains: Record<Voice, GainNode> | null = null;
  private player: Player | null = null;
  private person: LivePlayer | null = null;
  private caller: LivePlayer | null = null;
  private microphone: Microphone | null = null;
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
    this.socket?.send({ type: "whisper", text });
  }

  say(text: string): void {
    this.socket?.send({ type: "say", text });
  }

  /** The supervisor's voice goes to the caller from the server's word on; without a microphone by writing only. */
  async takeOver(): Promise<void> {
    if (this.state.link !== "on") return;
    this.dispatch({ did: "ask" });
    this.socket?.send({ type: "take_over" });
    const { context } = this;
    if (!context || this.microphone) return;
    try {
      const microphone = await Microphone.open(context, (frame) => this.onFrame(frame), WATCH_RATE);
      if (context !== this.context || this.state.isMine === "no") return microphone.close();
      this.microphone = microphone;
      await microphone.listen(() => this.missMicrophone("missing"));
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      this.missMicrophone(error.trouble);
    }
  }

  handBack(): void {
    this.socket?.send({ type: "hand_back" });
    this.dropMicrophone();
  }

  mute(isMuted: boolean): void {
    this.microphone?.mute(isMuted);
    this.dispatch({ did: "mute", isMuted });
  }

  leave(): void {
    this.isLeft = true;
    clearTimeout(this.timer);
    if (this.socket) this.socket.end(1000, "left");
    else if (this.state.link === "reconnecting") this.finish({ code: 1000, reason: "left" });
  }

  private async connect(): Promise<void> {
    const { place } = this.following;
    const isAway = place !== null && new URL(place).origin !== location.origin;
    const token = isAway ? await this.token(this.session) : "";
    if (this.isLeft) return;
    this.socket = new LiveSocket<SupervisorMessage, WatchMessage>(
      socketUrl("supervise", { href: isAway ? withSlash(place) : location.href }),
      {
        first: { type: "watch", session: this.session, sound: true, rate: WATCH_RATE, play_rate: PLAY_RATE },
        ping: { type: "ping", id: 0 },
        encode: encodeSupervisor,
      },
      {
        decode: decodeWatch,
        isOpening: (message) => message.type === "watching",
        message: (message) => this.onMessage(message),
        sound: (frame) => this.onSound(frame),
        fault: ({ message }) => this.dispatch({ did: "notice", what: `Something could not be read: ${message}.` }),
        closed: (closing) => this.onClosed(closing),
      },
      OPEN_WITHIN_MS,
      token ? ["antiphon", `antiphon.token.${token}`] : [],
    );
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

  private onFrame({ pcm }: TimedFrame): void {
    if (this.state.isMine === "yes") this.socket?.sendSound(pcm);
  }

  private onClosed(closing: Closing): void {
    this.socket = null;
    if (this.isLeft) return this.finish({ code: 1000, reason: "left" });
    const next = this.following.next(closing, this.isOnAir(this.session));
    if (typeof next !== "number") return this.finish(next);
    this.player?.drop();
    this.dropMicrophone();
    if (this.state.link !== "reconnecting") this.dispatch({ did: "lose" });
    this.timer = setTimeout(() => void this.connect(), next);
  }

  private finish(closing: Closing): void {
    this.dropMicrophone();
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
    this.microphone?.close();
    this.microphone = null;
  }

  private dispatch(action: StandingAction): void {
    this.state = reduceStanding(this.state, action);
    for (const watcher of this.watchers) watcher();
  }
}

/** The address as that of a folder, so that what is named beside it lies in it. */
function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
