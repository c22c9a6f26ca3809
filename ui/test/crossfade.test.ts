import { describe, expect, test } from "vitest";
import { Fade } from "../src/audio/crossfade";
import { PlayQueue } from "../src/audio/queue";

const near = (value: number) => expect.closeTo(value, 9);

describe("a cross-fade", () => {
  test("takes 50 ms each way, evenly", () => {
    const fade = new Fade();
    expect(fade.to(0, 10)).toEqual({ from: 1, at: 10, to: 0, until: near(10.05) });
    expect(fade.gain(10.025)).toBeCloseTo(0.5);
    expect(fade.gain(11)).toBe(0);
    expect(fade.to(1, 12)).toEqual({ from: 0, at: 12, to: 1, until: near(12.05) });
  });

  test("that turns round in the middle goes on from where it was, and no faster", () => {
    const fade = new Fade();
    fade.to(0, 0);
    expect(fade.to(1, 0.03)).toEqual({ from: near(0.4), at: 0.03, to: 1, until: near(0.06) });
    expect(fade.gain(0.045)).toBeCloseTo(0.7);
  });

  test("is not begun anew by who asks for it again", () => {
    const fade = new Fade();
    expect(fade.to(1, 0)).toBeNull();
    fade.to(0, 1);
    expect(fade.to(0, 1.02)).toBeNull();
    expect(fade.gain(1.04)).toBeCloseTo(0.2);
  });

  test("keeps the two voices at one loudness together", () => {
    const rate = 24000;
    const queue = new PlayQueue(rate, rate, { startMs: 50, stopMs: 50 });
    queue.push(1, 0, new Int16Array(4800).fill(16384));
    const answer = new Float32Array(2400);
    queue.render(answer);
    const fade = new Fade();
    fade.to(0, 0);
    for (let at = 0; at < answer.length; at++) expect(fade.gain(at / rate) + answer[at]! / 0.5).toBeCloseTo(1, 5);
    expect(fade.gain(0.05)).toBe(0);
    expect(answer[1200]).toBe(0.5);
  });

  test("ends an answer over 50 ms, while nothing more of it counts as played", () => {
    const rate = 24000;
    const queue = new PlayQueue(rate, rate, { startMs: 50, stopMs: 50 });
    queue.push(1, 0, new Int16Array(24000).fill(16384));
    queue.render(new Float32Array(4800));
    queue.clear(1);
    const out = new Float32Array(2400);
    queue.render(out);
    expect(out[0]).toBeCloseTo(0.5);
    expect(out[600]).toBeCloseTo(0.25);
    expect(out[1200]).toBe(0);
    expect(queue.report(0)).toEqual([{ turn: 1, samples: 4800, cleared: true }]);
  });

  test("begins each turn, and none in its middle", () => {
    const rate = 24000;
    const queue = new PlayQueue(rate, rate, { startMs: 50, stopMs: 50 });
    queue.push(1, 0, new Int16Array(2400).fill(16384));
    queue.render(new Float32Array(2400));
    queue.push(1, 2400, new Int16Array(2400).fill(16384));
    queue.push(2, 0, new Int16Array(2400).fill(16384));
    const out = new Float32Array(4800);
    queue.render(out);
    expect(out[0]).toBe(0.5);
    expect(out[2399]).toBe(0.5);
    expect(out[2400]).toBe(0);
    expect(out[3000]).toBeCloseTo(0.25);
  });
});
