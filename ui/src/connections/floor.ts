/** What a client says on the channel of events. */
export interface Said {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Whose turn it is to speak, as a client of OpenAI's Realtime API must know it: there is one response at a time, what
 * is typed cuts the one in hand and waits for its end. Pure: `send` is given what is to be said.
 */
export class Floor {
  /** A response was asked for and has not begun. */
  private isAsked = false;
  /** A response is being made. */
  private isActive = false;
  /** Its voice, which outlasts it, is sounding. */
  private isSounding = false;
  /** A response has to be asked for as soon as there is none. */
  private isOwed = false;
  private readonly typed: string[] = [];

  constructor(private readonly send: (event: Said) => void) {}

  /** The agent is to speak first. */
  greet(): void {
    this.isOwed = true;
    this.flush();
  }

  type(text: string): void {
    this.typed.push(text);
    this.stop();
    this.flush();
  }

  /** The agent is to stop speaking. */
  stop(): void {
    if (this.isActive) this.send({ type: "response.cancel" });
    if (this.isActive || this.isSounding) this.send({ type: "output_audio_buffer.clear" });
  }

  /** Something happened, by the event that tells it; `code` of an error. */
  hear(type: string, code = ""): void {
    switch (type) {
      case "response.created":
        this.isAsked = false;
        this.isActive = true;
        if (this.typed.length) this.stop();
        return;
      case "response.done":
        this.isActive = false;
        return this.flush();
      case "output_audio_buffer.started":
        this.isSounding = true;
        return;
      case "output_audio_buffer.stopped":
      case "output_audio_buffer.cleared":
        this.isSounding = false;
        return;
      case "error":
        return this.refused(code);
    }
  }

  private refused(code: string): void {
    const wasAsked = this.isAsked;
    this.isAsked = false;
    // Another response began first: what is owed is asked for after it.
    if (code === "conversation_already_has_active_response") this.isActive = this.isOwed = true;
    else if (code === "response_cancel_not_active") this.isActive = false;
    else if (wasAsked) return;
    this.flush();
  }

  private flush(): void {
    if (this.isActive || this.isAsked) return;
    const lines = this.typed.splice(0);
    for (const text of lines) {
      const content = [{ type: "input_text", text }];
      this.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
    }
    if (!lines.length && !this.isOwed) return;
    this.isOwed = false;
    this.isAsked = true;
    this.send({ type: "response.create" });
  }
}
