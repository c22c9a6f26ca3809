/** Debian's Chromium with a microphone made of a file, and what can be done with a page of any browser. */
import { setTimeout as after } from "node:timers/promises";
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  // Two pages of one machine find each other also where names of its own network do not work.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
  "--autoplay-policy=no-user-gesture-required",
];

/** Opens a browser; `wav` is what its microphone hears, once. Without `grantsMicrophone` the page is refused one. */
export async function launch({ wav = "", grantsMicrophone = true } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      ...FLAGS,
      ...(grantsMicrophone ? ["--use-fake-ui-for-media-stream"] : ["--deny-permission-prompts"]),
      ...(wav ? [`--use-file-for-fake-audio-capture=${wav}%noloop`] : []),
    ],
  });
}

/** Goes to the address, and waits for the view it asks for: each is fetched when it is wanted. */
export async function enter(page, url) {
  await page.goto(url);
  await page.waitForSelector("main");
}

/** What the page complains about from now on, as it comes. */
export function complaintsOf(page) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  return complaints;
}

/** What the page says about itself. */
export const inspect = (page) => page.evaluate(() => window.__antiphon);

/** The agent's lines of what was seen. */
export const agents = (seen) => seen.transcript.filter((line) => line.who === "agent");

/** Who said what, as it counts: of the agent's lines what was heard. */
export const transcriptOf = (seen) => seen.transcript.map((line) => ({ who: line.who, text: line.heard ?? line.text, isCut: line.isCut ?? false }));

/** Begins to talk, and waits until the agent has greeted; what is seen then. */
export async function pressTalk(page, timeoutMs) {
  await page.getByTestId("talk").click();
  return until(page, "the greeting", (seen) => seen.ear === "on" && agents(seen).some((line) => line.isRemembered), timeoutMs);
}

/** Asks by typing. */
export async function write(page, text) {
  await page.getByTestId("write").fill(text);
  await page.getByTestId("write").press("Enter");
}

/** Stops the agent, of whom enough was heard; what is seen once it is remembered where. */
export async function stopAgent(page, timeoutMs) {
  await page.getByTestId("interrupt").click();
  return until(page, "the end of the line", (seen) => agents(seen).at(-1).isRemembered, timeoutMs);
}

/** Waits until `isTrue(window.__antiphon)`; the error says what was seen instead. */
export async function until(page, what, isTrue, timeoutMs = 20_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await inspect(page);
    // After a reload the talk is fetched again; until it is there, there is nothing to see.
    if (seen && isTrue(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}; saw ${JSON.stringify(seen, null, 1)}`);
    await after(50);
  }
}

/** Value of `--name` on the command line. */
export function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  if (at > 0 && process.argv[at + 1] !== undefined) return process.argv[at + 1];
  if (fallback !== undefined) return fallback;
  console.error(`--${name} is needed`);
  process.exit(2);
}
