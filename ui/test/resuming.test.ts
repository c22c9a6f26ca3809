import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Connection, ConnectionListener, ConnectionOptions } from "../src/connections/connection";
import { type Keeper, type Kept, TabKeeper } from "../src/connections/kept";
import { resuming, type ResumingConnection } from "../src/connections/resuming";
import type { Ready, ServerMessage } from "../src/wire";

/** One connection as the far end sees it. */
class FarEnd implements Connection {
  readonly said: unknown[] = [];
  constructor(
    readonly options: ConnectionOptions,
    readonly page: ConnectionListener,
  ) {}
  sendSound(): void {
    this.said.push("sound");
  }
  useMicrophone(track: MediaStreamTrack): void {
    this.said.push(track.id);
  }
  acknowledge(turn: number, samples: number): void {
    this.said.push({ turn, samples });
  }
  say(text: string, id: number): void {
    this.said.push({ text, id });
  }
  interrupt(): void {
    this.said.push("interrupt");
  }
  hangUp(): void {
    this.said.push("bye");
    this.page.closed({ code: 1000, reason: "bye" });
  }
  ready(resume = "token", isResumed = false): void {
    this.page.message({ ...READY, resume, isResumed });
  }
  breaks(code = 1006): void {
    this.page.closed({ code, reason: "" });
  }
}

const READY: Ready = {
  type: "ready",
  session: "s_1",
  agent: "tutor",
  version: 1,
  rate: 48000,
  playRate: 24000,
  ackMs: 50,
  leadMs: 400,
  suggestions: [],
  resume: "",
  isResumed: false,
};
const remembered = (text: string): ServerMessage => ({ type: "remembered", turn: 1, role: "user", text, isCut: false, isPast: false, by: "" });

class Shelf implements Keeper {
  kept: Kept | null = null;
  isListening = false;
  read(agent: string): Kept | null {
    return this.kept?.agent === agent ? this.kept : null;
  }
  write(kept: Kept | null): void {
    this.kept = kept;
  }
}

let ends: FarEnd[];
let news: unknown[];
let shelf: Shelf;
let line: ResumingConnection;
const last = () => ends.at(-1)!;

function dial(): void {
  const connect = resuming((options, page) => {
    const end = new FarEnd(options, page);
    ends.push(end);
    return end;
  }, shelf);
  line = connect(
    { agent: "tutor", rate: 48000, playRate: 24000, greet: true },
    {
      message: (message) => news.push(message.type),
      sound: () => {},
      voice: () => news.push("voice"),
      hush: () => news.push("hush"),
      notice: (text) => news.push(text),
      front: (who) => news.push(who),
      lost: () => news.push("lost"),
      closed: (closing) => news.push(closing),
    },
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  ends = [];
  news = [];
  shelf = new Shelf();
  dial();
});
afterEach(() => vi.useRealTimers());

describe("a connection that breaks", () => {
  test("is made again by itself, with the session and how much of it was heard", () => {
    last().ready();
    line.acknowledge(2, 4800, false);
    last().breaks();
    line.acknowledge(2, 5040, true);
    vi.advanceTimersByTime(200);
    expect(ends).toHaveLength(2);
    expect(last().options).toMatchObject({
      greet: false,
      goesOn: { session: "s_1", resume: "token", playedTurn: 2, playedSamples: 5040 },
    });
    last().ready("another", true);
    expect(news).toEqual(["ready", "lost", "ready"]);
    expect(shelf.kept).toMatchObject({ resume: "another", playedSamples: 5040 });
  });

  test("hears the same microphone when it is made again", () => {
    const track = { id: "microphone" } as MediaStreamTrack;
    last().ready();
    line.useMicrophone(track);
    last().breaks();
    vi.advanceTimersByTime(200);
    expect(ends.map((end) => end.said)).toEqual([["microphone"], ["microphone"]]);
  });

  test("passes on a voice of its own, and which of two is heard", () => {
    last().page.voice({} as MediaStream);
    last().page.front("frames");
    expect(news).toEqual(["voice", "frames"]);
  });

  test("is tried again soon, then ever less often, and given up after 30 s, with what is needed to go on kept", () => {
    last().ready();
    const at: number[] = [];
    const began = Date.now();
    last().breaks();
    for (let count = ends.length; news.length < 3 && Date.now() - began < 60_000; vi.advanceTimersByTime(5)) {
      if (ends.length === count) continue;
      count = ends.length;
      at.push(Date.now() - began);
      last().breaks();
    }
    expect(at[0]).toBeLessThanOrEqual(80);
    const late = at.map((t, number) => (t - (at[number - 1] ?? 0) - 80) / t);
    expect(Math.max(...late)).toBeLessThanOrEqual(0.15);
    expect(at.length).toBeLessThan(120);
    expect(new Set(at.map((t, number) => t - (at[number - 1] ?? 0))).size).toBeGreaterThan(5);
    expect(at.at(-1)).toBeLessThanOrEqual(30_000);
    expect(news).toEqual(["ready", "lost", { code: 1006, reason: "" }]);
    expect(shelf.kept?.session).toBe("s_1");
  });

  test("begins with short pauses again once it was made", () => {
    last().ready();
    for (let i = 0; i < 3; i++) {
      last().breaks();
      vi.advanceTimersByTime(200);
      last().ready("token", true);
    }
    expect(ends).toHaveLength(4);
  });

  test("waits as long as the server asked for when it goes away", () => {
    last().ready();
    last().page.message({ type: "goaway", reason: "deploy", retryMs: 1500 });
    last().breaks(1012);
    vi.advanceTimersByTime(1400);
    expect(ends).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(ends).toHaveLength(2);
  });

  test.each([1001, 1005, 1006, 1012, 4408])("with code %i is worth trying again", (code) => {
    last().ready();
    last().breaks(code);
    vi.advanceTimersByTime(200);
    expect(ends).toHaveLength(2);
  });

  test.each([1000, 1011, 4400, 4409])("with code %i is over, and nothing is kept", (code) => {
    last().ready();
    last().breaks(code);
    vi.advanceTimersByTime(60_000);
    expect(ends).toHaveLength(1);
    expect(news).toEqual(["ready", { code, reason: "" }]);
    expect(shelf.kept).toBeNull();
  });

  test("is over where the server cannot resume", () => {
    last().ready("");
    last().breaks();
    expect(news).toEqual(["ready", { code: 1006, reason: "" }]);
  });

  test("was never made: nothing is tried again", () => {
    last().breaks();
    expect(news).toEqual([{ code: 1006, reason: "" }]);
  });
});

describe("a session that is not there any more", () => {
  test("is told once, and forgotten", () => {
    last().ready();
    last().breaks();
    vi.advanceTimersByTime(200);
    last().page.message({ type: "error", code: "cannot_resume", message: "it is over", field: "session" });
    last().breaks(4404);
    expect(news).toEqual(["ready", "lost", { code: 4404, reason: "cannot_resume" }]);
    expect(shelf.kept).toBeNull();
  });
});

describe("typed lines", () => {
  test("are counted, and said again after a resume until they are remembered", () => {
    last().ready();
    line.say("Explain a metaphor");
    line.say("What is 25% of 80?");
    expect(last().said).toEqual([{ text: "Explain a metaphor", id: 1 }, { text: "What is 25% of 80?", id: 2 }]);
    last().page.message(remembered("Explain a metaphor."));
    last().breaks();
    line.say("And of 40?");
    vi.advanceTimersByTime(200);
    expect(last().said).toEqual([]);
    last().ready("token", true);
    expect(last().said).toEqual([{ text: "What is 25% of 80?", id: 2 }, { text: "And of 40?", id: 3 }]);
  });

  test("are not carried into another session", () => {
    last().ready();
    line.say("Explain a metaphor");
    last().breaks();
    vi.advanceTimersByTime(200);
    last().ready("token", false);
    expect(last().said).toEqual([]);
    line.say("Hello");
    expect(last().said).toEqual([{ text: "Hello", id: 1 }]);
  });
});

describe("while there is no connection", () => {
  test("sound and acknowledgements go nowhere, and hanging up ends it", () => {
    last().ready();
    const [first] = ends;
    last().breaks();
    line.sendSound(new Int16Array(960));
    line.interrupt();
    line.hangUp();
    vi.advanceTimersByTime(60_000);
    expect(first!.said).toEqual([]);
    expect(ends).toHaveLength(1);
    expect(news.at(-1)).toEqual({ code: 1000, reason: "bye" });
    expect(shelf.kept).toBeNull();
  });
});

describe("after a reload", () => {
  test("the first connection goes on, and is tried again like any other", () => {
    last().ready();
    line.acknowledge(1, 960, false);
    ends = [];
    news = [];
    dial();
    expect(last().options.goesOn).toMatchObject({ session: "s_1", playedTurn: 1, playedSamples: 960 });
    last().breaks();
    vi.advanceTimersByTime(200);
    last().ready("token", true);
    expect(news).toEqual(["lost", "ready"]);
  });

  test("another agent's conversation is left alone", () => {
    last().ready();
    expect(shelf.read("booking")).toBeNull();
  });
});

describe("what a tab keeps", () => {
  const storage = (): Storage => {
    const map = new Map<string, string>();
    return {
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
      removeItem: (key: string) => void map.delete(key),
    } as Storage;
  };
  const kept: Kept = {
    agent: "tutor",
    session: "s_1",
    resume: "token",
    playedTurn: 3,
    playedSamples: 9600,
    lastLine: 2,
    unanswered: [{ id: 2, text: "And of 40?" }],
  };

  test("is there again on the next page", () => {
    const box = storage();
    new TabKeeper(() => box).write(kept);
    expect(new TabKeeper(() => box).read("tutor")).toEqual(kept);
    expect(new TabKeeper(() => box).read("booking")).toBeNull();
    new TabKeeper(() => box).write(null);
    expect(new TabKeeper(() => box).read("tutor")).toBeNull();
  });

  test.each(["", "{", "[]", "7", '{"agent":"tutor"}', '{"agent":1}'])("is nothing when it reads %j", (text) => {
    const box = storage();
    box.setItem("antiphon.session", text);
    expect(new TabKeeper(() => box).read("tutor")).toBeNull();
  });

  test("is kept for the page's life where storage is forbidden", () => {
    const keeper = new TabKeeper(() => {
      throw new Error("forbidden");
    });
    keeper.write(kept);
    expect(keeper.read("tutor")).toEqual(kept);
  });
});
