import type { Report } from "../audio/queue";

/** How often a report that must arrive is sent again, and how long to wait before that, ms. */
const MOST_TRIES = 5;
const AGAIN_MS = 250;

/**
 * Reports of what was played, sent one after the other: where several wait, the newest of each turn stands for all.
 * A final one is never passed over, and is tried again when it does not arrive.
 */
export class Reports {
  private waiting: Report[] = [];
  private isSending = false;
  private isClosed = false;

  constructor(private readonly send: (report: Report) => Promise<void>) {}

  put(report: Report): void {
    this.waiting = this.waiting.filter((each) => each.turn !== report.turn || each.cleared);
    if (!this.waiting.some((each) => each.turn === report.turn)) this.waiting.push(report);
    void this.flush();
  }

  close(): void {
    this.isClosed = true;
    this.waiting = [];
  }

  private async flush(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    let tries = 0;
    while (this.waiting.length && !this.isClosed) {
      const [report] = this.waiting.splice(0, 1);
      try {
        await this.send(report!);
        tries = 0;
      } catch {
        // The next report says more; a final one has no next.
        if (!report!.cleared || ++tries >= MOST_TRIES) continue;
        this.waiting.unshift(report!);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
    this.isSending = false;
  }
}
