/** Where a supervisor's page looks for a call that is not where it was. */
import type { Closing } from "../connections/connection";
import { pauseMs } from "../connections/redial";

/** How long a lost call is looked for, ms: somewhat longer than the server waits for a lost caller. */
const LOOK_FOR_MS = 40_000;
/** The same for one that was never found, ms: behind one address there may be several servers. */
const FIND_WITHIN_MS = 5_000;
/** Faults, after which it is not tried again. */
const FINAL: readonly number[] = [1009, 1011];
/** There is no such call here; another server has it. */
const NOT_HERE = 4404;
const ELSEWHERE = 4421;

/**
 * Where a supervisor's next connection goes, and when: the call may go on at another server, which one of them tells.
 * Who is told of a server goes there once, and then asks at home again: it may be the one that died.
 */
export class Following {
  /** The address of the server to ask next; null: the page's own. */
  place: string | null = null;
  private lostAt: number | null = null;
  private told: string | null = null;
  private hasStood = false;

  constructor(
    private readonly now: () => number = Date.now,
    private readonly chance: () => number = Math.random,
  ) {}

  /** The supervisor stands by the call. */
  found(): void {
    this.lostAt = null;
    this.hasStood = true;
  }

  /** A server said that the one at this address has the call; empty: one it does not know the way to. */
  elsewhere(url: string): void {
    this.told = isHttp(url) ? url : null;
  }

  /** Milliseconds until the next attempt; or how it ended, if there is none. `isOnAir`: as far as is known. */
  next(closing: Closing, isOnAir: boolean): number | Closing {
    const { code } = closing;
    const { told } = this;
    this.told = null;
    this.lostAt ??= this.now();
    const lostFor = this.now() - this.lostAt;
    // A call that is over and one whose caller was lost look alike here; the list of sessions tells them apart.
    const isGone = code === 1000 || (code === NOT_HERE && this.hasStood);
    if (isGone && !isOnAir) return { code: 1000, reason: "the call is over" };
    const isBroken = code < 4000 && !FINAL.includes(code);
    if (!(isGone || isBroken || code === ELSEWHERE || this.place)) return closing;
    const pause = pauseMs(lostFor, this.chance);
    if (lostFor + pause > (this.hasStood ? LOOK_FOR_MS : FIND_WITHIN_MS)) return closing;
    this.place = told;
    return pause;
  }
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
