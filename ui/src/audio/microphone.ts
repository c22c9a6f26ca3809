import { RATES } from "../wire";
import type { TimedFrame } from "./framer";
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
  private isClosed = false;

  private constructor(
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    /** Sample rate of the frames, Hz. */
    readonly rate: number,
  ) {}

  /** Frames at `asked` Hz; without it, at the sound card's own where the server speaks it. */
  static async open(context: AudioContext, onFrame: (frame: TimedFrame) => void, asked?: number): Promise<Microphone> {
    const rate = asked ?? (RATES.includes(context.sampleRate) ? context.sampleRate : FALLBACK_RATE);
    await loadListening(context);
    return new Microphone(context, listening(context, rate, onFrame), rate);
  }

  /**
   * Asks for the microphone and sends its sound from then on, until `onLost`. Of several, that of the id `device` where
   * it is there; empty leaves the choice to the system. Throws MicrophoneError.
   */
  async listen(onLost: () => void, device = ""): Promise<void> {
    this.drop();
    let stream: MediaStream;
    try {
      stream = await heard(device);
    } catch (error) {
      throw new MicrophoneError(troubleOf(error), error);
    }
    if (this.isClosed) return stop(stream);
    this.stream = stream;
    stream.getAudioTracks()[0]?.addEventListener("ended", onLost);
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.node);
  }

  /** The microphone that was found, for those who take its sound as a track. */
  get track(): MediaStreamTrack | null {
    return this.stream?.getAudioTracks()[0] ?? null;
  }

  /** Zeros instead of sound, from the next frame on. */
  mute(isMuted: boolean): void {
    this.node.port.postMessage({ isMuted });
    if (this.track) this.track.enabled = !isMuted;
  }

  close(): void {
    this.isClosed = true;
    this.drop();
    this.node.disconnect();
    this.node.port.close();
  }

  private drop(): void {
    this.source?.disconnect();
    if (this.stream) stop(this.stream);
    this.stream = this.source = null;
  }
}

/** Loads what `listening` needs. */
export function loadListening(context: AudioContext): Promise<void> {
  return context.audioWorklet.addModule(workletUrl);
}

/** A node that cuts what it hears into frames at `rate` Hz. The worklet must have been loaded. */
export function listening(context: AudioContext, rate: number, onFrame: (frame: TimedFrame) => void): AudioWorkletNode {
  const node = new AudioWorkletNode(context, "microphone", {
    channelCount: 1,
    channelCountMode: "explicit",
    outputChannelCount: [1],
    processorOptions: { rate },
  });
  node.port.onmessage = ({ data }: MessageEvent<TimedFrame>) => onFrame(data);
  // A node that leads nowhere is not run by every browser. Its output is silence.
  node.connect(context.destination);
  return node;
}

/** The sound of that microphone, or where it is not there, of the system's choice. */
async function heard(device: string): Promise<MediaStream> {
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (device) {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { ...audio, deviceId: { exact: device } } });
    } catch (error) {
      if (!(error instanceof Error) || !GONE.includes(error.name)) throw error;
    }
  }
  return navigator.mediaDevices.getUserMedia({ audio });
}

/** What browsers say of a microphone that was chosen and is not there. */
const GONE: readonly string[] = ["OverconstrainedError", "NotFoundError"];

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function troubleOf(error: unknown): MicrophoneTrouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "missing";
}
