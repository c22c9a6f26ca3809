import { Fields, WireError } from "../fields";
import { type Fetch, Http, HttpError } from "../http";
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
import { readTrace, type Trace } from "./trace";

export type SignIn =
  | { readonly id_token: string }
  | { readonly name: string; readonly role: PersonRole; readonly key?: string };

/** The server's HTTP interface, as far as supervisors need it. */
export class Api {
  private readonly http: Http;

  constructor(fetch?: Fetch) {
    this.http = new Http(fetch);
  }

  async me(): Promise<Me> {
    return readMe(await this.http.get("api/me"));
  }

  async signIn(as: SignIn): Promise<void> {
    await this.http.post("api/signin", as);
    this.http.forgetToken();
  }

  async signOut(): Promise<void> {
    await this.http.post("api/signout", {});
    this.http.forgetToken();
  }

  async sessions(before = ""): Promise<SessionPage> {
    return readSessions(await this.http.get(`api/sessions${before && `?before=${encodeURIComponent(before)}`}`));
  }

  async session(id: string): Promise<SessionPast> {
    return readPast(await this.http.get(`api/sessions/${encodeURIComponent(id)}`));
  }

  /** Where the time of a conversation went. */
  async trace(id: string): Promise<Trace> {
    return readTrace(await this.http.get(`api/sessions/${encodeURIComponent(id)}/trace`));
  }

  async escalations(): Promise<readonly Escalation[]> {
    return readEscalations(await this.http.get("api/escalations"));
  }

  async providers(): Promise<readonly Provider[]> {
    return readProviders(await this.http.get("api/providers"));
  }

  async claim(id: string): Promise<void> {
    await this.http.post(`api/escalations/${encodeURIComponent(id)}/claim`, {});
  }

  async close(id: string, outcome: string): Promise<void> {
    await this.http.post(`api/escalations/${encodeURIComponent(id)}/close`, { outcome });
  }

  /** A token to watch that session with, on any server; empty when we are given none. */
  async watchToken(session: string): Promise<string> {
    try {
      return Fields.of(await this.http.post("api/tokens", { purpose: "watch", session })).string("token");
    } catch (error) {
      if (error instanceof HttpError || error instanceof WireError) return "";
      throw error;
    }
  }
}
