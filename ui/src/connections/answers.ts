import { HttpError } from "../http";
import { LIVE } from "../wire";
import type { ConnectionListener } from "./connection";
import type { Job } from "./jobs";
import { PcmStream } from "./pcm";
import { pauseMs } from "./redial";

/** How often a voice that breaks off is asked for again. */
const MOST_TRIES = 4;

/** For how long it is tried to hear a person who has taken over, ms. */
const LIVE_WITHIN_MS = 30_000;

type Ask = (job: string, signal: AbortSignal) => Promise<Response>;

/** What is known of the sound of one turn. */
interface Sounding {
  readonly turn: number;
  /** Samples of it that came, and that were heard. */
  received: number;
  played: number;
  /** No more will come. */
  isWhole: boolean;
}

/** The voices of the answers: fetched as soon as there is a job, in front of the provider's voice while they sound. */
export class Answers {
  private readonly over = new AbortController();
  /** Jobs whose voice was asked for, and the turn it was of, once it has ended. */
  private readonly begun = new Map<string, number | null>();
  private readonly waiting = new Set<string>();
  private readonly cleared = new Set<number>();
  private readonly turns = new Map<number, Sounding>();
  private person: AbortController | null = null;

  constructor(
    private readonly ask: Ask,
    private readonly listener: Pick<ConnectionListener, "sound" | "front">,
  ) {}

  /** The turn that sounds, or is about to; null where none does. */
  get sounding(): number | null {
    for (const each of this.turns.values()) if (isSounding(each)) return each.turn;
    return null;
  }

  /** News that came together. A job is done when all of its answer is approved, which is before it was heard. */
  news(jobs: readonly Job[]): void {
    const last = Math.max(0, ...jobs.map((job) => job.turn));
    for (const { job, status, turn, isVoiced } of jobs) {
      if (status === "failed" || status === "cancelled") continue;
      // Of several that are done only the last may have something left to say.
      if (status === "done" && turn < last) continue;
      if (isVoiced && this.waiting.delete(job)) this.begun.delete(job);
      // What was not said of an answer is said in another turn.
      const ended = this.begun.get(job) ?? null;
      if (ended !== null && turn > ended) this.begun.delete(job);
      this.begin(job);
    }
  }

  /** The voice of the job is played as it comes. Once for each job. */
  begin(job: string): void {
    if (this.begun.has(job) || this.over.signal.aborted) return;
    this.begun.set(job, null);
    void this.fetch(job);
  }

  /** So much of the turn has been heard. */
  played(turn: number, samples: number): void {
    const sounding = this.turns.get(turn);
    if (!sounding) return;
    sounding.played = samples;
    this.settle();
  }

  /** The turn is stopped: nothing of it will be heard any more. */
  clear(turn: number): void {
    this.cleared.add(turn);
    this.turns.delete(turn);
    this.settle();
  }

  /** The voice of a person in the agent's place, which is no turn, is played as it comes, until `endLive`. */
  live(ask: (signal: AbortSignal) => Promise<Response>): void {
    if (this.person) return;
    const person = (this.person = new AbortController());
    void this.carry(ask, AbortSignal.any([person.signal, this.over.signal]));
  }

  endLive(): void {
    this.person?.abort();
    this.person = null;
  }

  private async carry(ask: (signal: AbortSignal) => Promise<Response>, signal: AbortSignal): Promise<void> {
    const began = Date.now();
    while (!signal.aborted && Date.now() - began < LIVE_WITHIN_MS) {
      try {
        const reader = (await ask(signal)).body!.getReader();
        const pcm = new PcmStream(LIVE);
        for (let read = await reader.read(); !read.done && !signal.aborted; read = await reader.read()) {
          const frame = pcm.push(read.value);
          if (frame) this.listener.sound(frame);
        }
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pauseMs(Date.now() - began)));
      }
    }
  }

  close(): void {
    this.over.abort();
    this.turns.clear();
  }

  private async fetch(job: string): Promise<void> {
    const began = Date.now();
    for (let tries = 1; !this.over.signal.aborted; tries++) {
      try {
        this.begun.set(job, await this.play(await this.ask(job, this.over.signal)));
        return;
      } catch (error) {
        if (error instanceof HttpError && error.status) {
          // Not yet, perhaps: the job's next news say when.
          this.waiting.add(job);
          return;
        }
        if (tries >= MOST_TRIES) return;
        await new Promise((resolve) => setTimeout(resolve, pauseMs(Date.now() - began)));
      }
    }
  }

  /** Plays what comes until it ends, or the turn is stopped; says of which turn it was. */
  private async play(answer: Response): Promise<number> {
    const turn = Number(answer.headers.get("x-turn") ?? "0");
    const pcm = new PcmStream(turn, Number(answer.headers.get("x-offset") ?? "0"));
    const reader = answer.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (this.over.signal.aborted) return turn;
      if (this.cleared.has(turn)) {
        void reader.cancel();
        return turn;
      }
      if (done) break;
      const frame = pcm.push(value);
      if (!frame) continue;
      const sounding = this.turns.get(turn) ?? { turn, received: 0, played: 0, isWhole: false };
      this.turns.set(turn, sounding);
      sounding.received = pcm.offset;
      this.listener.front("frames");
      this.listener.sound(frame);
    }
    const sounding = this.turns.get(turn);
    if (sounding) sounding.isWhole = true;
    this.settle();
    return turn;
  }

  /** The provider's voice is heard again once no answer sounds. */
  private settle(): void {
    for (const each of [...this.turns.values()]) if (!isSounding(each)) this.turns.delete(each.turn);
    if (!this.turns.size) this.listener.front("stream");
  }
}

function isSounding({ received, played, isWhole }: Sounding): boolean {
  return !isWhole || played < received;
}
