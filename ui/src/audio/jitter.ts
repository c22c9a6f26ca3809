import { Kernel } from "./kernel";

/** Sound gathered before it begins, ms: evens out what the network delivers in bursts. */
const START_MS = 80;
/** More than this is waiting, ms: the oldest is left out, because live sound that lags is no conversation. */
const MOST_MS = 320;
/** Length of the rise and the fall at a gap: too short to hear, long enough not to click. */
const FADE_MS = 4;

/**
 * Live sound, rendered sample by sample at another rate: played as it comes, a little late, with silence where none
 * came in time. Pure: the worklet that owns one calls `render`.
 */
export class JitterBuffer {
  private readonly kernel: Kernel | null;
  private readonly step: number;
  private samples = new Float32Array(0);
  /** Where reading is, in samples of what is kept. */
  private position = 0;
  private isGathering = true;
  private gatheredFrames = 0;
  private gain = 0;
  private readonly fadeFrames: number;

  constructor(
    private readonly outRate: number,
    private readonly rate: number,
  ) {
    this.step = rate / outRate;
    this.kernel = outRate === rate ? null : new Kernel(outRate / rate);
    this.fadeFrames = Math.max(1, Math.round((outRate * FADE_MS) / 1000));
  }

  /** Milliseconds that wait to be played. */
  get waitingMs(): number {
    return (Math.max(0, this.samples.length - this.position) * 1000) / this.rate;
  }

  push(pcm: Int16Array): void {
    const from = Math.max(0, Math.floor(this.position) - (this.kernel?.reach ?? 0));
    const kept = this.samples.subarray(from);
    const joined = new Float32Array(kept.length + pcm.length);
    joined.set(kept);
    for (let i = 0; i < pcm.length; i++) joined[kept.length + i] = pcm[i]! / 32768;
    this.samples = joined;
    this.position -= from;
    if (this.waitingMs <= MOST_MS) return;
    this.position = this.samples.length - (START_MS * this.rate) / 1000;
    this.gain = 0;
  }

  /** Fills `out` with what is due, or silence. */
  render(out: Float32Array): void {
    const end = this.samples.length;
    const fall = this.fadeFrames * this.step;
    for (let i = 0; i < out.length; i++) {
      const left = end - this.position;
      if (this.isGathering) this.gather(left);
      else if (left <= 0) this.isGathering = true;
      if (this.isGathering) {
        out[i] = 0;
        continue;
      }
      const target = left > fall ? 1 : 0;
      this.gain += Math.sign(target - this.gain) / this.fadeFrames;
      this.gain = Math.max(0, Math.min(1, this.gain));
      out[i] = this.sample() * this.gain;
      this.position += this.step;
    }
  }

  /** The end of what somebody said is shorter than what is gathered before a beginning, and is played all the same. */
  private gather(left: number): void {
    if (left <= 0) return;
    this.gatheredFrames++;
    const isLong = (left * 1000) / this.rate >= START_MS;
    if (!isLong && (this.gatheredFrames * 1000) / this.outRate < START_MS) return;
    this.isGathering = false;
    this.gatheredFrames = 0;
    this.gain = 0;
  }

  private sample(): number {
    const index = Math.floor(this.position);
    if (!this.kernel) return this.at(index);
    return this.kernel.interpolate(this.at, index, this.position - index);
  }

  private readonly at = (index: number): number => this.samples[index] ?? 0;
}
