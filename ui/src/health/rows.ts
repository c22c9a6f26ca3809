/** How the server and those who work for it are, as it tells, read into values. */
import { Fields } from "../fields";
import { type Provider, readProviders } from "../watch/rows";

export interface Cache {
  readonly name: string;
  readonly hits: number;
  readonly misses: number;
  /** Requests that were answered by an equal one under way. */
  readonly shared: number;
  /** What it would not keep, for the personal details in it. */
  readonly refused: number;
  readonly entries: number;
  /** Bytes. */
  readonly size: number;
}

/** What became of the spans of traced sessions. */
export interface Telemetry {
  readonly acknowledged: number;
  readonly failed: number;
  readonly lastError: string;
}

/** One thing that can be broken, and mended again. */
export interface Switch {
  readonly name: string;
  readonly title: string;
  readonly isOn: boolean;
}

export interface Work {
  readonly providers: readonly Provider[];
  readonly caches: readonly Cache[];
}

/** What `/readyz` says; what it does not say is null. */
export interface Ready {
  readonly status: string;
  readonly agents: readonly string[];
  /** What is said is kept; false while it waits in memory. */
  readonly keeps: boolean | null;
  /** Entries that wait. */
  readonly waiting: number | null;
  readonly telemetry: Telemetry | null;
}

export function readWork(data: unknown): Work {
  const caches = Fields.of(data).list("caches", (from) => ({
    name: from.string("name"),
    hits: from.count("hits"),
    misses: from.count("misses"),
    shared: from.count("shared", 0),
    refused: from.count("refused", 0),
    entries: from.count("entries", 0),
    size: from.count("size", 0),
  }));
  return { providers: readProviders(data), caches };
}

export function readReady(data: unknown): Ready {
  const from = Fields.of(data);
  return {
    status: from.string("status"),
    agents: from.strings("agents"),
    keeps: from.has("keeps") ? from.boolean("keeps", true) : null,
    waiting: from.has("waiting") ? from.count("waiting") : null,
    telemetry: readTelemetry(from),
  };
}

export function readTelemetry(from: Fields): Telemetry | null {
  const told = from.inner("telemetry");
  if (!told) return null;
  return { acknowledged: told.count("acknowledged"), failed: told.count("failed"), lastError: told.string("last_error", "") };
}

export function readSwitches(data: unknown): readonly Switch[] {
  return Fields.of(data).list("switches", readSwitch);
}

export function readSwitch(from: Fields): Switch {
  return { name: from.string("name"), title: from.string("title"), isOn: from.boolean("is_on", false) };
}
