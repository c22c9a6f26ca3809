import { describe, expect, test } from "vitest";
import { BIN_MS, Envelope, height, Mark, Score } from "../src/score";

const RATE = 24000;
const loud = (ms: number) => new Int16Array((ms * RATE) / 1000).fill(8000);
const bin = (at: number) => Math.floor(at / BIN_MS);

describe("an envelope", () => {
  test("bridges news that comes a little late, and leaves a real pause open", () => {
    const envelope = new Envelope();
    envelope.write(0, 0.2, Mark.Solid);
    envelope.write(80, 0.2, Mark.Solid);
    envelope.write(400, 0.2, Mark.Solid);
    expect(envelope.mark(bin(40))).toBe(Mark.Solid);
    expect(envelope.mark(bin(240))).toBe(Mark.None);
  });

  test("forgets what was overwritten a turn of the ring later", () => {
    const envelope = new Envelope();
    envelope.write(0, 0.2, Mark.Solid);
    envelope.write(24_000, 0.1, Mark.Solid);
    expect(envelope.level(0)).toBe(0);
  });
});

describe("the agent's voice", () => {
  test("is ahead until it is played", () => {
    const score = new Score(RATE);
    score.queue(1000, 1, 0, loud(200));
    expect(score.ahead()).toHaveLength(10);
    score.played(1100, 1, RATE / 10, Mark.Solid);
    expect(score.ahead()).toHaveLength(5);
    expect(score.agent.mark(bin(1100))).toBe(Mark.Solid);
  });

  test("leaves a cut and a hatched rest when it is stopped, and late frames change nothing", () => {
    const score = new Score(RATE);
    score.queue(1000, 1, 0, loud(200));
    score.played(1100, 1, RATE / 10, Mark.Solid);
    score.clear(1110, 1);
    score.queue(1115, 1, 4800, loud(200));
    expect(score.cuts).toEqual([{ at: 1110 }]);
    expect(score.agent.mark(bin(1160))).toBe(Mark.Hatched);
    expect(score.ahead()).toEqual([]);
  });

  test("is hatched while it is held", () => {
    const score = new Score(RATE);
    score.queue(1000, 1, 0, loud(200));
    score.hold();
    score.callerSounds(1020, 0.1);
    expect(score.agent.mark(bin(1020))).toBe(Mark.Hatched);
    score.resume();
    score.callerSounds(1040, 0.1);
    expect(score.agent.mark(bin(1040))).toBe(Mark.None);
  });

  test("makes no cut when nothing of it was queued", () => {
    const score = new Score(RATE);
    score.clear(10, 4);
    expect(score.cuts).toEqual([]);
  });
});

describe("a voice that comes as a stream", () => {
  test("is drawn as it is heard, and the noise between its words is not", () => {
    const score = new Score(RATE);
    score.streamSounds(1000, 0.1, Mark.Dotted);
    score.streamSounds(1020, 0.0004, Mark.Dotted);
    expect(score.agent.mark(bin(1000))).toBe(Mark.Dotted);
    expect(score.agent.mark(bin(1020))).toBe(Mark.None);
  });

  test("is cut where it is told to stop while it sounds, and not later", () => {
    const score = new Score(RATE);
    score.streamSounds(1000, 0.1, Mark.Solid);
    score.clear(1200, 3);
    expect(score.cuts).toEqual([{ at: 1200 }]);
    score.streamSounds(1300, 0.0001, Mark.Solid);
    score.clear(1700, 4);
    expect(score.cuts).toHaveLength(1);
  });
});

test("the parts of a turn end where its first sound came in", () => {
  const score = new Score(RATE);
  score.queue(5000, 2, 0, loud(40));
  score.lay(5100, 2, 600, []);
  expect(score.strips).toEqual([{ turn: 2, from: 4400, to: 5000, segments: [] }]);
});

test("height is loudness: silence nothing, a shout full", () => {
  expect(height(0)).toBe(0);
  expect(height(0.001)).toBe(0);
  expect(height(1)).toBe(1);
  expect(height(0.05)).toBeCloseTo(0.44, 1);
});
