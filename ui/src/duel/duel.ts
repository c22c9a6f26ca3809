import type { TimedFrame } from "../audio/framer";
import { loadListening, Microphone, MicrophoneError } from "../audio/microphone";
import type { Via } from "../connections/via";
import { ways } from "../connections/ways";
import { audioTrouble, INSECURE, microphoneTrouble } from "../trouble";
import { Kept } from "./kept";
import { type Duel, type Lane, toJson } from "./model";
import { Racer } from "./racer";
import { bufferOf, decoded, LONGEST_S, SOUND_RATE, wavBase64 } from "./sound";
import { audible } from "./waveform";

/** Seconds from the word to go until the utterance begins: all lanes are told in time. */
const LEAD_S = 0.4;
/** Silence kept around what was recorded, s. */
const EDGE_S = 0.15;

/** Something that can be said to all of them. */
export interface Said {
  readonly name: string;
  /** Its words, where they are known. */
  readonly text: string;
  readonly samples: Float32Array<ArrayBuffer>;
  readonly speechStartMs: number;
  readonly speechEndMs: number;
}

export type Stage = "idle" | "recording" | "opening" | "racing" | "over" | "replaying";

/** One lane as it is shown while it runs. */
export interface Running {
  readonly via: Via;
  readonly step: "opening" | "ready" | "racing" | "over" | "failed";
  readonly note: string;
}

export interface DuelState {
  readonly stage: Stage;
  readonly agent: string;
  readonly vias: readonly Via[];
  readonly said: Said | null;
  readonly running: readonly Running[];
  /** What is shown: the duel that has just been run, or one that is kept. */
  readonly shown: Duel | null;
  readonly trouble: string;
  readonly isSaving: boolean;
  /** Whose answer is heard aloud. */
  readonly heard: string;
}

const START: DuelState = {
  stage: "idle",
  agent: "tutor",
  vias: ["orchestrate", "direct", "livekit"],
  said: null,
  running: [],
  shown: null,
  trouble: "",
  isSaving: false,
  heard: "orchestrate",
};

/** The duels of this page: what is said, the race, and what became of it. */
export class DuelDesk {
  state: DuelState;
  readonly kept = new Kept();
  private readonly watchers = new Set<() => void>();
  private context: AudioContext | null = null;
  private microphone: Microphone | null = null;
  private recorded: TimedFrame[] = [];
  private racers: Racer[] = [];
  /** When what runs began, as a time of the audio context, s. */
  private zero = Infinity;
  private playing: AudioScheduledSourceNode[] = [];
  private gains = new Map<string, GainNode>();
  /** Sounds of what is shown, by way, and of the utterance. */
  private sounds = new Map<string, Float32Array<ArrayBuffer>>();

  constructor(agent: string) {
    this.state = { ...START, agent };
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): DuelState => this.state;

  /** Milliseconds since the utterance began; before that below 0. */
  get nowMs(): number {
    return this.context && this.zero < Infinity ? (this.context.currentTime - this.zero) * 1000 : -1;
  }

  get isBusy(): boolean {
    return ["recording", "opening", "racing"].includes(this.state.stage);
  }

  choose(via: Via, isIn: boolean): void {
    const others = this.state.vias.filter((each) => each !== via);
    const all: Via[] = ["orchestrate", "realtime", "direct", "livekit"];
    this.put({ vias: isIn ? all.filter((each) => each === via || others.includes(each)) : others });
  }

  // ---- what is said ----------------------------------------------------------------------------------------------
  /** A recording that was chosen or dropped. */
  async take(file: File): Promise<void> {
    await this.trying(async () => this.say(file.name, "", await decoded(await file.arrayBuffer())));
  }

  /** A question that the agent suggests, by its place among them. */
  async ask(question: string, at: number): Promise<void> {
    await this.trying(async () => this.say(`“${question}”`, question, await this.kept.question(this.state.agent, at)));
  }

  async record(): Promise<void> {
    await this.trying(async () => {
      const context = await this.opened();
      this.recorded = [];
      this.microphone = await Microphone.open(context, (frame) => this.onRecorded(frame), SOUND_RATE);
      try {
        await this.microphone.listen(() => this.stopRecording());
      } catch (error) {
        this.microphone.close();
        this.microphone = null;
        throw error;
      }
      this.recorded = [];
      this.put({ stage: "recording", trouble: "" });
    });
  }

  stopRecording(): void {
    if (!this.microphone) return;
    this.microphone.close();
    this.microphone = null;
    this.put({ stage: "idle" });
    const samples = Float32Array.from(this.recorded.flatMap(({ pcm }) => [...pcm]), (sample) => sample / 32768);
    void this.trying(async () => this.say("what you said", "", samples));
  }

  private onRecorded(frame: TimedFrame): void {
    this.recorded.push(frame);
    if ((this.recorded.length * frame.pcm.length) / SOUND_RATE >= LONGEST_S - 0.5) this.stopRecording();
  }

  /** Throws Error where nothing can be heard. */
  private say(name: string, text: string, whole: Float32Array<ArrayBuffer>): void {
    const bounds = audible(whole, SOUND_RATE);
    if (!bounds) throw new Error("Nothing can be heard in it. Record it louder.");
    const edge = Math.round(EDGE_S * SOUND_RATE);
    const samples = whole.slice(Math.max(0, bounds.first - edge), bounds.stop + edge);
    const shift = Math.max(0, bounds.first - edge);
    const ms = (at: number) => Math.round(((at - shift) / SOUND_RATE) * 10_000) / 10;
    const said = { name, text, samples, speechStartMs: ms(bounds.first), speechEndMs: ms(bounds.stop) };
    this.put({ said, shown: null, running: [], stage: "idle", trouble: "" });
  }

  // ---- the race --------------------------------------------------------------------------------------------------
  /** What is said is said to all the ways at one instant, once those that can be had are open. */
  async race(): Promise<void> {
    const { said, vias, agent } = this.state;
    if (!said || !vias.length || this.isBusy) return;
    this.quiet();
    await this.trying(async () => {
      this.put({ stage: "opening", shown: null, trouble: "", running: vias.map((via) => ({ via, step: "opening", note: "" })) });
      const context = await this.opened();
      const mouth = context.createGain();
      const all = ways(forgetting);
      this.racers = vias.map((via) => new Racer({ context, mouth, agent, via, way: all[via] }, () => this.follow()));
      const failed = new Map<Via, string>();
      const opening = this.racers.map((racer) =>
        racer.open().catch((error: unknown) => {
          failed.set(racer.take.via as Via, error instanceof Error ? error.message : String(error));
          this.mark(racer.take.via as Via, "failed", failed.get(racer.take.via as Via)!);
        }),
      );
      await Promise.all(opening);
      const on = this.racers.filter(({ isOpen }) => isOpen);
      try {
        if (on.length) await this.run(context, mouth, said, on);
        this.show(said, agent, vias, failed);
      } finally {
        for (const racer of this.racers) racer.close();
        this.racers = [];
      }
    });
  }

  private async run(context: AudioContext, mouth: GainNode, said: Said, on: readonly Racer[]): Promise<void> {
    const source = context.createBufferSource();
    source.buffer = bufferOf(context, said.samples);
    source.connect(mouth);
    const heard = on.some(({ take }) => take.via === this.state.heard) ? this.state.heard : on[0]!.take.via;
    this.put({ heard });
    this.zero = context.currentTime + LEAD_S;
    for (const racer of on) {
      racer.begin(this.zero, said.speechEndMs);
      racer.sound(racer.take.via === heard);
    }
    source.start(this.zero);
    this.put({ stage: "racing" });
    this.follow();
    await Promise.all(on.map((racer) => racer.finish()));
  }

  private show(said: Said, agent: string, vias: readonly Via[], failed: ReadonlyMap<Via, string>): void {
    this.sounds = new Map([["utterance", said.samples]]);
    const lanes: Lane[] = vias.map((via) => {
      const racer = this.racers.find(({ take }) => take.via === via)!;
      racer.take.error ||= failed.get(via) ?? "";
      const lane = racer.lane();
      if (lane.hasSound) this.sounds.set(via, racer.heard());
      return lane;
    });
    const shown: Duel = {
      id: "",
      madeBy: "page",
      agent,
      startedAt: new Date().toISOString(),
      machine: `in ${browserName()} on ${navigator.hardwareConcurrency} cores`,
      rounds: 1,
      utterance: {
        text: said.text,
        seconds: said.samples.length / SOUND_RATE,
        speechStartMs: said.speechStartMs,
        speechEndMs: said.speechEndMs,
      },
      lanes,
    };
    this.zero = Infinity;
    this.put({ stage: "over", shown, running: [] });
  }

  /** What the lanes tell of themselves is shown. */
  private follow(): void {
    for (const racer of this.racers) {
      const via = racer.take.via as Via;
      if (this.state.running.some((each) => each.via === via && each.step === "failed")) continue;
      if (racer.isOver) this.mark(via, "over", "");
      else if (this.state.stage === "racing") this.mark(via, "racing", racer.take.doing);
      else this.mark(via, racer.isOpen ? "ready" : "opening", racer.notice);
    }
  }

  private mark(via: Via, step: Running["step"], note: string): void {
    if (!this.state.running.some((each) => each.via === via)) return;
    this.put({ running: this.state.running.map((each) => (each.via === via ? { via, step, note } : each)) });
  }

  /** What a lane that runs comes to, once its answer sounds. */
  soFar(via: Via): Lane | null {
    return this.racers.find(({ take }) => take.via === via)?.soFar ?? null;
  }

  // ---- afterwards ------------------------------------------------------------------------------------------------
  /** Of the answers, that way's is heard; of a duel that is over, it is played. */
  listen(via: string): void {
    this.put({ heard: via });
    for (const racer of this.racers) racer.sound(racer.take.via === via);
    for (const [name, gain] of this.gains) gain.gain.value = name === via || name === "utterance" ? 1 : 0;
  }

  /** Only that way's answer, from shortly before it begins. */
  async play(via: string): Promise<void> {
    const { shown } = this.state;
    const lane = shown?.lanes.find((each) => each.via === via);
    const samples = this.sounds.get(via);
    if (!shown || !lane || !samples || this.isBusy) return;
    this.quiet();
    this.put({ heard: via });
    const from = (shown.utterance.speechEndMs + (lane.responseMs ?? 0)) / 1000 - 0.1;
    this.start(await this.opened(), via, samples, 0, Math.max(0, from));
  }

  /** The lanes run again in the time that was measured, with their sound. */
  async replay(): Promise<void> {
    const { shown } = this.state;
    if (!shown || this.isBusy || !this.sounds.size) return;
    this.quiet();
    const context = await this.opened();
    this.zero = context.currentTime + 0.1;
    let longest = 0;
    for (const [name, samples] of this.sounds) {
      this.start(context, name, samples, this.zero, 0);
      longest = Math.max(longest, samples.length / SOUND_RATE);
    }
    this.listen(this.sounds.has(this.state.heard) ? this.state.heard : [...this.sounds.keys()].at(-1)!);
    this.put({ stage: "replaying" });
    const ends = this.zero + longest;
    const timer = setInterval(() => {
      if (this.state.stage === "replaying" && context.currentTime < ends) return;
      clearInterval(timer);
      if (this.state.stage === "replaying") this.quiet();
    }, 100);
  }

  /** Nothing sounds any more. */
  quiet(): void {
    for (const source of this.playing.splice(0)) source.stop();
    this.gains.clear();
    if (this.racers.length === 0) this.zero = Infinity;
    if (this.state.stage === "replaying") this.put({ stage: "over" });
  }

  private start(context: AudioContext, name: string, samples: Float32Array<ArrayBuffer>, at: number, from: number): void {
    const [source, gain] = [context.createBufferSource(), context.createGain()];
    source.buffer = bufferOf(context, samples);
    source.connect(gain).connect(context.destination);
    source.start(at, from);
    this.playing.push(source);
    this.gains.set(name, gain);
  }

  /** What was run is kept on the server. */
  async save(): Promise<void> {
    const { shown } = this.state;
    if (!shown || shown.id || this.state.isSaving) return;
    this.put({ isSaving: true, trouble: "" });
    await this.trying(async () => {
      const sounds = Object.fromEntries([...this.sounds].map(([name, samples]) => [name, wavBase64(samples)]));
      const saved = await this.kept.save({ duel: toJson(shown), sounds });
      if (this.state.shown === shown) this.put({ shown: saved });
    });
    this.put({ isSaving: false });
  }

  /** One that is kept is shown, with its sound. */
  async open(id: string): Promise<void> {
    if (this.isBusy) return;
    this.quiet();
    await this.trying(async () => {
      const duel = await this.kept.get(id);
      this.sounds = await this.kept.sounds(duel);
      this.put({ shown: duel, said: saidIn(duel, this.sounds), stage: "over", running: [], trouble: "" });
    });
  }

  /** One that is kept is deleted. */
  async remove(id: string): Promise<void> {
    await this.trying(async () => {
      await this.kept.remove(id);
      if (this.state.shown?.id === id) this.put({ shown: null, stage: "idle" });
    });
  }

  private async opened(): Promise<AudioContext> {
    if (!window.isSecureContext) throw new Error(`${INSECURE.what} ${INSECURE.next}`);
    if (!this.context) {
      this.context = new AudioContext({ latencyHint: "interactive" });
      await loadListening(this.context);
    }
    await this.context.resume();
    return this.context;
  }

  /** What goes wrong is told. */
  private async trying(what: () => Promise<void>): Promise<void> {
    try {
      await what();
    } catch (error) {
      const stage = this.state.shown ? "over" : "idle";
      this.zero = Infinity;
      this.put({ stage, running: [], trouble: wordsOf(error) });
    }
  }

  private put(change: Partial<DuelState>): void {
    this.state = { ...this.state, ...change };
    for (const watcher of this.watchers) watcher();
  }
}

/** What was said in a duel, to be said again. */
function saidIn({ utterance }: Duel, sounds: ReadonlyMap<string, Float32Array<ArrayBuffer>>): Said {
  const { text, speechStartMs, speechEndMs } = utterance;
  const samples = sounds.get("utterance") ?? new Float32Array(0);
  return { name: text ? `“${text}”` : "what was said", text, samples, speechStartMs, speechEndMs };
}

/** Nothing of a duel's calls outlives it. */
function forgetting(): Storage {
  throw new Error("a duel's calls are not kept");
}

function wordsOf(error: unknown): string {
  if (error instanceof MicrophoneError) return microphoneTrouble(error.trouble).what;
  if (error instanceof DOMException) return audioTrouble(error).what;
  return error instanceof Error ? error.message : String(error);
}

function browserName(): string {
  const found = /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(navigator.userAgent);
  const name = { Edg: "Edge", Version: "Safari" }[found?.[1] ?? ""] ?? found?.[1] ?? "a browser";
  return `${name} ${found?.[2] ?? ""}`.trim();
}
