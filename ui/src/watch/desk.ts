import { WireError } from "../fields";
import { HttpError } from "../http";
import type { Api, SignIn } from "./api";
import { type Change, Changes } from "./changes";
import { type Directory, type DirectoryAction, EMPTY, reduceDirectory } from "./directory";
import type { SessionPast } from "./rows";
import type { Trace } from "./trace";

/** Phases change without notice; lists are read again this often while somebody looks, ms. */
const LOOK_EVERY_MS = 5000;
/** Changes that come together are read together, ms. */
const TOGETHER_MS = 120;

type List = "sessions" | "escalations" | "providers";

/** The supervisor's desk: all conversations and calls for help, kept up to date. */
export class Desk {
  state: Directory = EMPTY;
  private readonly watchers = new Set<() => void>();
  private changes: Changes | null = null;
  private looking: ReturnType<typeof setInterval> | undefined;
  private readonly due = new Set<List>();
  private reading: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly api: Api) {}

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): Directory => this.state;

  /** Finds out who is here, and begins to watch if they may. */
  async open(): Promise<void> {
    await this.attempt(async () => {
      const me = await this.api.me();
      this.dispatch({ did: "know", me });
      if (me.role === null || me.role === "caller" || this.changes) return;
      this.changes = new Changes("api/changes", (change) => this.onChange(change), (isLinked) => this.dispatch({ did: "link", isLinked }));
      this.looking = setInterval(() => document.visibilityState === "visible" && this.read("sessions", "providers"), LOOK_EVERY_MS);
      this.read("sessions", "escalations", "providers");
    });
  }

  async signIn(as: SignIn): Promise<void> {
    await this.attempt(async () => {
      await this.api.signIn(as);
      await this.open();
    });
  }

  async signOut(): Promise<void> {
    await this.attempt(async () => {
      await this.api.signOut();
      this.close();
      this.state = EMPTY;
      await this.open();
    });
  }

  /** True when it is now this supervisor's. */
  claim(escalation: string): Promise<boolean> {
    return this.attempt(async () => {
      await this.api.claim(escalation);
      this.read("escalations");
    });
  }

  async closeEscalation(escalation: string, outcome: string): Promise<void> {
    await this.attempt(async () => {
      await this.api.close(escalation, outcome);
      this.read("escalations");
    });
  }

  async older(): Promise<void> {
    const { next } = this.state;
    if (next) await this.attempt(async () => this.dispatch({ did: "list older", page: await this.api.sessions(next) }));
  }

  /** One conversation as it is kept; null when that is not to be had, which is told. */
  async past(session: string): Promise<SessionPast | null> {
    let past: SessionPast | null = null;
    await this.attempt(async () => {
      past = await this.api.session(session);
    });
    return past;
  }

  /** Its trace; null when that is not to be had, which is told. */
  async trace(session: string): Promise<Trace | null> {
    let trace: Trace | null = null;
    await this.attempt(async () => {
      trace = await this.api.trace(session);
    });
    return trace;
  }

  /** What carries the session, as the server names it; empty where it does not say. Throws HttpError. */
  async hostOf(session: string): Promise<string> {
    const row = this.state.sessions.find(({ id }) => id === session);
    return (row ?? (await this.api.session(session))).host;
  }

  isOnAir(session: string): boolean {
    return this.state.sessions.some((row) => row.id === session && row.status === "live");
  }

  dismiss(): void {
    this.dispatch({ did: "dismiss" });
  }

  close(): void {
    this.changes?.close();
    this.changes = null;
    clearInterval(this.looking);
    clearTimeout(this.reading);
  }

  private onChange({ table, id }: Change): void {
    if (!id) this.read("sessions", "escalations");
    else this.read(table === "sessions" ? "sessions" : "escalations");
  }

  private read(...what: List[]): void {
    for (const each of what) this.due.add(each);
    this.reading ??= setTimeout(() => {
      this.reading = undefined;
      const due = new Set(this.due);
      this.due.clear();
      // Each for itself: one that cannot be had keeps none of the others away.
      void (async () => {
        if (due.has("escalations")) await this.attempt(async () => this.dispatch({ did: "escalate", escalations: await this.api.escalations() }));
        if (due.has("sessions")) await this.attempt(async () => this.dispatch({ did: "list", page: await this.api.sessions() }));
        if (due.has("providers")) await this.attempt(async () => this.dispatch({ did: "provide", providers: await this.api.providers() }));
      })();
    }, TOGETHER_MS);
  }

  /** Does it, or tells why it could not be done. */
  private async attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof HttpError || error instanceof WireError)) throw error;
      const isSignedOut = error instanceof HttpError && error.status === 401 && this.state.me;
      if (isSignedOut && this.state.me) this.dispatch({ did: "know", me: { ...this.state.me, name: "", role: null } });
      this.dispatch({ did: "fail", what: error.message });
      return false;
    }
  }

  private dispatch(action: DirectoryAction): void {
    this.state = reduceDirectory(this.state, action);
    for (const watcher of this.watchers) watcher();
  }
}
