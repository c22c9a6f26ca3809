/** No attempt follows another sooner than after about this, ms. */
const SHORTEST_MS = 50;
/** Of the time for which the connection has been lost: nobody is late by more than that. */
const SHARE = 0.1;

/**
 * How long to wait before the next attempt to connect, ms, `lostForMs` after the connection was lost. What has just
 * been lost is often back within a second, what has been away for long stays away for longer. Half as much more or less
 * by chance, so that those who were cut off together do not come together.
 */
export function pauseMs(lostForMs: number, chance: () => number = Math.random): number {
  return Math.max(SHORTEST_MS, SHARE * lostForMs) * (0.5 + chance());
}
