import { Fields, WireError } from "../fields";
import {
  type Escalation,
  type Me,
  type PersonRole,
  readEscalations,
  type Provider,
  readMe,
  readPast,
  readProviders,
  readSessions,
  type SessionPage,
  type SessionPast,
} from "./rows";

/** The server did not do what was asked; `message` is for people. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export type SignIn =
  | { readonly id_token: string }
  | { readonly name: string; readonly role: PersonRole; readonly key?: string };

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** The server's HTTP interface, as far as supervisors need it. */
export class Api {
  private csrf: { readonly token: string; readonly until: number } | null = null;

  constructor(private readonly fetch: Fetch = (path, init) => window.fetch(path, init)) {}

  async me(): Promise<Me> {
    return readMe(await this.get("api/me"));
  }

  async signIn(as: SignIn): Promise<void> {
    await this.post("api/signin", as);
    // Signing in changes the session that the token is bound to.
    this.csrf = null;
  }

  async signOut(): Promise<void> {
    await this.post("api/signout", {});
    this.csrf = null;
  }

  async sessions(before = ""): Promise<SessionPage> {
    return readSessions(await this.get(`api/sessions${before && `?before=${encodeURIComponent(before)}`}`));
  }

  async session(id: string): Promise<SessionPast> {
    return readPast(await this.get(`api/sessions/${encodeURIComponent(id)}`));
  }

  async escalations(): Promise<readonly Escalation[]> {
    return readEscalations(await this.get("api/escalations"));
  }

  async providers(): Promise<readonly Provider[]> {
    return readProviders(await this.get("api/providers"));
  }

  async claim(id: string): Promise<void> {
    await this.post(`api/escalations/${encodeURIComponent(id)}/claim`, {});
  }

  async close(id: string, outcome: string): Promise<void> {
    await this.post(`api/escalations/${encodeURIComponent(id)}/close`, { outcome });
  }

  /** A token to watch that session with, on any server; empty when we are given none. */
  async watchToken(session: string): Promise<string> {
    try {
      return Fields.of(await this.post("api/tokens", { purpose: "watch", session })).string("token");
    } catch (error) {
      if (error instanceof ApiError || error instanceof WireError) return "";
      throw error;
    }
  }

  private get(path: string): Promise<unknown> {
    return this.ask(path, { headers: { accept: "application/json" } });
  }

  private async post(path: string, body: object, isAgain = false): Promise<unknown> {
    const headers = { "content-type": "application/json", "x-csrf-token": await this.token() };
    try {
      return await this.ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    } catch (error) {
      if (isAgain || !(error instanceof ApiError) || !error.code.startsWith("csrf_")) throw error;
      this.csrf = null;
      return this.post(path, body, true);
    }
  }

  private async token(): Promise<string> {
    if (this.csrf && Date.now() < this.csrf.until) return this.csrf.token;
    const from = Fields.of(await this.get("api/csrf"));
    this.csrf = { token: from.string("token"), until: Date.now() + from.number("refresh_in", 0) * 1000 };
    return this.csrf.token;
  }

  private async ask(path: string, init: RequestInit): Promise<unknown> {
    let answer: Response;
    try {
      answer = await this.fetch(path, { ...init, credentials: "same-origin" });
    } catch {
      throw new ApiError("The server did not answer.", 0, "unreachable");
    }
    const text = await answer.text();
    const data = answer.headers.get("content-type")?.includes("json") && text ? (JSON.parse(text) as unknown) : null;
    if (!answer.ok) throw refusal(answer.status, data);
    return data;
  }
}

function refusal(status: number, data: unknown): ApiError {
  const told = typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
  const detail = typeof told.detail === "string" ? told.detail : `the server answered ${status}`;
  return new ApiError(detail, status, typeof told.code === "string" ? told.code : "");
}
