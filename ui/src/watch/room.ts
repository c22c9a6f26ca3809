import { WireError } from "../fields";
import { Http } from "../http";
import type { Closing } from "../connections/connection";
import type { ServerMessage } from "../wire";
import { readGrant, type Guest } from "../connections/grant";
import { isUnknown, News } from "../connections/news";
import { LiveRoom } from "../connections/room";
import { closingOf } from "../connections/rtc";
import { type RoomNews, Told } from "../connections/told";
import type { Beside, BesideListener, Speaker } from "./beside";
import { decodeWatch, type SupervisorMessage } from "./wire";

/** What supervisors and agents tell each other: the messages of `/supervise`. */
const TOPIC = "antiphon.supervise";
/** How long news may be away before the room itself is asked, ms, and how long once they were there. */
const NEWS_WITHIN_MS = 2_000;
const NEWS_BACK_WITHIN_MS = 60_000;
/** How long a room may be without an agent, ms. */
const BACK_WITHIN_MS = 25_000;

const NOT_HERE: Closing = { code: 4404, reason: "there is no agent in the room" };

/** Stands by a call in its LiveKit room: all hear each other there. */
export function besideInRoom(session: string, agent: string, listener: BesideListener): Beside {
  return new RoomBeside(session, agent, listener);
}

class RoomBeside implements Beside {
  private readonly http = new Http();
  private readonly over = new AbortController();
  private readonly told = new Told();
  private readonly room: LiveRoom;
  private isToldByRoom = false;
  private isWatching = false;
  private agents = 0;
  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: string,
    private readonly agent: string,
    private readonly listener: BesideListener,
  ) {
    this.room = new LiveRoom({
      voice: (stream, guest) => listener.voice(stream, speakerOf(guest)),
      hush: (stream) => listener.hush(stream),
      told: (news) => this.hear(news),
      data: (topic, text) => topic === TOPIC && this.read(text),
      agents: (count) => this.count(count),
      lost: () => this.isWatching && listener.lost(),
      back: () => this.isWatching && this.watching(),
      closed: (closing) => this.close(closing),
    });
    this.open().catch((error: unknown) => this.close(closingOf(error)));
  }

  send(message: SupervisorMessage): void {
    const failed = () => this.listener.fault("Not done: the room did not take it.");
    this.room.send(TOPIC, message).catch(failed);
    // The agent alone hears a whisper, and says nothing of it.
    if (message.type === "whisper") this.listener.message({ type: "whispered", by: this.room.name, text: message.text });
  }

  sendSound(): void {}

  speak(track: MediaStreamTrack | null): void {
    this.room.speak(track).catch(() => {
      if (track && !this.over.signal.aborted) this.listener.fault("The microphone could not be connected.");
    });
  }

  end(code: number, reason: string): void {
    this.close({ code, reason });
  }

  private async open(): Promise<void> {
    const grant = readGrant(await this.http.post("api/livekit/supervise", { session: this.session }));
    if (this.over.signal.aborted) return;
    await this.room.join(grant);
    if (this.over.signal.aborted) return this.room.leave();
    if (!this.agents) return this.close(NOT_HERE);
    const news = new News(this.http, this.session, this.over.signal);
    try {
      await news.open(NEWS_WITHIN_MS);
      if (this.over.signal.aborted) return;
      this.watching();
      const listener = { message: (message: ServerMessage) => this.listener.message(message), again: () => this.watching() };
      await news.tell(listener, NEWS_BACK_WITHIN_MS, () => this.agents > 0);
      return this.close({ code: 1000, reason: "bye" }, true);
    } catch (error) {
      if (this.over.signal.aborted || !isUnknown(error)) throw error;
    }
    // The session is held elsewhere, if it is.
    if (!this.agents) return this.close(NOT_HERE);
    if (!this.isWatching) this.watching();
    this.isToldByRoom = true;
  }

  private watching(): void {
    this.isWatching = true;
    const { session, agent } = this;
    this.listener.message({ type: "watching", session, agent, phase: "listening", turn: 0, takenOverBy: this.room.speaker });
  }

  private hear(news: RoomNews): void {
    if (this.isToldByRoom) for (const message of this.told.messages(news)) this.listener.message(message);
  }

  /** What the agent answers to what was asked of it. */
  private read(text: string): void {
    try {
      this.listener.message(decodeWatch(text));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }

  private count(agents: number): void {
    clearTimeout(this.patience);
    if (this.agents > 0 && agents === 0) {
      this.patience = setTimeout(() => this.close(NOT_HERE), BACK_WITHIN_MS);
    }
    this.agents = agents;
  }

  private close(closing: Closing, isOver = false): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    clearTimeout(this.patience);
    this.room.leave();
    this.listener.closed(closing, isOver);
  }
}

function speakerOf(guest: Guest): Speaker {
  return guest === "student" ? "caller" : guest;
}
