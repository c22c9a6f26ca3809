/** Length of a cross-fade between two voices, ms: short enough for the first word, long enough to be smooth. */
export const CROSSFADE_MS = 50;

/** A gain that moves evenly from one value to another; times in seconds. */
export interface Ramp {
  readonly from: number;
  readonly at: number;
  readonly to: number;
  readonly until: number;
}

/** How a voice's gain goes to and fro. Each way takes no longer than a whole cross-fade, also out of the middle. Pure. */
export class Fade {
  private ramp: Ramp;

  constructor(gain = 1) {
    this.ramp = { from: gain, at: 0, to: gain, until: 0 };
  }

  /** The gain at `now`. */
  gain(now: number): number {
    const { from, at, to, until } = this.ramp;
    if (now >= until) return to;
    return now <= at ? from : from + ((to - from) * (now - at)) / (until - at);
  }

  /** The way to `gain` from `now` on; null where it is there or on its way. */
  to(gain: number, now: number): Ramp | null {
    if (this.ramp.to === gain) return null;
    const from = this.gain(now);
    const until = now + (Math.abs(gain - from) * CROSSFADE_MS) / 1000;
    this.ramp = { from, at: now, to: gain, until };
    return this.ramp;
  }
}
