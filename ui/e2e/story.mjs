/** What the stories share: one browser and one scripted server a file, a fresh page a story. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { enter, launch, until } from "./browser.mjs";
import { FakeProvider } from "./fake_provider.mjs";
import { startFakeServer } from "./fake_server.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What the browser says of each attempt while a story keeps the network from it. */
const OFFLINE = "ERR_INTERNET_DISCONNECTED";

/** `story` declares a test; `server` answers with the server once tests run. */
export function stories() {
  let server;
  let browser;
  let deaf;
  before(async () => {
    server = await startFakeServer();
    browser = await launch();
    server.house.provider = await FakeProvider.open(browser);
  });
  after(async () => {
    await browser?.close();
    await deaf?.close();
    server?.close();
  });

  /** A fresh page that shows its view, closed at the end; what it complains about and what the server finds wrong fails the test. */
  function story(name, options, live) {
    test(name, { timeout: 120_000 }, async () => {
      const { isDeaf = false, path = "?agent=tutor", mayComplain = false, ...context } = options;
      const calls = server.calls.length;
      if (isDeaf) deaf ??= await launch({ grantsMicrophone: false });
      const visit = await (isDeaf ? deaf : browser).newContext(context);
      const page = await visit.newPage();
      const complaints = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && !message.text().includes(OFFLINE)) complaints.push(message.text());
      });
      try {
        await enter(page, server.url + path);
        await live(page, () => server.calls.at(-1));
      } finally {
        await visit.close();
      }
      assert.deepEqual(
        server.calls.slice(calls).flatMap((call) => call.faults),
        [],
      );
      assert.deepEqual(server.house.desk.faults, []);
      if (!mayComplain) assert.deepEqual(complaints, []);
    });
  }
  return { story, describe, server: () => server };
}

export const agentLines = (seen) => seen.transcript.filter((line) => line.who === "agent");
export const answered = (page, turn = 1) =>
  until(page, "a remembered answer", (seen) => agentLines(seen).some((line) => line.turn === turn && line.isRemembered));
export const speaking = (page) => until(page, "the agent's voice", (seen) => seen.phase === "speaking" && seen.samplesPlayed > 0);

/** What axe-core finds wrong with the page. */
export async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`);
}
