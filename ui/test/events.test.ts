import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionListener } from "../src/connections/connection";
import { reporting } from "../src/connections/reporting";
import type { Opening, ResumingConnection } from "../src/connections/resuming";
import { PageEvents } from "../src/events";
import type { Ready, ServerMessage } from "../src/wire";

const OPENING: Opening = { agent: "tutor", rate: 48_000, playRate: 24_000, greet: false };
const READY: Ready = {
  ...{ type: "ready", session: "s_1", agent: "tutor", version: 1, rate: 48_000, playRate: 24_000, ackMs: 50 },
  ...{ leadMs: 400, suggestions: [], resume: "", isResumed: false },
};
const LOUD = new Int16Array(960).fill(8000);
const sentence = (turn: number): ServerMessage => ({ type: "sentence", turn, sentence: 0, text: "", purpose: "answer", isRewritten: false });

let bodies: { session_id: string; events: { name: string; ms: number; attributes: object }[] }[];
let page: ConnectionListener;
let line: ResumingConnection;
let passed: unknown[];
const told = () => bodies.flatMap(({ events }) => events);
const names = () => told().map(({ name }) => name);
const frame = (turn: number, offset: number, length: number) => page.sound({ turn, offset, samples: new Int16Array(length) });
const wait = (ms: number) => vi.advanceTimersByTime(ms);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  bodies = [];
  passed = [];
  const note = (what: string) => (value?: unknown) => void passed.push([what, value]);
  const far: ResumingConnection = {
    sendSound: note("sound"),
    useMicrophone: note("microphone"),
    acknowledge: (turn, samples) => void passed.push(["played", turn, samples]),
    say: note("say"),
    interrupt: note("interrupt"),
    hangUp: note("bye"),
  };
  const connect = reporting(
    (_, listener) => {
      page = listener;
      return far;
    },
    "websocket",
    new PageEvents((body) => bodies.push(JSON.parse(body))),
  );
  line = connect(OPENING, {
    message: note("message"),
    sound: note("heard"),
    voice: note("voice"),
    hush: note("hush"),
    front: note("front"),
    notice: note("notice"),
    lost: note("lost"),
    closed: note("closed"),
  });
});
afterEach(() => void vi.useRealTimers());

describe("what a page reports of a call", () => {
  test("is told together, after a while, and everything passes as if nobody looked", () => {
    wait(120);
    page.message(READY);
    line.sendSound(LOUD);
    page.notice("slow");
    expect(bodies).toEqual([]);
    wait(1500);
    expect(bodies).toEqual([{ session_id: "s_1", events: [{ name: "connection_open", ms: 120, attributes: { transport: "websocket" } }] }]);
    expect(passed).toEqual([["message", READY], ["sound", LOUD], ["notice", "slow"]]);
  });

  test("the first sound of an answer, from the end of what the caller said to the loudspeaker", () => {
    page.message(READY);
    line.sendSound(LOUD);
    wait(500);
    page.message(sentence(1));
    frame(1, 0, 4800);
    wait(100);
    line.acknowledge(1, 2400, false); // 100 ms of it have been heard
    line.acknowledge(1, 4800, false);
    page.closed({ code: 1000, reason: "bye" });
    expect(told().filter(({ name }) => name === "first_sound_played")).toEqual([
      { name: "first_sound_played", ms: 500, attributes: { transport: "websocket", turn: 1 } },
    ]);
  });

  test("an interruption: from the caller's first sound over the voice to silence", () => {
    page.message(READY);
    line.say("Why?");
    page.message(sentence(1));
    frame(1, 0, 48_000);
    wait(400);
    line.acknowledge(1, 1200, false);
    line.sendSound(LOUD);
    wait(90);
    page.message({ type: "hold", turn: 1 });
    wait(210);
    line.sendSound(LOUD);
    line.acknowledge(1, 3000, true);
    line.acknowledge(1, 3000, true);
    page.closed({ code: 1000, reason: "bye" });
    expect(names()).toEqual(["connection_open", "first_sound_played", "playout_held", "playout_cleared"]);
    expect(told().at(-1)).toEqual({ name: "playout_cleared", ms: 300, attributes: { transport: "websocket", turn: 1 } });
  });

  test("a loudspeaker that ran dry in the middle of a sentence, and not between two", () => {
    page.message(READY);
    line.say("Why?");
    page.message(sentence(1));
    frame(1, 0, 2400);
    line.acknowledge(1, 2400, false);
    wait(180);
    frame(1, 2400, 2400);
    line.acknowledge(1, 4800, false);
    page.message(sentence(1));
    wait(400);
    frame(1, 4800, 2400);
    page.closed({ code: 1000, reason: "bye" });
    const dry = told().filter(({ name }) => name === "playout_underrun");
    expect(dry).toEqual([{ name: "playout_underrun", ms: 180, attributes: { transport: "websocket", turn: 1 } }]);
  });

  test("a connection that was lost, how long it took to be back, and one that failed", () => {
    page.message(READY);
    wait(2000);
    page.lost();
    wait(800);
    page.message({ ...READY, isResumed: true });
    page.closed({ code: 4500, reason: "" });
    expect(names()).toEqual(["connection_open", "connection_lost", "reconnected", "error"]);
    expect(told()[2]?.ms).toBe(800);
    expect(told()[3]?.attributes).toEqual({ where: "connection", code: 4500 });
  });

  test("nothing before there is a session, nothing after it, and no more than fits a request", () => {
    const events = new PageEvents((body) => bodies.push(JSON.parse(body)));
    events.happened("page_hidden");
    events.of("s_2");
    for (let at = 0; at < 100; at++) events.happened("playout_held");
    events.of("");
    events.happened("page_shown");
    wait(5000);
    expect(bodies.map(({ session_id, events }) => [session_id, events.length])).toEqual([["s_2", 32]]);
  });
});
