import { Kernel } from "./kernel";

/** How sound begins and stops. */
export interface Fades {
  /** Length of the rise at the first sample of a turn, ms; 0 for none. */
  readonly startMs: number;
  /** Length of the fall at a stop and of the rise at a resumption, ms. */
  readonly stopMs: number;
}

/** Too short to hear as a fade, long enough not to click. */
export const UNHEARD_FADES: Fades = { startMs: 0, stopMs: 4 };

/** Samples a frame may leap ahead: 10 s at 48 kHz. One that leaps further is a fault and is dropped. */
const MAX_GAP = 480_000;

/** How much of a turn has been played, in samples at the play rate. */
export interface Report {
  readonly turn: number;
  readonly samples: number;
  /** Stopped for good: the count is final. */
  readonly cleared: boolean;
}

/**
 * What the agent says, queued by turn and rendered sample by sample at another rate.
 *
 * Counts are exact: `hold` freezes the position, `resume` goes on from the same sample, and what `clear` reports is
 * where the sound stopped. Pure: the worklet that owns one calls `render` and posts what `report` says.
 */
export class PlayQueue {
  private readonly kernel: Kernel | null;
  private readonly turns: TurnSound[] = [];
  /** Turns that were cleared, with their final count. Later frames of them are dropped. */
  private readonly cleared = new Map<number, number>();
  private readonly reported = new Map<number, number>();
  private readonly held = new Set<number>();
  private readonly urgent: Report[] = [];
  private readonly history: { readonly frame: number; readonly turn: number; readonly samples: number }[] = [];
  private readonly fadeFrames: number;
  private readonly startFrames: number;
  private tail: { sound: TurnSound; index: number; numerator: number; left: number } | null = null;
  private rise = { left: 0, length: 1 };
  private frames = 0;

  constructor(
    readonly outRate: number,
    readonly playRate: number,
    fades: Fades = UNHEARD_FADES,
  ) {
    this.kernel = outRate === playRate ? null : new Kernel(outRate / playRate);
    this.fadeFrames = Math.max(1, Math.round((outRate * fades.stopMs) / 1000));
    this.startFrames = Math.round((outRate * fades.startMs) / 1000);
  }

  /** Queues sound of `turn` from sample `offset`. A gap becomes silence, what is there already is skipped. */
  push(turn: number, offset: number, pcm: Int16Array): void {
    if (this.cleared.has(turn)) return;
    let sound = this.turns.find((each) => each.turn === turn);
    if (!sound) {
      sound = new TurnSound(turn);
      this.turns.push(sound);
    }
    sound.push(offset, pcm);
  }

  /** Pauses `turn` at once; what is queued stays. */
  hold(turn: number): void {
    if (this.held.has(turn) || this.cleared.has(turn)) return;
    this.fadeOut(turn);
    this.held.add(turn);
  }

  /** Goes on from the sample where `hold` paused. */
  resume(turn: number): void {
    if (this.held.delete(turn)) this.rise = { left: this.fadeFrames, length: this.fadeFrames };
  }

  /** Stops `turn`, drops what is queued of it and still to come, and reports its count once more. */
  clear(turn: number): void {
    let samples = this.cleared.get(turn);
    if (samples === undefined) {
      if (!this.held.has(turn)) this.fadeOut(turn);
      this.held.delete(turn);
      const place = this.turns.findIndex((each) => each.turn === turn);
      samples = place < 0 ? (this.reported.get(turn) ?? 0) : this.turns[place]!.played;
      if (place >= 0) this.turns.splice(place, 1);
      this.cleared.set(turn, samples);
    }
    this.reported.set(turn, samples);
    this.urgent.push({ turn, samples, cleared: true });
  }

  /** Stops and drops every turn there is; says the final count of each. */
  drop(): void {
    for (const { turn } of [...this.turns]) this.clear(turn);
  }

  /** Fills `out` with what comes next; silence where there is nothing to play. */
  render(out: Float32Array): void {
    let sound = this.next();
    for (let i = 0; i < out.length; i++) {
      let value = 0;
      if (sound?.isDrained) sound = this.next();
      if (sound) {
        if (this.startFrames && sound.index === 0 && sound.numerator === 0) {
          this.rise = { left: this.startFrames, length: this.startFrames };
        }
        value = this.sample(sound, sound.index, sound.numerator);
        if (this.rise.left > 0) value *= 1 - this.rise.left-- / this.rise.length;
        sound.advance(this.playRate, this.outRate);
      }
      const { tail } = this;
      if (tail) {
        value += this.sample(tail.sound, tail.index, tail.numerator) * (tail.left / this.fadeFrames);
        tail.numerator += this.playRate;
        tail.index += Math.floor(tail.numerator / this.outRate);
        tail.numerator %= this.outRate;
        if (--tail.left === 0) this.tail = null;
      }
      out[i] = value;
    }
    this.frames += out.length;
    for (const each of this.turns) {
      if (each.played > each.noted) {
        each.noted = each.played;
        this.history.push({ frame: this.frames, turn: each.turn, samples: each.played });
      }
    }
  }

  /**
   * What has become known since the last report. Sound counts as played `latencyFrames` after it was rendered, when
   * it has left the loudspeaker. With `onlyFinal`, says only what cannot wait: a cleared turn, a turn played to its end.
   */
  report(latencyFrames: number, onlyFinal = false): Report[] {
    const audible = new Map<number, number>();
    let passed = 0;
    for (const entry of this.history) {
      if (entry.frame > this.frames - latencyFrames) break;
      passed++;
      if (!this.cleared.has(entry.turn)) audible.set(entry.turn, entry.samples);
    }
    const ends = [...audible].some(([turn, samples]) => this.endOf(turn) === samples);
    const reports = this.urgent.splice(0);
    if (onlyFinal && !ends) return reports;
    this.history.splice(0, passed);
    for (const [turn, samples] of audible) {
      if (samples <= (this.reported.get(turn) ?? 0)) continue;
      this.reported.set(turn, samples);
      reports.push({ turn, samples, cleared: false });
    }
    this.forget();
    return reports;
  }

  /** Where rendering is: turn 0 when nothing was ever queued. */
  get position(): Report {
    const sound = this.turns.find((each) => !each.isDrained) ?? this.turns.at(-1);
    return sound
      ? { turn: sound.turn, samples: sound.played, cleared: false }
      : { turn: 0, samples: 0, cleared: false };
  }

  /** Sound is coming out now. */
  get isPlaying(): boolean {
    const sound = this.next();
    return sound !== undefined && !sound.isDrained;
  }

  /** The turn to play: the oldest that has something left. One that is held blocks those behind it. */
  private next(): TurnSound | undefined {
    const sound = this.turns.find((each) => !each.isDrained);
    return sound && !this.held.has(sound.turn) ? sound : undefined;
  }

  private endOf(turn: number): number | undefined {
    return this.turns.find((each) => each.turn === turn)?.end;
  }

  private fadeOut(turn: number): void {
    const sound = this.next();
    if (sound?.turn !== turn || sound.played === 0) return;
    this.tail = { sound: sound.copy(), index: sound.index, numerator: sound.numerator, left: this.fadeFrames };
  }

  /** Turns played to their end and reported need no memory once a later one is here. */
  private forget(): void {
    while (this.turns.length > 1) {
      const [first] = this.turns;
      if (!first?.isDrained || (this.reported.get(first.turn) ?? 0) < first.end) return;
      this.turns.shift();
    }
  }

  private sample(sound: TurnSound, index: number, numerator: number): number {
    if (!this.kernel) return sound.at(index);
    return this.kernel.interpolate(sound.at, index, numerator / this.outRate);
  }
}

/** The sound of one turn from a little before its position on. */
class TurnSound {
  /** The position: sample `index` and `numerator`/outRate of a sample. */
  index = 0;
  numerator = 0;
  /** Samples received, counted from the turn's start. */
  end = 0;
  noted = 0;
  private samples = new Float32Array(1 << 15);
  private start = 0;

  constructor(readonly turn: number) {}

  /** Sample `index` of the turn, −1…1; 0 where none is known. */
  readonly at = (index: number): number =>
    index < this.start || index >= this.end ? 0 : this.samples[index - this.start]!;

  get isDrained(): boolean {
    return this.index >= this.end;
  }

  get played(): number {
    return Math.min(this.index, this.end);
  }

  push(offset: number, pcm: Int16Array): void {
    const skipped = Math.max(0, this.end - offset);
    if (skipped >= pcm.length || offset > this.end + MAX_GAP) return;
    const from = offset + skipped;
    const until = offset + pcm.length;
    this.makeRoom(until);
    for (let i = 0; i < pcm.length - skipped; i++) {
      this.samples[from - this.start + i] = pcm[skipped + i]! / 32768;
    }
    this.end = until;
  }

  advance(playRate: number, outRate: number): void {
    this.numerator += playRate;
    this.index += Math.floor(this.numerator / outRate);
    this.numerator %= outRate;
    if (this.index >= this.end) {
      this.index = this.end;
      this.numerator = 0;
    }
  }

  copy(): TurnSound {
    const twin = new TurnSound(this.turn);
    twin.end = this.end;
    twin.start = this.start;
    twin.samples = this.samples.slice();
    return twin;
  }

  private makeRoom(until: number): void {
    const keepFrom = Math.max(this.start, this.index - 64);
    const needed = until - keepFrom;
    if (until - this.start <= this.samples.length) return;
    const kept = this.samples.slice(keepFrom - this.start, this.end - this.start);
    const capacity = Math.max(this.samples.length, 2 ** Math.ceil(Math.log2(needed + 1)));
    this.samples = new Float32Array(capacity);
    this.samples.set(kept);
    this.start = keepFrom;
  }
}
