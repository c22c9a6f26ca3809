import { HttpError } from "../http";
import { type Closing, NO_MEDIA, NO_WEBRTC, REFUSED } from "./connection";

/** The name that OpenAI's Realtime API gives to the channel of events. */
const CHANNEL = "oai-events";
/** How long a connection may be interrupted before it counts as lost, ms: browsers mend short gaps themselves. */
const MEND_WITHIN_MS = 5000;

/** A connection could not be made; `closing` says why. */
export class NotConnected extends Error {
  constructor(readonly closing: Closing) {
    super(closing.reason);
    this.name = "NotConnected";
  }
}

/** How a connection ends whose opening was answered with that error. */
export function closingOf(error: unknown): Closing {
  if (error instanceof NotConnected) return error.closing;
  if (!(error instanceof HttpError)) return { code: REFUSED, reason: error instanceof Error ? error.message : String(error) };
  const { status, code, message } = error;
  if (status === 0) return { code: 1006, reason: message };
  if (status === 401 || status === 429) return { code: 4000 + status, reason: message };
  if (code === "unknown_agent") return { code: 4404, reason: message };
  return { code: REFUSED, reason: message };
}

export interface RtcListener {
  /** A JSON object of the channel. */
  event(event: Readonly<Record<string, unknown>>): void;
  voice(stream: MediaStream): void;
  /** The connection is gone. Comes once, unless `close` was first. */
  lost(): void;
}

/** A call by WebRTC in the form of OpenAI's Realtime API: a voice each way, and a channel of events. */
export class Rtc {
  private readonly peer: RTCPeerConnection;
  private readonly channel: RTCDataChannel;
  private readonly sender: RTCRtpSender;
  private mending: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;

  /** Throws NotConnected where the browser has no WebRTC. */
  constructor(private readonly listener: RtcListener) {
    if (typeof RTCPeerConnection === "undefined") throw new NotConnected({ code: NO_WEBRTC, reason: "" });
    this.peer = new RTCPeerConnection();
    this.sender = this.peer.addTransceiver("audio", { direction: "sendrecv" }).sender;
    this.channel = this.peer.createDataChannel(CHANNEL);
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => this.take(data);
    this.channel.onclose = () => this.end();
    this.peer.ontrack = ({ track, streams }) => listener.voice(streams[0] ?? new MediaStream([track]));
    this.peer.onconnectionstatechange = () => this.changed();
  }

  /** The channel is open: `exchange` answered the offer, and both ends found each other. Throws NotConnected, and its errors. */
  async connect(exchange: (offer: string) => Promise<string>, withinMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = new Promise<void>((resolve) => (this.channel.onopen = () => resolve()));
    try {
      await this.peer.setLocalDescription();
      const sdp = await exchange(this.peer.localDescription!.sdp);
      if (this.isOver) throw new NotConnected({ code: NO_MEDIA, reason: "" });
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new NotConnected({ code: NO_MEDIA, reason: "" })), withinMs);
      });
      await this.peer.setRemoteDescription({ type: "answer", sdp });
      await Promise.race([open, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  useMicrophone(track: MediaStreamTrack): void {
    // Of a call that is over nobody hears any more.
    this.sender.replaceTrack(track).catch(() => undefined);
  }

  send(event: object): void {
    if (this.channel.readyState === "open") this.channel.send(JSON.stringify(event));
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.mending);
    this.channel.close();
    this.peer.close();
  }

  private take(data: unknown): void {
    if (this.isOver || typeof data !== "string") return;
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    if (typeof event === "object" && event !== null) this.listener.event(event as Record<string, unknown>);
  }

  private changed(): void {
    const { connectionState } = this.peer;
    clearTimeout(this.mending);
    if (connectionState === "failed") this.end();
    if (connectionState === "disconnected") this.mending = setTimeout(() => this.end(), MEND_WITHIN_MS);
  }

  private end(): void {
    if (this.isOver) return;
    this.close();
    this.listener.lost();
  }
}
