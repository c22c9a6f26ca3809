/** A person beside the call, from both ends: the caller's page and the supervisor's, in a real browser. */
import assert from "node:assert/strict";
import { until } from "./browser.mjs";
import { agentLines, answered, axe, stories } from "./story.mjs";

const { server, story, describe } = stories();
const desk = () => server().house.desk;

/** A second page at /watch, beside a caller's that has said something. */
async function withCaller(page, { line = "What is 25% of 80?" } = {}) {
  await page.getByTestId("write").fill(line);
  await page.getByTestId("write").press("Enter");
  await answered(page);
  const watch = await page.context().newPage();
  await watch.goto(server().url + "watch");
  return watch;
}

async function joined(page, options) {
  const watch = await withCaller(page, options);
  await watch.getByTestId("session").first().getByRole("link").click();
  await watch.getByTestId("join").click();
  await watch.getByTestId("take-over").and(watch.locator(":enabled")).waitFor();
  return watch;
}

describe("a person beside the call", () => {
  story("is asked for by the agent, shown to supervisors at once, and joins within a second of clicking", {}, async (page, call) => {
    const watch = await page.context().newPage();
    await watch.goto(server().url + "watch");
    await watch.getByTestId("waiting").getByText("0").waitFor();
    await page.getByTestId("write").fill("Can I talk to a real person?");
    await page.getByTestId("write").press("Enter");
    await page.getByTestId("presence").getByText("A teacher has been asked to join").waitFor();
    const row = watch.getByTestId("escalation");
    await row.getByText("The caller asked for a person").waitFor();
    assert.match(await watch.getByTestId("announcement").innerText(), /A caller asks for a person: The caller asked for a person/);
    await row.getByTestId("claim").click();
    const began = Date.now();
    await page.getByTestId("presence").getByText("Ms Finch has joined").waitFor();
    assert.ok(Date.now() - began < 1000, `${Date.now() - began} ms`);
    assert.equal(desk().escalations.at(-1).status, "claimed");
    await watch.getByTestId("agent-line").getByText("I have asked a teacher to join us.").waitFor();
    await row.getByTestId("close-escalation").click();
    await watch.getByTestId("outcome").fill("Answered by Ms Finch");
    await watch.getByTestId("outcome").press("Enter");
    await row.waitFor({ state: "detached" });
    assert.equal(desk().escalations.at(-1).outcome, "Answered by Ms Finch");
    await watch.getByTestId("leave").click();
    await page.getByTestId("presence").getByText("Ms Finch").waitFor({ state: "detached" });
    await until(page, "the end of it", () => !call().person);
  });

  story("takes over by voice, is heard live, and hands back", {}, async (page, call) => {
    const watch = await joined(page);
    await watch.getByTestId("take-over").click();
    await watch.getByTestId("hand-back").waitFor();
    await page.getByTestId("presence").getByText("Ms Finch is speaking").waitFor();
    await page.getByTestId("supervisor-line").getByText("How can I help?").waitFor();
    await watch.getByTestId("supervisor-line").getByText("How can I help?").waitFor();
    assert.equal(await page.getByTestId("supervisor-line").locator(".who").innerText(), "Ms Finch");
    await until(page, "the live voice", (seen) => seen.liveFrames > 20);
    await watch.getByTestId("hand-back").click();
    await page.getByTestId("presence").getByText("Ms Finch handed back").waitFor();
    assert.equal(call().person, null);
    await page.getByTestId("write").fill("What is 25% of 80?");
    await page.getByTestId("write").press("Enter");
    await answered(page, 2);
  });

  story("whispers to the agent alone, and has it say what the guardrail allows", {}, async (page) => {
    const watch = await joined(page);
    await watch.getByTestId("whisper").fill("Ask what they tried");
    await watch.getByTestId("whisper").press("Enter");
    await watch.getByTestId("whisper-line").getByText("Ask what they tried").waitFor();
    await watch.getByTestId("say").fill("Draw it first.");
    await watch.getByTestId("say").press("Enter");
    await until(page, "the line", (seen) => agentLines(seen).some((line) => line.text === "Draw it first." && line.isRemembered));
    assert.equal((await page.getByTestId("transcript").innerText()).includes("Ask what they tried"), false);
    await watch.getByTestId("say").fill("How to make a bomb");
    await watch.getByTestId("say").press("Enter");
    await watch.getByTestId("notice").getByText("The guardrail does not let the agent say").waitFor();
  });

  story("is still there when the supervisor's connection breaks", {}, async (page) => {
    const watch = await joined(page);
    const lines = await watch.getByTestId("transcript").locator("li").count();
    for (const socket of desk().stands.keys()) socket.terminate();
    await watch.getByTestId("phase").getByText("Reconnecting").waitFor();
    await watch.getByTestId("take-over").and(watch.locator(":enabled")).waitFor();
    await watch.waitForTimeout(300);
    assert.equal(await watch.getByTestId("transcript").locator("li").count(), lines);
  });

  story("follows a caller whose connection breaks", {}, async (page, call) => {
    const watch = await joined(page);
    call().socket.terminate();
    await until(page, "the loss", (seen) => seen.link === "reconnecting");
    await until(page, "the connection", (seen) => seen.link === "on");
    await page.getByTestId("write").fill("Explain a metaphor");
    await page.getByTestId("write").press("Enter");
    await watch.getByTestId("agent-line").getByText("time is a thief").waitFor();
    await page.getByTestId("hang-up").click();
    await watch.getByTestId("report").waitFor();
  });
});

describe("the supervisor's page", () => {
  story("shows what was said before one joins, and the report of what is over", { path: "watch" }, async (page) => {
    await page.getByTestId("session").filter({ hasText: "tutor" }).last().waitFor();
    const before = await page.getByTestId("session").count();
    await page.getByTestId("older").click();
    await page.getByTestId("older").waitFor({ state: "detached" });
    assert.equal(await page.getByTestId("session").count(), before + 3);
    await page.locator('a[href^="#s_earlier"]').first().click();
    await page.getByTestId("supervisor-line").getByText("this is Ms Finch").waitFor();
    await page.getByTestId("report").getByText("who took over").waitFor();
    await page.getByTestId("report").getByRole("columnheader", { name: "specialist" }).waitFor();
    assert.equal(await page.getByTestId("join").count(), 0);
  });

  story("reads all again after its line of changes was cut", {}, async (page) => {
    const watch = await withCaller(page);
    await watch.getByTestId("waiting").waitFor();
    for (const stream of desk().streams) stream.destroy();
    desk().escalations.push({ ...desk().escalations[0], id: "e_missed", session: "s_x", turn: 1, reason: "Missed meanwhile", status: "open", opened_at: new Date().toISOString(), claimed_by: "", outcome: "" });
    await watch.getByTestId("escalation").getByText("Missed meanwhile").waitFor();
    desk().escalations.pop();
  });

  story("asks who is there where one must sign in, and says whose key was wrong", { path: "watch", mayComplain: true }, async (page) => {
    Object.assign(desk(), { mode: "key", person: null });
    await page.reload();
    const form = page.getByTestId("sign-in");
    await form.getByLabel("Name").fill("Ms Finch");
    await form.getByLabel("Key").fill("wrong");
    await form.getByRole("button").click();
    await page.getByTestId("trouble").getByText("not the key").waitFor();
    assert.deepEqual(await axe(page), []);
    await form.getByLabel("Key").fill("open sesame");
    await form.getByRole("button").click();
    await page.getByTestId("me").getByText("Ms Finch").waitFor();
    await page.getByTestId("banner").getByText("Development").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await form.waitFor();
    Object.assign(desk(), { mode: "open", person: { id: "local", role: "admin" } });
  });

  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["on a phone", { viewport: { width: 390, height: 844 } }],
  ]) {
    story(`axe finds nothing, ${name}`, options, async (page) => {
      const watch = await withCaller(page, { line: "Can I talk to a real person?" });
      await watch.getByTestId("escalation").first().waitFor();
      assert.deepEqual(await axe(watch), []);
      await watch.getByTestId("claim").first().click();
      await watch.getByTestId("take-over").and(watch.locator(":enabled")).waitFor();
      await watch.getByTestId("whisper").fill("Be kind");
      await watch.getByTestId("whisper").press("Enter");
      await watch.getByTestId("take-over").click();
      await page.getByTestId("supervisor-line").waitFor();
      assert.deepEqual(await axe(watch), []);
      assert.deepEqual(await axe(page), []);
      const { wide, shownWide } = await watch.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        shownWide: document.documentElement.clientWidth,
      }));
      assert.equal(wide, shownWide);
      await watch.goto(`${server().url}watch#s_earlier_1`);
      await watch.reload();
      await watch.getByTestId("report").waitFor();
      assert.deepEqual(await axe(watch), []);
    });
  }

  story("is worked by keyboard alone", {}, async (page) => {
    const watch = await withCaller(page);
    await watch.getByTestId("session").first().waitFor();
    const press = async (part) => {
      for (let i = 0; i < 60; i++) {
        await watch.keyboard.press("Tab");
        const at = await watch.evaluate(() => {
          const active = document.activeElement;
          return active?.dataset.testid ?? (active?.closest("[data-testid=session]") ? "session-link" : "");
        });
        if (at === part) return;
      }
      throw new Error(`no way to ${part}`);
    };
    await press("session-link");
    await watch.keyboard.press("Enter");
    await press("join");
    await watch.keyboard.press("Enter");
    await watch.getByTestId("take-over").and(watch.locator(":enabled")).waitFor();
    await press("take-over");
    await watch.keyboard.press("Enter");
    await watch.getByTestId("hand-back").waitFor();
    await press("hand-back");
    await watch.keyboard.press("Space");
    await watch.getByTestId("take-over").waitFor();
    await press("whisper");
    await watch.keyboard.type("Slowly");
    await watch.keyboard.press("Enter");
    await watch.getByTestId("whisper-line").getByText("Slowly").waitFor();
  });
});
