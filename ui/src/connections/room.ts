import {
  ConnectionError,
  ConnectionErrorReason,
  DisconnectReason,
  type LocalTrackPublication,
  type Participant,
  type RemoteTrack,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
} from "livekit-client";
import { type Closing, NO_MEDIA, NO_WEBRTC, REFUSED } from "./connection";
import { type Grant, type Guest, guestOf, nameOf } from "./grant";
import { ELSEWHERE } from "./resuming";
import { NotConnected } from "./rtc";
import type { RoomNews } from "./told";

/** How long the room, and then sound, may take to be there, ms. */
const CONNECT_WITHIN_MS = 10_000;
/** LiveKit's names: for written lines, for what was said, and for what an agent does. */
const CHAT = "lk.chat";
const TRANSCRIPTION = "lk.transcription";
const SEGMENT = "lk.segment_id";
const IS_FINAL = "lk.transcription_final";
const STATE = "lk.agent.state";

setLogLevel("warn");

export interface RoomListener {
  /** Somebody's voice, and whose. */
  voice(stream: MediaStream, whose: Guest): void;
  hush(stream: MediaStream): void;
  /** What the room itself tells of the conversation. */
  told(news: RoomNews): void;
  /** An agent's message of that topic. */
  data(topic: string, text: string): void;
  /** So many agents are there now. */
  agents(count: number): void;
  /** The connection is interrupted, and being mended. All voices are gone. */
  lost(): void;
  /** It is mended. The voices have come again. */
  back(): void;
  /** The room is left for good. Comes once, unless `leave` was first. */
  closed(closing: Closing): void;
}

/** A LiveKit room that the page is in. */
export class LiveRoom {
  private readonly room: Room;
  private readonly voices = new Map<RemoteTrack, MediaStream>();
  private publication: Promise<LocalTrackPublication> | null = null;
  private isLost = false;
  private isOver = false;

  /** Throws NotConnected where the browser has no WebRTC. */
  constructor(private readonly listener: RoomListener) {
    if (typeof RTCPeerConnection === "undefined") throw new NotConnected({ code: NO_WEBRTC, reason: "" });
    this.room = new Room();
    this.room
      .on(RoomEvent.TrackSubscribed, (track, _, participant) => this.hear(track, participant))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.hush(track))
      .on(RoomEvent.ParticipantConnected, () => this.count())
      .on(RoomEvent.ParticipantDisconnected, () => this.count())
      .on(RoomEvent.ParticipantAttributesChanged, (_, participant) => this.stateOf(participant))
      .on(RoomEvent.DataReceived, (data, from, _, topic) => {
        if (from?.isAgent) listener.data(topic ?? "", new TextDecoder().decode(data));
      })
      .on(RoomEvent.Reconnecting, () => this.lose())
      .on(RoomEvent.SignalReconnecting, () => this.lose())
      .on(RoomEvent.Reconnected, () => this.mend())
      .on(RoomEvent.Disconnected, (reason) => this.end(closingFor(reason)));
    this.room.registerTextStreamHandler(TRANSCRIPTION, (reader, { identity }) => {
      void this.read(reader, this.guest(identity)).catch(() => undefined);
    });
  }

  /** The page is in the room. Throws NotConnected. */
  async join({ url, token }: Grant): Promise<void> {
    try {
      const within = { websocketTimeout: CONNECT_WITHIN_MS, peerConnectionTimeout: CONNECT_WITHIN_MS };
      await this.room.connect(url, token, within);
    } catch (error) {
      throw new NotConnected(refusal(error));
    }
    this.count();
    for (const participant of this.room.remoteParticipants.values()) this.stateOf(participant);
  }

  /** The sound of that track is heard by all in the room, until another's is, or with null nobody's. */
  async speak(track: MediaStreamTrack | null): Promise<void> {
    const earlier = this.publication;
    if (!track) {
      if (earlier) await (await earlier).mute();
      return;
    }
    if (!earlier) {
      this.publication = this.room.localParticipant.publishTrack(track, { source: Track.Source.Microphone });
      await this.publication;
      return;
    }
    const publication = await earlier;
    await publication.audioTrack?.replaceTrack(track, true);
    await publication.unmute();
  }

  /** A typed line for the agent. */
  async write(text: string): Promise<void> {
    await this.room.localParticipant.sendText(text, { topic: CHAT });
  }

  /** A message that only the agents get. */
  async send(topic: string, message: object): Promise<void> {
    const data = new TextEncoder().encode(JSON.stringify(message));
    const destinationIdentities = this.agents.map(({ identity }) => identity);
    if (destinationIdentities.length) await this.room.localParticipant.publishData(data, { reliable: true, topic, destinationIdentities });
  }

  /** The name under which the page is here. */
  get name(): string {
    const { identity, name } = this.room.localParticipant;
    return nameOf(identity, name ?? "");
  }

  /** Who of the persons here speaks; empty for nobody. */
  get speaker(): string {
    const others = [...this.room.remoteParticipants.values()];
    const found = others.find((each) => this.guest(each.identity) === "person" && each.isMicrophoneEnabled);
    return found ? nameOf(found.identity, found.name ?? "") : "";
  }

  leave(): void {
    this.isOver = true;
    this.forget();
    void this.room.disconnect();
  }

  private get agents(): Participant[] {
    return [...this.room.remoteParticipants.values()].filter(({ isAgent }) => isAgent);
  }

  private guest(identity: string): Guest {
    return guestOf(identity, this.room.getParticipantByIdentity(identity)?.isAgent ?? false);
  }

  private hear(track: RemoteTrack, { identity }: Participant): void {
    if (track.kind !== Track.Kind.Audio || this.isOver) return;
    const stream = new MediaStream([track.mediaStreamTrack]);
    this.voices.set(track, stream);
    this.listener.voice(stream, this.guest(identity));
  }

  private hush(track: RemoteTrack): void {
    const stream = this.voices.get(track);
    if (stream) this.listener.hush(stream);
    this.voices.delete(track);
  }

  private forget(): void {
    for (const track of [...this.voices.keys()]) this.hush(track);
  }

  private async read(reader: AsyncIterable<string> & { readonly info: { readonly id: string; readonly attributes?: Record<string, string> } }, who: Guest): Promise<void> {
    const attributes = reader.info.attributes ?? {};
    const segment = attributes[SEGMENT] ?? reader.info.id;
    let text = "";
    for await (const piece of reader) {
      text += piece;
      if (who === "agent") this.tell({ of: "words", who, segment, text, isFinal: false });
    }
    // The agent's words are one stream, others' are told anew until they are final.
    const isFinal = who === "agent" || attributes[IS_FINAL] === "true";
    this.tell({ of: "words", who, segment, text, isFinal });
  }

  private stateOf(participant: Participant): void {
    const state = participant.attributes[STATE];
    if (participant.isAgent && state) this.tell({ of: "state", state });
  }

  private tell(news: RoomNews): void {
    if (!this.isOver) this.listener.told(news);
  }

  private count(): void {
    if (!this.isOver) this.listener.agents(this.agents.length);
  }

  private lose(): void {
    if (this.isLost || this.isOver) return;
    this.isLost = true;
    this.listener.lost();
  }

  private mend(): void {
    if (this.isOver) return;
    this.isLost = false;
    this.voices.clear();
    for (const participant of this.room.remoteParticipants.values()) {
      for (const { track } of participant.audioTrackPublications.values()) if (track) this.hear(track as RemoteTrack, participant);
    }
    this.listener.back();
    this.count();
  }

  private end(closing: Closing): void {
    if (this.isOver) return;
    this.isOver = true;
    this.forget();
    this.listener.closed(closing);
  }
}

/** How a room was left, by LiveKit's reason. */
export function closingFor(reason: DisconnectReason | undefined): Closing {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return { code: 1000, reason: "bye" };
    case DisconnectReason.DUPLICATE_IDENTITY:
      return { code: ELSEWHERE, reason: "" };
    case DisconnectReason.SERVER_SHUTDOWN:
      return { code: 1012, reason: "" };
    case DisconnectReason.PARTICIPANT_REMOVED:
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return { code: 4402, reason: "the room was closed" };
    default:
      return { code: 1006, reason: "" };
  }
}

/** Why a room could not be entered. */
export function refusal(error: unknown): Closing {
  if (!(error instanceof ConnectionError)) return { code: REFUSED, reason: error instanceof Error ? error.message : String(error) };
  switch (error.reason) {
    case ConnectionErrorReason.ServerUnreachable:
    case ConnectionErrorReason.WebSocket:
    case ConnectionErrorReason.Timeout:
      return { code: 1006, reason: error.message };
    case ConnectionErrorReason.InternalError:
      return { code: NO_MEDIA, reason: error.message };
    default:
      return { code: REFUSED, reason: error.message };
  }
}
