import { describe, expect, test } from "vitest";
import { Framer, type MicrophoneFrame } from "../src/audio/framer";

const tone = (length: number, rate: number, hertz: number) =>
  Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));

function frames(framer: Framer, sound: Float32Array): MicrophoneFrame[] {
  const all = [];
  for (let at = 0; at < sound.length; at += 128) all.push(...framer.push(sound.subarray(at, at + 128)));
  return all;
}
const joined = (all: MicrophoneFrame[]) => all.flatMap(({ pcm }) => Array.from(pcm));

describe("frames of the microphone", () => {
  test.each([48000, 44100, 16000])("are 32 ms at %i Hz, sample for sample", (rate) => {
    const sound = tone(40 * Math.round(0.032 * rate), rate, 300);
    const all = frames(new Framer(rate, rate), sound);
    expect(all).toHaveLength(40);
    expect(joined(all)).toEqual(Array.from(Int16Array.from(sound, (value) => Math.round(value * 32767))));
  });

  test("of an unusual sound card are resampled without drift", () => {
    const all = frames(new Framer(96000, 16000), tone(96000, 96000, 1000));
    const pcm = joined(all);
    expect(all.length).toBeGreaterThanOrEqual(30);
    for (let i = 100; i < 15000; i++) {
      expect(Math.abs(pcm[i]! / 32767 - 0.5 * Math.sin((2 * Math.PI * 1000 * i) / 16000))).toBeLessThan(0.01);
    }
  });

  test("hold nothing that would alias", () => {
    const all = frames(new Framer(96000, 16000), tone(96000, 96000, 14000));
    expect(Math.max(...all.slice(2).map(({ level }) => level))).toBeLessThan(0.005);
  });

  test("go on as zeros while muted", () => {
    const framer = new Framer(16000, 16000);
    framer.isMuted = true;
    const all = frames(framer, tone(5120, 16000, 300));
    expect(all).toHaveLength(10);
    expect(all.every(({ pcm, level }) => level === 0 && pcm.every((value) => value === 0))).toBe(true);
  });

  test("never wrap around when the input is too loud", () => {
    const [frame] = frames(new Framer(16000, 16000), new Float32Array(512).fill(1.8));
    expect(frame?.pcm.every((value) => value === 32767)).toBe(true);
  });
});
