/** The landing in a real browser: what one is told, what one can choose, and where that leads. */
import assert from "node:assert/strict";
import { axe, stories } from "./story.mjs";

const { server, story, describe } = stories();
const studio = () => server().house.studio;
const card = (page, letter) => page.getByTestId(`card-${letter}`);
const well = (page) => card(page, "c").getByText("Ready", { exact: true }).waitFor();
const openAll = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));

const PHONE = { viewport: { width: 390, height: 844 } };
const DESKTOP = { viewport: { width: 1440, height: 900 } };

describe("choosing", () => {
  story("an address without a word is the landing, and each card leads to its way with the chosen agent", { path: "" }, async (page) => {
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByLabel("Appointments").check();
    for (const [letter, via] of [
      ["a", "livekit"],
      ["b", "direct"],
      ["c", "orchestrate"],
    ]) {
      await card(page, letter).getByRole("link", { name: /^Talk/ }).click();
      await page.getByRole("heading", { level: 1, name: "Booking" }).waitFor();
      assert.equal(await page.getByTestId("via").inputValue(), via);
      await page.goBack();
      await page.getByLabel("Appointments").check();
    }
    await page.getByRole("link", { name: "talk by Realtime", exact: true }).click();
    await page.getByTestId("talk").waitFor();
    assert.equal(await page.getByTestId("via").inputValue(), "realtime");
  });

  story("the views are one click from each other", { path: "" }, async (page) => {
    const views = page.getByRole("navigation", { name: "Views" });
    await views.getByRole("link", { name: "Watch" }).click();
    await page.getByRole("heading", { level: 1, name: "Supervision" }).waitFor();
    await views.getByRole("link", { name: "Talk" }).click();
    await page.getByTestId("talk").waitFor();
    assert.equal(await views.getByRole("link", { name: "Talk" }).getAttribute("aria-current"), "page");
    await page.getByRole("link", { name: "Antiphon, the start" }).click();
    await card(page, "a").waitFor();
  });
});

describe("telling", () => {
  story("numbers are what was measured here, with how; without one it says how to measure", { path: "" }, async (page) => {
    await card(page, "b").getByText("not measured yet").waitFor();
    await card(page, "b").getByText("antiphon bench --via orchestrate,direct,livekit").waitFor();
    assert.equal(await page.getByText(/\d ms/).count(), 0);
    studio().measure();
    await page.reload();
    await card(page, "c").getByText("443 ms").waitFor();
    await card(page, "c").getByText("n 20 · 22 Nov 2026 · bench turn · scripted machine").waitFor();
    assert.equal(await card(page, "b").getByText(/\d ms/).count(), 0);
    await page.getByTestId("compare").locator("summary").click();
    const joining = page.getByRole("row", { name: /^Until one is connected/ });
    assert.match(await joining.innerText(), /965 ms, p95 1190 ms, n 20\s+not measured yet\s+42 ms, p95 58 ms, n 20/);
  });

  story("a server that loads is waited for, and what keeps one from a way is said", { path: "", mayComplain: true }, async (page) => {
    studio().health = { status: "loading" };
    studio().ways.livekit.obstacle = "rooms need LiveKit's packages: pip install 'antiphon[livekit]'";
    await page.reload();
    await card(page, "c").getByText("The models are being loaded").waitFor();
    studio().health = { status: "ready" };
    await well(page);
    await card(page, "a").getByText("Rooms need LiveKit's packages").waitFor();
    studio().ways.livekit.obstacle = "";
    studio().ways.direct.provider = "api.openai.com";
    await page.reload();
    await card(page, "b").getByText("Ready, with api.openai.com").waitFor();
  });

  story("the server is asked gently", { path: "" }, async (page) => {
    await well(page);
    const before = studio().asked;
    await page.waitForTimeout(3000);
    assert.equal(studio().asked, before);
  });

  story("the pictures say in sentences what they show", { path: "" }, async (page) => {
    const picture = page.getByRole("img", { name: "How Realtime direct is made" });
    const says = await picture.evaluate((svg) => document.getElementById(svg.getAttribute("aria-describedby")).textContent);
    assert.match(says, /Your browser sends your voice to the Realtime provider, as Opus by WebRTC\./);
    assert.match(says, /This server sends the agent's voice to your browser, as PCM16 over HTTP\./);
  });
});

describe("for everybody", () => {
  for (const [name, options] of [
    ["light, on a desktop", { ...DESKTOP, colorScheme: "light" }],
    ["dark, on a desktop", { ...DESKTOP, colorScheme: "dark" }],
    ["light, on a phone", { ...PHONE, colorScheme: "light" }],
    ["dark, on a phone", { ...PHONE, colorScheme: "dark" }],
  ]) {
    story(`axe finds nothing, ${name}`, { path: "", reducedMotion: "reduce", ...options }, async (page) => {
      await well(page);
      assert.deepEqual(await axe(page), []);
      await openAll(page);
      assert.deepEqual(await axe(page), []);
    });
  }

  story("the keyboard comes past the navigation at once, chooses an agent, opens the table and talks", { path: "" }, async (page) => {
    await well(page);
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "MAIN");
    assert.equal(new URL(page.url()).hash, "");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.getByLabel("Support desk").isChecked(), true);
    const compare = page.getByTestId("compare");
    for (let i = 0; i < 12 && !(await compare.evaluate((each) => each.contains(document.activeElement))); i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("rowheader", { name: "Safety" }).waitFor();
    await card(page, "c").getByRole("link", { name: /^Talk/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Support" }).waitFor();
  });

  for (const path of ["", "?agent=tutor", "watch"]) {
    story(`nothing sticks out at the side of /${path}`, { path, viewport: { width: 320, height: 740 } }, async (page) => {
      await page.getByRole("heading", { level: 1 }).waitFor();
      await openAll(page);
      const { wide, shown } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        shown: document.documentElement.clientWidth,
      }));
      assert.equal(wide, shown);
    });
  }

  story("the theme that was chosen is there on the next visit, in every view", { path: "", colorScheme: "light" }, async (page) => {
    await page.getByRole("button", { name: /^Theme: system/ }).click();
    await page.getByRole("button", { name: /^Theme: light/ }).click();
    await page.goto(server().url + "watch");
    await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  });
});
