/** The page by WebRTC, and with a provider in between, in a real browser: what a caller lives through. */
import assert from "node:assert/strict";
import { enter, inspect, until } from "./browser.mjs";
import { agentLines, answered, axe, stories } from "./story.mjs";

const { story, describe, server } = stories();
const realtime = () => server().house.realtime;
const provider = () => server().house.provider;
const type = async (page, text) => {
  await page.getByTestId("write").fill(text);
  await page.getByTestId("write").press("Enter");
};
const words = (line) => line?.heard.split(" ").filter(Boolean).length ?? 0;
/** A call with the provider stands. */
const isHeard = (page) => until(page, "the provider", (seen) => seen.link === "on" && provider().open.has(realtime().last?.id));
const isOn = (page) => until(page, "the session", (seen) => seen.link === "on");

describe("by WebRTC", () => {
  const by = { path: "?via=realtime" };

  story("a typed question is answered aloud, and the answer can be stopped", by, async (page) => {
    await type(page, "What is 25% of 80?");
    const seen = await answered(page);
    assert.equal(agentLines(seen)[0].unheard, "");
    assert.ok(seen.peakLevel > 0.05 && seen.streamed > 24000);
    assert.equal(seen.samplesPlayed, 0);
    await type(page, "Why did World War I start?");
    await until(page, "some words", (now) => words(agentLines(now)[1]) > 4);
    await page.getByTestId("interrupt").click();
    const cut = await until(page, "the cut", (now) => agentLines(now).some((line) => line.isCut && line.isRemembered));
    assert.ok(agentLines(cut)[1].unheard);
    await until(page, "silence", (now) => now.levels.agent < 0.01);
  });

  story("a line typed over an answer cuts it and is answered", by, async (page) => {
    await type(page, "What was the Roman Empire?");
    await until(page, "some words", (seen) => words(agentLines(seen)[0]) > 3);
    await type(page, "What is 25% of 80?");
    const seen = await answered(page, 2);
    assert.equal(agentLines(seen)[0].isCut, true);
    assert.equal(agentLines(seen)[1].heard, "25% of 80 is 20. A quarter of 80: divide 80 by 4.");
  });

  story("the news break off and are read again, and no line is told twice", { ...by, mayComplain: true }, async (page) => {
    await type(page, "What is 25% of 80?");
    await answered(page);
    const { wire } = realtime().last;
    wire.past = wire.past
      .map((text) => JSON.parse(text))
      .filter(({ type }) => type === "remembered")
      .map((line) => JSON.stringify({ ...line, is_past: true }));
    for (const stream of wire.streams) stream.destroy();
    await type(page, "Explain a metaphor");
    const seen = await answered(page, 2);
    assert.deepEqual(
      seen.transcript.map((line) => line.heard ?? line.text),
      ["What is 25% of 80?", "25% of 80 is 20. A quarter of 80: divide 80 by 4.", "Explain a metaphor", "A metaphor says that one thing is another: time is a thief."],
    );
  });

  story("a call that breaks is over, and says so", by, async (page) => {
    await type(page, "What is 25% of 80?");
    await answered(page);
    await provider().hangUp(realtime().last.id);
    await page.getByTestId("trouble").getByText("a call by WebRTC cannot be taken up again").waitFor();
    await page.getByRole("button", { name: "Talk again" }).click();
    await isOn(page);
  });

  story("where sound cannot be connected, one is told what to do", { ...by, mayComplain: true }, async (page) => {
    realtime().isUnreachable = true;
    await page.getByTestId("talk").click();
    await page.getByTestId("trouble").getByText("Talk via WebSocket, or try another network").waitFor();
    realtime().isUnreachable = false;
    await page.getByTestId("via").selectOption("orchestrate");
    assert.equal(await page.getByTestId("trouble").count(), 0);
    await page.getByTestId("talk").click();
    await isOn(page);
  });

  story("a browser without WebRTC is told from a server that does not answer", by, async (page) => {
    await page.evaluate(() => delete window.RTCPeerConnection);
    await page.getByTestId("talk").click();
    await page.getByTestId("trouble").getByText("no WebRTC").waitFor();
  });
});

describe("with a provider in between", () => {
  const by = { path: "?v=b" };

  story("a question is handed on, and its answer played and acknowledged to the last sample", by, async (page, call) => {
    await page.getByTestId("talk").click();
    await isHeard(page);
    const { wire, id } = realtime().last;
    await provider().tell(id, { type: "input_audio_buffer.speech_started", item_id: "i_1" });
    await provider().tell(id, { type: "input_audio_buffer.speech_stopped", item_id: "i_1" });
    const item = { type: "function_call", name: "dispatch_to_orchestrator", call_id: "call_1", arguments: '{"question":"What is 25% of 80?"}' };
    await provider().tell(id, { type: "response.output_item.done", item });
    const seen = await answered(page);
    assert.equal(wire.beside, id);
    assert.deepEqual(
      seen.transcript.map((line) => [line.who, line.heard ?? line.text]),
      [
        ["caller", "What is 25% of 80?"],
        ["agent", "25% of 80 is 20. A quarter of 80: divide 80 by 4."],
      ],
    );
    assert.equal(seen.acknowledged[1], seen.received[1]);
    assert.equal(call().reply?.turn ?? 1, 1);
    assert.ok(seen.peakLevel > 0.05);
    assert.equal(seen.latency.parts[0].name, "provider");
  });

  story("the caller's voice cuts the answer at once, where it was heard", by, async (page, call) => {
    await type(page, "Explain a metaphor");
    await isHeard(page);
    await until(page, "some words", (seen) => words(agentLines(seen)[0]) > 2);
    await provider().tell(realtime().last.id, { type: "input_audio_buffer.speech_started", item_id: "i_1" });
    const began = Date.now();
    await until(page, "silence", (seen) => seen.levels.agent < 0.01 && agentLines(seen)[0].isCut, 2000);
    assert.ok(Date.now() - began < 600);
    const { samplesPlayed } = await inspect(page);
    await page.waitForTimeout(500);
    assert.equal((await inspect(page)).samplesPlayed, samplesPlayed);
    assert.ok(call().counts.cleared >= 1);
  });

  story("a filler of the provider's is heard until the answer begins, and not with it", by, async (page) => {
    await page.getByTestId("talk").click();
    await isHeard(page);
    await type(page, "Explain a metaphor");
    await provider().hum(realtime().last.id, 0.3);
    await until(page, "the hum", (seen) => seen.streamed > 0 || seen.samplesPlayed > 0);
    await until(page, "the answer", (seen) => seen.samplesPlayed > 4800);
    const { streamed } = await inspect(page);
    await page.waitForTimeout(400);
    assert.equal((await inspect(page)).streamed, streamed);
    await answered(page);
    await until(page, "the hum again", (seen) => seen.streamed > streamed);
    await provider().hum(realtime().last.id, 0);
  });

  story("a stream of news that breaks is made again, and the agent goes on after the last word heard", { ...by, mayComplain: true }, async (page) => {
    await type(page, "Explain a metaphor");
    await until(page, "some words", (seen) => words(agentLines(seen)[0]) > 2);
    const first = realtime().last.wire;
    for (const stream of first.streams) stream.destroy();
    await page.getByTestId("phase").getByText("Reconnecting").waitFor();
    await isOn(page);
    const seen = await answered(page, 2);
    const [cut, rest] = agentLines(seen);
    assert.equal(cut.isCut, true);
    assert.equal(`${cut.heard} ${rest.heard}`, "A metaphor says that one thing is another: time is a thief.");
    assert.equal(seen.transcript.filter((line) => line.who === "caller").length, 1);
    assert.notEqual(realtime().last.wire, first);
  });

  story("a provider that refuses is told from our server", { ...by, mayComplain: true }, async (page) => {
    realtime().refusal = [401, "invalid_api_key", "Incorrect API key provided."];
    await page.getByTestId("talk").click();
    await page.getByTestId("trouble").getByText("The voice provider refused the call: Incorrect API key provided.").waitFor();
    realtime().refusal = null;
    await page.getByRole("button", { name: "Reconnect" }).click();
    await isOn(page);
  });
});

describe("the chooser", () => {
  story("is kept and stands in the address, until a conversation begins and after it has ended", {}, async (page) => {
    await page.getByTestId("via").selectOption("realtime");
    assert.equal(new URL(page.url()).searchParams.get("via"), "realtime");
    await enter(page, server().url + "?agent=tutor");
    assert.equal(await page.getByTestId("via").inputValue(), "realtime");
    await page.getByTestId("talk").click();
    await isOn(page);
    assert.equal(await page.locator("select").and(page.getByTestId("via")).count(), 0);
    await page.getByTestId("hang-up").click();
    await page.getByTestId("via").selectOption("orchestrate");
    await page.getByTestId("suggestion").first().click();
    const seen = await answered(page);
    assert.equal(seen.via, "orchestrate");
    assert.ok(seen.samplesPlayed > 0);
  });

  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark, on a small phone", { colorScheme: "dark", viewport: { width: 360, height: 740 } }],
  ]) {
    story(`axe finds nothing and nothing sticks out, ${name}`, options, async (page) => {
      for (const via of ["realtime", "direct"]) {
        await page.getByTestId("via").selectOption(via);
        assert.deepEqual(await axe(page), []);
      }
      const { wide, shown } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        shown: document.documentElement.clientWidth,
      }));
      assert.equal(wide, shown);
    });
  }

  story("is reached by keyboard", {}, async (page) => {
    const focused = () => page.evaluate(() => document.activeElement?.dataset.testid);
    for (let at = 0; at < 15 && (await focused()) !== "via"; at++) await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.getByTestId("via").inputValue(), "realtime");
  });
});
