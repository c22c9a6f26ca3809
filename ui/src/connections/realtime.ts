import { Fields } from "../fields";
import { Http, HttpError } from "../http";
import { VERSION } from "../wire";
import type { Closing, Connect, Connection, ConnectionListener, ConnectionOptions } from "./connection";
import { NO_MEDIA, REFUSED } from "./connection";
import { Floor } from "./floor";
import { News } from "./news";
import { closingOf, NotConnected, Rtc } from "./rtc";

/** How long both ends may take to find each other once the offer is answered, ms. */
const CONNECT_WITHIN_MS = 10_000;
/** How long the news may be away before the page, which then shows nothing, gives up, ms. */
const NEWS_WITHIN_MS = 15_000;
/** The server's word for the session that a call is. */
const SESSION = "x-antiphon-session";
/** Who ends a turn and what stops the answer: with the protocol's other kind, any voice does, “mhm” too. */
const TURN_TAKING = {
  type: "session.update",
  session: { type: "realtime", audio: { input: { turn_detection: { type: "semantic_vad" } } } },
};
/** Refusals on the channel that only say that there was nothing to stop, or what `Floor` deals with. */
const EXPECTED: readonly string[] = ["response_cancel_not_active", "conversation_already_has_active_response"];

/** Our own server by WebRTC, in the protocol of OpenAI's Realtime API; what is shown comes beside it, as news. */
export const connectRealtime: Connect = (options, listener) => new RealtimeCall(options, listener);

class RealtimeCall implements Connection {
  private readonly http = new Http();
  private readonly over = new AbortController();
  private readonly floor = new Floor((event) => this.rtc?.send(event));
  private rtc: Rtc | null = null;
  private microphone: MediaStreamTrack | null = null;
  private session = "";
  private news: News | null = null;
  private created: () => void = () => undefined;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: ConnectionListener,
  ) {
    this.open().catch((error: unknown) => this.end(closingOf(error)));
  }

  sendSound(): void {}
  acknowledge(): void {}

  useMicrophone(track: MediaStreamTrack): void {
    this.microphone = track;
    this.rtc?.useMicrophone(track);
  }

  say(text: string): void {
    this.floor.type(text);
  }

  interrupt(): void {
    this.floor.stop();
  }

  hangUp(): void {
    this.end({ code: 1000, reason: "bye" });
  }

  private async open(): Promise<void> {
    const created = new Promise<void>((resolve) => (this.created = resolve));
    this.rtc = new Rtc({
      event: (event) => this.hear(event),
      voice: (stream) => this.listener.voice(stream),
      lost: () => this.end({ code: this.news?.isOver ? 1000 : 1006, reason: "" }),
    });
    if (this.microphone) this.rtc.useMicrophone(this.microphone);
    await this.rtc.connect((offer) => this.answered(offer), CONNECT_WITHIN_MS);
    await within(CONNECT_WITHIN_MS, created);
    this.rtc.send(TURN_TAKING);
    const news = (this.news = new News(this.http, this.session, this.over.signal));
    await news.open(NEWS_WITHIN_MS);
    if (this.over.signal.aborted) return;
    this.ready(false);
    if (this.options.greet) this.floor.greet();
    await news.tell({ message: (message) => this.listener.message(message), again: () => this.ready(true) }, NEWS_WITHIN_MS);
    this.end({ code: 1000, reason: "bye" });
  }

  /** The server's answer to the offer. Where it wants a key, one is asked for first. */
  private async answered(offer: string): Promise<string> {
    const model = encodeURIComponent(this.options.agent);
    const call = (key: Record<string, string>) =>
      this.http.answer(`v1/realtime/calls?model=${model}`, {
        method: "POST",
        headers: { "content-type": "application/sdp", ...key },
        body: offer,
        signal: this.over.signal,
      });
    let answer: Response;
    try {
      answer = await call({});
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 401) throw error;
      const session = { type: "realtime", model: this.options.agent };
      const secret = Fields.of(await this.http.post("v1/realtime/client_secrets", { session }));
      answer = await call({ authorization: `Bearer ${secret.string("value")}` });
    }
    this.session = answer.headers.get(SESSION) ?? "";
    if (!this.session) throw new NotConnected({ code: REFUSED, reason: "it did not say which session this is" });
    return answer.text();
  }

  /** All there is of the conversation follows, as news. */
  private ready(isResumed: boolean): void {
    const { agent, rate, playRate } = this.options;
    this.listener.message({
      type: "ready",
      session: this.session,
      agent,
      version: VERSION,
      rate,
      playRate,
      ackMs: 50,
      leadMs: 0,
      suggestions: [],
      resume: "",
      isResumed,
    });
  }

  private hear(event: Readonly<Record<string, unknown>>): void {
    if (event.type === "session.created") this.created();
    if (event.type !== "error") return this.floor.hear(String(event.type));
    const { code, message, param } = (event.error ?? {}) as Record<string, unknown>;
    this.floor.hear("error", String(code));
    if (EXPECTED.includes(String(code))) return;
    this.listener.message({ type: "error", code: String(code), message: String(message ?? ""), field: String(param ?? "") });
  }

  private end(closing: Closing): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    this.rtc?.close();
    this.listener.closed(closing);
  }
}

async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NotConnected({ code: NO_MEDIA, reason: "" })), ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
