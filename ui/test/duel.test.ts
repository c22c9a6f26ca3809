import { describe, expect, test } from "vitest";
import { partsOf, readDuel, toJson } from "../src/duel/model";
import { passed, Take } from "../src/duel/take";
import { audible } from "../src/duel/waveform";
import { scaleOf } from "../src/duel/views/Ticks";
import type { ServerMessage } from "../src/wire";

const RATE = 24_000;

/** Pieces of sound, each so many ms long and so loud. */
function sound(...pieces: readonly (readonly [ms: number, peak: number])[]): Float32Array {
  const samples = pieces.flatMap(([ms, peak]) => {
    const length = Math.round((ms / 1000) * RATE);
    return Array.from({ length }, (_, at) => peak * Math.cos((2 * Math.PI * 440 * at) / RATE));
  });
  return Float32Array.from(samples);
}

const sentence = (text: string, purpose: "answer" | "filler" = "answer"): ServerMessage => ({
  type: "sentence",
  turn: 1,
  sentence: 0,
  text,
  purpose,
  isRewritten: false,
});
const latency: ServerMessage = {
  type: "latency",
  turn: 1,
  responseMs: 250,
  parts: [
    { name: "endpointing", ms: 150 },
    { name: "synthesis", ms: 100 },
  ],
};

describe("the parts of a wait", () => {
  test("sum to the whole, what the server does not count being a part of its own", () => {
    const told = [
      { name: "endpointing", ms: 154 },
      { name: "model", ms: 0 },
      { name: "synthesis", ms: 200.3 },
    ];
    expect(partsOf(450, told)).toEqual([
      { name: "endpointing", ms: 154 },
      { name: "synthesis", ms: 200.3 },
      { name: "outside", ms: 95.7 },
    ]);
    for (const whole of [0.1, 99.9, 333.3, 612.7]) {
      const tenths = partsOf(whole, told).reduce((sum, { ms }) => sum + Math.round(ms * 10), 0);
      expect(tenths).toBe(Math.round(whole * 10));
    }
  });

  test("hold nothing that the server counts before speech ended, or after its sound was heard", () => {
    const told = [
      { name: "endpointing", ms: 154 },
      { name: "recognition", ms: 100 },
      { name: "synthesis", ms: 200 },
    ];
    expect(partsOf(250, told)).toEqual([
      { name: "recognition", ms: 100 },
      { name: "synthesis", ms: 150 },
    ]);
  });

  test("are untold where the server tells nothing, and none where the answer came first", () => {
    expect(partsOf(300, [])).toEqual([{ name: "other", ms: 300 }]);
    expect(partsOf(-5, [])).toEqual([]);
  });

  test("pass one after the other while a lane runs again", () => {
    const parts = partsOf(300, [{ name: "model", ms: 200 }]);
    expect(passed({ parts }, 0)).toEqual([]);
    expect(passed({ parts }, 250)).toEqual([
      { name: "model", ms: 200 },
      { name: "outside", ms: 50 },
    ]);
    expect(passed({ parts }, 9999)).toEqual(parts);
  });
});

describe("what is audible", () => {
  test("begins and ends with its samples", () => {
    const bounds = audible(sound([100, 0], [500, 0.25], [200, 0]), RATE)!;
    expect(bounds.first).toBe(2400);
    expect(Math.abs(bounds.stop - 14_400)).toBeLessThan(24);
  });

  test("is no click, and nothing in silence", () => {
    expect(audible(sound([100, 0], [2, 0.5], [100, 0]), RATE)).toBeNull();
    expect(audible(sound([300, 0]), RATE)).toBeNull();
    expect(audible(new Float32Array(0), RATE)).toBeNull();
  });
});

describe("a lane", () => {
  test("is measured from the last audible sample said to the first of the answer heard", () => {
    const take = new Take("orchestrate", 1000);
    take.hear({ type: "transcript", utterance: 1, text: "Why?", isFinal: true }, 1100);
    take.hear({ type: "route", turn: 1, specialist: "history", confidence: 1, reason: "" }, 1150);
    take.hear(sentence("Because."), 1200);
    take.hear(latency, 1300);
    const lane = take.lane(sound([1400, 0], [500, 0.25]), RATE);
    expect(lane).toMatchObject({ responseMs: 400, firstSoundMs: 400, answer: "Because.", understood: "Why?", specialist: "history", error: "" });
    expect(lane.parts).toEqual([
      { name: "endpointing", ms: 150 },
      { name: "synthesis", ms: 100 },
      { name: "outside", ms: 150 },
    ]);
    expect(lane.events.map(({ what }) => what)).toEqual(["understood", "route", "sentence", "answer", "over"]);
  });

  test("tells a filler apart from the answer", () => {
    const take = new Take("orchestrate", 1000);
    take.hear(sentence("Let me see.", "filler"), 1400);
    take.hear(sentence("Because."), 1800);
    const lane = take.lane(sound([1500, 0], [400, 0.25], [600, 0], [500, 0.25]), RATE);
    expect(lane.firstSoundMs).toBe(500);
    expect(Math.abs(lane.responseMs! - 1500)).toBeLessThan(11);
  });

  test("of a direct call is measured to the answer, and not to what the provider says", () => {
    const take = new Take("direct", 1000);
    take.answersFromMs = 2200;
    take.hear(sentence("Because."), 2100);
    const lane = take.lane(sound([1200, 0], [800, 0.25], [300, 0], [500, 0.25]), RATE);
    expect(lane).toMatchObject({ firstSoundMs: 200, responseMs: 1300 });
  });

  test("without an answer says why, and has neither a wait nor parts", () => {
    const take = new Take("livekit", 1000);
    expect(take.lane(new Float32Array(0), RATE)).toMatchObject({ responseMs: null, parts: [], n: 0, hasSound: false, error: "Nothing was heard of an answer." });
    take.error = "No agent came into the room.";
    expect(take.lane(sound([500, 0.2]), RATE).error).toBe("No agent came into the room.");
  });

  test("is said when the agent is idle after it", () => {
    const take = new Take("orchestrate", 1000);
    take.hear({ type: "phase", phase: "idle", turn: 0 }, 100);
    expect(take.isSaid).toBe(false);
    take.hear(sentence("Because."), 1200);
    take.hear({ type: "phase", phase: "speaking", turn: 1 }, 1300);
    expect(take.isSaid).toBe(false);
    take.hear({ type: "phase", phase: "idle", turn: 1 }, 2300);
    expect(take.isSaid).toBe(true);
  });
});

test("a duel is sent and read as it was", () => {
  const take = new Take("orchestrate", 900);
  take.hear(sentence("Because."), 1000);
  take.joinMs = 12.34;
  const lane = { ...take.lane(sound([1200, 0], [300, 0.2]), RATE), hasSound: false };
  const duel = {
    id: "",
    madeBy: "page",
    agent: "tutor",
    startedAt: "2026-11-22T03:00:00.000Z",
    machine: "here",
    rounds: 1,
    utterance: { text: "Why?", seconds: 1, speechStartMs: 50, speechEndMs: 900 },
    lanes: [lane],
  };
  const told = JSON.parse(JSON.stringify(toJson(duel))) as { lanes: object[] };
  const kept = { ...told, made_by: "page", lanes: [{ ...told.lanes[0], n: 1, p50_ms: lane.p50Ms, p95_ms: lane.p95Ms }] };
  expect(readDuel(kept)).toEqual(duel);
});

test("the axis holds the longest wait, and never less than a second", () => {
  expect(scaleOf([])).toBe(1000);
  expect(scaleOf([380, 420])).toBe(1000);
  expect(scaleOf([1234])).toBe(1500);
  expect(scaleOf([4000])).toBe(5000);
});
