import { Fields, WireError } from "../fields";
import { Http, HttpError } from "../http";
import { rms16 } from "../score";
import { type ServerMessage, type Supervised, VERSION } from "../wire";
import { Answers } from "./answers";
import type { Closing, Connect, Connection, ConnectionListener, ConnectionOptions } from "./connection";
import { PROVIDER_REFUSED, REFUSED } from "./connection";
import { dispatched, decodeDirect, type Granted, type Job, readGrant } from "./jobs";
import { readEvents } from "./events";
import { Reports } from "./reports";
import { CANNOT_RESUME } from "./resuming";
import { closingOf, NotConnected, Rtc } from "./rtc";
import { Spoken } from "./spoken";

/** How long the provider and the browser may take to find each other once the offer is answered, ms. */
const CONNECT_WITHIN_MS = 10_000;
/** How often the server is told what was played, ms. */
const REPORT_EVERY_MS = 200;

/**
 * A provider of OpenAI's Realtime API hears the caller and fills pauses, by WebRTC; our server stands beside the call,
 * makes the answers and speaks them, by HTTP. What the caller hears of an answer is told to the server as ever.
 */
export const connectDirect: Connect = (options, listener) => new DirectCall(options, listener);

class DirectCall implements Connection {
  private readonly http = new Http();
  private readonly over = new AbortController();
  private readonly reports = new Reports(async ({ turn, samples, cleared }) => {
    await this.post(`session/${this.id}/played`, { turn, samples, cleared });
  });
  private readonly answers: Answers;
  private readonly spoken = new Spoken();
  private rtc: Rtc | null = null;
  private microphone: MediaStreamTrack | null = null;
  private grant: Granted | null = null;
  /** Jobs that were told at once, as all there are when the news begin. */
  private told: Job[] = [];
  /** The server has ended the conversation. */
  private isOver = false;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: ConnectionListener,
  ) {
    this.answers = new Answers((job, signal) => this.voiceOf({ job_id: job }, signal), listener);
    this.open().catch((error: unknown) => this.end(closingOf(error)));
  }

  /** The provider hears the microphone itself; here is only seen when the caller was last heard. */
  sendSound(pcm: Int16Array): void {
    this.spoken.hears(rms16(pcm), performance.now());
  }

  useMicrophone(track: MediaStreamTrack): void {
    this.microphone = track;
    this.rtc?.useMicrophone(track);
  }

  acknowledge(turn: number, samples: number, cleared: boolean): void {
    if (this.over.signal.aborted) return;
    this.reports.put({ turn, samples, cleared });
    this.answers.played(turn, samples);
  }

  say(text: string, id: number): void {
    this.spoken.knows(text);
    this.dispatch(text, `line_${id}`);
  }

  interrupt(): void {
    this.post(`session/${this.id}/interrupt`).catch(() => undefined);
  }

  hangUp(): void {
    // The page may be about to go: the request outlives it.
    if (this.grant) this.post(`session/${this.id}/close`, {}, true).catch(() => undefined);
    this.end({ code: 1000, reason: "bye" });
  }

  private get id(): string {
    return encodeURIComponent(this.grant?.session ?? "");
  }

  // ---- the beginning ---------------------------------------------------------------------------------------
  private async open(): Promise<void> {
    this.rtc = new Rtc({
      event: (event) => this.hear(event),
      voice: (stream) => this.listener.voice(stream),
      lost: () => this.lost(),
    });
    if (this.microphone) this.rtc.useMicrophone(this.microphone);
    const grant = await this.granted();
    if (!grant || this.over.signal.aborted) return;
    this.grant = grant;
    const news = await this.http.answer(`session/${this.id}/events`, {
      headers: { accept: "text/event-stream", ...this.bearer },
      signal: this.over.signal,
    });
    // The agent greets, or goes on, while the provider is being called: it takes who does not listen at once for one
    // who reads.
    this.ready(grant);
    void readEvents(news, { data: (text) => this.news(text), over: () => this.lost() }, this.over.signal);
    await this.rtc.connect((offer) => this.answered(offer), CONNECT_WITHIN_MS);
  }

  /** What the conversation is to be held with; null where an earlier one cannot be gone on with, which has been told. */
  private async granted(): Promise<Granted | null> {
    const { agent, greet, goesOn } = this.options;
    if (!goesOn) return readGrant(await this.http.post("session/token", { agent, greet }));
    const played = { turn: goesOn.playedTurn, samples: goesOn.playedSamples };
    this.grant = { ...NOTHING, session: goesOn.session, token: goesOn.resume };
    try {
      return readGrant(await this.post(`session/${this.id}/resume`, played));
    } catch (error) {
      this.grant = null;
      if (!(error instanceof HttpError) || ![401, 403, 404, 409].includes(error.status)) throw error;
      this.listener.message({ type: "error", code: CANNOT_RESUME, message: error.message, field: "session" });
      this.end({ code: 4404, reason: CANNOT_RESUME });
      return null;
    }
  }

  /** The provider's answer to the offer; our server has been told which call it is. */
  private async answered(offer: string): Promise<string> {
    const { realtimeUrl, secret } = this.grant!;
    let answer: Response;
    try {
      answer = await this.http.answer(realtimeUrl, {
        method: "POST",
        headers: { "content-type": "application/sdp", authorization: `Bearer ${secret}` },
        body: offer,
        signal: this.over.signal,
      });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const said = error.status ? error.message : "it did not answer";
      throw new NotConnected({ code: PROVIDER_REFUSED, reason: said });
    }
    const call = answer.headers.get("location")?.split("/").at(-1)?.split("?")[0] ?? "";
    if (!call) throw new NotConnected({ code: PROVIDER_REFUSED, reason: "it did not say which call it is" });
    await this.post(`session/${this.id}/call`, { call_id: call });
    return answer.text();
  }

  private ready({ session, token, suggestions, agent }: Granted): void {
    const { rate, playRate, goesOn } = this.options;
    this.listener.message({
      type: "ready",
      session,
      agent,
      version: VERSION,
      rate,
      playRate,
      ackMs: REPORT_EVERY_MS,
      leadMs: 0,
      suggestions,
      resume: token,
      isResumed: goesOn !== null,
    });
  }

  // ---- what happens ----------------------------------------------------------------------------------------
  private news(text: string): void {
    let message: ReturnType<typeof decodeDirect>;
    try {
      message = decodeDirect(text);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return;
    }
    if (message.type === "job") {
      const question = this.spoken.asked(message, performance.now());
      if (question) this.listener.message(question);
      if (!this.told.length) queueMicrotask(() => this.answers.news(this.told.splice(0)));
      this.told.push(message);
      return;
    }
    if (message.type === "latency") return this.pass(this.spoken.whole(message));
    if (message.type !== "ready") this.pass(message);
  }

  private pass(message: ServerMessage): void {
    if (message.type === "ended") this.isOver = true;
    if (message.type === "clear") this.answers.clear(message.turn);
    if (message.type === "supervised") this.listenTo(message);
    // A question of before is told by the line it was, and not by its job as well.
    if (message.type === "remembered" && message.isPast && message.role === "user") this.spoken.knows(message.text);
    this.listener.message(message);
  }

  private lost(): void {
    this.end({ code: this.isOver ? 1000 : 1006, reason: "" });
  }

  /** The provider's events: it wants an answer, or hears the caller speak over one. */
  private hear(event: Readonly<Record<string, unknown>>): void {
    if (event.type === "input_audio_buffer.speech_started") {
      const turn = this.answers.sounding;
      if (turn !== null) this.pass({ type: "clear", turn });
    }
    const said = this.spoken.told(event, performance.now());
    if (said) this.listener.message(said);
    const asked = dispatched(event);
    if (asked) this.dispatch(asked.question, asked.call);
  }

  /** A person who has taken over is heard while they have. */
  private listenTo({ how }: Supervised): void {
    if (how === "taken_over") this.answers.live((signal) => this.voiceOf({ live: this.grant!.session }, signal));
    else if (how !== "joined") this.answers.endLive();
  }

  private dispatch(question: string, call: string): void {
    const body = { session_id: this.grant?.session, question, call_id: call };
    this.post("orchestrate/jobs", body).then(
      (job) => this.answers.begin(Fields.of(job).string("job_id")),
      (error: unknown) => {
        if (this.over.signal.aborted || !(error instanceof HttpError)) return;
        this.listener.message({ type: "error", code: error.code, message: error.message, field: "" });
      },
    );
  }

  // ---- HTTP ------------------------------------------------------------------------------------------------
  private get bearer(): Record<string, string> {
    return { authorization: `Bearer ${this.grant?.token ?? ""}` };
  }

  private post(path: string, body: object = {}, keepalive = false): Promise<unknown> {
    return this.http.ask(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...this.bearer },
      body: JSON.stringify(body),
      keepalive,
    });
  }

  private voiceOf(wanted: { job_id: string } | { live: string }, signal: AbortSignal): Promise<Response> {
    return this.http.answer("tts/stream", {
      method: "POST",
      headers: { "content-type": "application/json", ...this.bearer },
      body: JSON.stringify(wanted),
      signal,
    });
  }

  private end(closing: Closing): void {
    if (this.over.signal.aborted) return;
    // Nobody comes back to a call whose provider could not be reached.
    if (closing.code >= REFUSED && this.grant) this.post(`session/${this.id}/close`).catch(() => undefined);
    this.over.abort();
    this.answers.close();
    this.reports.close();
    this.rtc?.close();
    this.listener.closed(closing);
  }
}

const NOTHING: Granted = { session: "", token: "", agent: "", suggestions: [], secret: "", realtimeUrl: "" };
