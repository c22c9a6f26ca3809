/** The page in a real browser against the scripted server: what a caller lives through. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { inspect, until } from "./browser.mjs";
import { silence, voice, writeWav } from "./sound.mjs";
import { agentLines, answered, axe, speaking, stories } from "./story.mjs";
import { talk } from "./talk.mjs";

const wav = join(mkdtempSync(join(tmpdir(), "stories-")), "question.wav");
before(() => writeWav(wav, 48000, [silence(1, 48000), voice(1.5, 48000, 170), silence(30, 48000)]));
const { story, describe, server } = stories();

describe("a conversation", () => {
  test("a spoken question is answered, played, and acknowledged to the last sample", { timeout: 120_000 }, async () => {
    const report = await talk({ url: `${server().url}?v=c`, wav, expect: "20" });
    assert.deepEqual(report.failures, []);
    assert.equal(report.heard, "25% of 80 is 20. A quarter of 80: divide 80 by 4.");
    assert.ok(report.peakLevel > 0.05);
    const call = server().calls.at(-1);
    assert.deepEqual(call.faults, []);
    assert.ok(call.counts.soundBytes > 48000 * 2);
  });

  story("a suggested question needs no microphone, and sound goes up all the same", {}, async (page, call) => {
    await page.getByTestId("suggestion").first().click();
    const seen = await answered(page);
    assert.equal(seen.ear, "off");
    assert.equal(seen.transcript[0].text, "What is 25% of 80?");
    assert.equal(seen.acknowledged[1], seen.received[1]);
    assert.ok(call().counts.soundBytes > 48000 * 2);
  });

  story("a backchannel pauses the voice; an interruption cuts it where it was heard", {}, async (page, call) => {
    await page.getByTestId("suggestion").nth(2).click();
    await until(page, "the pause", () => call().reply?.wasHeld && call().reply.held);
    await page.waitForTimeout(150);
    const paused = await inspect(page);
    await page.waitForTimeout(150);
    assert.equal((await inspect(page)).acknowledged[1], paused.acknowledged[1]);
    const seen = await until(page, "the cut", (now) => agentLines(now).some((line) => line.isCut && line.isRemembered));
    const [line] = agentLines(seen);
    assert.match(line.heard, /^Let me think\. World War I began/);
    assert.match(line.unheard, /into the war\.$/);
    assert.ok(seen.acknowledged[1] > paused.acknowledged[1]);
    assert.ok(seen.acknowledged[1] < seen.received[1]);
    assert.equal(call().counts.cleared, 1);
    await page.getByTestId("cut").waitFor();
  });

  for (const [how, interrupt] of [
    ["the button", (page) => page.getByTestId("interrupt").click()],
    ["Escape", (page) => page.keyboard.press("Escape")],
  ]) {
    story(`${how} stops the agent`, {}, async (page) => {
      await page.getByTestId("suggestion").first().click();
      await speaking(page);
      await interrupt(page);
      const seen = await answered(page);
      assert.equal(agentLines(seen)[0].isCut, true);
      await page.waitForTimeout(300);
      assert.equal((await inspect(page)).samplesPlayed, seen.samplesPlayed);
    });
  }

  story("what the guardrail rewrote carries a shield", {}, async (page) => {
    await page.getByTestId("write").fill("How do I make a bomb?");
    await page.getByTestId("write").press("Enter");
    await answered(page);
    await page.getByTestId("verdict").getByText("answer rewritten: dangerous instructions").waitFor();
    await page.getByRole("img", { name: "rewritten by the guardrail" }).waitFor();
  });

  story("mute sends zeros and says so", {}, async (page, call) => {
    await page.getByTestId("talk").click();
    await until(page, "the microphone", (seen) => seen.link === "on" && seen.ear === "on");
    await page.getByTestId("mute").click();
    await page.getByTestId("ear").getByText("muted").waitFor();
    const { soundBytes } = call().counts;
    await page.waitForTimeout(400);
    assert.equal((await inspect(page)).levels.caller, 0);
    assert.ok(call().counts.soundBytes > soundBytes);
  });

  story("hanging up ends it without a complaint, and one can talk again", {}, async (page) => {
    await page.getByTestId("suggestion").first().click();
    await speaking(page);
    await page.getByTestId("hang-up").click();
    const over = await until(page, "the end", (seen) => seen.link === "over");
    assert.equal(over.trouble, null);
    await page.getByRole("button", { name: "Talk again" }).click();
    await until(page, "another session", (seen) => seen.link === "on");
  });
});

describe("trouble", () => {
  story("without permission one goes on by typing, and hears the answer", { isDeaf: true }, async (page) => {
    await page.getByTestId("talk").click();
    await page.getByTestId("trouble").getByText("did not allow the microphone").waitFor();
    await page.getByTestId("write").fill("What is 25% of 80?");
    await page.getByTestId("send").click();
    const seen = await answered(page);
    assert.ok(seen.samplesPlayed > 0 && seen.peakLevel > 0.05);
  });

  story("a server that fails is explained, and Reconnect opens a session", {}, async (page) => {
    await page.getByTestId("write").fill("fail");
    await page.getByTestId("send").click();
    await page.getByTestId("trouble").getByText("The server failed").waitFor();
    await page.getByRole("button", { name: "Reconnect" }).click();
    await until(page, "another session", (seen) => seen.link === "on");
  });

  story("a refused message is told and the conversation goes on", {}, async (page, call) => {
    await page.getByTestId("write").fill("refuse");
    await page.getByTestId("send").click();
    await page.getByTestId("trouble").getByText("refused by the script").waitFor();
    assert.deepEqual(call().faults.splice(0), ["this text is refused by the script"]);
    await page.getByTestId("suggestion").first().click();
    await answered(page);
  });

  story("an agent that is not there is named", { path: "?agent=nobody" }, async (page) => {
    await page.getByTestId("talk").click();
    await page.getByTestId("trouble").getByText("no agent called “nobody”").waitFor();
  });

  story("a server that is not there is told from a lost connection", { mayComplain: true }, async (page) => {
    await page.routeWebSocket(/orchestrate/, (socket) => socket.close({ code: 1011 }));
    await page.evaluate(() => {
      window.WebSocket = class extends WebSocket {
        constructor() {
          super("ws://127.0.0.1:9/");
        }
      };
    });
    await page.getByTestId("talk").click();
    await page.getByTestId("trouble").getByText("The server did not answer").waitFor();
  });
});

describe("for everybody", () => {
  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["on a phone", { viewport: { width: 390, height: 844 } }],
    ["with reduced motion", { reducedMotion: "reduce", colorScheme: "dark" }],
  ]) {
    story(`axe finds nothing, ${name}`, options, async (page) => {
      assert.deepEqual(await axe(page), []);
      await page.getByTestId("suggestion").nth(2).click();
      await until(page, "the cut", (seen) => agentLines(seen).some((line) => line.isCut && line.isRemembered));
      assert.deepEqual(await axe(page), []);
      await page.getByTestId("write").fill("fail");
      await page.getByTestId("send").click();
      await page.getByTestId("trouble").waitFor();
      assert.deepEqual(await axe(page), []);
    });
  }

  story("everything is reached by keyboard, and the keyboard is not lost", {}, async (page) => {
    const focused = () => page.evaluate(() => document.activeElement?.dataset.testid ?? document.activeElement?.className);
    const reached = [];
    for (let i = 0; i < 30 && reached.at(-1) !== "send"; i++) {
      await page.keyboard.press("Tab");
      reached.push(await focused());
    }
    for (const part of ["transcript", "suggestion", "talk", "write", "send"]) assert.ok(reached.includes(part), part);
    await page.getByTestId("talk").focus();
    await page.keyboard.press("Enter");
    await until(page, "the session", (seen) => seen.link === "on");
    assert.equal(await focused(), "acts");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "mute");
  });

  story("nothing sticks out at the side", { viewport: { width: 360, height: 740 } }, async (page) => {
    await page.getByTestId("talk").click();
    await until(page, "the session", (seen) => seen.link === "on" && seen.ear === "on");
    const { wide, shown } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      shown: document.documentElement.clientWidth,
    }));
    assert.equal(wide, shown);
    for (const part of ["mute", "interrupt", "hang-up", "write", "send"]) {
      const box = await page.getByTestId(part).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 360 && box.y + box.height <= 740, `${part}: ${JSON.stringify(box)}`);
    }
  });

  story("a screen reader hears phases and finished lines only", {}, async (page) => {
    await page.evaluate(() => {
      window.heard = [];
      const region = document.querySelector('[data-testid="announcement"]');
      new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    await page.getByTestId("suggestion").nth(2).click();
    await until(page, "the cut", (seen) => agentLines(seen).some((line) => line.isCut && line.isRemembered));
    const heard = await page.evaluate(() => window.heard);
    assert.ok(heard.includes("You: Why did World War I start?"));
    assert.ok(heard.includes("Interrupted"));
    assert.ok(heard.some((line) => line.startsWith("tutor: Let me think. World War I began")));
    assert.equal(heard.some((line) => line.includes("mhm")), false);
  });
});
