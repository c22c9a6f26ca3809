// A page of its own origin in Chromium, which talks to Antiphon with a key for this one page.
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { finish, given, version } from './node.mjs';
import { Talk } from './story.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function inChromium(way) {
  const { baseUrl, sounds } = given();
  const site = await serve();
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--autoplay-policy=no-user-gesture-required'],
  });
  let report;
  const told = [];
  try {
    const page = await browser.newPage();
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    await page.goto(`http://localhost:${site.address().port}/page.html`);
    await page.waitForFunction(() => window.hold);
    report = await page.evaluate((all) => window.hold(...all), [
      way,
      version('@openai/agents-realtime'),
      baseUrl,
      await secret(baseUrl),
      Object.fromEntries(Object.entries(sounds).map(([name, sound]) => [name, Array.from(sound)])),
    ]);
  } catch (error) {
    const talk = new Talk(way, version('@openai/agents-realtime'));
    talk.failed(error);
    report = talk.report();
  }
  await browser.close();
  site.close();
  if (report.missing.length) console.error(told.join('\n'));
  finish(report);
}

// What a backend does for its page: it asks for a key that lasts ten minutes.
async function secret(baseUrl) {
  const answer = await fetch(`${baseUrl}/realtime/client_secrets`, {
    method: 'POST',
    headers: { authorization: 'Bearer none', 'content-type': 'application/json' },
    body: JSON.stringify({ session: { type: 'realtime', model: 'tutor' } }),
  });
  return (await answer.json()).value;
}

// This folder, on a free port.
async function serve() {
  const root = new URL('.', import.meta.url);
  const site = http.createServer((request, response) => {
    const file = fileURLToPath(new URL(`.${new URL(request.url, 'http://localhost').pathname}`, root));
    if (!file.startsWith(fileURLToPath(root)) || !existsSync(file)) return response.writeHead(404).end();
    response.setHeader('content-type', file.endsWith('.html') ? 'text/html' : 'text/javascript');
    response.end(readFileSync(file));
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  return site;
}
