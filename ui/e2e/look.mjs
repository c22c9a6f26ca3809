/**
 * Takes pictures of the page in the moments that matter, to be looked at.
 *
 *   node e2e/look.mjs FOLDER
 */
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enter, launch, until } from "./browser.mjs";
import { startFakeServer } from "./fake_server.mjs";
import { silence, voice, writeWav } from "./sound.mjs";

const SCREENS = [
  { name: "desktop-light", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { name: "desktop-dark", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  { name: "phone-light", viewport: { width: 390, height: 844 }, colorScheme: "light", deviceScaleFactor: 2, isMobile: true },
  { name: "phone-dark", viewport: { width: 390, height: 844 }, colorScheme: "dark", deviceScaleFactor: 2, isMobile: true },
];

const folder = process.argv[2];
if (!folder) {
  console.error("node e2e/look.mjs FOLDER");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const wav = join(mkdtempSync(join(tmpdir(), "look-")), "question.wav");
writeWav(wav, 48000, [silence(1, 48000), voice(1.8, 48000, 170), silence(30, 48000)]);
const server = await startFakeServer();

for (const { name, ...screen } of SCREENS) {
  const browser = await launch({ wav });
  const context = await browser.newContext(screen);
  const page = await context.newPage();
  const shoot = (moment) => page.screenshot({ path: join(folder, `${name}-${moment}.png`) });
  await enter(page, `${server.url}?v=c`);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(200);
  await shoot("1-idle");
  await page.getByTestId("talk").click();
  await until(page, "an answer", (seen) => seen.phase === "speaking");
  await page.waitForTimeout(1500);
  await shoot("2-speaking");
  await until(page, "the end of the answer", (seen) => seen.transcript.some((line) => line.who === "agent" && line.isRemembered));
  await page.getByTestId("suggestion").nth(2).click();
  await until(page, "an interruption", (seen) => seen.transcript.some((line) => line.isCut && line.isRemembered));
  await page.waitForTimeout(1800);
  await shoot("3-interrupted");
  await page.getByTestId("hang-up").click();
  await shoot("4-over");
  await browser.close();
}
server.close();
