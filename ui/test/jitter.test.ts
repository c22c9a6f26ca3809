import { describe, expect, test } from "vitest";
import { JitterBuffer } from "../src/audio/jitter";

const RATE = 24000;
const frame = (ms: number, value = 16384) => new Int16Array((ms * RATE) / 1000).fill(value);

function render(buffer: JitterBuffer, ms: number, rate = RATE): Float32Array {
  const out = new Float32Array((ms * rate) / 1000);
  for (let at = 0; at < out.length; at += 128) buffer.render(out.subarray(at, at + 128));
  return out;
}
const sounding = (out: Float32Array) => out.reduce((count, value) => count + (Math.abs(value) > 0.45 ? 1 : 0), 0);

describe("a live voice", () => {
  test("begins once 80 ms have come, and rises without a click", () => {
    const buffer = new JitterBuffer(RATE, RATE);
    buffer.push(frame(60));
    expect(sounding(render(buffer, 20))).toBe(0);
    buffer.push(frame(40));
    const out = render(buffer, 40);
    expect(Math.abs(out[0]!)).toBeLessThan(0.02);
    expect(out.at(-1)).toBeCloseTo(0.5, 3);
  });

  test("goes on without a gap while frames come late by less than what waits", () => {
    const buffer = new JitterBuffer(RATE, RATE);
    buffer.push(frame(100));
    render(buffer, 20);
    for (let i = 0; i < 50; i++) {
      if (i % 3 === 0) buffer.push(frame(60));
      expect(sounding(render(buffer, 20))).toBe(480);
    }
  });

  test("is silent where nothing came in time, and begins again", () => {
    const buffer = new JitterBuffer(RATE, RATE);
    buffer.push(frame(100));
    render(buffer, 200);
    expect(sounding(render(buffer, 100))).toBe(0);
    buffer.push(frame(100));
    expect(sounding(render(buffer, 60))).toBeGreaterThan(1000);
  });

  test("is played to its end though that is short", () => {
    const buffer = new JitterBuffer(RATE, RATE);
    buffer.push(frame(40));
    expect(sounding(render(buffer, 200))).toBeGreaterThan(700);
    expect(buffer.waitingMs).toBe(0);
  });

  test("lags by a third of a second at most", () => {
    const buffer = new JitterBuffer(RATE, RATE);
    buffer.push(frame(2000));
    expect(buffer.waitingMs).toBeCloseTo(80, 0);
  });

  test("keeps its length at another rate of the loudspeaker", () => {
    const buffer = new JitterBuffer(48000, RATE);
    for (let i = 0; i < 3; i++) buffer.push(frame(100));
    const heard = sounding(render(buffer, 400, 48000)) / 48;
    expect(heard).toBeGreaterThan(285);
    expect(heard).toBeLessThan(301);
  });
});
