/** What the server says, asked for again and again as long as somebody looks at the page. */
export class Polled<T> {
  private readonly watchers = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private round = 0;
  private isClosed = false;

  /** `look` gives what is known now, as news of what was known before; `everyMs` when to look again, 0 for never. */
  constructor(
    private known: T,
    private readonly look: (before: T) => Promise<T>,
    private readonly everyMs: (known: T) => number,
  ) {}

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): T => this.known;

  open(): void {
    document.addEventListener("visibilitychange", this.onVisible);
    void this.again();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  /** The page knows better, and asks at once: an answer to an earlier question counts no more. */
  async change(to: (known: T) => T): Promise<void> {
    this.know(to(this.known));
    await this.again();
  }

  /** Asks at once. */
  async again(): Promise<void> {
    const round = ++this.round;
    clearTimeout(this.timer);
    const found = await this.look(this.known);
    if (this.isClosed || round !== this.round) return;
    this.know(found);
    const wait = this.everyMs(found);
    if (wait && !document.hidden) this.timer = setTimeout(() => void this.again(), wait);
  }

  private readonly onVisible = () => {
    clearTimeout(this.timer);
    if (!document.hidden && this.everyMs(this.known)) void this.again();
  };

  private know(found: T): void {
    this.known = found;
    for (const watcher of this.watchers) watcher();
  }
}
