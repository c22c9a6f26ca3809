import { OUTSIDE, type Happening, type Lane, type LaneVia, partsOf } from "./model";
import { afterLongestPause, audibility, audible, levels } from "./waveform";
import type { Latency, ServerMessage } from "../wire";

/** What came of a message, and when: ms after the utterance began. */
interface Came {
  readonly atMs: number;
  readonly message: ServerMessage;
}

/** Purposes of sentences that answer nothing. */
const NO_ANSWERS: readonly string[] = ["filler", "greeting", "prompt"];

/**
 * One lane while it runs and afterwards: what was told on it and what was heard, on the duel's clock, and what that comes
 * to. Pure; times are ms after the utterance began.
 */
export class Take {
  session = "";
  joinMs: number | null = null;
  error = "";
  /** When the first sound of an answer came, where answers come apart from other voices. */
  answersFromMs: number | null = null;
  private readonly came: Came[] = [];

  constructor(
    readonly via: LaneVia,
    private readonly speechEndMs: number,
  ) {}

  hear(message: ServerMessage, atMs: number): void {
    if (atMs >= 0) this.came.push({ atMs, message });
  }

  /** What was last told, for a lane that is on its way. */
  get doing(): string {
    for (const { message } of this.came.toReversed()) {
      switch (message.type) {
        case "sentence":
          return NO_ANSWERS.includes(message.purpose) ? "fills the pause" : "gives voice";
        case "route":
          return `asks ${message.specialist}`;
        case "transcript":
          return message.isFinal ? "has understood" : "listens";
      }
    }
    return "listens";
  }

  /** The agent has said all of an answer, as far as it has told. */
  get isSaid(): boolean {
    const told = this.came.findLast(({ message }) => message.type === "phase")?.message;
    return this.firstAnswer !== undefined && told?.type === "phase" && told.phase === "idle";
  }

  /** The server has told where the time went. */
  get isTold(): boolean {
    return this.latency !== undefined;
  }

  /** The first sentence that answers has been told of. */
  private get firstAnswer(): Came | undefined {
    return this.came.find(({ message }) => message.type === "sentence" && !NO_ANSWERS.includes(message.purpose));
  }

  /** What it comes to. `heard`: all that was heard from time 0 on, at `rate` Hz. */
  lane(heard: Float32Array, rate: number): Lane {
    const sound = audible(heard, rate);
    const onset = this.onset(heard, rate);
    const ms = (sample: number) => Math.round((sample / rate) * 10_000) / 10;
    const whole = onset === null ? null : tenth(ms(onset) - this.speechEndMs);
    const told = this.latency;
    const error = this.error || (whole === null ? "Nothing was heard of an answer." : "");
    return {
      via: this.via,
      error: whole === null ? error : "",
      responseMs: whole,
      firstSoundMs: sound && tenth(ms(sound.first) - this.speechEndMs),
      parts: whole === null ? [] : partsOf(whole, told?.parts ?? []),
      understood: this.understood,
      answer: this.said,
      specialist: this.routed,
      session: this.session,
      events: this.events(onset === null ? null : ms(onset), sound && ms(sound.stop)),
      waitsMs: whole === null ? [] : [whole],
      joinsMs: this.joinMs === null ? [] : [tenth(this.joinMs)],
      hasSound: sound !== null,
      n: whole === null ? 0 : 1,
      p50Ms: whole,
      p95Ms: whole,
    };
  }

  /**
   * The first audible sample of the answer. Where something was said before it in the same voice, it comes after the
   * longest pause since the answer was told of.
   */
  private onset(heard: Float32Array, rate: number): number | null {
    const first = this.firstAnswer;
    if (!first) return null;
    const limit = audibility(levels(heard, rate));
    const isFirst = !this.came.some(({ message }) => message.type === "sentence" && NO_ANSWERS.includes(message.purpose));
    let from = Math.round(((this.answersFromMs ?? 0) / 1000) * rate);
    if (!isFirst && this.answersFromMs === null) {
      from = Math.round((first.atMs / 1000) * rate);
      from += afterLongestPause(heard.subarray(from, from + 2 * rate), rate, limit);
    }
    const bounds = audible(heard.subarray(from), rate, limit);
    return bounds && from + bounds.first;
  }

  /** What the server says of the first turn that it answered. */
  private get latency(): Latency | undefined {
    return this.messages("latency").at(0);
  }

  private get understood(): string {
    const kept = this.messages("remembered").filter((each) => each.role === "user");
    if (kept.length) return kept.map(({ text }) => text).join(" ");
    const words = new Map(this.messages("transcript").map(({ utterance, text }) => [utterance, text]));
    return [...words.values()].join(" ");
  }

  private get said(): string {
    const sentences = this.messages("sentence").filter(({ purpose }) => !NO_ANSWERS.includes(purpose));
    return sentences.map(({ text }) => text).join(" ");
  }

  private get routed(): string {
    return this.messages("route").at(-1)?.specialist ?? "";
  }

  private messages<Type extends ServerMessage["type"]>(type: Type): Extract<ServerMessage, { type: Type }>[] {
    const found = this.came.map(({ message }) => message).filter((message) => message.type === type);
    return found as Extract<ServerMessage, { type: Type }>[];
  }

  private events(answerMs: number | null, overMs: number | null): readonly Happening[] {
    const events = this.came.map(happening).filter((event) => event !== null);
    if (answerMs !== null) events.push({ atMs: answerMs, what: "answer", text: this.said });
    if (overMs !== null) events.push({ atMs: overMs, what: "over", text: "" });
    return events.toSorted((one, other) => one.atMs - other.atMs);
  }
}

function happening({ atMs, message }: Came): Happening | null {
  const at = tenth(atMs);
  switch (message.type) {
    case "transcript":
      return message.isFinal ? { atMs: at, what: "understood", text: message.text } : null;
    case "route":
      return { atMs: at, what: "route", text: message.specialist };
    case "sentence":
      return { atMs: at, what: message.purpose === "filler" ? "filler" : "sentence", text: message.text };
    case "clear":
      return { atMs: at, what: "stopped", text: "" };
    default:
      return null;
  }
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Of a lane's parts, as many as had passed `ms` after the end of speech. */
export function passed(lane: Pick<Lane, "parts">, ms: number): readonly { readonly name: string; readonly ms: number }[] {
  let before = 0;
  return lane.parts.flatMap(({ name, ms: long }) => {
    const shown = Math.min(long, ms - before);
    before += long;
    return shown > 0 ? [{ name, ms: shown }] : [];
  });
}

/** What each part of a wait is called here, beyond those of a turn. */
export const LANE_LABELS: Readonly<Record<string, string>> = { [OUTSIDE]: "network and playing" };
