/** Speech-like sound for the fake server and the fake microphone: harmonics under syllables, no words. */
import { writeFileSync } from "node:fs";

/** `seconds` of PCM16 at `rate`: a buzzing voice of `pitch` Hz in four to five syllables a second. */
export function voice(seconds, rate, pitch = 140) {
  const pcm = new Int16Array(Math.round(seconds * rate));
  for (let i = 0; i < pcm.length; i++) {
    const t = i / rate;
    const edge = Math.min(1, t / 0.03, (seconds - t) / 0.08);
    const syllable = Math.max(0.04, Math.sin(Math.PI * 4.4 * t + 0.8 * Math.sin(2.3 * t))) ** 2;
    const phrase = 0.65 + 0.35 * Math.sin(1.9 * t + 1);
    let wave = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) {
      wave += Math.sin(2 * Math.PI * pitch * harmonic * (t + 0.002 * Math.sin(5 * t))) / harmonic ** 1.3;
    }
    pcm[i] = Math.round(9000 * edge * (0.06 + syllable) * phrase * (wave / 2.2));
  }
  return pcm;
}

export function silence(seconds, rate) {
  return new Int16Array(Math.round(seconds * rate));
}

/** Writes pieces of PCM16 as one mono WAV file. */
export function writeWav(path, rate, pieces) {
  const data = Buffer.concat(pieces.map((pcm) => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)));
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  writeFileSync(path, Buffer.concat([header, data]));
}
