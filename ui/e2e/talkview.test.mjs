/** What the talk view shows of a conversation beside its words, in a real browser. */
import assert from "node:assert/strict";
import { inspect, until } from "./browser.mjs";
import { agentLines, answered, axe, speaking, stories } from "./story.mjs";

const { server, story, describe } = stories();
const HERE = { path: "?agent=tutor" };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

const ask = async (page, text) => {
  await page.getByTestId("write").fill(text);
  await page.getByTestId("write").press("Enter");
};
const told = (page, trigger) => until(page, `a panel about ${trigger}`, (seen) => seen.occasion?.trigger === trigger);
const figure = (p50) => ({ n: 20, p50, p95: p50 + 9, at: "2026-11-22T02:00:00Z", from: "bench turn", machine: "scripted" });
const focused = (page) => page.evaluate(() => document.activeElement?.dataset.testid ?? "");

describe("the way of a turn", () => {
  story("lights up where the turn is, and says who answers", HERE, async (page) => {
    await page.evaluate(() => {
      const box = document.querySelector('[data-testid="pipeline"]');
      window.lit = [];
      new MutationObserver(() => window.lit.push(box.dataset.lit)).observe(box, { attributes: true });
    });
    await ask(page, "Why did World War I start?");
    await until(page, "the answer", (seen) => agentLines(seen)[0]?.heardWords > 4);
    const lit = await page.evaluate(() => window.lit);
    assert.ok(lit.indexOf("check route") >= 0, lit.join(" | "));
    assert.ok(lit.lastIndexOf("speak") > lit.indexOf("check route"), lit.join(" | "));
    for (const stage of ["check", "route", "ground", "guard"]) {
      assert.equal(await page.locator(`[data-stage="${stage}"]`).getAttribute("data-look"), "passed", stage);
    }
    await page.getByTestId("pipeline").getByText("history 0.94").waitFor();
    assert.match(await page.getByTestId("pipeline").locator("svg").getAttribute("aria-label"), /history answers, 0\.94 sure/);
  });

  story("shows from whom a turn was handed over, and that a person was asked for", HERE, async (page) => {
    await ask(page, "What is 25% of 80?");
    await answered(page);
    await ask(page, "Can I talk to a teacher?");
    await page.getByTestId("pipeline").getByText("handed over from math").waitFor();
    await page.locator('[data-stage="person"][data-look="lit"]').waitFor();
    await page.getByTestId("presence").getByText("A teacher has been asked to join").waitFor();
  });

  story("an older turn shows its parts again", HERE, async (page) => {
    for (const [turn, text] of [[1, "What is 25% of 80?"], [2, "Explain a metaphor"]]) {
      await ask(page, text);
      await answered(page, turn);
    }
    assert.equal(await page.getByTestId("waterfall").getAttribute("data-turn"), "2");
    await page.getByTestId("tradeoff-close").click();
    await page.getByTestId("turn-time").first().click();
    await page.getByRole("heading", { name: "Turn 1" }).waitFor();
    assert.equal(await page.getByTestId("waterfall").getAttribute("data-turn"), "1");
    await page.getByTestId("last-turn").click();
    await page.getByRole("heading", { name: "Last turn" }).waitFor();
  });
});

describe("the panel that tells of the other ways", () => {
  story("stands this conversation's measure beside the bench's, and says what was not measured", HERE, async (page) => {
    server().house.measured = { ways: { direct: { response_ms: figure(771), yield_ms: null }, webrtc: { response_ms: figure(493) }, livekit: null } };
    await page.route("**/api/measured", (route) => route.fulfill({ json: server().house.measured }));
    await ask(page, "Explain a metaphor");
    await told(page, "english");
    const way = (via) => page.getByTestId(`way-${via}`);
    await way("direct").getByText("771 ms, median of 20, 22 Nov 2026, bench turn").waitFor();
    await way("realtime").getByText("493 ms, median of 20").waitFor();
    await way("livekit").getByText("not measured yet").waitFor();
    await way("orchestrate").getByText("612 ms here, as the server measures it, 1 turn").waitFor();
    await way("orchestrate").getByText("you are here").waitFor();
  });

  for (const [trigger, text] of [
    ["escalation", "Can I talk to a teacher?"],
    ["guardrail", "How do I make a bomb?"],
    ["filler", "Why did World War I start?"],
  ]) {
    story(`comes at ${trigger}`, HERE, async (page) => {
      await ask(page, text);
      await told(page, trigger);
    });
  }

  story("closes by Escape, which then stops nobody; and by Escape again the agent stops", HERE, async (page) => {
    await ask(page, "Explain a metaphor");
    await speaking(page);
    await told(page, "english");
    assert.equal(await focused(page), "write");
    await page.keyboard.press("Escape");
    assert.equal((await inspect(page)).occasion, null);
    assert.equal(agentLines(await inspect(page))[0].isCut, false);
    await page.keyboard.press("Escape");
    await told(page, "barge-in");
    assert.equal(agentLines(await inspect(page))[0].isCut, true);
  });

  story("stays away where that is asked for", HERE, async (page) => {
    await ask(page, "Explain a metaphor");
    await told(page, "english");
    await page.getByTestId("tradeoff-hush").click();
    await answered(page);
    await ask(page, "Explain a simile");
    await answered(page, 2);
    assert.equal((await inspect(page)).occasion, null);
    assert.equal(await page.getByTestId("tradeoff").count(), 0);
  });

  story("leaves the controls of a phone where they are", { ...HERE, ...PHONE }, async (page) => {
    await page.getByTestId("talk").click();
    await until(page, "the session", (seen) => seen.link === "on" && seen.ear === "on");
    await ask(page, "Explain a metaphor");
    await told(page, "english");
    for (const part of ["mute", "interrupt", "hang-up", "write", "send", "tradeoff-close"]) {
      const isOnTop = await page.getByTestId(part).evaluate((node) => {
        const { left, top, width, height } = node.getBoundingClientRect();
        const found = document.elementFromPoint(left + width / 2, top + height / 2);
        return node.contains(found) && top >= 0 && top + height <= innerHeight;
      });
      assert.ok(isOnTop, part);
    }
  });
});

describe("the microphone", () => {
  const isHeard = (page) => until(page, "the microphone", (seen) => seen.link === "on" && seen.ear === "on");
  /** The loudest that the page hears of it within that time. */
  const loudest = async (page, ms) => {
    let level = 0;
    for (const end = Date.now() + ms; Date.now() < end; await page.waitForTimeout(20)) level = Math.max(level, (await inspect(page)).levels.caller);
    return level;
  };

  story("hears while the space bar is held, and not what is written", HERE, async (page) => {
    await page.getByTestId("microphone-settings").click();
    await page.getByTestId("hold-to-talk").check();
    await page.keyboard.press("Escape");
    await page.getByTestId("talk").click();
    await isHeard(page);
    assert.equal(await loudest(page, 1500), 0);
    await page.getByTestId("transcript").focus();
    await page.keyboard.down("Space");
    await page.getByTestId("hold").getByText("You are heard").waitFor();
    assert.ok((await loudest(page, 2500)) > 0);
    await page.keyboard.up("Space");
    assert.equal((await inspect(page)).isPressed, false);
    await page.getByTestId("write").focus();
    await page.keyboard.type("a b");
    assert.equal((await inspect(page)).isPressed, false);
    assert.equal(await page.getByTestId("write").inputValue(), "a b");
    const box = await page.getByTestId("hold").boundingBox();
    await page.mouse.move(box.x + 20, box.y + 20);
    await page.mouse.down();
    assert.equal((await inspect(page)).isPressed, true);
    await page.mouse.up();
    assert.equal((await inspect(page)).isPressed, false);
  });

  story("can be chosen, and the choice is remembered", HERE, async (page) => {
    await page.getByTestId("talk").click();
    await isHeard(page);
    const { devices } = await inspect(page);
    assert.ok(devices.length >= 2);
    await page.getByTestId("microphone-settings").click();
    await page.getByTestId("device").selectOption(devices[1].id);
    await until(page, "the other one", (seen) => seen.device === devices[1].id && seen.ear === "on");
    await page.keyboard.press("Escape");
    await page.getByTestId("hang-up").click();
    await page.reload();
    await page.getByTestId("talk").click();
    await until(page, "the same again", (seen) => seen.device === devices[1].id);
  });

  story("that is unplugged is replaced by another, and the page says so", HERE, async (page) => {
    await page.evaluate(() => {
      const media = navigator.mediaDevices;
      const ask = media.getUserMedia.bind(media);
      media.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        window.track = stream.getAudioTracks()[0];
        return stream;
      };
    });
    await page.getByTestId("talk").click();
    await isHeard(page);
    await page.evaluate(() => window.track.dispatchEvent(new Event("ended")));
    await page.getByTestId("trouble").getByText("was unplugged").waitFor();
    await page.getByTestId("trouble").getByText("You are heard by").waitFor();
    assert.equal((await inspect(page)).ear, "on");
  });

  story("is heard in one tab at a time, and again when the other one is closed", HERE, async (page) => {
    await page.getByTestId("talk").click();
    await isHeard(page);
    const other = await page.context().newPage();
    await other.goto(`${server().url}?agent=tutor`);
    await other.getByTestId("talk").click();
    await until(other, "the other", (seen) => seen.ear === "on");
    await page.getByTestId("trouble").getByText("in another tab").waitFor();
    assert.equal((await inspect(page)).isMuted, true);
    await other.close();
    const seen = await until(page, "its turn", (now) => !now.isMuted);
    assert.equal(seen.trouble, null);
  });

  story("that was refused is taken as soon as it is allowed", { ...HERE, isDeaf: true }, async (page) => {
    await page.getByTestId("talk").click();
    await page.getByTestId("trouble").getByText("did not allow the microphone").waitFor();
    await page.context().grantPermissions(["microphone"]);
    const seen = await until(page, "the microphone", (now) => now.ear === "on");
    assert.equal(seen.trouble, null);
  });
});

describe("trouble that mends itself", () => {
  story("is told while it lasts: this device is offline", HERE, async (page) => {
    await ask(page, "What is 25% of 80?");
    await answered(page);
    await page.context().setOffline(true);
    await page.getByTestId("trouble").getByText("This device is offline").waitFor();
    await page.context().setOffline(false);
    await until(page, "the end of it", (seen) => seen.trouble === null);
  });

  story("is told while it lasts: the browser has paused all sound", HERE, async (page) => {
    await page.evaluate(() => {
      const Real = window.AudioContext;
      window.AudioContext = class extends Real {
        constructor(...options) {
          super(...options);
          window.context = this;
        }
      };
    });
    await ask(page, "What is 25% of 80?");
    await answered(page);
    await page.evaluate(() => window.context.suspend());
    await page.getByTestId("trouble").getByText("paused this page's sound").waitFor();
    await page.keyboard.press("Shift");
    await until(page, "the end of it", (seen) => seen.trouble === null);
  });
});

describe("for everybody", () => {
  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["light, on a phone", { ...PHONE, colorScheme: "light" }],
    ["dark, on a phone", { ...PHONE, colorScheme: "dark" }],
  ]) {
    story(`axe finds nothing in any state, ${name}`, { ...HERE, ...options }, async (page) => {
      const check = async (state) => assert.deepEqual(await axe(page), [], state);
      await check("idle");
      await page.getByTestId("microphone-settings").click();
      await check("settings");
      await page.getByTestId("hold-to-talk").check();
      await page.keyboard.press("Escape");
      await page.getByTestId("talk").click();
      await until(page, "the session", (seen) => seen.link === "on" && seen.ear === "on");
      await page.getByTestId("microphone-settings").click();
      await check("in a call, settings");
      await page.keyboard.press("Escape");
      await ask(page, "How do I make a bomb?");
      await told(page, "guardrail");
      await answered(page);
      await check("the panel");
      await page.getByTestId("captions-switch").click();
      await page.getByTestId("turn-time").click();
      await check("captions, an older turn");
      await page.context().setOffline(true);
      await page.getByTestId("trouble").waitFor();
      await check("trouble");
    });
  }

  story("words of now stand there large, on the next visit as well", HERE, async (page) => {
    await page.getByTestId("captions-switch").click();
    await ask(page, "What is 25% of 80?");
    await page.getByTestId("captions").getByText("25% of 80 is 20.").waitFor();
    await page.getByTestId("hang-up").click();
    await page.reload();
    await page.getByTestId("captions").waitFor();
  });
});
