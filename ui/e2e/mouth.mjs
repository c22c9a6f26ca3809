/** A microphone that says what it is told to, when it is told to: a file's clock knows nothing of the page's. */
import { readFileSync } from "node:fs";

/** Gives the page such a microphone. To be called before it is opened. */
export async function withMouth(page) {
  const beforeItOpens = page.addInitScript ?? page.evaluateOnNewDocument;
  await beforeItOpens.call(page, () => {
    // An empty page has no microphones at all.
    if (!navigator.mediaDevices) return;
    let context;
    let out;
    const opened = () => {
      context ??= new AudioContext();
      out ??= context.createMediaStreamDestination();
      return out.stream;
    };
    navigator.mediaDevices.getUserMedia = async () => opened().clone();
    window.speak = async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      opened();
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(bytes.buffer);
      source.connect(out);
      source.start();
      await new Promise((resolve) => (source.onended = resolve));
    };
  });
}

/** Says a WAV file into it; returns when it has been said. */
export function speak(page, wav) {
  return page.evaluate((base64) => window.speak(base64), readFileSync(wav).toString("base64"));
}

/** Says it again, three times at most, while `answered` rejects: on a busy machine the browser loses some of what is said. */
export async function speakUntil(page, wav, answered) {
  for (let left = 2; ; left--) {
    await speak(page, wav);
    try {
      return await answered();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
