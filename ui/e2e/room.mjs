/**
 * Meets the agent in a LiveKit room through the real page of a running server, has a supervisor come in by the watch
 * page, take over and hand back, and checks who was heard when.
 *
 *   node e2e/room.mjs --url http://127.0.0.1:8000 --question a.wav --line b.wav [--screenshots FOLDER]
 *
 * `question` has a long answer, in which the supervisor takes over; it is asked again once the agent is back. `line` is
 * what the supervisor says. Prints what it saw as JSON.
 */
import { join } from "node:path";
import { inspect, launch, option, until } from "./browser.mjs";
import { speak, withMouth } from "./mouth.mjs";

/** Louder than this is a voice. */
const LOUD = 0.01;

export async function meet({ url, question, line, screenshots = "", timeoutMs = 60_000 }) {
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(timeoutMs);
    const complaints = [];
    const open = async (path) => {
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      await withMouth(page);
      await page.goto(url + path);
      return page;
    };
    const shoot = (page, name) => screenshots && page.screenshot({ path: join(screenshots, `${name}.png`) });
    const agents = (seen) => seen.transcript.filter((each) => each.who === "agent");

    const student = await open("/?v=a");
    await student.getByTestId("talk").click();
    let isToldOfOpening = false;
    student.getByTestId("opening").waitFor().then(() => (isToldOfOpening = true), () => undefined);
    const greeted = await until(student, "the greeting", (seen) => seen.ear === "on" && agents(seen).some((each) => each.isRemembered), timeoutMs);

    const watch = await open("/watch");
    await watch.getByTestId("session").locator(`a[href="#${greeted.session}"]`).click();
    await watch.getByTestId("join").click();
    await watch.getByTestId("take-over").and(watch.locator(":enabled")).waitFor();

    await speak(student, question);
    const answered = await until(student, "the answer", (seen) => seen.levels.agent > LOUD && (agents(seen).at(-1)?.turn ?? 0) > greeted.turn, timeoutMs);
    await until(student, "some of it", (seen) => agents(seen).at(-1).heard.split(" ").length > 4, timeoutMs);
    await shoot(student, "answer");
    await watch.getByTestId("take-over").click();
    await watch.getByTestId("hand-back").waitFor();
    await until(student, "the agent's silence", (seen) => seen.levels.agent < LOUD && agents(seen).at(-1).isCut, timeoutMs);
    const before = await inspect(student);
    let agentLevel = 0;
    const listening = setInterval(() => void inspect(student).then(({ levels }) => (agentLevel = Math.max(agentLevel, levels.agent))), 100);
    await speak(watch, line);
    const person = await until(student, "the supervisor's words", (seen) => seen.liveFrames > 20 && seen.transcript.some((each) => each.who === "supervisor"), timeoutMs);
    clearInterval(listening);
    await shoot(student, "person");
    await shoot(watch, "watch");

    await watch.getByTestId("hand-back").click();
    await until(student, "the hand-back", (seen) => seen.people.some((each) => each.stance === "handed_back"), timeoutMs);
    const cut = agents(person).find((each) => each.isCut);
    const isBack = (seen) => agents(seen).some((each) => each.turn > cut.turn && each.heard.startsWith(cut.heard));
    let again = null;
    for (let asked = 0; !again; asked++) {
      await speak(student, question);
      // On a busy machine the browser loses some of what is said.
      again = await until(student, "the answer again", isBack, timeoutMs / 3).catch((error) => {
        if (asked === 2) throw error;
      });
    }
    const watched = await watch.getByTestId("transcript").innerText();
    await student.getByTestId("hang-up").click();
    const over = await until(student, "the end", (seen) => seen.link === "over", timeoutMs);
    await watch.getByTestId("take-over").waitFor({ state: "detached" });

    return {
      isToldOfOpening,
      notice: greeted.notice,
      peakLevel: answered.peakLevel,
      streamed: again.streamed,
      samplesPlayed: again.samplesPlayed,
      liveFrames: { before: before.liveFrames, after: person.liveFrames },
      agentLevel,
      latency: again.latency,
      transcript: again.transcript.map((each) => ({ who: each.who, text: each.heard ?? each.text, isCut: each.isCut ?? false })),
      watched,
      trouble: over.trouble,
      complaints,
    };
  } finally {
    await browser.close();
  }
}

if (process.argv[1]?.endsWith("room.mjs")) {
  const report = await meet({
    url: option("url"),
    question: option("question"),
    line: option("line"),
    screenshots: option("screenshots", ""),
    timeoutMs: Number(option("timeout", "60")) * 1000,
  });
  console.log(JSON.stringify(report, null, 2));
}
