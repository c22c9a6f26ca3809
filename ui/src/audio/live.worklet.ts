import { JitterBuffer } from "./jitter";

declare const sampleRate: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** Plays a `JitterBuffer`. */
class LiveProcessor extends AudioWorkletProcessor {
  private readonly buffer: JitterBuffer;

  constructor(options: { processorOptions: { rate: number } }) {
    super();
    this.buffer = new JitterBuffer(sampleRate, options.processorOptions.rate);
    this.port.onmessage = ({ data }: MessageEvent<Int16Array>) => this.buffer.push(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const channels = outputs[0];
    const first = channels?.[0];
    if (!channels || !first) return true;
    this.buffer.render(first);
    for (let channel = 1; channel < channels.length; channel++) channels[channel]!.set(first);
    return true;
  }
}

registerProcessor("live", LiveProcessor);
