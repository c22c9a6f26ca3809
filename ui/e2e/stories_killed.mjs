/**
 * Asks a question aloud, kills the server in the middle of its answer, and asks another once the page is connected again.
 *
 *   node e2e/stories_killed.mjs --url http://127.0.0.1:8000 --pid 1234 --question a.wav --next b.wav --expect "20"
 *
 * `question` has a long answer. Whoever runs this starts the server again, at the same address, as soon as its process
 * is gone. Prints what the page made of it as JSON.
 */
import { agents, complaintsOf, enter, launch, option, pressTalk, stopAgent, transcriptOf, until } from "./browser.mjs";
import { speak, speakUntil, withMouth } from "./mouth.mjs";

/** What a browser says of a server that is not there. */
const NOBODY_THERE = /WebSocket connection to|net::ERR_/;

export async function outlive({ url, pid, question, next, expect, screenshot = "", timeoutMs = 60_000 }) {
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const complaints = complaintsOf(page);
    await withMouth(page);
    await enter(page, `${url}/?via=orchestrate`);
    const greeted = await pressTalk(page, timeoutMs);
    await speak(page, question);
    const answer = (seen) => agents(seen).find((line) => line.turn > greeted.turn && line.heardWords > 6);
    const sounding = await until(page, "some of the answer", answer, timeoutMs);
    const { turn } = answer(sounding);

    process.kill(pid, "SIGKILL");
    const killedAt = Date.now();
    const lost = await until(page, "the loss", (seen) => seen.link === "reconnecting", timeoutMs);
    if (screenshot) await page.screenshot({ path: screenshot });
    const back = await until(page, "the connection", (seen) => seen.link === "on", timeoutMs);
    const awayMs = Date.now() - killedAt;

    const rest = (seen) => agents(seen).find((line) => line.turn > turn && line.isRemembered && !line.isCut);
    const whole = await until(page, "the rest of the answer", rest, timeoutMs);
    const isNext = (seen) => agents(seen).some((line) => line.turn > rest(whole).turn && line.heard.includes(expect));
    await speakUntil(page, next, () => until(page, `an answer with "${expect}"`, isNext, timeoutMs / 3));
    const last = await stopAgent(page, timeoutMs);
    await page.getByTestId("hang-up").click();
    const over = await until(page, "the end", (seen) => seen.link === "over", timeoutMs);

    return {
      awayMs,
      sessions: [sounding.session, back.session],
      heardBefore: ofAnswer(answer(sounding)),
      shownMeanwhile: transcriptOf(lost),
      pieces: agents(whole).filter((line) => line.turn >= turn).map(ofAnswer),
      unheard: answer(whole).unheard,
      transcript: transcriptOf(last),
      trouble: over.trouble,
      complaints: complaints.filter((each) => !NOBODY_THERE.test(each)),
    };
  } finally {
    await browser.close();
  }
}

/** The words of the line that were heard, without those that only bridged a pause. */
function ofAnswer({ sentences, heardWords }) {
  let left = heardWords;
  const heard = [];
  for (const { text, purpose } of sentences) {
    const words = text.split(/\s+/);
    if (purpose !== "filler") heard.push(...words.slice(0, Math.max(0, left)));
    left -= words.length;
  }
  return heard.join(" ");
}

if (process.argv[1]?.endsWith("stories_killed.mjs")) {
  const report = await outlive({
    url: option("url"),
    pid: Number(option("pid")),
    question: option("question"),
    next: option("next"),
    expect: option("expect"),
    screenshot: option("screenshot", ""),
    timeoutMs: Number(option("timeout", "60")) * 1000,
  });
  console.log(JSON.stringify(report, null, 2));
}
