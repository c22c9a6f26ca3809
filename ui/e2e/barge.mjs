/**
 * Asks one question aloud through the real page of a running server, speaks over the answer, and checks what was heard.
 *
 *   node e2e/barge.mjs --url http://127.0.0.1:8000/?via=realtime --question a.wav --interruption b.wav --expect "20" [--screenshot x.png]
 *
 * Prints what it saw as JSON. Fails unless the first answer is cut where it was heard, what was said over it is answered
 * with the expected text, and sound was really played.
 */
import { agents, complaintsOf, enter, inspect, launch, option, until } from "./browser.mjs";
import { speak, withMouth } from "./mouth.mjs";

export async function barge({ url, ...said }) {
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const complaints = complaintsOf(page);
    await withMouth(page);
    await enter(page, url);
    const { failures, ...seen } = await talkedOver(page, said);
    if (complaints.length) failures.push("the page complained");
    return { ...seen, complaints, failures };
  } finally {
    await browser.close();
  }
}

/** What came of it on a page that has a mouth and shows the talk, in any browser. */
export async function talkedOver(page, { question, interruption, expect, screenshot = "", timeoutMs = 60_000 }) {
  await page.locator('[data-testid="talk"]').click();
  await until(page, "the greeting", (seen) => seen.ear === "on" && agents(seen).some((line) => line.isRemembered), timeoutMs);
  await speak(page, question);
  const saidAt = Date.now();
  const count = agents(await inspect(page)).length;
  await until(page, "the answer", (seen) => seen.phase === "speaking" && words(agents(seen).at(-1)) > 3 && seen.turn > 1, timeoutMs);
  const answeredMs = Date.now() - saidAt;
  const sounding = await inspect(page);
  if (screenshot) await page.screenshot({ path: screenshot });
  await speak(page, interruption);
  const cut = (seen) => agents(seen).slice(count - 1).find((line) => line.isCut && line.isRemembered);
  await until(page, "the cut", cut, timeoutMs);
  const answers = (seen) => agents(seen).find((line) => !line.isCut && line.heard.includes(expect));
  const seen = await until(page, `an answer with "${expect}"`, answers, timeoutMs);
  const line = cut(seen);
  await page.locator('[data-testid="hang-up"]').click();
  const over = await until(page, "the end", (now) => now.link === "over", timeoutMs);
  const failures = [];
  if (seen.peakLevel <= 0.01) failures.push("what was played is silence");
  if (sounding.samplesPlayed + sounding.streamed <= 0) failures.push("no sample was played");
  if (!line.heard || !line.unheard) failures.push("the cut line was heard whole, or not at all");
  if (over.trouble) failures.push("hanging up was trouble");
  return {
    answeredMs,
    cut: { heard: line.heard, unheard: line.unheard },
    heard: answers(seen).heard,
    peakLevel: seen.peakLevel,
    streamed: seen.streamed,
    samplesPlayed: seen.samplesPlayed,
    latency: seen.latency,
    transcript: seen.transcript.map((each) => ({ who: each.who, text: each.heard ?? each.text })),
    failures,
  };
}

const words = (line) => line?.heard.split(" ").length ?? 0;

if (process.argv[1]?.endsWith("barge.mjs")) {
  const report = await barge({
    url: option("url"),
    question: option("question"),
    interruption: option("interruption"),
    expect: option("expect"),
    screenshot: option("screenshot", ""),
    timeoutMs: Number(option("timeout", "60")) * 1000,
  });
  console.log(JSON.stringify(report, null, 2));
  process.exit(report.failures.length ? 1 : 0);
}
