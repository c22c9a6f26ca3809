import workletUrl from "./live.worklet.ts?worker&url";

/** Plays somebody's live voice beside whatever else sounds. Loads its worklet when the first sound comes. */
export class LivePlayer {
  private node: AudioWorkletNode | null = null;
  private loading: Promise<void> | null = null;
  private isClosed = false;

  constructor(
    private readonly context: AudioContext,
    /** Sample rate of what is pushed, Hz. */
    private readonly rate: number,
    private readonly destination: AudioNode = context.destination,
  ) {}

  push(samples: Int16Array<ArrayBuffer>): void {
    this.loading ??= this.load();
    this.node?.port.postMessage(samples, [samples.buffer]);
  }

  close(): void {
    this.isClosed = true;
    this.node?.disconnect();
    this.node?.port.close();
    this.node = null;
  }

  private async load(): Promise<void> {
    await this.context.audioWorklet.addModule(workletUrl);
    if (this.isClosed) return;
    this.node = new AudioWorkletNode(this.context, "live", {
      numberOfInputs: 0,
      outputChannelCount: [2],
      processorOptions: { rate: this.rate },
    });
    this.node.connect(this.destination);
  }
}
