import { describe, expect, test } from "vitest";
import { WireError } from "../src/fields";
import { drawnMs, lasting, layout, readTrace, ticks } from "../src/watch/trace";

const span = (key: string, parent: string, name: string, start_ms: number, ms: number, attributes: object = {}, more: object = {}) => ({
  ...{ key, parent, name, start_ms, ms, attributes },
  ...more,
});
const ASKED = JSON.stringify([{ role: "user", parts: [{ type: "text", content: "What is 2 plus 2?" }] }]);
const TURN = { "voice.turn": 1, "voice.response_ms": 600, "gen_ai.input.messages": ASKED, "voice.route.specialist": "math", "voice.interrupted": true };
const SPANS = [
  span("turn/1", "session", "invoke_agent tutor", 1000, 4000, TURN, {
    moments: [{ at_ms: 1500, name: "voice.guardrail", attributes: { "voice.side": "output", "voice.action": "block", "voice.categories": ["violence"] } }],
  }),
  span("turn/1/1/endpointing", "turn/1", "voice.endpointing", 1000, 400, { "voice.part": "endpointing" }),
  span("turn/1/2/model", "turn/1", "voice.model", 1400, 200, { "voice.part": "model" }),
  span("turn/1/3/chat", "turn/1", "chat gpt-4.1-mini", 1400, 900, {
    ...{ "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4.1-mini", "gen_ai.usage.input_tokens": 150 },
    ...{ "gen_ai.usage.output_tokens": 20, "voice.usd": 0.000086, "voice.is_estimate": false },
  }),
  span("turn/1/4/tool", "turn/1", "execute_tool look_up", 1390, 10, { "gen_ai.tool.name": "look_up" }, { error: "timed_out" }),
  span("turn/1/playout", "turn/1", "voice.playout", 1600, 3400, { "voice.part": "playout" }),
  span("session/browser.first_sound_played/1", "session", "browser.first_sound_played", 1000, 650, { "voice.turn": 1 }),
  span("session/hung_up/1", "session", "voice.hung_up", 6000, 0),
];
const laid = (spans: object[] = SPANS) => layout(readTrace({ ms: 6000, spans }));

describe("the trace of a conversation", () => {
  test("is its turns, each with what was asked, how long one waited, and its rows in the order in which they began", () => {
    const [turn] = laid().turns;
    expect(turn).toMatchObject({ number: 1, title: "What is 2 plus 2?", startMs: 1000, waitMs: 600, isCut: true });
    const labels = ["page: first sound played", "end of turn", "look_up", "gpt-4.1-mini", "first token", "guardrail", "playout"];
    expect(turn!.bars.map(({ label }) => label)).toEqual(labels);
    expect(turn!.bars.map(({ startMs }) => startMs)).toEqual([0, 0, 390, 400, 400, 500, 600]);
    expect(turn!.facts).toContainEqual(["answered by", "math"]);
  });

  test("tells of a model what it read, wrote and cost, and of a tool why it failed", () => {
    const { bars } = laid().turns[0]!;
    const chat = bars.find(({ kind }) => kind === "chat")!;
    expect(chat.facts).toEqual([
      ["provider", "openai"],
      ["model", "gpt-4.1-mini"],
      ["tokens read", "150"],
      ["tokens written", "20"],
      ["cost", "0.000086 US$"],
    ]);
    expect(bars.find(({ kind }) => kind === "tool")).toMatchObject({ isError: true, facts: [["failed", "timed out"], ["tool", "look_up"]] });
    expect(bars.find(({ label }) => label === "guardrail")?.facts).toContainEqual(["for", "violence"]);
  });

  test("has what belongs to no turn beside it", () => {
    expect(laid().beside).toMatchObject([{ label: "hung up", startMs: 6000, ms: 0 }]);
  });

  test("a turn that nobody asked for says why it was spoken", () => {
    const greeting = span("turn/1", "session", "invoke_agent tutor", 0, 900, { "voice.turn": 1, "voice.purpose": "greeting" });
    expect(laid([greeting]).turns[0]).toMatchObject({ title: "The agent greets", waitMs: null, bars: [] });
  });

  test("draws the wait and what the model wrote; what is played goes beyond the axis", () => {
    expect(drawnMs(laid().turns[0]!)).toBeCloseTo(1.15 * 1300);
    expect(drawnMs({ ...laid().turns[0]!, waitMs: null })).toBe(4000);
  });

  test("is refused where it is no trace", () => {
    expect(() => readTrace({ ms: 1, spans: [{ key: "turn/1" }] })).toThrow(WireError);
    expect(layout(readTrace({ ms: 0, spans: [] }))).toEqual({ turns: [], beside: [] });
  });
});

test("the axis has round times, few of them", () => {
  expect(ticks(612)).toEqual([0, 200, 400, 600]);
  expect(ticks(1495)).toEqual([0, 500, 1000]);
  for (const ms of [1, 7, 33, 250, 999, 12_345, 600_000]) expect(ticks(ms).length).toBeLessThanOrEqual(6);
});

test("times are told as finely as they matter", () => {
  expect([8.44, 0, 612.4, 2100, 61_000].map(lasting)).toEqual(["8.4\u202fms", "0\u202fms", "612\u202fms", "2.1\u202fs", "61\u202fs"]);
});
