import { Fields } from "./fields";

/** The server did not do what was asked; `message` is for people. */
export class HttpError extends Error {
  constructor(
    message: string,
    /** 0 where nobody answered. */
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
    this.name = "HttpError";
  }
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** Requests to the page's own server, in the caller's name. */
export class Http {
  private csrf: { readonly token: string; readonly until: number } | null = null;

  constructor(private readonly fetch: Fetch = (path, init) => window.fetch(path, init)) {}

  get(path: string): Promise<unknown> {
    return this.ask(path, { headers: { accept: "application/json" } });
  }

  /** With the token that shows that the request is the page's own. */
  post(path: string, body: object): Promise<unknown> {
    return this.change(path, { method: "POST", body: JSON.stringify(body) });
  }

  /** Likewise. */
  delete(path: string): Promise<unknown> {
    return this.change(path, { method: "DELETE" });
  }

  private async change(path: string, init: RequestInit, isAgain = false): Promise<unknown> {
    const headers = { "content-type": "application/json", "x-csrf-token": await this.token() };
    try {
      return await this.ask(path, { ...init, headers });
    } catch (error) {
      if (isAgain || !(error instanceof HttpError) || !error.code.startsWith("csrf_")) throw error;
      this.csrf = null;
      return this.change(path, init, true);
    }
  }

  /** What is there from now on. */
  put(path: string, body: object): Promise<unknown> {
    return this.change(path, { method: "PUT", body: JSON.stringify(body) });
  }

  /** Signing in or out changes the session that the token is bound to. */
  forgetToken(): void {
    this.csrf = null;
  }

  /** The JSON of an answer; null where it is none. Throws HttpError for a refusal. */
  async ask(path: string, init: RequestInit): Promise<unknown> {
    const answer = await this.answer(path, init);
    const text = await answer.text();
    return answer.headers.get("content-type")?.includes("json") && text ? (JSON.parse(text) as unknown) : null;
  }

  /** The answer, whose body has not been read. Throws HttpError for a refusal. */
  async answer(path: string, init: RequestInit): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.fetch(path, { credentials: "same-origin", ...init });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new HttpError("The server did not answer.", 0, "unreachable");
    }
    if (!answer.ok) throw refusal(answer.status, await answer.text());
    return answer;
  }

  private async token(): Promise<string> {
    if (this.csrf && Date.now() < this.csrf.until) return this.csrf.token;
    const from = Fields.of(await this.get("api/csrf"));
    this.csrf = { token: from.string("token"), until: Date.now() + from.number("refresh_in", 0) * 1000 };
    return this.csrf.token;
  }
}

/** A refusal as our own routes tell it, `{code, detail}`, or as OpenAI's do, `{error: {code, message}}`. */
function refusal(status: number, text: string): HttpError {
  const told = object(parsed(text));
  const inner = object(told.error);
  const message = [told.detail, inner.message].find((each) => typeof each === "string");
  const code = [told.code, inner.code].find((each) => typeof each === "string");
  return new HttpError(message ?? `the server answered ${status}`, status, code ?? "");
}

function object(data: unknown): Record<string, unknown> {
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
