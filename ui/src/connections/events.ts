/** The server said nothing for so long, ms, although it had been saying that it is still there. */
const SILENT_MS = 30_000;

/** Server-sent events out of a text that comes in pieces (WHATWG HTML 9.2.6), as far as we use them: their data. */
export class EventParser {
  /** Comments that were seen: a server says by them that it is still there. */
  comments = 0;
  private rest = "";
  private data: string[] = [];

  /** Takes the next piece; answers with the data of each event it completes. */
  push(piece: string): string[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop()!;
    const done: string[] = [];
    for (const line of lines) {
      if (line === "") {
        if (this.data.length) done.push(this.data.join("\n"));
        this.data = [];
      } else if (line.startsWith(":")) this.comments++;
      else if (line === "data" || line.startsWith("data:")) this.data.push(line.slice(5).replace(/^ /, ""));
    }
    return done;
  }
}

export interface EventsListener {
  data(text: string): void;
  /** The stream has ended, broken off, or gone silent. Comes once, unless `abort` was first. */
  over(): void;
}

/** Reads the events of `answer` until they end. */
export async function readEvents(answer: Response, listener: EventsListener, signal: AbortSignal): Promise<void> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  let patience: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      if (parser.comments) patience = setTimeout(() => void reader.cancel(), SILENT_MS);
      const { done, value } = await reader.read();
      clearTimeout(patience);
      if (done || signal.aborted) break;
      for (const data of parser.push(value)) listener.data(data);
    }
  } catch {
    // However it ended, it is over.
  }
  clearTimeout(patience);
  if (!signal.aborted) listener.over();
}
