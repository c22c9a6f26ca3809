/**
 * Of all tabs of this browser, one is heard: the last that began. Held by a Web Lock, which a tab that crashes gives
 * back as well.
 */
const NAME = "antiphon.microphone";

export interface TabListener {
  /** Another tab is heard now. */
  taken(): void;
  /** Nobody else is heard any more. */
  free(): void;
}

/** The browser's locks, as far as they are needed: one holder of a name at a time, over all tabs. */
export interface Locks {
  request(name: string, options: { steal?: boolean; signal?: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
}

export class HeardTab {
  private release: (() => void) | null = null;
  private waiting: AbortController | null = null;

  constructor(
    private readonly listener: TabListener,
    private readonly locks: Locks | undefined = globalThis.navigator?.locks,
  ) {}

  /** This tab is the one that is heard, until another takes that over. */
  take(): void {
    if (this.release) return;
    this.waiting?.abort();
    this.waiting = null;
    this.hold({ steal: true });
  }

  /** This tab is not heard any more, nor wants to be. */
  leave(): void {
    this.waiting?.abort();
    this.waiting = null;
    this.release?.();
    this.release = null;
  }

  private hold(options: { steal?: boolean; signal?: AbortSignal }, isTaken: () => void = () => undefined): void {
    let release: (() => void) | null = null;
    const held = () =>
      new Promise<void>((resolve) => {
        this.release = release = resolve;
        isTaken();
      });
    this.locks?.request(NAME, options, held).catch(() => {
      // Either it was not waited for any longer, or another tab has taken it.
      if (!release || this.release !== release) return;
      this.release = null;
      this.listener.taken();
      this.queue();
    });
  }

  /** Waits until the other tab has ended. */
  private queue(): void {
    const waiting = (this.waiting = new AbortController());
    this.hold({ signal: waiting.signal }, () => {
      this.waiting = null;
      this.listener.free();
    });
  }
}
