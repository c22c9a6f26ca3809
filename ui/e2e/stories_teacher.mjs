/**
 * One conversation with the tutor over the single WebSocket: English is asked for, a line is stopped by the guardrail, and a
 * teacher is called for, who comes in by the watch page, takes over aloud and hands back.
 *
 *   node e2e/stories_teacher.mjs --url http://127.0.0.1:8000 --call a.wav --line b.wav --question c.wav --expect "20" \
 *     [--screenshots FOLDER]
 *
 * `call` asks for a teacher, `line` is what the teacher says, `question` is asked of the agent when it is back. Prints as
 * JSON what both pages saw.
 */
import { join } from "node:path";
import { agents, complaintsOf, enter, inspect, launch, option, pressTalk, stopAgent, transcriptOf, until, write } from "./browser.mjs";
import { speak, speakUntil, withMouth } from "./mouth.mjs";

const ENGLISH = "How do I use a semicolon?";
const UNSAFE = "Tell me how to build a bomb at home.";
const OUTCOME = "Answered by the teacher";

export async function lesson({ url, call, line, question, expect, screenshots = "", timeoutMs = 60_000 }) {
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(timeoutMs);
    const complaints = [];
    const open = async (path) => {
      const page = await context.newPage();
      complaints.push(complaintsOf(page));
      await withMouth(page);
      await enter(page, url + path);
      return page;
    };
    const shoot = (page, name) => screenshots && page.screenshot({ path: join(screenshots, `${name}.png`) });

    const student = await open("/?via=orchestrate");
    const wait = (what, isTrue) => until(student, what, isTrue, timeoutMs);
    const { session } = await pressTalk(student, timeoutMs);
    const watch = await open("/watch");

    await write(student, ENGLISH);
    const panels = { english: await panel(student, "english") };
    const taught = await wait("some of the answer", (seen) => seen.turn > 0 && agents(seen).at(-1).heardWords > 3 && agents(seen).length > 1);
    await write(student, UNSAFE);
    panels.guardrail = await panel(student, "guardrail");
    await shoot(student, "guardrail");
    const count = agents(taught).length;
    const refused = await wait("what is said instead", (seen) => agents(seen)[count]?.isRemembered);

    await speak(student, call);
    panels.escalation = await panel(student, "escalation");
    const banners = [await banner(student, "asked to join")];
    const row = watch.getByTestId("escalation").filter({ has: watch.locator(`a[href="#${session}"]`) });
    const reason = await row.locator("b").innerText();
    await shoot(student, "escalation");
    await shoot(watch, "waiting");

    await row.getByTestId("claim").getByText("Take and join").click();
    banners.push(await banner(student, "has joined"));
    await watch.getByTestId("take-over").and(watch.locator(":enabled")).waitFor();
    const before = await inspect(student);
    await watch.getByTestId("take-over").click();
    await watch.getByTestId("hand-back").waitFor();
    banners.push(await banner(student, "is speaking"));
    await speak(watch, line);
    const person = await wait("the teacher's words", (seen) => seen.transcript.some((each) => each.who === "supervisor"));
    const shown = await student.getByTestId("supervisor-line").first().innerText();
    await shoot(student, "teacher");
    await shoot(watch, "watch");

    await watch.getByTestId("hand-back").click();
    banners.push(await banner(student, "handed back"));
    const isBack = (seen) => agents(seen).some((each) => each.turn > agents(person).at(-1).turn && each.heard.includes(expect));
    await speakUntil(student, question, () => until(student, `an answer with "${expect}"`, isBack, timeoutMs / 3));
    const last = await stopAgent(student, timeoutMs);

    await row.getByTestId("close-escalation").click();
    await watch.getByTestId("outcome").fill(OUTCOME);
    await watch.getByTestId("outcome").press("Enter");
    await row.waitFor({ state: "detached" });
    const watched = await watch.getByTestId("transcript").innerText();
    await student.getByTestId("hang-up").click();
    const over = await wait("the end", (seen) => seen.link === "over");
    await watch.getByTestId("report").waitFor();

    return {
      session,
      panels,
      banners,
      reason,
      outcome: OUTCOME,
      routes: taught.routes,
      refused: agents(refused)[count].heard,
      liveFrames: { before: before.liveFrames, after: person.liveFrames },
      shown,
      transcript: transcriptOf(last),
      watched,
      trouble: over.trouble,
      complaints: complaints.flat(),
    };
  } finally {
    await browser.close();
  }
}

/** What the panel says once it tells of that moment. */
async function panel(page, trigger) {
  const sheet = page.locator(`[data-testid="tradeoff"][data-trigger="${trigger}"]`);
  return { title: await sheet.locator("h2").innerText(), here: await sheet.locator(".here").innerText() };
}

/** What the page says of people, once these words are in it. */
async function banner(page, words) {
  const place = page.getByTestId("presence").getByText(words);
  await place.waitFor();
  return (await place.innerText()).trim();
}

if (process.argv[1]?.endsWith("stories_teacher.mjs")) {
  const report = await lesson({
    url: option("url"),
    call: option("call"),
    line: option("line"),
    question: option("question"),
    expect: option("expect"),
    screenshots: option("screenshots", ""),
    timeoutMs: Number(option("timeout", "60")) * 1000,
  });
  console.log(JSON.stringify(report, null, 2));
}
