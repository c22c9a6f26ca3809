/**
 * Runs a duel on the real page of a running server, saves it, and finds it again.
 *
 *   node e2e/duel.mjs --url http://127.0.0.1:8000 --question a.wav [--ways orchestrate,direct,livekit] [--record yes] [--screenshot x]
 *
 * Prints what it saw as JSON. With `--record` the question is said into the microphone. Screenshots are taken of the race,
 * of what came of it, and at the width of a phone.
 */
import { launch, option } from "./browser.mjs";
import { speak, withMouth } from "./mouth.mjs";

const ALL = ["orchestrate", "realtime", "direct", "livekit"];

export async function duel({ url, question, ways, records, screenshot = "", timeoutMs = 90_000 }) {
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    const shoot = (name) => (screenshot ? page.screenshot({ path: `${screenshot}-${name}.png`, fullPage: true }) : null);
    await withMouth(page);
    await page.goto(`${url}/duel`);
    await page.getByTestId("record").waitFor();
    await shoot("start");
    if (records) await recorded(page, question);
    else await page.getByTestId("file").setInputFiles(question);
    await page.getByTestId("said").waitFor();
    for (const way of ALL) await page.getByTestId(`way-${way}`).setChecked(ways.includes(way));
    const began = Date.now();
    await page.getByTestId("go").click();
    await page.waitForFunction(() => window.__antiphon_duel.stage === "racing", null, { timeout: timeoutMs });
    const openedMs = Date.now() - began;
    await page.waitForTimeout(3500);
    await shoot("race");
    await page.getByTestId("result").waitFor({ timeout: timeoutMs });
    await shoot("result");
    const { shown } = await page.evaluate(() => window.__antiphon_duel);
    const drawn = {};
    for (const { via } of shown.lanes) {
      const parts = page.getByTestId(`lane-${via}`).locator("[data-part]");
      drawn[via] = await parts.evaluateAll((all) => all.map(({ dataset }) => [dataset.part, Number(dataset.ms)]));
    }
    await page.getByTestId("replay").click();
    await page.waitForTimeout(1500);
    const replaying = (await page.evaluate(() => window.__antiphon_duel)).stage;
    await page.getByTestId("replay").click();
    await page.getByTestId("save").click();
    await page.getByTestId("saved").waitFor({ timeout: 20_000 });
    const { id } = (await page.evaluate(() => window.__antiphon_duel)).shown;
    await page.goto(`${url}/duel`);
    await page.getByTestId("open").first().click();
    await page.getByTestId("result").waitFor();
    const again = (await page.evaluate(() => window.__antiphon_duel)).shown;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForTimeout(300);
    await shoot("phone");
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    return { openedMs, shown, drawn, replaying, id, again, isWide, complaints };
  } finally {
    await browser.close();
  }
}

async function recorded(page, question) {
  await page.getByTestId("record").click();
  await page.waitForFunction(() => window.__antiphon_duel.stage === "recording");
  await page.waitForTimeout(300);
  await speak(page, question);
  await page.waitForTimeout(300);
  await page.getByTestId("record").click();
}

if (process.argv[1]?.endsWith("duel.mjs")) {
  const report = await duel({
    url: option("url"),
    question: option("question"),
    ways: option("ways", "orchestrate,direct,livekit").split(","),
    records: option("record", "") !== "",
    screenshot: option("screenshot", ""),
    timeoutMs: Number(option("timeout", "90")) * 1000,
  });
  console.log(JSON.stringify(report, null, 2));
}
