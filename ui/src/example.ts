import { BIN_MS, Mark, Score } from "./score";
import { waterfall } from "./waterfall";

const PLAY_RATE = 24000;

/** When the example ends, ms. */
export const EXAMPLE_NOW = 20_000;

/**
 * A conversation that never was, filling the `seconds` before EXAMPLE_NOW: shows how to read the score before the
 * first word.
 */
export function exampleScore(seconds: number): Score {
  const now = EXAMPLE_NOW;
  const pace = seconds / 20;
  const score = new Score(PLAY_RATE);
  const speech = (from: number, to: number, each: (at: number, level: number) => void) => {
    for (let at = from * pace; at < to * pace; at += BIN_MS) each(now + at, syllables(at, from * pace, to * pace));
  };
  speech(-17600, -15700, (at, level) => score.caller.write(at, level, Mark.Solid));
  speech(-15000, -14300, (at, level) => score.agent.write(at, level, Mark.Dotted));
  speech(-13900, -9600, (at, level) => score.agent.write(at, level, Mark.Solid));
  speech(-9580, -8700, (at, level) => score.agent.foresee(at, level, Mark.Hatched));
  speech(-9900, -8300, (at, level) => score.caller.write(at, level, Mark.Solid));
  speech(-7500, -2400, (at, level) => score.agent.write(at, level, Mark.Solid));
  score.cuts.push({ at: now - 9600 * pace });
  score.strips.push(exampleStrip(now - 15700 * pace, now - 15000 * pace), exampleStrip(now - 8300 * pace, now - 7500 * pace));
  return score;
}

/** About four syllables a second, uneven in length and loudness. */
function syllables(at: number, from: number, to: number): number {
  const t = (at - from) / 1000;
  const edge = Math.min(1, (at - from) / 120, (to - at) / 240);
  const syllable = 0.5 + 0.5 * Math.sin(2 * Math.PI * 3.9 * t + 1.9 * Math.sin(3.1 * t));
  const word = 0.55 + 0.45 * Math.sin(2 * Math.PI * 1.3 * t + 2.2 * Math.sin(0.9 * t));
  return Math.max(0, edge) * (0.008 + 0.13 * syllable * word);
}

function exampleStrip(from: number, to: number) {
  const parts = [
    { name: "endpointing", ms: 300 },
    { name: "recognition", ms: 120 },
    { name: "routing", ms: 40 },
    { name: "model", ms: 180 },
    { name: "synthesis", ms: 100 },
  ];
  const { segments } = waterfall({ type: "latency", turn: 0, responseMs: 740, parts });
  return { turn: 0, from, to, segments };
}
