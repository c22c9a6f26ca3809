/**
 * What only this page knows of a conversation, told to the server: see `POST /events`, docs/reference/telemetry.md.
 * Gathered, sent together, and never waited for: whatever becomes of it, the call does not notice.
 */

export type EventName =
  | "microphone_ready"
  | "connection_open"
  | "connection_lost"
  | "reconnected"
  | "first_sound_played"
  | "playout_held"
  | "playout_cleared"
  | "playout_underrun"
  | "page_hidden"
  | "page_shown"
  | "error";

/** Numbers, and words of a fixed vocabulary: nobody's own are among them. */
export interface Attributes {
  readonly turn?: number;
  readonly code?: number;
  readonly count?: number;
  readonly transport?: Transport;
  readonly where?: "microphone" | "player" | "connection" | "page";
}
export type Transport = "websocket" | "webrtc" | "livekit" | "http";

/** Sends a body so that it arrives though the page be left. Must not throw. */
export type Post = (body: string) => void;

interface Waiting {
  readonly name: EventName;
  readonly ms: number;
  readonly attributes: Attributes;
}

/** The server takes as many in one request. */
const MOST_AT_ONCE = 32;
/** Events wait so long for others, ms. */
const TOGETHER_MS = 1500;

export class PageEvents {
  private session = "";
  private waiting: Waiting[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly post: Post = send) {}

  /** There is a session to tell of. */
  get isOn(): boolean {
    return this.session !== "";
  }

  /** From now on events are of this session; with an empty one there is none, and nothing is told. */
  of(session: string): void {
    if (session !== this.session) this.flush();
    this.session = session;
  }

  /** It took `ms`, until now. */
  happened(name: EventName, ms = 0, attributes: Attributes = {}): void {
    if (!this.session || this.waiting.length >= MOST_AT_ONCE) return;
    this.waiting.push({ name, ms: Math.round(ms * 10) / 10, attributes });
    this.timer ??= setTimeout(() => this.flush(), TOGETHER_MS);
  }

  /** What waits is on its way. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.waiting;
    this.waiting = [];
    if (events.length && this.session) this.post(JSON.stringify({ session_id: this.session, events }));
  }
}

/** Events of this page, which also tell when it is hidden, shown and left, and that a script of it failed. */
export function openPageEvents(): PageEvents {
  const events = new PageEvents();
  if (typeof document === "undefined") return events;
  document.addEventListener("visibilitychange", () => {
    const isHidden = document.visibilityState === "hidden";
    events.happened(isHidden ? "page_hidden" : "page_shown");
    // A page that is hidden may never be shown again.
    if (isHidden) events.flush();
  });
  addEventListener("pagehide", () => events.flush());
  addEventListener("error", () => events.happened("error", 0, { where: "page" }));
  addEventListener("unhandledrejection", () => events.happened("error", 0, { where: "page" }));
  return events;
}

function send(body: string): void {
  fetch("events", { method: "POST", body, headers: { "content-type": "application/json" }, keepalive: true, priority: "low" }).catch(
    () => undefined,
  );
}
