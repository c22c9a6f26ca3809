/**
 * Two voices on one time axis, as data: what the score draws. Pure; time is an argument, milliseconds from any
 * monotonic origin.
 */
import type { Segment } from "./waterfall";

/** Milliseconds of one bin of an envelope: the frame of the microphone. */
export const BIN_MS = 20;
/** How much of the past is kept. More than is shown, so that nothing ends at the edge. */
const KEEP_MS = 24_000;
const BINS = KEEP_MS / BIN_MS;
/** News may come late by this much without leaving a gap in the envelope. */
const BRIDGE_BINS = 6;

export enum Mark {
  None,
  /** Sounded: a caller's speech, an agent's words. */
  Solid,
  /** Held, queued, or cut off: not heard. */
  Hatched,
  /** Filler while the answer is being made. */
  Dotted,
  /** A person in the agent's place. */
  Person,
}

/** The envelope of one voice: a ring of bins over absolute time. */
export class Envelope {
  private readonly levels = new Float32Array(BINS);
  private readonly marks = new Uint8Array(BINS);
  /** Absolute number of the bin last stored in each place. */
  private readonly owners = new Float64Array(BINS).fill(-1);
  private last = -1;

  write(at: number, level: number, mark: Mark): void {
    const bin = Math.floor(at / BIN_MS);
    const from = this.last >= 0 && bin - this.last <= BRIDGE_BINS ? Math.min(this.last + 1, bin) : bin;
    for (let each = from; each <= bin; each++) this.set(each, level, mark);
    this.last = bin;
  }

  /** Writes one bin ahead of time; what really happens there later overwrites it. */
  foresee(at: number, level: number, mark: Mark): void {
    this.set(Math.floor(at / BIN_MS), level, mark);
  }

  level(bin: number): number {
    return this.owners[bin % BINS] === bin ? this.levels[bin % BINS]! : 0;
  }

  mark(bin: number): Mark {
    return this.owners[bin % BINS] === bin ? this.marks[bin % BINS]! : Mark.None;
  }

  private set(bin: number, level: number, mark: Mark): void {
    this.levels[bin % BINS] = level;
    this.marks[bin % BINS] = mark;
    this.owners[bin % BINS] = bin;
  }
}

/** The parts of a turn, placed where they happened. */
export interface Strip {
  readonly turn: number;
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
}

export class Score {
  readonly caller = new Envelope();
  readonly agent = new Envelope();
  cuts: { readonly at: number }[] = [];
  strips: Strip[] = [];
  /** Level per bin of what has arrived of the present turn, and where playing is. */
  private queued: { turn: number; levels: number[]; position: number; mark: Mark } = emptyQueue();
  private readonly firstSound = new Map<number, number>();
  private readonly cleared = new Set<number>();
  private held = false;
  /** When a voice that comes as a stream was last heard. */
  private streamedAt = -Infinity;

  constructor(private readonly playRate: number) {}

  callerSounds(now: number, level: number): void {
    this.caller.write(now, level, level > 0 ? Mark.Solid : Mark.None);
    if (this.held) this.agent.write(now, HELD_LEVEL, Mark.Hatched);
  }

  /** Sound of the agent came in: it waits to be played. */
  queue(now: number, turn: number, offset: number, samples: Int16Array): void {
    if (this.cleared.has(turn)) return;
    if (this.queued.turn !== turn) this.queued = { ...emptyQueue(), turn, mark: this.queued.mark };
    if (!this.firstSound.has(turn)) this.firstSound.set(turn, now);
    const perBin = (this.playRate * BIN_MS) / 1000;
    const { levels } = this.queued;
    for (let at = 0; at < samples.length; at += perBin) {
      const bin = Math.floor((offset + at) / perBin);
      levels[bin] = Math.max(levels[bin] ?? 0, rms16(samples.subarray(at, at + perBin)));
    }
  }

  /** `samples` of `turn` have been rendered. */
  played(now: number, turn: number, samples: number, mark: Mark): void {
    if (this.queued.turn !== turn || this.held) return;
    this.queued.position = samples;
    this.queued.mark = mark;
    const bin = Math.floor((samples * 1000) / (this.playRate * BIN_MS));
    this.agent.write(now, this.queued.levels[Math.max(0, bin - 1)] ?? 0, mark);
  }

  /** The agent's voice sounds, of which nothing was known before: it comes as it is heard. */
  streamSounds(now: number, level: number, mark: Mark): void {
    this.agent.write(now, level, level > UNHEARD ? mark : Mark.None);
    if (level > UNHEARD) this.streamedAt = now;
  }

  /** A person's live voice came in, to be played at once. */
  personSounds(now: number, samples: Int16Array): void {
    this.agent.write(now, rms16(samples), Mark.Person);
  }

  hold(): void {
    this.held = this.queued.levels.length > 0;
  }

  resume(): void {
    this.held = false;
  }

  /** The turn was stopped: a cut here, and what was queued stays on the axis as never heard. */
  clear(now: number, turn: number): void {
    this.held = false;
    this.cleared.add(turn);
    if (this.queued.turn !== turn) {
      if (now - this.streamedAt < STOPPED_WITHIN_MS) this.cuts.push({ at: now });
      return;
    }
    const ahead = this.ahead();
    ahead.forEach((level, bin) => this.agent.foresee(now + (bin + 1) * BIN_MS, level, Mark.Hatched));
    if (this.queued.position > 0 || ahead.length) this.cuts.push({ at: now });
    this.queued = emptyQueue();
    this.cuts = this.cuts.filter((cut) => now - cut.at < KEEP_MS);
  }

  /** The turn was stopped, if that is not known yet. */
  cut(now: number, turn: number): void {
    if (!this.cleared.has(turn)) this.clear(now, turn);
  }

  /** All that was queued is gone. */
  drop(now: number): void {
    if (this.queued.levels.length) this.clear(now, this.queued.turn);
  }

  /** Levels of what is queued and not yet played, one per bin. */
  ahead(): readonly number[] {
    const bin = Math.ceil((this.queued.position * 1000) / (this.playRate * BIN_MS));
    return Array.from(this.queued.levels.slice(bin), (level) => level ?? 0);
  }

  /** Lays the parts of a turn between the end of the caller's speech and the first sound of the answer. */
  lay(now: number, turn: number, totalMs: number, segments: readonly Segment[]): void {
    const to = this.firstSound.get(turn) ?? now;
    this.strips = this.strips.filter((strip) => strip.turn !== turn && now - strip.to < KEEP_MS);
    this.strips.push({ turn, from: to - totalMs, to, segments });
  }
}

/** Quieter than this is the noise of a codec, root mean square: −60 dB. */
export const UNHEARD = 0.001;
/** A voice that was heard so shortly before it was told to stop has been cut, ms: words have gaps. */
const STOPPED_WITHIN_MS = 400;

/** Height at which a held voice is drawn: visible, and plainly no sound. */
const HELD_LEVEL = 0.03;

function emptyQueue(): { turn: number; levels: number[]; position: number; mark: Mark } {
  return { turn: 0, levels: [], position: 0, mark: Mark.Solid };
}

export function rms16(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i]! / 32768) ** 2;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/**
 * Loudness as height, 0…1: −54 dB is nothing, −6 dB is full, and between them the loud is stretched, so that
 * syllables stand out. Speech at a normal distance fills about half, a close microphone two thirds.
 */
export function height(level: number): number {
  if (level <= 0) return 0;
  return Math.max(0, Math.min(1, (20 * Math.log10(level) + 54) / 48)) ** 1.5;
}
