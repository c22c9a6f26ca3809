/** What was measured on this server's machine, as `GET /api/measured` tells it. Nothing here invents a number. */
import { type Via, VIAS } from "./connections/via";
import { Fields } from "./fields";

/** What is measured of a way, and how the server calls it: its unit is the end of that name. */
const NAMES = {
  response: "response_ms",
  yield: "yield_ms",
  join: "join_ms",
  backchannels: "backchannels_survived_percent",
  cutOff: "cut_off_percent",
  cost: "cost_per_turn_usd",
} as const;
export type Measure = keyof typeof NAMES;
/** Those that a conversation measures as well. */
export type Wait = Extract<Measure, "response" | "yield">;

export interface Figure {
  /** Of how many. */
  readonly n: number;
  readonly p50: number;
  /** Null where there were too few for it. */
  readonly p95: number | null;
  /** When, ISO 8601. */
  readonly at: string;
  /** By which command, and on what. */
  readonly from: string;
  readonly machine: string;
}
export type Figures = Readonly<Partial<Record<Measure, Figure>>>;
export type Measured = Readonly<Partial<Record<Via, Figures>>>;

/** To the bench, `realtime` is OpenAI's protocol over a WebSocket; what the page does is its `webrtc`. */
const WAYS: Readonly<Record<Via, string>> = { orchestrate: "orchestrate", realtime: "webrtc", direct: "direct", livekit: "livekit" };

/** How figures come to be. */
export const MEASURE = "antiphon bench --via orchestrate,direct,livekit";

/** What was told; what is not understood counts as not measured. */
export function readMeasured(data: unknown): Measured {
  const found: Partial<Record<Via, Figures>> = {};
  const ways = attempt(() => Fields.of(data).inner("ways"));
  for (const via of VIAS) {
    const told = attempt(() => ways?.inner(WAYS[via]) ?? null);
    if (told) found[via] = figures(told);
  }
  return found;
}

function figures(told: Fields): Figures {
  const found: Partial<Record<Measure, Figure>> = {};
  for (const measure of Object.keys(NAMES) as Measure[]) {
    const figure = attempt(() => read(told.inner(NAMES[measure])));
    if (figure) found[measure] = figure;
  }
  return found;
}

function read(from: Fields | null): Figure | null {
  if (!from || from.count("n", 0) === 0) return null;
  return {
    n: from.count("n"),
    p50: from.number("p50"),
    p95: from.has("p95") ? from.number("p95") : null,
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

/** A value of that measure as people read it. */
export function worded(measure: Measure, value: number): string {
  if (measure === "cost") return dollars(value);
  if (NAMES[measure].endsWith("percent")) return `${Math.round(value)} %`;
  const { number, unit } = wait(value);
  return `${number} ${unit}`;
}

/** A wait in milliseconds; from ten seconds on in seconds. */
export function wait(ms: number): { readonly number: string; readonly unit: string } {
  return ms < 10_000 ? { number: Math.round(ms).toString(), unit: "ms" } : { number: (ms / 1000).toFixed(1), unit: "s" };
}

/** US dollars, to two digits that count. */
function dollars(usd: number): string {
  return usd === 0 ? "nothing" : `$${Number(usd.toPrecision(2))}`;
}

/** The day, as in 22 Nov 2026; empty where it is not one. */
export function dayOf(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** How a figure came about: n, the day, by what, on what. */
export function origin({ n, at, from, machine }: Figure): string {
  return [`n ${n}`, dayOf(at), from, machine].filter(Boolean).join(" · ");
}
