/** How the server and its parts are, in words. */
import type { Provider } from "../watch/rows";
import type { Cache } from "./rows";
import type { Standing } from "./standing";

export interface Word {
  readonly is: "well" | "waiting" | "unwell" | "unknown";
  readonly says: string;
}

const STATUS: Readonly<Record<string, Word>> = {
  ready: { is: "well", says: "Ready: callers are taken" },
  loading: { is: "waiting", says: "The models are being loaded" },
  full: { is: "waiting", says: "All lines are taken" },
  draining: { is: "unwell", says: "The server is going down" },
};

export function serverWord({ isThere, ready }: Standing): Word {
  if (isThere === null) return { is: "unknown", says: "Asking the server" };
  if (!isThere) return { is: "unwell", says: "The server does not answer" };
  return STATUS[ready?.status ?? ""] ?? { is: "unknown", says: ready?.status ?? "" };
}

/** A provider's breaker. */
export function stateWord({ state, requests }: Provider): Word {
  switch (state) {
    case "open":
      return { is: "unwell", says: "left alone for now" };
    case "half open":
      return { is: "waiting", says: "on trial" };
    case "closed":
      return requests ? { is: "well", says: "asked" } : { is: "unknown", says: "not asked yet" };
  }
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function seconds(time: number | null): string {
  if (time === null) return "not measured yet";
  return time < 1 ? `${Math.round(1000 * time)} ms` : `${time.toFixed(1)} s`;
}

/** Of all requests, those it answered: `61 %, n 18`. */
export function hitRate({ hits, misses }: Cache): string {
  const n = hits + misses;
  return n ? `${percent(hits / n)}, n ${n}` : "not asked yet";
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
