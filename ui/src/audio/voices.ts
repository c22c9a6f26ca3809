import type { TimedFrame } from "./framer";
import { StreamVoice } from "./stream";

interface Place<Whose> {
  readonly whose: Whose;
  /** Null while there is nothing to play it with. */
  voice: StreamVoice | null;
  level: number;
}

/** Gets each voice's frames as they are played; `loudest`: the louder of all whose voice that is, 0…1. */
export type OnVoice<Whose> = (frame: TimedFrame, whose: Whose, loudest: number) => void;

/** Voices that come as streams of their own, each of them played until it is hushed. Those that come early wait. */
export class Voices<Whose> {
  private readonly places = new Map<MediaStream, Place<Whose>>();
  private context: AudioContext | null = null;
  private destination: (whose: Whose) => AudioNode = () => this.context!.destination;
  private readonly hidden = new Set<Whose>();

  constructor(
    /** Hz of the frames. */
    private readonly rate: number,
    private readonly onFrame: OnVoice<Whose>,
  ) {}

  /** From now on they are played there. The microphone's worklet must have been loaded. */
  open(context: AudioContext, destination?: (whose: Whose) => AudioNode): void {
    this.context = context;
    this.hidden.clear();
    if (destination) this.destination = destination;
    for (const [stream, place] of this.places) this.play(stream, place);
  }

  add(stream: MediaStream, whose: Whose): void {
    this.hush(stream);
    const place = { whose, voice: null, level: 0 };
    this.places.set(stream, place);
    this.play(stream, place);
  }

  hush(stream: MediaStream): void {
    this.places.get(stream)?.voice?.close();
    this.places.delete(stream);
  }

  /** Theirs are heard, or make room for another. */
  sound(whose: Whose, isHeard: boolean): void {
    if (isHeard) this.hidden.delete(whose);
    else this.hidden.add(whose);
    for (const place of this.places.values()) if (place.whose === whose) place.voice?.sound(isHeard);
  }

  /** All of them have left. */
  clear(): void {
    for (const stream of [...this.places.keys()]) this.hush(stream);
  }

  close(): void {
    this.clear();
    this.context = null;
  }

  private play(stream: MediaStream, place: Place<Whose>): void {
    const { context } = this;
    if (!context) return;
    place.voice = new StreamVoice(
      context,
      stream,
      this.rate,
      (frame) => {
        place.level = frame.level;
        this.onFrame(frame, place.whose, this.loudest(place.whose));
      },
      this.destination(place.whose),
    );
    if (this.hidden.has(place.whose)) place.voice.sound(false);
  }

  private loudest(whose: Whose): number {
    let level = 0;
    for (const place of this.places.values()) if (place.whose === whose) level = Math.max(level, place.level);
    return level;
  }
}
