/** What the page reports of a call arrives, and is no part of it. */
import assert from "node:assert/strict";
import { until } from "./browser.mjs";
import { answered, speaking, stories } from "./story.mjs";

const { story, describe, server } = stories();

describe("what the page reports", () => {
  story("is how long the caller waited for the first sound, and that they cut it short", {}, async (page) => {
    await page.getByTestId("write").fill("Why did World War I start?");
    await page.getByTestId("write").press("Enter");
    await speaking(page);
    await page.waitForTimeout(400);
    await page.getByTestId("interrupt").click();
    await answered(page);
    const { session } = await until(page, "the session", (seen) => Boolean(seen.session));
    await page.waitForTimeout(2000);
    const told = server().house.events.filter((event) => event.session === session);
    const [first] = told.filter(({ name }) => name === "first_sound_played");
    assert.ok(first.ms > 0 && first.ms < 5000, JSON.stringify(told));
    assert.equal(first.attributes.transport, "websocket");
    assert.deepEqual(told.filter(({ name }) => name === "playout_cleared").map(({ attributes }) => attributes.turn), [first.attributes.turn]);
    assert.equal(told.filter(({ name }) => name === "error").length, 0);
  });

  story("may be refused, and the call goes on", { mayComplain: true }, async (page) => {
    await page.route("**/events", (route) => route.abort());
    await page.getByTestId("write").fill("What is 25% of 80?");
    await page.getByTestId("write").press("Enter");
    await answered(page);
  });
});
