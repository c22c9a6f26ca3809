/**
 * How long one waits, measured where one hears it: on the two voices of this page. Pure; time is an argument,
 * milliseconds from any monotonic origin. As `antiphon bench` measures it, so that both can stand side by side.
 */
import { UNHEARD } from "./score";

/** Louder than this is the caller, root mean square: −38 dB. Rooms and microphones are quieter. */
const LOUD = 0.0125;
/** Speech has gaps; after a longer one the caller begins anew, ms. */
const GAP_MS = 700;
/** Between words the agent falls silent for less than this, ms: then it is still spoken over. */
const OVER_MS = 400;
/** Nobody waits for longer: what sounds later is no answer to that, ms. */
const LONGEST_MS = 30_000;

export class Stopwatch {
  /** From the caller's last sound to the first of the answer, fillers aside, ms; one for each answer to speech. */
  readonly responses: number[] = [];
  /** From the caller's first sound over the agent to the agent's last one, ms; one for each interruption. */
  readonly yields: number[] = [];
  private loudAt = -Infinity;
  private agentAt = -Infinity;
  /** The same without fillers. */
  private answerAt = -Infinity;
  /** The caller's last sound waits for an answer. */
  private isAwaited = false;
  /** When the caller began to speak over the agent; null where nobody does. */
  private overAt: number | null = null;
  private readonly stoppedTurns = new Set<number>();

  callerSounds(now: number, level: number): void {
    if (level <= LOUD) return;
    if (now - this.loudAt > GAP_MS) this.overAt = now - this.agentAt < OVER_MS ? now : null;
    this.loudAt = now;
    this.isAwaited = true;
  }

  agentSounds(now: number, level: number, isFiller: boolean): void {
    if (level <= UNHEARD) return;
    this.agentAt = now;
    if (isFiller) return;
    const hasPaused = now - this.answerAt > GAP_MS;
    this.answerAt = now;
    // Who is spoken over has not answered yet, and a voice that only goes on is no answer.
    if (!this.isAwaited || this.overAt !== null || !hasPaused || now - this.loudAt > LONGEST_MS) return;
    this.isAwaited = false;
    this.responses.push(now - this.loudAt);
  }

  /** The agent's turn was stopped before its end. */
  stopped(now: number, turn: number): void {
    const { overAt } = this;
    this.overAt = null;
    if (this.stoppedTurns.has(turn)) return;
    this.stoppedTurns.add(turn);
    if (overAt === null || now - overAt > LONGEST_MS) return;
    this.yields.push(Math.max(0, this.agentAt - overAt));
  }
}

/** The middle one; null of none. */
export function median(values: readonly number[]): number | null {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
