import { describe, expect, test } from "vitest";
import { PlayQueue, type Report } from "../src/audio/queue";

const RATE = 24000;
const QUANTUM = 128;

const tone = (length: number, from = 0) =>
  Int16Array.from({ length }, (_, i) => Math.round(12000 * Math.sin((2 * Math.PI * 440 * (from + i)) / RATE)));

function play(queue: PlayQueue, frames: number): Float32Array {
  const out = new Float32Array(Math.ceil(frames / QUANTUM) * QUANTUM);
  for (let at = 0; at < out.length; at += QUANTUM) queue.render(out.subarray(at, at + QUANTUM));
  return out;
}
const last = (reports: Report[]) => reports.at(-1);
const biggestStep = (sound: Float32Array) =>
  sound.reduce((most, value, i) => (i ? Math.max(most, Math.abs(value - sound[i - 1]!)) : most), 0);

describe("at the rate of the loudspeaker", () => {
  test("every sample comes out once and in order, whatever the sizes of frames", () => {
    const queue = new PlayQueue(RATE, RATE);
    const sound = tone(2400);
    for (let at = 0; at < sound.length; at += 371) queue.push(1, at, sound.subarray(at, at + 371));
    const out = play(queue, 2400);
    expect(Array.from(out.subarray(0, 2400), (value) => Math.round(value * 32768))).toEqual(Array.from(sound));
    expect(queue.report(0)).toEqual([{ turn: 1, samples: 2400, cleared: false }]);
  });

  test("a repeated stretch is skipped and a gap is silence, so that counts stay those of the turn", () => {
    const queue = new PlayQueue(RATE, RATE);
    queue.push(1, 0, tone(100));
    queue.push(1, 50, tone(100, 50));
    queue.push(1, 200, tone(56, 200));
    const out = play(queue, 256);
    expect(out[149]).not.toBe(0);
    expect(Array.from(out.subarray(150, 200))).toEqual(Array(50).fill(0));
    expect(last(queue.report(0))?.samples).toBe(256);
  });

  test("a frame that leaps far ahead is a fault and is dropped", () => {
    const queue = new PlayQueue(RATE, RATE);
    queue.push(1, 4_000_000_000, tone(10));
    expect(queue.isPlaying).toBe(false);
  });
});

describe("at another rate", () => {
  test.each([48000, 44100, 96000, 16000])("%i Hz out: the same tone, the same time, the same count", (outRate) => {
    const queue = new PlayQueue(outRate, RATE);
    queue.push(1, 0, tone(12000));
    const out = play(queue, outRate / 2);
    let worst = 0;
    for (let i = 200; i < outRate / 2 - 200; i++) {
      worst = Math.max(worst, Math.abs(out[i]! - (12000 / 32768) * Math.sin((2 * Math.PI * 440 * i) / outRate)));
    }
    expect(worst).toBeLessThan(0.004);
    expect(last(queue.report(0))).toEqual({ turn: 1, samples: 12000, cleared: false });
  });

  test("20 s in odd quanta do not drift", () => {
    const queue = new PlayQueue(44100, RATE);
    let sent = 0;
    for (let second = 0; second < 20; second++) {
      queue.push(1, sent, new Int16Array(RATE));
      sent += RATE;
      play(queue, 44100 - 68);
    }
    const rendered = 20 * Math.ceil((44100 - 68) / QUANTUM) * QUANTUM;
    expect(queue.position.samples).toBe(Math.min(sent, Math.floor((rendered * RATE) / 44100)));
  });
});

describe("interruption", () => {
  const midway = () => {
    const queue = new PlayQueue(48000, RATE);
    queue.push(1, 0, tone(24000));
    play(queue, 12800);
    return queue;
  };

  test("hold stops the count at once and resume goes on from the same sample", () => {
    const queue = midway();
    queue.hold(1);
    play(queue, 48000);
    expect(queue.position.samples).toBe(6400);
    expect(queue.isPlaying).toBe(false);
    queue.resume(1);
    play(queue, 256);
    expect(queue.position.samples).toBe(6528);
  });

  test("a held turn is silent after 5 ms, and neither hold nor resume clicks", () => {
    const queue = midway();
    const before = play(queue, 256);
    queue.hold(1);
    const held = play(queue, 1024);
    expect(held.subarray(240).every((value) => value === 0)).toBe(true);
    queue.resume(1);
    const after = play(queue, 1024);
    const joined = Float32Array.of(...before, ...held, ...after);
    expect(biggestStep(joined)).toBeLessThan(1.5 * biggestStep(before));
  });

  test("clear says where the sound stopped, and nothing more of the turn is ever played", () => {
    const queue = midway();
    queue.report(0);
    queue.clear(1);
    expect(queue.report(0)).toEqual([{ turn: 1, samples: 6400, cleared: true }]);
    queue.push(1, 24000, tone(2400));
    const out = play(queue, 2048);
    expect(out.subarray(240).every((value) => value === 0)).toBe(true);
    expect(queue.report(0)).toEqual([]);
  });

  test("clear while held leaves the count where hold stopped it", () => {
    const queue = midway();
    queue.hold(1);
    play(queue, 4800);
    queue.clear(1);
    expect(last(queue.report(0))).toEqual({ turn: 1, samples: 6400, cleared: true });
  });

  test("what was rendered counts as heard after clear, though it has not left the loudspeaker yet", () => {
    const queue = midway();
    expect(queue.report(4800)).toEqual([{ turn: 1, samples: 3968, cleared: false }]);
    queue.clear(1);
    expect(queue.report(4800)).toEqual([{ turn: 1, samples: 6400, cleared: true }]);
    play(queue, 9600);
    expect(queue.report(4800)).toEqual([]);
  });

  test("clear of a turn never heard of is acknowledged too, once each time it is asked", () => {
    const queue = new PlayQueue(48000, RATE);
    queue.clear(9);
    queue.clear(9);
    const said = { turn: 9, samples: 0, cleared: true };
    expect(queue.report(0)).toEqual([said, said]);
  });

  test("the next turn plays as soon as the one before it is cleared", () => {
    const queue = midway();
    queue.hold(1);
    queue.push(2, 0, tone(2400));
    play(queue, 1024);
    expect(queue.position).toMatchObject({ turn: 1, samples: 6400 });
    queue.clear(1);
    play(queue, 1024);
    expect(queue.position).toMatchObject({ turn: 2, samples: 512 });
  });
});

describe("reports", () => {
  test("follow the ear, not the queue: the output's latency is taken off", () => {
    const queue = new PlayQueue(48000, RATE);
    queue.push(1, 0, tone(4800));
    play(queue, 1280);
    expect(queue.report(1280)).toEqual([]);
    play(queue, 1280);
    expect(queue.report(1280)).toEqual([{ turn: 1, samples: 640, cleared: false }]);
  });

  test("between acknowledgements only an end is told, and it is told once", () => {
    const queue = new PlayQueue(RATE, RATE);
    queue.push(1, 0, tone(512));
    play(queue, 256);
    expect(queue.report(0, true)).toEqual([]);
    play(queue, 256);
    expect(queue.report(0, true)).toEqual([{ turn: 1, samples: 512, cleared: false }]);
    play(queue, 1024);
    expect(queue.report(0)).toEqual([]);
  });

  test("a turn played to its end is reported even when the next has begun", () => {
    const queue = new PlayQueue(RATE, RATE);
    queue.push(1, 0, tone(100));
    queue.push(2, 0, tone(1000));
    play(queue, 256);
    expect(queue.report(0)).toEqual([
      { turn: 1, samples: 100, cleared: false },
      { turn: 2, samples: 156, cleared: false },
    ]);
  });
});

test("dropping says the final count of what was playing, and nothing sounds any more", () => {
  const queue = new PlayQueue(RATE, RATE);
  queue.push(1, 0, tone(RATE));
  play(queue, 2560);
  queue.report(0);
  queue.drop();
  expect(queue.report(0)).toEqual([{ turn: 1, samples: 2560, cleared: true }]);
  play(queue, 256);
  expect(play(queue, 1280).every((value) => value === 0)).toBe(true);
  queue.push(2, 0, tone(1280));
  play(queue, 1280);
  expect(queue.report(0)).toEqual([{ turn: 2, samples: 1280, cleared: false }]);
});
