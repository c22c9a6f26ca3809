import { Framer, type TimedFrame } from "./framer";

declare const sampleRate: number;
declare const currentTime: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** Samples in one render quantum. */
const QUANTUM = 128;

/** Posts `TimedFrame`s without a break: zeros while muted and while no microphone is connected. */
class MicrophoneProcessor extends AudioWorkletProcessor {
  private readonly framer: Framer;
  private readonly silence = new Float32Array(QUANTUM);

  constructor(options: { processorOptions: { rate: number } }) {
    super();
    this.framer = new Framer(sampleRate, options.processorOptions.rate);
    this.port.onmessage = ({ data }: MessageEvent<{ isMuted: boolean }>) => {
      this.framer.isMuted = data.isMuted;
    };
  }

  process(inputs: Float32Array[][]): boolean {
    for (const frame of this.framer.push(inputs[0]?.[0] ?? this.silence)) {
      const timed: TimedFrame = { ...frame, at: currentTime };
      this.port.postMessage(timed, [frame.pcm.buffer]);
    }
    return true;
  }
}

registerProcessor("microphone", MicrophoneProcessor);
