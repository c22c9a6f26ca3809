/** What was measured on this machine, as `GET /api/measured` tells it. Nothing here invents a number. */
import { Fields } from "../fields";

/** The ways as the bench calls them. */
export type MeasuredWay = "orchestrate" | "realtime" | "webrtc" | "direct" | "livekit";

export interface Figure {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  /** When, ISO 8601. */
  readonly at: string;
  /** By which command, and on what. */
  readonly from: string;
  readonly machine: string;
}

/** What is measured of a way: waits in ms, the cost in US dollars. */
export const QUANTITIES = ["response_ms", "yield_ms", "join_ms", "cost_per_turn_usd"] as const;
export type Quantity = (typeof QUANTITIES)[number];
export type Figures = Readonly<Partial<Record<Quantity, Figure>>>;
export type Measured = Readonly<Partial<Record<MeasuredWay, Figures>>>;

/** How they come to be. */
export const MEASURE = "antiphon bench --via orchestrate,direct,livekit";

/** What was told; what is not understood counts as not measured. */
export function readMeasured(data: unknown): Measured {
  const found: Partial<Record<MeasuredWay, Figures>> = {};
  const ways = attempt(() => Fields.of(data).inner("ways"));
  for (const way of ["orchestrate", "realtime", "webrtc", "direct", "livekit"] as const) {
    const told = attempt(() => ways?.inner(way) ?? null);
    if (!told) continue;
    const figures = QUANTITIES.map((name) => [name, attempt(() => figure(told.inner(name)))] as const);
    found[way] = Object.fromEntries(figures.filter(([, each]) => each)) as Figures;
  }
  return found;
}

function figure(from: Fields | null): Figure | null {
  if (!from || from.count("n", 0) === 0) return null;
  const p50 = from.number("p50");
  return {
    n: from.count("n"),
    p50,
    p95: from.has("p95") ? from.number("p95") : p50,
    at: from.string("at", ""),
    from: from.string("from", ""),
    machine: from.string("machine", ""),
  };
}

function attempt<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** A wait as people read it: milliseconds, from ten seconds on in seconds. */
export function wait(ms: number): { readonly value: string; readonly unit: string } {
  return ms < 10_000 ? { value: Math.round(ms).toString(), unit: "ms" } : { value: (ms / 1000).toFixed(1), unit: "s" };
}

/** US dollars, to two digits that count. */
export function dollars(usd: number): string {
  return usd === 0 ? "nothing" : `$${Number(usd.toPrecision(2))}`;
}

/** The day, as in 22 Nov 2026; empty where it is not one. */
export function day(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** How a figure came about: n, the day, by what, on what. */
export function origin({ n, at, from, machine }: Figure): string {
  return [`n ${n}`, day(at), from, machine].filter(Boolean).join(" · ");
}
