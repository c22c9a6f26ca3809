import { Fields, WireError } from "../fields";
import type { Via } from "./via";

/** What a page must remember of a conversation to go on with it, also after a reload. */
export interface Kept {
  readonly agent: string;
  readonly session: string;
  readonly resume: string;
  /** The last turn that sounded, and how many of its samples. */
  readonly playedTurn: number;
  readonly playedSamples: number;
  /** The number of the last typed line. */
  readonly lastLine: number;
  /** Typed lines that the server has not been heard to remember. */
  readonly unanswered: readonly TypedLine[];
}

export interface TypedLine {
  readonly id: number;
  readonly text: string;
}

/** Where it is kept. */
export interface Keeper {
  /** The conversation with `agent` that may be gone on with, if there is one. */
  read(agent: string): Kept | null;
  write(kept: Kept | null): void;
  /** Whether the caller spoke, rather than wrote, when the page was last here. */
  isListening: boolean;
}

/** Each way has its own conversations; the oldest way has the name without a suffix. */
const KEY: Readonly<Record<Via, string>> = {
  orchestrate: "antiphon.session",
  realtime: "antiphon.session.realtime",
  direct: "antiphon.session.direct",
  livekit: "antiphon.session.livekit",
};
const LISTENING = "antiphon.listening";

/** Keeps it for this tab only, as long as the tab lives. Storage may be forbidden: then nothing is kept. */
export class TabKeeper implements Keeper {
  private kept: Kept | null = null;

  constructor(
    private readonly storage: () => Storage,
    private readonly via: Via = "orchestrate",
  ) {
    this.kept = parse(this.get(KEY[via]));
  }

  read(agent: string): Kept | null {
    return this.kept?.agent === agent ? this.kept : null;
  }

  write(kept: Kept | null): void {
    this.kept = kept;
    this.set(KEY[this.via], kept && JSON.stringify(kept));
  }

  get isListening(): boolean {
    return this.get(LISTENING) === "yes";
  }

  set isListening(isListening: boolean) {
    this.set(LISTENING, isListening ? "yes" : null);
  }

  private get(key: string): string | null {
    try {
      return this.storage().getItem(key);
    } catch {
      return null;
    }
  }

  private set(key: string, value: string | null): void {
    try {
      if (value === null) this.storage().removeItem(key);
      else this.storage().setItem(key, value);
    } catch {
      // The conversation then lasts as long as the page.
    }
  }
}

/** What was written, if it is ours and whole. */
function parse(text: string | null): Kept | null {
  try {
    const from = Fields.of(JSON.parse(text ?? "null"));
    return {
      agent: from.string("agent"),
      session: from.string("session"),
      resume: from.string("resume"),
      playedTurn: from.count("playedTurn"),
      playedSamples: from.count("playedSamples"),
      lastLine: from.count("lastLine"),
      unanswered: from.list("unanswered", (line) => ({ id: line.count("id"), text: line.string("text") })),
    };
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) return null;
    throw error;
  }
}
