import { plainly } from "../lines";
import type { Latency, Transcript } from "../wire";
import type { Job } from "./jobs";

/** Louder than this is the caller, root mean square: −38 dB. Rooms and microphones are quieter. */
const LOUD = 0.0125;

/** One thing that the caller said, as the provider numbers it. */
interface Utterance {
  readonly number: number;
  readonly item: string;
  text: string;
  /** When the caller was last heard before the provider noticed the end, ms. */
  endedAt: number | null;
  /** It has been handed on: its words are those of the job. */
  isAsked: boolean;
  /** The job that came before the provider's word of the end: they come by different ways. */
  early: { readonly job: string; readonly at: number } | null;
}

type Event = Readonly<Record<string, unknown>>;

/**
 * What the caller says into a provider's ear, as the page can know it: the words, in their place before the answer, and
 * how long the provider takes to hand them on. Pure; `now` is in milliseconds.
 */
export class Spoken {
  private readonly utterances: Utterance[] = [];
  private readonly known: string[] = [];
  private readonly jobs = new Set<string>();
  /** From the end of the caller's speech to the job, ms, by job. */
  private readonly handedOnMs = new Map<string, number>();
  private readonly jobOf = new Map<number, string>();
  private loudAt = 0;
  private count = 0;

  /** So loud is the microphone. */
  hears(level: number, now: number): void {
    if (level > LOUD) this.loudAt = now;
  }

  /** The page shows the line already: it was typed, or said before. */
  knows(text: string): void {
    this.known.push(plainly(text));
  }

  /** The provider's event; what is to be shown of it. */
  told(event: Event, now: number): Transcript | null {
    const item = typeof event.item_id === "string" ? event.item_id : "";
    switch (event.type) {
      case "input_audio_buffer.speech_started":
        this.of(item);
        return null;
      case "input_audio_buffer.speech_stopped":
        this.ends(this.of(item), this.loudAt || now);
        return null;
      case "conversation.item.input_audio_transcription.delta":
        return this.worded(item, (said) => said.text + String(event.delta ?? ""), false);
      case "conversation.item.input_audio_transcription.completed":
        return this.worded(item, () => String(event.transcript ?? ""), true);
      default:
        return null;
    }
  }

  /** News of a job; the question, the first time it is told. */
  asked({ job, status, turn, question }: Job, now: number): Transcript | null {
    if (turn > 0) this.jobOf.set(turn, job);
    if (this.jobs.has(job)) return null;
    this.jobs.add(job);
    const place = this.known.indexOf(plainly(question));
    if (place >= 0) this.known.splice(place, 1);
    // One that was given up is part of the next.
    if (place >= 0 || !question || status === "cancelled") return null;
    const said = this.utterances.findLast((each) => !each.isAsked) ?? this.add("");
    if (said.endedAt === null) said.early = { job, at: now };
    else this.handedOnMs.set(job, now - said.endedAt);
    // Whatever was said before it belongs to it.
    for (const each of this.utterances) each.isAsked = true;
    return { type: "transcript", utterance: said.number, text: question, isFinal: true };
  }

  /** The turn's time with the provider's share in front, as far as it is known. */
  whole(latency: Latency): Latency {
    const ms = this.handedOnMs.get(this.jobOf.get(latency.turn) ?? "");
    if (ms === undefined || ms <= 0) return latency;
    return { ...latency, responseMs: latency.responseMs + ms, parts: [{ name: "provider", ms }, ...latency.parts] };
  }

  private ends(said: Utterance, at: number): void {
    said.endedAt = at;
    if (said.early) this.handedOnMs.set(said.early.job, said.early.at - at);
    said.early = null;
  }

  private worded(item: string, text: (said: Utterance) => string, isFinal: boolean): Transcript | null {
    const said = this.of(item);
    said.text = text(said);
    if (said.isAsked) return null;
    return { type: "transcript", utterance: said.number, text: said.text.trim(), isFinal };
  }

  private of(item: string): Utterance {
    return this.utterances.find((each) => each.item === item) ?? this.add(item);
  }

  private add(item: string): Utterance {
    const said = { number: ++this.count, item, text: "", endedAt: null, isAsked: false, early: null };
    this.utterances.push(said);
    return said;
  }
}
