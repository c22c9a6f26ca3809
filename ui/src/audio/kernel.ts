/** Zero crossings of the sinc on each side: 8 keep images of speech more than 60 dB down. */
const CROSSINGS = 8;
const PHASES = 256;

/**
 * Band-limited interpolation between samples, for changing the sample rate.
 * A Hann-windowed sinc, tabulated at 1/256 of a sample and read linearly between.
 */
export class Kernel {
  /** Samples it needs on each side of the position. */
  readonly reach: number;
  private readonly table: Float32Array;

  /** `ratio`: output rate / input rate. Below 1 the passband shrinks so that nothing aliases. */
  constructor(ratio: number) {
    const cutoff = Math.min(1, ratio);
    this.reach = Math.ceil(CROSSINGS / cutoff);
    const taps = 2 * this.reach;
    this.table = new Float32Array((PHASES + 1) * taps);
    for (let phase = 0; phase <= PHASES; phase++) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) {
        const distance = tap - this.reach + 1 - phase / PHASES;
        const value = windowedSinc(distance, cutoff, this.reach);
        this.table[phase * taps + tap] = value;
        sum += value;
      }
      // Each phase sums to 1, so that a constant stays constant.
      for (let tap = 0; tap < taps; tap++) this.table[phase * taps + tap]! /= sum;
    }
  }

  /** The signal at `index + fraction`, 0 ≤ fraction < 1. `at` answers 0 outside of what is known. */
  interpolate(at: (index: number) => number, index: number, fraction: number): number {
    const taps = 2 * this.reach;
    const scaled = fraction * PHASES;
    const phase = Math.floor(scaled);
    const blend = scaled - phase;
    const row = phase * taps;
    let value = 0;
    for (let tap = 0; tap < taps; tap++) {
      const low = this.table[row + tap]!;
      const high = this.table[row + taps + tap]!;
      value += (low + (high - low) * blend) * at(index + tap - this.reach + 1);
    }
    return value;
  }
}

function windowedSinc(distance: number, cutoff: number, reach: number): number {
  if (Math.abs(distance) >= reach) return 0;
  const x = Math.PI * distance * cutoff;
  const sinc = x === 0 ? 1 : Math.sin(x) / x;
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / reach));
}
