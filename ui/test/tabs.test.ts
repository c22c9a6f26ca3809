import { describe, expect, test } from "vitest";
import { HeardTab, type Locks } from "../src/tabs";

/** One lock, as a browser keeps it for all tabs. */
class OneLock implements Locks {
  private holder: { reject: (error: Error) => void } | null = null;
  private queue: (() => void)[] = [];

  request(_: string, options: { steal?: boolean; signal?: AbortSignal }, held: () => Promise<void>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const grant = () => {
        const mine = (this.holder = { reject });
        void held().then(() => {
          if (this.holder === mine) this.pass();
          resolve(undefined);
        });
      };
      if (options.steal) {
        this.holder?.reject(new DOMException("stolen", "AbortError"));
        return grant();
      }
      if (!this.holder) return grant();
      this.queue.push(grant);
      options.signal?.addEventListener("abort", () => {
        this.queue = this.queue.filter((each) => each !== grant);
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  }

  private pass(): void {
    this.holder = null;
    this.queue.shift()?.();
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
function tabs() {
  const lock = new OneLock();
  const news: string[] = [];
  const tab = (name: string) => new HeardTab({ taken: () => news.push(`${name} taken`), free: () => news.push(`${name} free`) }, lock);
  return { news, first: tab("first"), second: tab("second") };
}

describe("of several tabs", () => {
  test("the last that began is heard, and the one before it again when that has ended", async () => {
    const { news, first, second } = tabs();
    first.take();
    second.take();
    await settled();
    expect(news).toEqual(["first taken"]);
    second.leave();
    await settled();
    expect(news).toEqual(["first taken", "first free"]);
    second.take();
    await settled();
    expect(news.at(-1)).toBe("first taken");
  });

  test("one that takes its turn back is told once", async () => {
    const { news, first, second } = tabs();
    first.take();
    second.take();
    await settled();
    first.take();
    await settled();
    expect(news).toEqual(["first taken", "second taken"]);
    first.leave();
    await settled();
    expect(news).toEqual(["first taken", "second taken", "second free"]);
  });

  test("one that has ended waits for nothing", async () => {
    const { news, first, second } = tabs();
    first.take();
    second.take();
    await settled();
    first.leave();
    second.leave();
    await settled();
    expect(news).toEqual(["first taken"]);
  });

  test("a browser without locks hears all of them", () => {
    const tab = new HeardTab({ taken: () => undefined, free: () => undefined }, undefined);
    expect(() => (tab.take(), tab.leave())).not.toThrow();
  });
});
