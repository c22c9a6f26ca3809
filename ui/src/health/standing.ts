/** What the page of health knows, asked for every two seconds while somebody looks. */
import { Fields, WireError } from "../fields";
import { Http, HttpError } from "../http";
import { ask as askBrowser, type Ask } from "../landing/standing";
import { Polled } from "../studio/polled";
import { sentence, type Trouble, troubleOf } from "../studio/trouble";
import { type Ready, readReady, readSwitches, readWork, type Switch, type Work } from "./rows";

/** What can be broken: not asked yet, the switches, or why there are none. */
export type Chaos = null | readonly Switch[] | string;

export interface Standing {
  /** The server has answered, or has not; null while it was not asked. */
  readonly isThere: boolean | null;
  readonly version: string;
  readonly ready: Ready | null;
  /** Null until it is known, and where it may not be. */
  readonly work: Work | null;
  readonly chaos: Chaos;
  /** When this was so, ms since 1970. */
  readonly at: number;
  readonly trouble: Trouble | null;
}

export const UNKNOWN: Standing = { isThere: null, version: "", ready: null, work: null, chaos: null, at: 0, trouble: null };

const EVERY_MS = 2_000;
/** Which setting brings the switches. */
export const BRINGS_CHAOS = "ANTIPHON_CHAOS=true";

export function watchHealth(ask: Ask = askBrowser): Polled<Standing> {
  return new Polled(UNKNOWN, (before) => look(ask, before), () => EVERY_MS);
}

/** Everything that is to be known now. What was refused is not asked for again. */
export async function look(ask: Ask, before: Standing): Promise<Standing> {
  const isRefused = before.trouble?.needsSignIn ?? false;
  const [ready, alive, work, chaos] = await Promise.all([
    ask("readyz"),
    before.version ? null : ask("healthz"),
    isRefused ? null : ask("api/providers"),
    typeof before.chaos === "string" || isRefused ? null : ask("api/chaos"),
  ]);
  if (!ready) return { ...before, isThere: false };
  const known: Standing = { ...before, isThere: true, at: Date.now() };
  try {
    return {
      ...known,
      ready: readReady(ready.data),
      version: alive?.status === 200 ? Fields.of(alive.data).string("version", "") : before.version,
      work: work?.status === 200 ? readWork(work.data) : before.work,
      trouble: work ? refusalOf(work) : before.trouble,
      chaos: chaos ? chaosOf(chaos) : before.chaos,
    };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { ...known, trouble: troubleOf(error) };
  }
}

type Answer = NonNullable<Awaited<ReturnType<Ask>>>;

function refusalOf({ status, data }: Answer): Trouble | null {
  return status === 200 ? null : troubleOf(new HttpError(detailOf(data) || `the server answered ${status}`, status, ""));
}

function chaosOf({ status, data }: Answer): Chaos {
  if (status === 200) return readSwitches(data);
  if (status === 404) return `Nothing is broken on purpose here: ${BRINGS_CHAOS} brings the switches.`;
  return sentence(detailOf(data) || `The server answered ${status}`);
}

function detailOf(data: unknown): string {
  try {
    return Fields.of(data).string("detail", "");
  } catch {
    return "";
  }
}

/** What breaks the server's parts, and mends them. Throws HttpError. */
export class Breaking {
  constructor(private readonly http = new Http()) {}

  async turn(name: string, isOn: boolean): Promise<void> {
    await this.http.put(`api/chaos/${encodeURIComponent(name)}`, { is_on: isOn });
  }

  /** How many connections were dropped. */
  async drop(): Promise<number> {
    return Fields.of(await this.http.post("api/chaos/drop", {})).count("dropped");
  }
}
