import { Http } from "../http";
import { VERSION } from "../wire";
import type { Closing, Connect, Connection, ConnectionListener, ConnectionOptions } from "./connection";
import { NOBODY } from "./connection";
import { type Grant, type Guest, readGrant } from "./grant";
import { isUnknown, News } from "./news";
import { LiveRoom } from "./room";
import { closingOf, NotConnected } from "./rtc";
import { type RoomNews, Told } from "./told";

/** How long an agent may take to come and to begin, ms. */
const AGENT_WITHIN_MS = 30_000;
/** How long a room may be without an agent, ms: somewhat longer than another worker takes to come. */
const BACK_WITHIN_MS = 25_000;
/** An agent that has been at work for so long without news is one of another server's, ms. */
const NEWS_WITHIN_MS = 4_000;
/** How long the news may break off, ms. */
const NEWS_BACK_WITHIN_MS = 60_000;
/** What takes longer is told, ms. */
const PROMPTLY_MS = 700;
/** What callers tell the agent besides their words. */
const TOPIC = "antiphon.caller";

const OPENING = "A room is being opened: the first one takes some fifteen seconds.";
const AWAITED = "In the room. The agent is on its way.";
const DEV_ROOM = "development room";

/** A LiveKit room, with what is shown as news beside it, or else as the room itself tells it. */
export const connectLiveKit: Connect = (options, listener) => new RoomTalk(options, listener);

class RoomTalk implements Connection {
  private readonly http = new Http();
  private readonly over = new AbortController();
  private readonly told = new Told();
  /** What the room has told while it is not known whether the server will; null once that is known. */
  private early: RoomNews[] | null = [];
  private isToldByRoom = false;
  private room: LiveRoom | null = null;
  private microphone: MediaStreamTrack | null = null;
  private grant: Grant | null = null;
  private isReady = false;
  private agents = 0;
  /** When the agent was first seen at work, ms. */
  private workingSince = Infinity;
  private patience: ReturnType<typeof setTimeout> | undefined;

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
    if (this.grant) this.speak();
  }

  say(text: string): void {
    this.room?.write(text).catch(() => this.refuse("the line could not be sent"));
  }

  interrupt(): void {
    this.room?.send(TOPIC, { type: "interrupt" }).catch(() => undefined);
  }

  hangUp(): void {
    this.end({ code: 1000, reason: "bye" });
  }

  private async open(): Promise<void> {
    const room = (this.room = new LiveRoom({
      voice: (stream, guest) => guest !== "student" && this.listener.voice(stream, whose(guest)),
      hush: (stream) => this.listener.hush(stream),
      told: (news) => this.hear(news),
      data: () => undefined,
      agents: (count) => this.count(count),
      lost: () => this.isReady && this.listener.lost(),
      back: () => this.isReady && this.ready(true),
      closed: (closing) => this.end(closing),
    }));
    const grant = await this.granted();
    if (this.over.signal.aborted) return;
    await room.join(grant);
    if (this.over.signal.aborted) return room.leave();
    this.grant = grant;
    if (this.microphone) this.speak();
    const news = new News(this.http, grant.session, this.over.signal);
    const hasNews = await this.begun(news);
    if (this.over.signal.aborted) return;
    this.listener.notice(grant.isDevRoom ? DEV_ROOM : "");
    this.ready(false);
    if (hasNews) {
      this.early = null;
      await this.follow(news);
    }
    if (!this.over.signal.aborted) this.listen();
  }

  private async granted(): Promise<Grant> {
    const late = setTimeout(() => this.listener.notice(OPENING), PROMPTLY_MS);
    try {
      return readGrant(await this.http.post("api/livekit/token", this.wish));
    } finally {
      clearTimeout(late);
    }
  }

  /** Whom to meet, and who speaks first. */
  private get wish(): object {
    const { agent, greet, goesOn } = this.options;
    return greet || goesOn ? { agent } : { agent, greet };
  }

  /** The conversation has begun; true when the server tells of it. Throws NotConnected, HttpError. */
  private async begun(news: News): Promise<boolean> {
    const late = setTimeout(() => this.listener.notice(AWAITED), PROMPTLY_MS);
    try {
      if (!(await this.works())) throw new NotConnected({ code: NOBODY, reason: "" });
      await news.open(AGENT_WITHIN_MS, () => this.grant!.isDevRoom || Date.now() - this.workingSince < NEWS_WITHIN_MS);
      return true;
    } catch (error) {
      if (this.over.signal.aborted || !isUnknown(error)) throw error;
      return false;
    } finally {
      clearTimeout(late);
    }
  }

  /** True once an agent is at work in the room; its session is on air a moment later. */
  private async works(): Promise<boolean> {
    const began = Date.now();
    while (this.workingSince === Infinity) {
      if (this.over.signal.aborted || Date.now() - began > AGENT_WITHIN_MS) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  }

  /** Tells the news as long as there are any. */
  private async follow(news: News): Promise<void> {
    try {
      await news.tell({ message: (message) => this.listener.message(message), again: () => this.ready(true) }, NEWS_BACK_WITHIN_MS);
    } catch (error) {
      // The conversation is in the room: without its server it is still shown as far as the room tells it.
      if (!this.over.signal.aborted && !isUnknown(error)) throw error;
      return;
    }
    this.end({ code: 1000, reason: "bye" });
  }

  /** From now on the room tells. */
  private listen(): void {
    const early = this.early ?? [];
    this.early = null;
    this.isToldByRoom = true;
    for (const news of early) this.hear(news);
  }

  private hear(news: RoomNews): void {
    if (news.of === "state" && news.state !== "initializing") this.workingSince = Math.min(this.workingSince, Date.now());
    if (this.early) this.early.push(news);
    else if (this.isToldByRoom) for (const message of this.told.messages(news)) this.listener.message(message);
  }

  private speak(): void {
    this.room?.speak(this.microphone).catch(() => this.refuse("the microphone could not be connected"));
  }

  private refuse(message: string): void {
    if (!this.over.signal.aborted) this.listener.message({ type: "error", code: "not_sent", message, field: "" });
  }

  /** Without an agent there is nobody to talk with. */
  private count(agents: number): void {
    clearTimeout(this.patience);
    if (this.agents > 0 && agents === 0) {
      this.patience = setTimeout(() => this.end({ code: 4402, reason: "the agent has left the room" }), BACK_WITHIN_MS);
    }
    this.agents = agents;
  }

  private ready(isResumed: boolean): void {
    this.isReady = true;
    const { agent, rate, playRate } = this.options;
    this.listener.message({
      type: "ready",
      session: this.grant!.session,
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

  private end(closing: Closing): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    clearTimeout(this.patience);
    this.room?.leave();
    this.listener.closed(closing);
  }
}

function whose(guest: Guest): "agent" | "person" {
  return guest === "person" ? "person" : "agent";
}
