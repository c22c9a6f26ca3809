/**
 * Takes the pictures of docs/images from a running server: a question is asked aloud, and its answer spoken over.
 *
 *   node e2e/pictures.mjs --url http://127.0.0.1:8000 --question a.wav --interruption b.wav --folder ../docs/images
 *
 * Prints each file with its size. Fails when one is larger than people should have to fetch.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { inspect, launch, option, until } from "./browser.mjs";
import { speak, withMouth } from "./mouth.mjs";

const MOST_BYTES = 250_000;
const DESKTOP = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const WITHIN_MS = 60_000;

const folder = option("folder");
const url = option("url");
const heavy = [];
mkdirSync(folder, { recursive: true });
const browser = await launch();
try {
  await landing("desktop", DESKTOP);
  await landing("phone", PHONE);
  await conversation("desktop", DESKTOP);
  await conversation("phone", PHONE);
  await duel();
} finally {
  await browser.close();
}
if (heavy.length) {
  console.error(`larger than ${MOST_BYTES} bytes: ${heavy.join(", ")}`);
  process.exit(1);
}

/** Who answers, and by which way. */
async function landing(screen, options) {
  const page = await opened(options, "/");
  await page.getByTestId("card-c").getByText("Ready", { exact: true }).waitFor({ timeout: WITHIN_MS });
  await shoot(page, `landing-${screen}`, { fullPage: screen === "desktop" });
  await page.context().close();
}

/** An answer while it is heard; on a desktop also one that is cut, and a supervisor beside it. */
async function conversation(screen, options) {
  const page = await opened(options, "/?v=c&agent=tutor");
  await page.getByTestId("talk").click();
  const agents = (seen) => seen.transcript.filter((line) => line.who === "agent");
  await until(page, "the greeting", (seen) => seen.ear === "on" && agents(seen).some((line) => line.isRemembered), WITHIN_MS);
  await speak(page, option("question"));
  const words = (seen) => agents(seen).at(-1)?.heard.split(" ").length ?? 0;
  await until(page, "some of the answer", (seen) => seen.turn > 1 && seen.phase === "speaking" && words(seen) > 8, WITHIN_MS);
  await shoot(page, `talk-${screen}`);
  if (screen === "desktop") {
    const { turn } = await inspect(page);
    await speak(page, option("interruption"));
    await until(page, "the next answer", (seen) => seen.turn > turn && seen.phase === "speaking" && words(seen) > 3, WITHIN_MS);
    await shoot(page, "interrupted-desktop");
    await watching(page);
  }
  await page.context().close();
}

/** The same conversation as a supervisor sees it. */
async function watching(talk) {
  const { session } = await inspect(talk);
  const page = await opened(DESKTOP, `/watch#${session}`);
  await page.getByTestId("join").click();
  await page.getByTestId("take-over").and(page.locator(":enabled")).waitFor();
  await talk.bringToFront();
  await speak(talk, option("question"));
  await page.bringToFront();
  await page.waitForTimeout(3000);
  await shoot(page, "watch-desktop");
  await page.context().close();
}

/** Two ways side by side, where the server has that page. */
async function duel() {
  const page = await opened(DESKTOP, "/");
  const link = page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Duel" });
  if (await link.count()) {
    await link.click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForTimeout(1000);
    await shoot(page, "duel-desktop");
  }
  await page.context().close();
}

async function opened(options, path) {
  const context = await browser.newContext({ ...options, colorScheme: "light" });
  const page = await context.newPage();
  await withMouth(page);
  await page.goto(url + path);
  await page.evaluate(() => document.fonts.ready);
  return page;
}

/** In light and in dark. */
async function shoot(page, name, options = {}) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(250);
    const path = join(folder, `${name}-${colorScheme}.png`);
    await page.screenshot({ path, ...options });
    const { size } = statSync(path);
    console.log(`${size.toString().padStart(8)} ${path}`);
    if (size > MOST_BYTES) heavy.push(path);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
