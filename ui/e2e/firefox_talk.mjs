/**
 * The studio of a running server in Firefox: the landing, a question asked aloud on each connection, and an interruption.
 *
 *   node e2e/firefox_talk.mjs --url http://127.0.0.1:8000 --long a.wav --question b.wav --expect "20" [--timeout 60]
 *
 * `long` has a long answer, over which `question` is spoken; whose answer has the expected text. Prints what each story saw
 * as JSON; one that failed has `error` instead.
 */
import { talkedOver } from "./barge.mjs";
import { agents, enter, option, until } from "./browser.mjs";
import { launch } from "./firefox.mjs";
import { speak } from "./mouth.mjs";

const url = option("url");
const timeoutMs = Number(option("timeout", "60")) * 1000;
const said = { long: option("long"), question: option("question"), expect: option("expect") };

const STORIES = {
  landing: async (page) => {
    await enter(page, url);
    await page.locator('[data-testid="health"][data-is="well"]').wait();
    return { cards: await page.$$eval("[data-testid^=card-]", (all) => all.map((card) => card.querySelector("h3").textContent)) };
  },
  orchestrate: async (page) => {
    await enter(page, `${url}/?via=orchestrate`);
    return talkedOver(page, { question: said.long, interruption: said.question, expect: said.expect, timeoutMs });
  },
  realtime: (page) => asked(page, "realtime"),
  direct: (page) => asked(page, "direct"),
  livekit: (page) => asked(page, "livekit"),
};

/** What was heard of the answer to a question that was asked aloud, when the expected text had been. */
async function asked(page, via) {
  await enter(page, `${url}/?via=${via}`);
  await page.locator('[data-testid="talk"]').click();
  await until(page, "the greeting", (seen) => seen.ear === "on" && agents(seen).some((line) => line.isRemembered), timeoutMs);
  await speak(page, said.question);
  const answer = (seen) => agents(seen).find((line) => line.heard.includes(said.expect));
  const seen = await until(page, `an answer with "${said.expect}"`, answer, timeoutMs);
  await page.locator('[data-testid="hang-up"]').click();
  const over = await until(page, "the end", (now) => now.link === "over", timeoutMs);
  const { peakLevel, streamed, samplesPlayed, latency } = seen;
  return {
    heard: answer(seen).heard,
    ...{ peakLevel, streamed, samplesPlayed, latency },
    transcript: seen.transcript.map(({ who, text }) => ({ who, text })),
    trouble: over.trouble,
  };
}

const began = Date.now();
const browser = await launch();
const report = { launchMs: Date.now() - began };
try {
  const wanted = option("stories", Object.keys(STORIES).join(",")).split(",");
  for (const name of wanted) {
    const { page, complaints } = await browser.page();
    const from = Date.now();
    const seen = await STORIES[name](page).catch((error) => ({ error: String(error) }));
    report[name] = { ...seen, complaints, tookMs: Date.now() - from };
    await page.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(report, null, 2));
