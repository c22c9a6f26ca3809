/** How the server is, and what it can do at this moment: asked for gently as long as somebody looks. */
import type { Via } from "../connections/via";
import { Fields } from "../fields";
import { type Measured, readMeasured } from "../measured";

/** `asking`: nothing is known yet. */
export type Health = "asking" | "ready" | "loading" | "full" | "draining" | "unreachable";

export interface AgentRow {
  readonly name: string;
  readonly title: string;
  readonly suggestions: readonly string[];
}

/** What stands in the way of one way, and where it leads. */
export interface WayRow {
  readonly obstacle: string;
  /** The host of another's server that it goes through; empty: this server itself. */
  readonly host: string;
  readonly isOpen: boolean;
}

export interface Standing {
  readonly health: Health;
  readonly version: string;
  readonly agents: readonly AgentRow[];
  /** Null where the server does not tell. */
  readonly ways: Readonly<Record<Via, WayRow | null>> | null;
  readonly measured: Measured;
}

export const UNKNOWN: Standing = { health: "asking", version: "", agents: [], ways: null, measured: {} };

/** Between two questions, ms: while the server is not ready, and once it is. */
const EVERY_MS = { unready: 2_000, ready: 15_000 };

export type Ask = (path: string) => Promise<{ readonly status: number; readonly data: unknown } | null>;

/** Asks with the browser's own means; null where nobody answered. */
export const ask: Ask = async (path) => {
  try {
    const answer = await fetch(path, { headers: { accept: "application/json" }, credentials: "same-origin" });
    const isJson = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, data: isJson ? ((await answer.json()) as unknown) : null };
  } catch {
    return null;
  }
};

/** Everything that is to be known now, as news of `before`. */
export async function look(ask: Ask, before: Standing): Promise<Standing> {
  const health = readHealth(await ask("readyz"));
  if (health === "unreachable") return { ...before, health };
  const isFirst = before.version === "";
  const [alive, agents, ways, measured] = await Promise.all([
    isFirst ? ask("healthz") : null,
    before.agents.length ? null : ask("api/agents"),
    ask("api/ways"),
    ask("api/measured"),
  ]);
  return {
    health,
    version: isFirst ? read(alive?.data, (from) => from.string("version", ""), "") : before.version,
    agents: agents?.status === 200 ? readAgents(agents.data) : before.agents,
    ways: ways?.status === 200 ? readWays(ways.data) : before.ways,
    measured: measured?.status === 200 ? readMeasured(measured.data) : before.measured,
  };
}

function readHealth(answer: Awaited<ReturnType<Ask>>): Health {
  if (!answer) return "unreachable";
  const known = ["ready", "loading", "full", "draining"] as const;
  return read<Health>(answer.data, (from) => from.oneOf("status", known), answer.status === 200 ? "ready" : "unreachable");
}

function readAgents(data: unknown): readonly AgentRow[] {
  if (!Array.isArray(data)) return [];
  return data.flatMap((each) =>
    read<AgentRow[]>(
      each,
      (from) => [{ name: from.string("name"), title: from.string("title", from.string("name")), suggestions: from.strings("suggestions") }],
      [],
    ),
  );
}

function readWays(data: unknown): Standing["ways"] {
  return read<Standing["ways"]>(
    data,
    (from) => {
      const way = (via: Via, host: string): WayRow | null => {
        const told = from.inner(via);
        if (!told) return null;
        return { obstacle: told.string("obstacle", ""), host: told.string(host, ""), isOpen: told.boolean("is_open", true) };
      };
      return {
        orchestrate: way("orchestrate", "host"),
        realtime: way("realtime", "host"),
        direct: way("direct", "provider"),
        livekit: way("livekit", "server"),
      };
    },
    null,
  );
}

function read<T>(data: unknown, reader: (from: Fields) => T, otherwise: T): T {
  try {
    return reader(Fields.of(data));
  } catch {
    return otherwise;
  }
}

/** Whether one can begin by a way at this moment, in a word and a sentence. */
export interface Word {
  readonly is: "well" | "waiting" | "unwell" | "unknown";
  readonly says: string;
}

/** What there is to say of a way. */
export function wordOf({ health, ways }: Standing, via: Via): Word {
  switch (health) {
    case "asking":
      return { is: "unknown", says: "Asking the server" };
    case "unreachable":
      return { is: "unwell", says: "The server does not answer" };
    case "loading":
      return { is: "waiting", says: "The models are being loaded" };
    case "full":
      return { is: "waiting", says: "All lines are taken" };
    case "draining":
      return { is: "unwell", says: "The server is going down" };
  }
  const way = ways?.[via];
  if (way?.obstacle) return { is: "unwell", says: sentence(way.obstacle) };
  if (!way || via === "orchestrate" || via === "realtime") return { is: "well", says: "Ready" };
  if (via === "direct") return { is: "well", says: way.host ? `Ready, with ${way.host}` : "Ready, this server plays the provider" };
  if (way.host) return { is: "well", says: `Ready, at ${way.host}` };
  return { is: "well", says: way.isOpen ? "Ready, in the development room" : "Ready; the development room opens with the first call" };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Looks again and again until it is closed. Nobody is asked while the page is hidden. */
export class Watching {
  private standing = UNKNOWN;
  private readonly watchers = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  constructor(private readonly ask: Ask) {}

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): Standing => this.standing;

  open(): void {
    document.addEventListener("visibilitychange", this.onVisible);
    void this.go();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  private readonly onVisible = () => {
    clearTimeout(this.timer);
    if (!document.hidden) void this.go();
  };

  private async go(): Promise<void> {
    this.standing = await look(this.ask, this.standing);
    if (this.isClosed) return;
    for (const watcher of this.watchers) watcher();
    clearTimeout(this.timer);
    const isReady = this.standing.health === "ready";
    if (!document.hidden) this.timer = setTimeout(() => void this.go(), isReady ? EVERY_MS.ready : EVERY_MS.unready);
  }
}
