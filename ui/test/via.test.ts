import { describe, expect, test } from "vitest";
import { keepVia, keptVia, viaOf, withVia } from "../src/connections/via";
import { TabKeeper } from "../src/connections/kept";

class Box implements Storage {
  private readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  clear = () => this.kept.clear();
  getItem = (key: string) => this.kept.get(key) ?? null;
  key = (at: number) => [...this.kept.keys()][at] ?? null;
  removeItem = (key: string) => void this.kept.delete(key);
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

describe("the way a conversation goes", () => {
  test.each([
    ["?via=realtime", "realtime"],
    ["?agent=tutor&via=direct", "direct"],
    ["?v=a", "livekit"],
    ["?agent=booking&via=livekit", "livekit"],
    ["?v=b", "direct"],
    ["?v=c", "orchestrate"],
    ["?via=orchestrate&v=b", "orchestrate"],
    ["?via=nonsense", null],
    ["?v=toString", null],
    ["", null],
  ])("by the address %j is %j", (search, via) => expect(viaOf(search)).toBe(via));

  test("stands in the address, in place of what it asked for before", () => {
    expect(withVia("http://h/?agent=booking&v=b", "realtime")).toBe("http://h/?agent=booking&via=realtime");
    expect(withVia("http://h/?via=realtime#x", "direct")).toBe("http://h/?via=direct#x");
  });

  test("is kept for the next visit, where the browser allows it", () => {
    const box = new Box();
    expect(keptVia(() => box)).toBeNull();
    keepVia(() => box, "direct");
    expect(keptVia(() => box)).toBe("direct");
    const forbidden = () => {
      throw new DOMException("denied", "SecurityError");
    };
    keepVia(forbidden, "direct");
    expect(keptVia(forbidden)).toBeNull();
  });

  test("has conversations of its own to go on with", () => {
    const box = new Box();
    const kept = { agent: "tutor", session: "s", resume: "r", playedTurn: 1, playedSamples: 2, lastLine: 0, unanswered: [] };
    new TabKeeper(() => box, "direct").write(kept);
    expect(new TabKeeper(() => box, "direct").read("tutor")).toEqual(kept);
    expect(new TabKeeper(() => box).read("tutor")).toBeNull();
  });
});
