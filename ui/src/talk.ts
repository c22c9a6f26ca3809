import { type Device, microphones, onGranted, onPlugged } from "./audio/devices";
import { MicrophoneError } from "./audio/microphone";
import { PLAY_RATE } from "./audio/player";
import type { ConnectionListener } from "./connections/connection";
import type { Keeper } from "./connections/kept";
import type { ConnectResuming, ResumingConnection } from "./connections/resuming";
import type { Via } from "./connections/via";
import type { Way, Ways } from "./connections/ways";
import { soundingSentence } from "./lines";
import { keepPreferences, readPreferences } from "./preferences";
import { Mark, type Score } from "./score";
import { type Playout, Sound } from "./sound";
import { type Action, type Hearing, initialState, reduce, type TalkState } from "./state";
import type { Stopwatch } from "./stopwatch";
import { HeardTab } from "./tabs";
import { audioTrouble, INSECURE, loadTrouble, OFFLINE, OTHER_TAB, PAUSED, SILENCED, SLOW, unpluggedTrouble } from "./trouble";
import type { ServerMessage } from "./wire";

/** How long the browser may take to open its audio, ms. Without a loudspeaker some wait for ever. */
const AUDIO_WITHIN_MS = 5000;
/** The same without a gesture: a browser that refuses to play by itself lets one wait for ever. */
const UNASKED_AUDIO_WITHIN_MS = 800;

/** One conversation of this page: it owns the sound and the connection, and mends what mends by itself. */
export class Talk {
  state: TalkState;
  private sound: Sound;
  private readonly watchers = new Set<() => void>();
  private connection: ResumingConnection | null = null;
  /** Counts conversations, so that late news of an earlier one is dropped. */
  private round = 0;
  private toSay: string | null = null;
  private readonly tab = new HeardTab({ taken: () => this.yieldTab(), free: () => this.regainTab() });

  constructor(
    agent: string,
    private readonly ways: Ways,
    via: Via,
  ) {
    const { hearing } = readPreferences();
    this.state = { ...initialState(agent, via), hearing };
    this.sound = this.newSound();
    onPlugged(() => void this.replug());
    onGranted(() => void this.retry());
    addEventListener("offline", () => this.isOpen && this.dispatch({ did: "fret", trouble: OFFLINE }));
    addEventListener("online", () => this.dispatch({ did: "mend", cause: "offline" }));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.sound.wake());
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => this.sound.wake(), { capture: true });
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): TalkState => this.state;

  get score(): Score {
    return this.sound.score;
  }
  get playout(): Playout {
    return this.sound.playout;
  }
  get levels(): Readonly<{ caller: number; agent: number }> {
    return this.sound.levels;
  }
  get stopwatch(): Stopwatch {
    return this.sound.stopwatch;
  }

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
    const sound = (this.sound = this.newSound());
    this.dispatch({ did: "connect", goesOn: this.canGoOn });
    const loading = this.way.load();
    loading.catch(() => undefined);
    try {
      await sound.open(isAsked ? AUDIO_WITHIN_MS : UNASKED_AUDIO_WITHIN_MS, this.way.fades);
    } catch (error) {
      if (round !== this.round) return;
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
    const { microphone } = sound;
    if (round !== this.round || !microphone) return;
    const options = { agent: this.state.agent, rate: microphone.rate, playRate: PLAY_RATE, greet: this.toSay === null };
    this.connection = connect(options, this.listener(sound));
    if (microphone.track) this.connection.useMicrophone(microphone.track);
  }

  /** There is a conversation with this agent that was interrupted, by a reload or a lost connection. */
  get canGoOn(): boolean {
    return this.keeper.read(this.state.agent) !== null;
  }

  /** Goes on after a reload, if the browser lets the page sound before anybody has touched it; else it offers to. */
  async goOn(): Promise<void> {
    if (!window.isSecureContext) return this.dispatch({ did: "fret", trouble: INSECURE });
    if (this.canGoOn) await this.start({ withMicrophone: this.keeper.isListening, isAsked: false });
  }

  /** Asks for the microphone. Refusal is told and the conversation goes on without. */
  async useMicrophone(): Promise<boolean> {
    const { microphone } = this.sound;
    if (!microphone) return false;
    this.dispatch({ did: "listen", ear: "asking" });
    try {
      await microphone.listen(() => void this.lose(microphone.track), readPreferences().device);
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      if (microphone === this.sound.microphone) this.dispatch({ did: "miss microphone", trouble: error.trouble });
      return false;
    }
    if (microphone !== this.sound.microphone) return false;
    this.keeper.isListening = true;
    this.tab.take();
    this.applyMute();
    const { track } = microphone;
    if (track) {
      this.connection?.useMicrophone(track);
      track.addEventListener("mute", () => track === microphone.track && this.dispatch({ did: "fret", trouble: SILENCED }));
      track.addEventListener("unmute", () => this.dispatch({ did: "mend", cause: "silenced" }));
    }
    this.dispatch({ did: "listen", ear: "on" });
    this.dispatch({ did: "mend", cause: "microphone" });
    await this.findDevices();
    return true;
  }

  /** Hears by that microphone now and on later visits; empty for the system's choice. */
  async chooseDevice(device: string): Promise<void> {
    keepPreferences({ device });
    if (this.state.ear === "on") await this.useMicrophone();
  }

  /** The microphone hears all the time, or while it is held; also on later visits. */
  hearBy(hearing: Hearing): void {
    keepPreferences({ hearing });
    this.dispatch({ did: "hear by", hearing });
    this.applyMute();
  }

  /** The microphone is held, or let go. */
  press(isPressed: boolean): void {
    if (this.state.hearing !== "held" || this.state.ear !== "on" || isPressed === this.state.isPressed) return;
    this.dispatch({ did: "press", isPressed });
    this.applyMute();
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
    if (!isMuted && this.state.ear === "on") this.tab.take();
    this.dispatch({ did: "mute", isMuted });
    this.dispatch({ did: "mend", cause: "other tab" });
    this.applyMute();
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

  /** Shows the parts of that turn; of the last one with null. */
  lookAt(turn: number | null): void {
    this.dispatch({ did: "look at", turn });
  }

  /** Closes what is told of an occasion; `forGood`: nothing of its kind is told again in this conversation. */
  putAside(forGood: boolean): void {
    this.dispatch({ did: "put aside", forGood });
  }

  private newSound(): Sound {
    const sound: Sound = new Sound(
      {
        frame: (pcm) => this.connection?.sendSound(pcm),
        played: ({ turn, samples, cleared }) => this.connection?.acknowledge(turn, samples, cleared),
        markOf: (turn) => this.markOf(turn || this.state.turn),
        filled: () => this.fill(),
        late: (isLate) => this.tell(isLate, SLOW),
        paused: (isPaused) => sound === this.sound && this.tell(isPaused, PAUSED),
      },
      this.state.via === "direct",
    );
    return sound;
  }

  private listener(sound: Sound): ConnectionListener {
    return {
      message: (message) => this.hear(message),
      sound: (frame) => sound.push(frame),
      voice: (stream, whose) => sound.add(stream, whose),
      hush: (stream) => sound.hush(stream),
      notice: (text) => this.dispatch({ did: "notice", text }),
      front: (who) => sound.toFront(who),
      lost: () => {
        // The microphone stays open.
        sound.drop();
        this.dispatch({ did: "lose" });
      },
      closed: (closing) => {
        this.release();
        this.dispatch({ did: "close", closing });
      },
    };
  }

  private hear(message: ServerMessage): void {
    this.sound.obey(message);
    this.dispatch({ did: "hear", message });
    if (message.type !== "ready") return;
    this.dispatch({ did: "mend", cause: "offline" });
    if (this.toSay === null) return;
    const line = this.toSay;
    this.toSay = null;
    this.say(line);
  }

  /** What comes and goes is told once, and taken back when it is over. */
  private tell(isSo: boolean, trouble: typeof SLOW): void {
    const isTold = this.state.trouble?.cause === trouble.cause;
    if (isSo && !this.state.trouble) this.dispatch({ did: "fret", trouble });
    if (!isSo && isTold && trouble.cause) this.dispatch({ did: "mend", cause: trouble.cause });
  }

  private fill(): void {
    const { phase, turn, pipeline } = this.state;
    if (phase === "thinking" && !pipeline.isFilling) this.dispatch({ did: "fill", turn });
  }

  private markOf(turn: number): Mark {
    const line = this.state.lines.findLast((each) => each.who === "agent" && each.turn === turn);
    const isFiller = line?.who === "agent" && soundingSentence(line)?.purpose === "filler";
    return isFiller ? Mark.Dotted : Mark.Solid;
  }

  private applyMute(): void {
    const { isMuted, hearing, isPressed } = this.state;
    this.sound.microphone?.mute(isMuted || (hearing === "held" && !isPressed));
  }

  // ---- microphones come and go -----------------------------------------------------------------------------
  /** The microphone was unplugged: the next best one is taken. */
  private async lose(track: MediaStreamTrack | null): Promise<void> {
    const name = track?.label ?? "";
    const isHeard = await this.useMicrophone();
    const instead = this.sound.microphone?.track?.label ?? "";
    if (this.isOpen) this.dispatch({ did: "fret", trouble: unpluggedTrouble(name, isHeard ? instead || "another microphone" : "") });
  }

  /** Something was plugged in or out. */
  private async replug(): Promise<void> {
    await this.findDevices();
    const wanted = readPreferences().device;
    const isBack = wanted !== this.state.device && this.state.devices.some(({ id }) => id === wanted);
    if (this.state.ear === "on" && isBack) {
      await this.useMicrophone();
      this.dispatch({ did: "mend", cause: "device" });
    } else await this.retry();
  }

  /** Asks again for a microphone that was wanted and not to be had. */
  private async retry(): Promise<void> {
    if (this.state.ear === "refused" && this.isOpen) await this.useMicrophone();
  }

  private async findDevices(): Promise<void> {
    const devices: readonly Device[] = await microphones();
    const device = this.sound.microphone?.track?.getSettings().deviceId ?? "";
    this.dispatch({ did: "find devices", devices, device });
  }

  // ---- other tabs ------------------------------------------------------------------------------------------
  private yieldTab(): void {
    if (this.state.ear !== "on" || this.state.isMuted) return;
    this.dispatch({ did: "mute", isMuted: true });
    this.applyMute();
    this.dispatch({ did: "fret", trouble: OTHER_TAB });
  }

  private regainTab(): void {
    if (this.state.trouble?.cause === "other tab") this.mute(false);
  }

  private release(): void {
    this.round++;
    this.connection = null;
    this.sound.close();
    this.tab.leave();
    this.toSay = null;
  }

  private dispatch(action: Action): void {
    this.state = reduce(this.state, action);
    for (const watcher of this.watchers) watcher();
  }
}
