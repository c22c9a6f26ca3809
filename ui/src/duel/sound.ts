/** Sound as the page keeps it: one channel, 0…1 in amplitude, at `SOUND_RATE`. */

/** Hz of all that is kept. */
export const SOUND_RATE = 24_000;
/** Longest utterance, s. */
export const LONGEST_S = 20;

/** A recording of any kind that the browser can read. Throws Error, for people. */
export async function decoded(file: ArrayBuffer, longestS = LONGEST_S): Promise<Float32Array<ArrayBuffer>> {
  let buffer: AudioBuffer;
  try {
    buffer = await new OfflineAudioContext(1, 1, SOUND_RATE).decodeAudioData(file);
  } catch {
    throw new Error("This is no recording that the browser can read. Take a WAV, MP3, M4A or Ogg file.");
  }
  if (buffer.duration > longestS) throw new Error(`The recording is longer than ${longestS} seconds. Cut it to one question.`);
  const mixed = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    buffer.getChannelData(channel).forEach((sample, at) => (mixed[at]! += sample / buffer.numberOfChannels));
  }
  return mixed;
}

export function bufferOf(context: BaseAudioContext, samples: Float32Array<ArrayBuffer>): AudioBuffer {
  const buffer = context.createBuffer(1, Math.max(1, samples.length), SOUND_RATE);
  buffer.copyToChannel(samples, 0);
  return buffer;
}

/** The sound as a WAV file of 16 bits, in base64. */
export function wavBase64(samples: Float32Array): string {
  const data = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at: number, letters: string) => [...letters].forEach((letter, i) => data.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  data.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  data.setUint32(16, 16, true);
  data.setUint16(20, 1, true);
  data.setUint16(22, 1, true);
  data.setUint32(24, SOUND_RATE, true);
  data.setUint32(28, 2 * SOUND_RATE, true);
  data.setUint16(32, 2, true);
  data.setUint16(34, 16, true);
  text(36, "data");
  data.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, at) => data.setInt16(44 + 2 * at, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true));
  const bytes = new Uint8Array(data.buffer);
  let letters = "";
  for (let at = 0; at < bytes.length; at += 0x8000) letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(letters);
}
