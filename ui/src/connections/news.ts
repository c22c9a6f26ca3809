import { WireError } from "../fields";
import { type Http, HttpError } from "../http";
import { decodeServer, type ServerMessage } from "../wire";
import { readEvents } from "./events";
import { pauseMs } from "./redial";

export interface NewsListener {
  /** One of them, in its order. */
  message(message: ServerMessage): void;
  /** They had broken off: all there is of the conversation follows again. */
  again(): void;
}

/** What there is to be shown of a session whose sound goes elsewhere: `GET /api/sessions/{id}/news`. */
export class News {
  /** The server has ended the conversation. */
  isOver = false;
  private stream: Response | null = null;

  constructor(
    private readonly http: Http,
    private readonly session: string,
    private readonly signal: AbortSignal,
  ) {}

  /** The news are there. Throws the last HttpError when they were not within that time, or nobody waits any more. */
  async open(withinMs: number, isAwaited: () => boolean = () => true): Promise<void> {
    const began = Date.now();
    for (;;) {
      try {
        const path = `api/sessions/${encodeURIComponent(this.session)}/news`;
        this.stream = await this.http.answer(path, { headers: { accept: "text/event-stream" }, signal: this.signal });
        return;
      } catch (error) {
        if (this.signal.aborted || Date.now() - began > withinMs || !isAwaited()) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs(Date.now() - began)));
      }
    }
  }

  /** Tells them until the conversation is over, for the server or for the page. Throws HttpError when they stay away. */
  async tell(listener: NewsListener, withinMs: number, isAwaited: () => boolean = () => true): Promise<void> {
    for (;;) {
      await readEvents(this.stream!, { data: (text) => this.read(text, listener), over: () => undefined }, this.signal);
      if (this.signal.aborted || this.isOver) return;
      await this.open(withinMs, isAwaited);
      listener.again();
    }
  }

  private read(text: string, listener: NewsListener): void {
    let message: ServerMessage;
    try {
      message = decodeServer(text);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return;
    }
    if (message.type === "ended") this.isOver = true;
    if (message.type !== "ready") listener.message(message);
  }
}

/** The server knows nothing of the session, or does not tell: it may be held elsewhere. */
export function isUnknown(error: unknown): boolean {
  return error instanceof HttpError && (error.status === 404 || error.status === 403);
}
