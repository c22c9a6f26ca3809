import { Kernel } from "./kernel";

/** Milliseconds of sound in one frame sent: what the server judges at once, so nothing waits for the next one. */
export const FRAME_MS = 32;

/** One frame of the caller's sound. */
export interface MicrophoneFrame {
  readonly pcm: Int16Array<ArrayBuffer>;
  /** Root mean square of the frame, 0…1. 0 while muted. */
  readonly level: number;
}

/** A frame with the time of the audio context at which it was complete, seconds. */
export interface TimedFrame extends MicrophoneFrame {
  readonly at: number;
}

/** Turns blocks of the microphone into frames of PCM16 at the rate sent. Pure: knows no clock and no browser. */
export class Framer {
  /** Muted sound goes on as zeros: the server needs an unbroken stream. */
  isMuted = false;
  private readonly kernel: Kernel | null;
  private readonly frame: Float32Array;
  private filled = 0;
  /** Input still needed for interpolation; its first sample is number `start` of the stream. */
  private window = new Float32Array(0);
  private start = 0;
  /** Next output sample lies at input sample `index + numerator / toRate`. Integers, so nothing drifts. */
  private index = 0;
  private numerator = 0;

  constructor(
    private readonly fromRate: number,
    private readonly toRate: number,
  ) {
    this.kernel = fromRate === toRate ? null : new Kernel(toRate / fromRate);
    this.frame = new Float32Array(Math.round((toRate * FRAME_MS) / 1000));
  }

  /** Takes the next block, 0…1 in amplitude; answers with the frames it completes. */
  push(block: Float32Array): MicrophoneFrame[] {
    const done: MicrophoneFrame[] = [];
    if (!this.kernel) {
      for (let i = 0; i < block.length; i++) this.add(block[i]!, done);
      return done;
    }
    const joined = new Float32Array(this.window.length + block.length);
    joined.set(this.window);
    joined.set(block, this.window.length);
    const at = (index: number) => joined[index - this.start] ?? 0;
    const end = this.start + joined.length;
    while (this.index + this.kernel.reach < end) {
      this.add(this.kernel.interpolate(at, this.index, this.numerator / this.toRate), done);
      this.numerator += this.fromRate;
      this.index += Math.floor(this.numerator / this.toRate);
      this.numerator %= this.toRate;
    }
    const keep = Math.max(this.start, Math.min(end, this.index - this.kernel.reach));
    this.window = joined.slice(keep - this.start);
    this.start = keep;
    return done;
  }

  private add(value: number, done: MicrophoneFrame[]): void {
    this.frame[this.filled++] = this.isMuted ? 0 : value;
    if (this.filled < this.frame.length) return;
    this.filled = 0;
    done.push({ pcm: toPcm16(this.frame), level: rms(this.frame) });
  }
}

export function toPcm16(samples: Float32Array): Int16Array<ArrayBuffer> {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    pcm[i] = Math.round(Math.max(-1, Math.min(1, samples[i]!)) * 32767);
  }
  return pcm;
}

export function rms(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
