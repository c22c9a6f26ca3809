/** What `antiphon bench` has measured of each way on this server: `GET /api/measured`. */
import type { Via } from "./connections/via";
import { Fields } from "./fields";

/** The time to an answer, and the time to give way to an interruption. */
export const MEASURES = ["response", "yield"] as const;
export type Measure = (typeof MEASURES)[number];

/** Milliseconds, of how many, and when that was. */
export interface Figure {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  /** ISO 8601. */
  readonly at: string;
  readonly from: string;
  readonly machine: string;
}
export type Figures = Readonly<Partial<Record<Measure, Figure>>>;
export type Measured = Readonly<Partial<Record<Via, Figures>>>;

/** The bench knows the page's ways by these names: to it, WebRTC to this server is `webrtc`. */
const NAMES: Readonly<Record<Via, string>> = { orchestrate: "orchestrate", realtime: "webrtc", direct: "direct", livekit: "livekit" };

/** Reads what the server told; what is not there was not measured. Throws WireError. */
export function readMeasured(data: unknown): Measured {
  const ways = Fields.of(data).inner("ways");
  const found: Partial<Record<Via, Figures>> = {};
  for (const via of Object.keys(NAMES) as Via[]) {
    const way = ways?.inner(NAMES[via]);
    if (way) found[via] = figures(way);
  }
  return found;
}

function figures(way: Fields): Figures {
  const found: Partial<Record<Measure, Figure>> = {};
  for (const measure of MEASURES) {
    const from = way.inner(`${measure}_ms`);
    if (!from) continue;
    found[measure] = {
      n: from.count("n", 0),
      p50: from.number("p50"),
      p95: from.number("p95", 0),
      at: from.string("at", ""),
      from: from.string("from", ""),
      machine: from.string("machine", ""),
    };
  }
  return found;
}

/** `22 Nov 2026`; empty for what is no date. */
export function dayOf(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? "" : new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}
