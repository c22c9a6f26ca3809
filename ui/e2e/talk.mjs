/**
 * Speaks one question to a running server through the real page, and checks what was heard.
 *
 *   node e2e/talk.mjs --url http://127.0.0.1:8000/?v=c --wav question.wav --expect "20" [--screenshot talk.png] [--timeout 30]
 *
 * Prints what it saw as JSON. Fails unless the agent said the expected text, sound was really played, and the line
 * that counts as heard ends at the last acknowledged sample.
 */
import { enter, launch, option, until } from "./browser.mjs";

/** Runs the check; throws when the page or the server falls short. */
export async function talk({ url, wav, expect, screenshot = "", timeoutMs = 30_000 }) {
  const browser = await launch({ wav });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await enter(page, url);
    // Stages that were at work, in the order in which they were first seen so.
    await page.evaluate(() => {
      const box = document.querySelector('[data-testid="pipeline"]');
      window.stages = new Set();
      const look = () => box.dataset.lit.split(" ").forEach((stage) => stage && window.stages.add(stage));
      new MutationObserver(look).observe(box, { attributes: true });
    });
    await page.getByTestId("talk").click();
    await until(page, "the session to open", (seen) => seen.link === "on" && seen.ear === "on", timeoutMs);
    const answerOf = (seen) =>
      seen.transcript.find((line) => line.who === "agent" && line.isRemembered && line.text.includes(expect));
    const seen = await until(page, `an answer with "${expect}"`, answerOf, timeoutMs);
    if (screenshot) await page.screenshot({ path: screenshot });
    const line = answerOf(seen);
    const acknowledged = seen.acknowledged[line.turn] ?? 0;
    const report = {
      heard: line.heard,
      unheard: line.unheard,
      isCut: line.isCut,
      acknowledged,
      received: seen.received[line.turn] ?? 0,
      samplesPlayed: seen.samplesPlayed,
      peakLevel: seen.peakLevel,
      latency: seen.latency,
      stages: await page.evaluate(() => [...window.stages]),
      specialist: seen.pipeline.specialist,
      transcript: seen.transcript.map(({ who, text }) => ({ who, text })),
      complaints,
    };
    const failures = [];
    if (!line.heard.includes(expect)) failures.push(`"${expect}" was said but not heard`);
    // Where the browser plays, the page counts what came as a stream instead.
    if (seen.samplesPlayed + seen.streamed <= 0) failures.push("no sample was played");
    if (seen.peakLevel <= 0.001) failures.push("what was played is silence");
    if (!line.isCut && acknowledged !== report.received && seen.samplesPlayed > 0) failures.push("a whole line was not acknowledged whole");
    if (!line.isCut && line.unheard) failures.push("a whole line has words left unheard");
    if (complaints.length) failures.push("the page complained");
    return { ...report, failures };
  } finally {
    await browser.close();
  }
}

if (process.argv[1]?.endsWith("talk.mjs")) {
  const report = await talk({
    url: option("url"),
    wav: option("wav"),
    expect: option("expect"),
    screenshot: option("screenshot", ""),
    timeoutMs: Number(option("timeout", "30")) * 1000,
  });
  console.log(JSON.stringify(report, null, 2));
  process.exit(report.failures.length ? 1 : 0);
}
