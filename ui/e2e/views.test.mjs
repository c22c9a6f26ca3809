/** The studio's pages of flows, knowledge and health, and the replay of what is kept, in a real browser. */
import assert from "node:assert/strict";
import { axe, stories } from "./story.mjs";

const { server, story, describe } = stories();
const views = () => server().house.views;

const SCREENS = [
  ["light, on a desktop", { viewport: { width: 1440, height: 900 }, colorScheme: "light" }],
  ["dark, on a desktop", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }],
  ["light, on a phone", { viewport: { width: 390, height: 844 }, colorScheme: "light" }],
  ["dark, on a phone", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
];
/** Who has which part is found out by asking, and a browser complains of each answer that there is none. */
const ASKS = { mayComplain: true, reducedMotion: "reduce" };
const FLOW = { path: "flow?agent=booking&session=s_booking_now", ...ASKS };
const KNOWLEDGE = { path: "knowledge?agent=support", ...ASKS };
const HEALTH = { path: "health", ...ASKS };
const PAST = { path: "watch#s_earlier_1", ...ASKS };

async function fits(page) {
  const { wide, shown } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, shown: document.documentElement.clientWidth }));
  assert.ok(wide <= shown, `${wide} px of ${shown}`);
}

/** Axe finds nothing, and nothing sticks out; a picture is kept where somebody wants to look. */
async function isFine(page, name) {
  await page.evaluate(() => document.fonts.ready);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}.png`, fullPage: true });
  assert.deepEqual(await axe(page), []);
  await fits(page);
}

describe("a flow", () => {
  story("is drawn with the caller's step lit, and goes along with them", FLOW, async (page) => {
    const here = () => page.locator(".step.here").getAttribute("data-step");
    await page.getByTestId("place").getByText("Now at greeting").waitFor();
    assert.equal(await here(), "greeting");
    assert.equal(await page.locator(".step").count(), 8);
    views().place = { step: "time", slots: { date: "2026-12-01" }, tries: 1, return_to: "" };
    await page.getByTestId("place").getByText("1 of 3 tries brought nothing").waitFor();
    await page.getByTestId("place").getByText("2026-12-01").waitFor();
    assert.equal(await here(), "time");
    await page.getByText("The same in words").click();
    await page.getByText("It asks for date. Goes on to time, once date is known.").waitFor();
    assert.equal(await page.locator('[aria-current="step"]').innerText().then((text) => text.startsWith("time (now)")), true);
  });

  story("is chosen with the keyboard, and kept in the address", { ...FLOW, path: "flow" }, async (page) => {
    await page.getByTestId("session").selectOption("s_booking_then");
    await page.getByTestId("place").getByText("It ended at").waitFor();
    assert.equal(new URL(page.url()).search, "?agent=booking&session=s_booking_then");
  });

  for (const [name, screen] of SCREENS) {
    story(`axe finds nothing, ${name}`, { ...FLOW, ...screen }, async (page) => {
      views().place = { step: "time", slots: { date: "2026-12-01" }, tries: 1, return_to: "" };
      await page.getByTestId("place").getByText("2026-12-01").waitFor();
      await isFine(page, `flow ${name}`);
      await page.getByText("The same in words").click();
      assert.deepEqual(await axe(page), []);
    });
  }
});

describe("knowledge", () => {
  story("is tried by a question, and filtered", KNOWLEDGE, async (page) => {
    await page.getByTestId("question").fill("Where is my invoice?");
    await page.keyboard.press("Enter");
    await page.getByTestId("passage").first().getByText("0.82").waitFor();
    await page.getByTestId("found").getByText(/^3 of 3 notes/).waitFor();
    assert.equal(await page.getByTestId("note").first().getAttribute("data-own"), "true");
    await page.getByTestId("filter").fill("password");
    assert.equal(await page.getByTestId("note").count(), 1);
    await page.getByTestId("note").locator("summary").click();
    await page.getByText("It cannot be edited here").waitFor();
    assert.equal(await page.getByTestId("edit").count(), 0);
  });

  story("is added to; what is refused is told at its field; a note is changed and deleted", KNOWLEDGE, async (page) => {
    const form = page.getByTestId("note-form");
    await page.getByTestId("add").click();
    await page.keyboard.type("Parking");
    await form.getByLabel("Text").fill("How to make a bomb.");
    await page.getByTestId("save").click();
    await page.getByTestId("wrong-text").getByText("The guardrail would not let this be said").waitFor();
    assert.equal(await form.getByLabel("Text").getAttribute("aria-invalid"), "true");
    assert.deepEqual(await axe(page), []);
    await form.getByLabel("Text").fill("You may park in front of the house.");
    await form.getByLabel("Questions it answers").fill("Where can I park?\nIs there parking?");
    await page.getByTestId("save").click();
    await page.getByTestId("note").filter({ hasText: "Parking" }).locator("summary").click();
    assert.deepEqual(views().notes.at(-1).questions, ["Where can I park?", "Is there parking?"]);
    await page.getByRole("button", { name: "Edit Parking" }).click();
    await form.getByLabel("Title").fill("Where to park");
    await page.getByTestId("save").click();
    await page.getByTestId("note").filter({ hasText: "Where to park" }).locator("summary").click();
    await page.getByRole("button", { name: "Delete Where to park" }).click();
    await page.getByTestId("delete-now").click();
    await page.getByTestId("note").filter({ hasText: "Where to park" }).waitFor({ state: "detached" });
    assert.equal(views().notes.length, 3);
  });

  for (const [name, screen] of SCREENS) {
    story(`axe finds nothing, ${name}`, { ...KNOWLEDGE, ...screen }, async (page) => {
      await page.getByTestId("question").fill("Where is my invoice?");
      await page.keyboard.press("Enter");
      await page.getByTestId("passage").first().waitFor();
      await page.getByTestId("note").first().locator("summary").click();
      await isFine(page, `knowledge ${name}`);
      await page.getByTestId("add").click();
      await isFine(page, `note ${name}`);
    });
  }
});

describe("health", () => {
  story("tells who is unwell, and which setting brings the switches", HEALTH, async (page) => {
    await page.getByTestId("server").getByText("Ready: callers are taken").waitFor();
    await page.getByTestId("no-chaos").getByText("ANTIPHON_CHAOS=true").waitFor();
    views().fallIll();
    const unwell = page.getByTestId("provider").filter({ hasText: "gpt-5-mini" });
    await unwell.getByText("left alone for now").waitFor();
    await unwell.getByText("41 %").waitFor();
    await page.getByTestId("provider").filter({ hasText: "kokoro" }).getByText("not measured yet").waitFor();
    await page.getByTestId("cache").getByText("61 %, n 18").waitFor();
  });

  story("breaks a part and mends it, and drops connections once that is said twice", HEALTH, async (page) => {
    views().mayBreak();
    await page.reload();
    const fails = page.getByTestId("model_fails");
    await fails.click();
    await page.getByTestId("told").getByText("From now on the language model fails.").waitFor();
    await page.locator('[data-testid="model_fails"][aria-checked="true"]').waitFor();
    await fails.press("Space");
    await page.getByTestId("told").getByText("Mended").waitFor();
    await page.getByTestId("drop").click();
    await page.getByRole("button", { name: "Leave them" }).click();
    assert.equal(views().dropped, 0);
    await page.getByTestId("drop").click();
    assert.deepEqual(await axe(page), []);
    await page.getByTestId("drop-now").click();
    await page.getByTestId("told").getByText("1 connection was dropped.").waitFor();
    views().switches = null;
  });

  for (const [name, screen] of SCREENS) {
    story(`axe finds nothing, ${name}`, { ...HEALTH, ...screen }, async (page) => {
      views().fallIll();
      views().mayBreak();
      views().switches[2].is_on = true;
      await page.reload();
      await page.getByTestId("provider").first().waitFor();
      await page.getByTestId("model_fails").waitFor();
      await isFine(page, `health ${name}`);
      views().switches = null;
    });
  }
});

describe("what is kept", () => {
  const seek = (page, at) => page.getByTestId("scrubber").fill(String(at));

  story("is replayed in its own time, and scrubbed", PAST, async (page) => {
    await page.getByTestId("way-replay").click();
    await page.getByText("No sound is kept").waitFor();
    await seek(page, 4.5);
    const line = page.getByTestId("agent-line");
    assert.equal((await line.locator(".heard").innerText()).trim(), "World War I");
    await page.getByRole("button", { name: "Go to the interruption at 0:05" }).click();
    assert.match(await page.getByTestId("clock").innerText(), /^0:03 of 0:12/);
    await page.getByTestId("play").click();
    await page.getByTestId("cut").waitFor();
    await page.getByTestId("play").getByText("Pause").click();
    await seek(page, 0);
    await page.getByText("Nothing has been said yet.").waitFor();
    await page.getByTestId("scrubber").focus();
    await page.keyboard.press("End");
    assert.equal(await page.getByTestId("agent-line").count(), 2);
  });

  story("is asked again of another model, side by side", PAST, async (page) => {
    await page.getByTestId("way-fork").click();
    await page.getByTestId("fork-model").fill("anthropic/claude-haiku");
    await page.getByTestId("fork").click();
    await page.getByTestId("compared").getByText("1 of 2 answers differ").waitFor();
    await page.getByTestId("compared").getByText("It was the year 1914.").waitFor();
    await page.getByTestId("compared").getByText("With anthropic/claude-haiku.").waitFor();
  });

  for (const [name, screen] of SCREENS) {
    story(`axe finds nothing, ${name}`, { ...PAST, ...screen }, async (page) => {
      await page.getByTestId("way-replay").click();
      await seek(page, 6);
      await page.getByTestId("cut").waitFor();
      await isFine(page, `replay ${name}`);
      await page.getByTestId("way-fork").click();
      await page.getByTestId("fork").click();
      await page.getByTestId("compared").waitFor();
      await isFine(page, `fork ${name}`);
    });
  }
});
