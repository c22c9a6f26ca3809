import { describe, expect, test } from "vitest";
import { Lateness } from "../src/lateness";
import { median, Stopwatch } from "../src/stopwatch";

const FRAME_MS = 20;
/** Somebody sounds in frames from `from` until before `to`, ms. */
function sounds(each: (now: number) => void, from: number, to: number): void {
  for (let now = from; now < to; now += FRAME_MS) each(now);
}
function talk() {
  const watch = new Stopwatch();
  return {
    watch,
    caller: (from: number, to: number, level = 0.1) => sounds((now) => watch.callerSounds(now, level), from, to),
    agent: (from: number, to: number, isFiller = false) => sounds((now) => watch.agentSounds(now, 0.1, isFiller), from, to),
  };
}

describe("the wait for an answer", () => {
  test("runs from the caller's last sound to the answer's first", () => {
    const { watch, caller, agent } = talk();
    caller(0, 1000);
    agent(1480, 3000);
    expect(watch.responses).toEqual([500]);
  });

  test("leaves fillers aside", () => {
    const { watch, caller, agent } = talk();
    caller(0, 1000);
    agent(1480, 2000, true);
    agent(2200, 3000);
    expect(watch.responses).toEqual([1220]);
  });

  test("is measured once, however the answer pauses", () => {
    const { watch, caller, agent } = talk();
    caller(0, 1000);
    agent(1480, 2000);
    agent(3500, 4000);
    expect(watch.responses).toHaveLength(1);
  });

  test("is not measured where nobody spoke, and noise is nobody", () => {
    const { watch, caller, agent } = talk();
    agent(0, 500);
    caller(2000, 3000, 0.005);
    agent(4000, 5000);
    expect(watch.responses).toEqual([]);
  });
});

describe("giving way", () => {
  test("runs from the caller's first sound over the agent to the agent's last", () => {
    const { watch, caller, agent } = talk();
    caller(0, 1000);
    agent(1480, 4000);
    caller(3500, 3520);
    agent(4000, 4100);
    watch.stopped(4200, 1);
    expect(watch.yields).toEqual([580]);
  });

  test("is not what an mhm is answered with", () => {
    const { watch, caller, agent } = talk();
    caller(0, 1000);
    agent(1480, 2000);
    caller(2000, 2100);
    agent(2100, 5000);
    caller(9000, 9500);
    watch.stopped(9600, 1);
    expect(watch.yields).toEqual([]);
    expect(watch.responses).toEqual([500]);
  });

  test("is counted once of a turn, and not where a button stopped it", () => {
    const { watch, caller, agent } = talk();
    agent(0, 2000);
    watch.stopped(2000, 1);
    caller(2040, 2080);
    watch.stopped(2100, 1);
    expect(watch.yields).toEqual([]);
  });

  test("and the answer to the interruption is a wait of its own", () => {
    const { watch, caller, agent } = talk();
    agent(0, 2000);
    caller(1900, 3000);
    watch.stopped(2060, 1);
    agent(3480, 4000);
    expect(watch.yields).toEqual([80]);
    expect(watch.responses).toEqual([500]);
  });
});

test("the middle of several is the median", () => {
  expect(median([])).toBeNull();
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1])).toBe(2.5);
});

describe("sound that comes too late", () => {
  /** So many times the player has played all there is when more of a sentence comes. */
  function gaps(times: number, everyMs = 1000, announced = false): Lateness {
    const lateness = new Lateness();
    for (let at = 1; at <= times; at++) {
      lateness.plays(at * everyMs - 200, 1, at * 2400);
      if (announced) lateness.announces();
      lateness.arrives(at * everyMs, 1, at * 2400);
    }
    return lateness;
  }

  test("is told after three gaps, and no longer when it has come in time for a while", () => {
    expect(gaps(2).isLate(2000)).toBe(false);
    expect(gaps(3).isLate(3000)).toBe(true);
    expect(gaps(3).isLate(16_000)).toBe(false);
    expect(gaps(3, 20_000).isLate(60_000)).toBe(false);
  });

  test("is not the pause before a sentence that was still being made", () => {
    expect(gaps(5, 1000, true).isLate(5000)).toBe(false);
  });

  test("is not sound that comes in time, nor the first of a turn, nor a gap that nobody hears", () => {
    const lateness = new Lateness();
    for (let at = 1; at <= 5; at++) {
      lateness.plays(at * 1000 - 200, 1, at * 2400);
      lateness.arrives(at * 1000, 1, at * 2400 + 4800);
      lateness.arrives(at * 1000, 2, 0);
      lateness.plays(at * 1000 + 100, 1, at * 2400 + 4800);
      lateness.arrives(at * 1000 + 150, 1, at * 2400 + 4800);
    }
    expect(lateness.isLate(5000)).toBe(false);
  });
});
