import { Fade } from "./crossfade";
import type { TimedFrame } from "./framer";
import { listening } from "./microphone";

/** A voice that comes as a stream of its own: played as it comes, measured, and faded where another takes its place. */
export class StreamVoice {
  private readonly source: MediaStreamAudioSourceNode;
  private readonly volume: GainNode;
  private readonly meter: AudioWorkletNode;
  private readonly pump = new Audio();
  private readonly fade = new Fade();

  /** Needs the microphone's worklet, which must have been loaded. `onFrame` gets frames at `rate` Hz, as they are played. */
  constructor(
    private readonly context: AudioContext,
    stream: MediaStream,
    rate: number,
    onFrame: (frame: TimedFrame) => void,
    destination: AudioNode = context.destination,
  ) {
    // Chromium decodes a remote stream for Web Audio only while a media element plays it as well.
    this.pump.muted = true;
    this.pump.srcObject = stream;
    void this.pump.play().catch(() => undefined);
    this.source = context.createMediaStreamSource(stream);
    this.volume = context.createGain();
    this.meter = listening(context, rate, onFrame);
    this.source.connect(this.volume);
    this.volume.connect(destination);
    this.volume.connect(this.meter);
  }

  /** It is heard, or makes room for another voice: within 50 ms. */
  sound(isHeard: boolean): void {
    const ramp = this.fade.to(isHeard ? 1 : 0, this.context.currentTime);
    if (!ramp) return;
    const { gain } = this.volume;
    gain.cancelScheduledValues(ramp.at);
    gain.setValueAtTime(ramp.from, ramp.at);
    gain.linearRampToValueAtTime(ramp.to, ramp.until);
  }

  close(): void {
    this.source.disconnect();
    this.volume.disconnect();
    this.meter.disconnect();
    this.meter.port.close();
    this.pump.srcObject = null;
  }
}
