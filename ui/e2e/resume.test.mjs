/** A connection that breaks, in a real browser: what the caller notices of it. */
import assert from "node:assert/strict";
import { agentLines, answered, speaking, stories } from "./story.mjs";
import { inspect, until } from "./browser.mjs";

const { server, story, describe } = stories();

const isBack = (page) => until(page, "the connection", (seen) => seen.link === "on");
const shown = (page) => page.getByTestId("transcript").locator("li").allInnerTexts();

describe("a connection that breaks", () => {
  story("in the middle of a sentence is made again, and the agent goes on after the last word heard", {}, async (page, call) => {
    await page.getByTestId("suggestion").nth(1).click();
    await speaking(page);
    await until(page, "some words", (seen) => agentLines(seen).some((line) => line.heard.split(" ").length > 2));
    const first = call();
    const began = Date.now();
    first.socket.terminate();
    await page.getByTestId("phase").getByText("Reconnecting").waitFor();
    assert.equal((await inspect(page)).trouble, null);
    await isBack(page);
    assert.ok(Date.now() - began < 2000);
    assert.notEqual(call(), first);
    const seen = await answered(page, 2);
    const [cut, rest] = agentLines(seen);
    assert.equal(cut.isCut, true);
    assert.equal(`${cut.heard} ${rest.heard}`, "A metaphor says that one thing is another: time is a thief.");
    assert.equal(seen.transcript.filter((line) => line.who === "caller").length, 1);
  });

  story("sends a line again that was typed meanwhile, once", {}, async (page, call) => {
    await page.getByTestId("suggestion").first().click();
    await answered(page);
    server().house.isDeaf = true;
    await page.getByTestId("write").fill("Explain a metaphor");
    await page.getByTestId("write").press("Enter");
    await page.waitForTimeout(100);
    server().house.isDeaf = false;
    call().taken.clear();
    call().socket.terminate();
    await until(page, "the loss", (seen) => seen.link === "reconnecting");
    await isBack(page);
    const seen = await answered(page, 2);
    assert.deepEqual(
      seen.transcript.filter((line) => line.who === "caller").map((line) => line.text),
      ["What is 25% of 80?", "Explain a metaphor"],
    );
    call().socket.terminate();
    await isBack(page);
    await page.waitForTimeout(300);
    assert.equal((await inspect(page)).transcript.length, 4);
  });

  story("keeps the microphone open, and sound goes on", {}, async (page, call) => {
    await page.getByTestId("talk").click();
    await until(page, "the microphone", (seen) => seen.link === "on" && seen.ear === "on");
    const first = call();
    first.send("goaway", { reason: "deploy", retry_ms: 300 });
    first.socket.close(1012);
    await until(page, "the loss", (seen) => seen.link === "reconnecting" && seen.ear === "on");
    await isBack(page);
    await page.waitForTimeout(300);
    assert.ok(call() !== first && call().counts.soundBytes > 4800);
  });

  story("is tried again until the server is back", { mayComplain: true }, async (page, call) => {
    await page.getByTestId("suggestion").first().click();
    await answered(page);
    server().house.isDown = true;
    call().socket.terminate();
    await until(page, "the loss", (seen) => seen.link === "reconnecting");
    await page.waitForTimeout(1500);
    assert.equal((await inspect(page)).link, "reconnecting");
    server().house.isDown = false;
    await isBack(page);
  });

  story("ends when one hangs up meanwhile", { mayComplain: true }, async (page, call) => {
    await page.getByTestId("suggestion").first().click();
    await answered(page);
    server().house.isDown = true;
    call().socket.terminate();
    await until(page, "the loss", (seen) => seen.link === "reconnecting");
    await page.getByTestId("hang-up").click();
    const seen = await until(page, "the end", (now) => now.link === "over");
    server().house.isDown = false;
    assert.equal(seen.trouble, null);
  });
});

describe("a session", () => {
  story("that is over says so in a line, and talking again begins anew", {}, async (page, call) => {
    await page.getByTestId("suggestion").first().click();
    await answered(page);
    const first = call();
    first.isEnded = true;
    first.socket.terminate();
    await page.getByTestId("trouble").getByText("could not be taken up again").waitFor();
    assert.equal((await inspect(page)).transcript.length, 2);
    await page.getByRole("button", { name: "Talk again" }).click();
    const seen = await isBack(page);
    assert.notEqual(seen.session, first.session);
  });

  story("goes on after a reload, with its transcript", {}, async (page, call) => {
    await page.getByTestId("suggestion").nth(2).click();
    const before = await until(page, "two turns", (seen) => agentLines(seen).filter((line) => line.isRemembered).length === 2);
    const lines = await shown(page);
    await page.reload();
    const seen = await isBack(page);
    assert.equal(seen.session, before.session);
    const past = await until(page, "the past", (now) => now.transcript.filter((line) => line.isRemembered).length === 4);
    const said = (each) => each.transcript.filter((line) => line.isRemembered).map((line) => line.heard ?? line.text);
    assert.deepEqual(said(past), said(before));
    assert.ok(lines.length >= 4 && call().session === before.session);
  });

  story("carried on in another tab is left to it", {}, async (page) => {
    await page.getByTestId("suggestion").first().click();
    await answered(page);
    const kept = await page.evaluate(() => sessionStorage.getItem("antiphon.session"));
    const other = await page.context().newPage();
    await other.addInitScript((value) => sessionStorage.setItem("antiphon.session", value), kept);
    await other.goto(server().url + "?agent=tutor");
    await isBack(other);
    await page.getByTestId("trouble").getByText("carried on elsewhere").waitFor();
    await page.waitForTimeout(500);
    assert.equal((await inspect(page)).link, "over");
    assert.equal((await inspect(other)).link, "on");
  });
});
