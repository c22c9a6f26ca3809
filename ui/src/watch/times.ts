/** Moments and durations as people say them. Times are milliseconds since 1970. */

export function clock(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

export function day(at: number, now: number): string {
  const that = new Date(at);
  if (that.toDateString() === new Date(now).toDateString()) return clock(at);
  return `${that.toLocaleDateString(undefined, { day: "numeric", month: "short" })}, ${clock(at)}`;
}

/** `40 s`, `12 min`, `3 h 5 min`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
