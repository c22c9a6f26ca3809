import { expect, test } from "vitest";
import { waterfall } from "../src/waterfall";

const latency = (responseMs: number, parts: Record<string, number>) =>
  waterfall({
    type: "latency",
    turn: 1,
    responseMs,
    parts: Object.entries(parts).map(([name, ms]) => ({ name, ms })),
  });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test("the parts sum to the whole, as drawn and as written", () => {
  const { totalMs, segments } = latency(612.4, {
    endpointing: 300.2,
    recognition: 96.5,
    routing: 12.1,
    model: 118.6,
    guardrail: 8.9,
    synthesis: 70.8,
    transport: 5.3,
  });
  expect(totalMs).toBeCloseTo(612.4);
  expect(sum(segments.map(({ share }) => share))).toBeCloseTo(1);
  expect(sum(segments.map(({ shownMs }) => shownMs))).toBe(612);
  for (const [at, { start }] of segments.entries()) {
    expect(start).toBeCloseTo(sum(segments.slice(0, at).map(({ share }) => share)));
  }
});

test("what the server left out is a part of its own", () => {
  const { segments } = latency(500, { endpointing: 300, model: 150 });
  expect(segments.at(-1)).toMatchObject({ name: "other", label: "not accounted", ms: 50 });
});

test("rounding is no part", () => {
  expect(latency(450.4, { endpointing: 300, model: 150 }).segments).toHaveLength(2);
});

test("parts longer than the whole that was said make the whole", () => {
  expect(latency(400, { endpointing: 300, model: 150 }).totalMs).toBe(450);
});

test("parts that took no time are not drawn, and an unknown part is drawn under its own name", () => {
  const { segments } = latency(100, { retrieval: 0, thinking_hard: 100 });
  expect(segments.map(({ label }) => label)).toEqual(["thinking_hard"]);
});
