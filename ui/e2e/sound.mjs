/** Speech-like sound for the fake server and the fake microphone: harmonics under syllables, no words. */
import { writeFileSync } from "node:fs";

/** `seconds` of PCM16 at `rate`: a buzzing voice of about `pitch` Hz, in syllables and words of uneven length. */
export function voice(seconds, rate, pitch = 140) {
  const pcm = new Int16Array(Math.round(seconds * rate));
  const syllables = rhythm(seconds, pitch);
  let phase = 0;
  let at = 0;
  for (let i = 0; i < pcm.length; i++) {
    const t = i / rate;
    while (at < syllables.length - 1 && t >= syllables[at + 1].from) at++;
    const { from, long, loud } = syllables[at];
    const through = (t - from) / long;
    const swell = through < 1 ? Math.sin(Math.PI * Math.max(0, through) ** 0.6) ** 0.8 : 0;
    phase += (2 * Math.PI * pitch * (1.06 - 0.12 * (t / seconds) + 0.03 * Math.sin(7 * t))) / rate;
    let wave = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) wave += Math.sin(phase * harmonic) / harmonic ** 1.3;
    pcm[i] = Math.round(8000 * (0.02 + loud * swell) * Math.min(1, t / 0.02, (seconds - t) / 0.05) * (wave / 2));
  }
  return pcm;
}

/** Syllables of 110 to 260 ms, now and then a gap between words; the same for the same arguments. */
function rhythm(seconds, seed) {
  let state = Math.round(seed * 7919) >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const syllables = [];
  for (let from = 0; from < seconds; ) {
    const long = 0.11 + 0.15 * next();
    syllables.push({ from, long: long * 1.1, loud: 0.25 + 0.75 * next() });
    from += long + (next() < 0.3 ? 0.06 + 0.08 * next() : 0);
  }
  return syllables;
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
