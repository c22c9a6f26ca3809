import { Fields, WireError } from "../fields";

/** Something changed on the server; without a table, perhaps everything. */
export interface Change {
  readonly table: string;
  readonly id: string;
}

/** How long to wait before asking for changes again after they were refused, ms. */
const AGAIN_MS = 3000;

/** Tells of changes until closed. Says that everything may have changed each time it could have missed some. */
export class Changes {
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly changed: (change: Change) => void,
    private readonly linked: (isLinked: boolean) => void,
  ) {
    this.open();
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
  }

  private open(): void {
    const source = new EventSource(this.url);
    this.source = source;
    source.onopen = () => {
      this.linked(true);
      this.changed({ table: "", id: "" });
    };
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const change = readChange(data);
      if (change) this.changed(change);
    };
    source.onerror = () => {
      this.linked(false);
      // A broken connection is made again by the browser, a refused one is not.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.open(), AGAIN_MS);
    };
  }
}

/** Null for what is no change. */
export function readChange(text: string): Change | null {
  try {
    const from = Fields.of(JSON.parse(text));
    return { table: from.has("table") ? from.string("table") : "", id: from.has("id") ? from.string("id") : "" };
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) return null;
    throw error;
  }
}
