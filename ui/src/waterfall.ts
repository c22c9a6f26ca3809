import type { Latency } from "./wire";

/** One part as it is drawn. */
export interface Segment {
  readonly name: string;
  readonly label: string;
  readonly ms: number;
  /** `ms` as a whole number, rounded so that those of a turn sum to its rounded total. */
  readonly shownMs: number;
  /** Shares of the whole, 0…1. */
  readonly start: number;
  readonly share: number;
}

export interface Waterfall {
  readonly turn: number;
  readonly totalMs: number;
  readonly segments: readonly Segment[];
}

/** What each part of a turn is called. */
export const PART_LABELS: Readonly<Record<string, string>> = {
  provider: "provider",
  endpointing: "end of turn",
  recognition: "recognition",
  routing: "routing",
  retrieval: "retrieval",
  model: "first token",
  guardrail: "guard",
  synthesis: "voice",
  transport: "wire",
  playout: "playout",
  other: "not accounted",
};

/** Rounding of parts to 0.1 ms must not show up as a part of its own. */
const TOLERANCE_MS = 1;

/**
 * The parts of a turn laid end to end. They sum to the whole: what the server left out is a part called `other`, and
 * where the parts are longer than the whole that was said, the whole is their sum.
 */
export function waterfall(latency: Latency): Waterfall {
  const parts = latency.parts.filter((part) => part.ms > 0).map((part) => ({ ...part }));
  const sum = parts.reduce((total, part) => total + part.ms, 0);
  if (latency.responseMs - sum > TOLERANCE_MS) parts.push({ name: "other", ms: latency.responseMs - sum });
  const totalMs = parts.reduce((total, part) => total + part.ms, 0);
  let passedMs = 0;
  const segments = parts.map(({ name, ms }) => {
    const start = passedMs / totalMs;
    const shownMs = Math.round(passedMs + ms) - Math.round(passedMs);
    passedMs += ms;
    return { name, label: PART_LABELS[name] ?? name, ms, shownMs, start, share: ms / totalMs };
  });
  return { turn: latency.turn, totalMs, segments };
}

/** `1 234 ms` */
export function inMs(ms: number): string {
  return `${Math.round(ms).toLocaleString("en").replace(",", "\u2009")}\u202fms`;
}
