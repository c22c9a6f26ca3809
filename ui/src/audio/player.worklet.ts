import { rms } from "./framer";
import type { PlayerNews, PlayerOrder } from "./player";
import { type Fades, PlayQueue, type Report } from "./queue";

declare const sampleRate: number;
declare const currentTime: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** Milliseconds between looks at the position while something plays: one bin of the score. */
const LOOK_MS = 20;

/** Plays a `PlayQueue` and posts what was played. */
class PlayerProcessor extends AudioWorkletProcessor {
  private readonly queue: PlayQueue;
  private ackFrames: number;
  private latencyFrames = 0;
  private sinceAck = 0;
  private sinceLook = 0;
  private loudest = 0;

  constructor(options: { processorOptions: { playRate: number; ackMs: number; fades: Fades } }) {
    super();
    this.queue = new PlayQueue(sampleRate, options.processorOptions.playRate, options.processorOptions.fades);
    this.ackFrames = (options.processorOptions.ackMs / 1000) * sampleRate;
    this.port.onmessage = ({ data }: MessageEvent<PlayerOrder>) => this.obey(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const channels = outputs[0];
    const first = channels?.[0];
    if (!channels || !first) return true;
    this.queue.render(first);
    for (let channel = 1; channel < channels.length; channel++) channels[channel]!.set(first);
    this.loudest = Math.max(this.loudest, rms(first));
    this.sinceAck += first.length;
    this.sinceLook += first.length;
    const isDue = this.sinceAck >= this.ackFrames;
    if (isDue) this.sinceAck = 0;
    this.tell(this.queue.report(this.latencyFrames, !isDue));
    if (this.sinceLook >= (LOOK_MS / 1000) * sampleRate) this.look();
    return true;
  }

  private obey(order: PlayerOrder): void {
    switch (order.order) {
      case "push":
        return this.queue.push(order.turn, order.offset, order.samples);
      case "hold":
        return this.queue.hold(order.turn);
      case "resume":
        return this.queue.resume(order.turn);
      case "clear":
        return this.queue.clear(order.turn);
      case "drop":
        return this.queue.drop();
      case "settings":
        this.latencyFrames = order.latency * sampleRate;
        if (order.ackMs !== undefined) this.ackFrames = (order.ackMs / 1000) * sampleRate;
    }
  }

  private look(): void {
    this.sinceLook = 0;
    if (this.loudest > 0 || this.queue.isPlaying) {
      const { turn, samples } = this.queue.position;
      const { isPlaying } = this.queue;
      this.post({ news: "position", at: currentTime, turn, samples, level: this.loudest, isPlaying });
    }
    this.loudest = 0;
  }

  private tell(reports: Report[]): void {
    for (const report of reports) this.post({ news: "played", ...report });
  }

  private post(news: PlayerNews): void {
    this.port.postMessage(news);
  }
}

registerProcessor("player", PlayerProcessor);
