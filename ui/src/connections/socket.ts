import { WireError } from "../fields";
import { type AudioFrame, decodeAudio } from "../wire";
import type { Closing } from "./connection";

/** Sound is dropped rather than queued beyond this much unsent, bytes: late sound is of no use. 1 s at 48 kHz. */
const MAX_UNSENT = 96_000;
/** How often a quiet connection is asked whether it lives, and how long it may take to answer, ms. */
const ASK_EVERY_MS = 2500;
const ANSWER_WITHIN_MS = 6000;

export interface Speaking<Said> {
  /** What is said first. */
  readonly first: Said;
  /** A message that asks for an answer. */
  readonly ping: Said;
  readonly encode: (message: Said) => string;
}

export interface Hearing<Heard> {
  readonly decode: (text: string) => Heard;
  readonly isOpening: (message: Heard) => boolean;
  readonly message: (message: Heard) => void;
  readonly sound: (frame: AudioFrame) => void;
  /** Something came that does not follow the protocol. */
  readonly fault: (error: WireError) => void;
  /** Comes once, and nothing follows. */
  readonly closed: (closing: Closing) => void;
}

/**
 * A WebSocket of JSON and sound whose other end is known to live: one that says nothing for long, though asked, is
 * taken to be lost, which browsers notice after minutes.
 */
export class LiveSocket<Said, Heard> {
  private readonly socket: WebSocket;
  private readonly patience: ReturnType<typeof setTimeout>;
  private readonly asking: ReturnType<typeof setInterval>;
  private isOpen = false;
  private isOver = false;
  private askedAt: number | null = null;
  private isQuiet = false;

  constructor(
    url: string,
    private readonly speaking: Speaking<Said>,
    private readonly hearing: Hearing<Heard>,
    /** How long the server may take to open the session, ms. */
    openWithinMs: number,
    /** Subprotocols to offer. */
    protocols: string[] = [],
  ) {
    this.socket = new WebSocket(url, protocols);
    this.socket.binaryType = "arraybuffer";
    this.patience = setTimeout(() => this.end(1006, "no session was opened in time"), openWithinMs);
    this.asking = setInterval(() => this.ask(), ASK_EVERY_MS);
    this.socket.onopen = () => this.send(speaking.first);
    this.socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.take(data);
    this.socket.onclose = ({ code, reason }) => this.end(code, reason);
  }

  send(message: Said): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(this.speaking.encode(message));
  }

  sendSound(pcm: Int16Array<ArrayBuffer>): void {
    const { socket } = this;
    if (this.isOpen && socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MAX_UNSENT) socket.send(pcm);
  }

  end(code: number, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.patience);
    clearInterval(this.asking);
    this.hearing.closed({ code, reason });
    this.socket.close();
  }

  private take(data: string | ArrayBuffer): void {
    if (this.isOver) return;
    this.askedAt = null;
    this.isQuiet = false;
    try {
      if (typeof data !== "string") return this.hearing.sound(decodeAudio(data));
      const message = this.hearing.decode(data);
      if (this.hearing.isOpening(message)) {
        this.isOpen = true;
        clearTimeout(this.patience);
      }
      this.hearing.message(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // A newer server may say things this page has no name for.
      if (error.code !== "unknown_type") this.hearing.fault(error);
    }
  }

  private ask(): void {
    if (!this.isOpen) return;
    const now = Date.now();
    if (this.askedAt !== null && now - this.askedAt >= ANSWER_WITHIN_MS) return this.end(1006, "the server went silent");
    if (this.isQuiet && this.askedAt === null) {
      this.askedAt = now;
      this.send(this.speaking.ping);
    }
    this.isQuiet = true;
  }
}

/** Where the page's own server listens for `name`. */
export function socketUrl(name: string, page: { readonly href: string }): string {
  const url = new URL(name, page.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  return url.href;
}
