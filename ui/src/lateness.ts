/** Whether the agent's sound comes too late to be played without gaps. Pure; times in milliseconds. */

/** So many gaps within that time are no accident. */
const GAPS = 3;
const WITHIN_MS = 12_000;
/** Shorter ones are hardly heard, ms. */
const AUDIBLE_MS = 120;
/** What a player tells is a little old: 30 ms at the play rate. */
const SLACK_SAMPLES = 720;

export class Lateness {
  private gaps: number[] = [];
  private turn = 0;
  private played = 0;
  private playedAt = 0;
  /** A sentence was announced, and nothing of it has come yet: until then the answer was still being made. */
  private isBetween = false;

  /** The player has come so far in the turn. */
  plays(now: number, turn: number, samples: number): void {
    if (turn !== this.turn || samples !== this.played) this.playedAt = now;
    this.turn = turn;
    this.played = samples;
  }

  /** The next sentence is about to come. */
  announces(): void {
    this.isBetween = true;
  }

  /** Sound of the turn came, when there had been `received` samples of it. */
  arrives(now: number, turn: number, received: number): void {
    const isDry = turn === this.turn && received > SLACK_SAMPLES && this.played >= received - SLACK_SAMPLES;
    if (isDry && !this.isBetween && now - this.playedAt > AUDIBLE_MS) this.gaps.push(now);
    this.isBetween = false;
  }

  isLate(now: number): boolean {
    this.gaps = this.gaps.filter((at) => now - at < WITHIN_MS);
    return this.gaps.length >= GAPS;
  }
}
