import { RATES } from "../wire";
import type { MicrophoneFrame } from "./framer";
import workletUrl from "./microphone.worklet.ts?worker&url";

/** Rate used when the sound card's own is not spoken by the server, Hz. */
const FALLBACK_RATE = 16000;

/** Why there is no microphone, in a form that can be explained. */
export type MicrophoneTrouble = "denied" | "missing" | "busy";

export class MicrophoneError extends Error {
  constructor(
    readonly trouble: MicrophoneTrouble,
    cause: unknown,
  ) {
    super(`no microphone: ${trouble}`, { cause });
  }
}

/**
 * The caller's sound as frames, from `open` until `close` without a break: zeros until `listen` has found a
 * microphone, and while muted.
 */
export class Microphone {
  private stream: MediaStream | null = null;
  private source: MediaStreamAudioSourceNode | null = null;

  private constructor(
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    /** Sample rate of the frames, Hz. */
    readonly rate: number,
  ) {}

  static async open(context: AudioContext, onFrame: (frame: MicrophoneFrame) => void): Promise<Microphone> {
    const rate = RATES.includes(context.sampleRate) ? context.sampleRate : FALLBACK_RATE;
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "microphone", {
      channelCount: 1,
      channelCountMode: "explicit",
      outputChannelCount: [1],
      processorOptions: { rate },
    });
    node.port.onmessage = ({ data }: MessageEvent<MicrophoneFrame>) => onFrame(data);
    // A node that leads nowhere is not run by every browser. Its output is silence.
    node.connect(context.destination);
    return new Microphone(context, node, rate);
  }

  /** Asks for the microphone and sends its sound from then on. Throws MicrophoneError. */
  async listen(): Promise<void> {
    if (this.stream) return;
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
    } catch (error) {
      throw new MicrophoneError(troubleOf(error), error);
    }
    this.source = this.context.createMediaStreamSource(this.stream);
    this.source.connect(this.node);
  }

  /** Zeros instead of sound, from the next frame on. */
  mute(isMuted: boolean): void {
    this.node.port.postMessage({ isMuted });
  }

  close(): void {
    this.source?.disconnect();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.node.disconnect();
    this.node.port.close();
  }
}

function troubleOf(error: unknown): MicrophoneTrouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "missing";
}
