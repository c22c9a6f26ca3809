/** Where the time of a conversation went, as a supervisor sees it: with a mouse, by keyboard, and on a phone. */
import assert from "node:assert/strict";
import { axe, stories } from "./story.mjs";

const { story, describe } = stories();

const ASKED = JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Why did World War I start?" }] }]);
const span = (key, name, start_ms, ms, attributes = {}, more = {}) => ({ key, parent: key === "turn/2" ? "session" : "turn/2", name, start_ms, ms, attributes, ...more });
const TRACE = {
  ms: 9000,
  spans: [
    span("turn/2", "invoke_agent tutor", 2000, 6000, {
      ...{ "voice.turn": 2, "voice.response_ms": 612, "gen_ai.input.messages": ASKED, "voice.route.specialist": "history" },
      ...{ "voice.interrupted": true, "voice.heard_words": 8 },
    }),
    span("turn/2/1/endpointing", "voice.endpointing", 2000, 300, { "voice.part": "endpointing" }),
    span("turn/2/2/recognition", "voice.recognition", 2300, 100, { "voice.part": "recognition" }),
    span("turn/2/3/model", "voice.model", 2400, 212, { "voice.part": "model" }),
    span("turn/2/4/chat", "chat gpt-4.1-mini", 2400, 700, {
      ...{ "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4.1-mini", "gen_ai.usage.input_tokens": 150 },
      ...{ "gen_ai.usage.output_tokens": 20, "voice.usd": 0.000086 },
    }),
    span("turn/2/playout", "voice.playout", 2612, 5388, { "voice.part": "playout" }),
    span("session/hung_up/1", "voice.hung_up", 9000, 0, {}, { parent: "session" }),
  ],
};

async function opened(page) {
  await page.route("**/api/sessions/*/trace", (route) => route.fulfill({ json: TRACE }));
  await page.getByTestId("session").first().getByRole("link").click();
  await page.getByTestId("trace-sheet").locator("summary").first().click();
  await page.getByTestId("trace").waitFor();
  return page.locator('.trace-turn[data-turn="2"]');
}

describe("where the time went", () => {
  story("is told turn by turn, and of each part what is known", { path: "watch" }, async (page) => {
    const turn = await opened(page);
    assert.match(await turn.locator("summary").innerText(), /Why did World War I start\?[\s\S]*interrupted[\s\S]*612\sms/);
    await turn.locator("summary").click();
    const about = turn.getByTestId("trace-about");
    assert.match(await about.innerText(), /answered by\s*history/i);
    await turn.getByRole("button", { name: /^gpt-4.1-mini/ }).hover();
    assert.match(await about.innerText(), /tokens read\s*150[\s\S]*cost\s*0.000086 US\$/i);
    // All on one axis: what the model's first words took ends where the playout begins.
    const at = async (name) => turn.getByRole("button", { name }).locator(".track i").boundingBox();
    const [first, playout] = [await at(/^first token/), await at(/^playout/)];
    assert.ok(Math.abs(first.x + first.width - playout.x) < 2, `${first.x + first.width} and ${playout.x}`);
    assert.deepEqual(await axe(page), []);
  });

  story("is reached by keyboard alone", { path: "watch" }, async (page) => {
    const turn = await opened(page);
    await turn.locator("summary").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.match(await turn.getByTestId("trace-about").innerText(), /^recognition 100\sms, from 300\sms on/i);
  });

  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark", path: "watch" };
  story("fits a phone, where a row is touched", phone, async (page) => {
    const turn = await opened(page);
    await turn.locator("summary").tap();
    await turn.getByRole("button", { name: /^gpt-4.1-mini/ }).tap();
    assert.match(await turn.getByTestId("trace-about").innerText(), /provider\s*openai/i);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.deepEqual(await axe(page), []);
  });
});
