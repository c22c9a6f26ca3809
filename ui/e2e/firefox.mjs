/** Debian's Firefox, driven by WebDriver BiDi. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { complaintsOf } from "./browser.mjs";
import { withMouth } from "./mouth.mjs";

const PREFERENCES = {
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  "media.navigator.permission.disabled": true,
  // Two ends on one machine find each other also where names of its own network do not work.
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.peerconnection.ice.loopback": true,
};
const LAUNCH_WITHIN_MS = 120_000;
/** A page that answers nothing for so long hangs. */
const ANSWER_WITHIN_MS = 30_000;
const SPEAKER_WITHIN_MS = 15_000;

/** Opens a browser, with a loudspeaker; `close` ends both. */
export async function launch() {
  const speaker = await loudspeaker();
  try {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: process.env.FIREFOX || "/usr/bin/firefox-esr",
      env: { ...process.env, PULSE_SERVER: speaker.address },
      extraPrefsFirefox: PREFERENCES,
      timeout: LAUNCH_WITHIN_MS,
      protocolTimeout: ANSWER_WITHIN_MS,
    });
    return {
      page: () => newPage(browser),
      close: async () => {
        await browser.close();
        await speaker.close();
      },
    };
  } catch (error) {
    await speaker.close();
    throw error;
  }
}

/** A page that can be spoken to, and what it complains about. */
async function newPage(browser) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  const complaints = complaintsOf(page);
  await withMouth(page);
  return { page, complaints };
}

/** A sound server of our own that nobody hears: Firefox's audio clock stands still where there is no loudspeaker. */
async function loudspeaker() {
  const folder = await mkdtemp(join(tmpdir(), "loudspeaker-"));
  const socket = join(folder, "native");
  const modules = ["module-null-sink rate=48000", `module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket=${socket}`];
  const server = spawn(
    "pulseaudio",
    // It goes by itself when nobody was left to end it.
    ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=300", "--log-level=error", ...modules.map((each) => `--load=${each}`)],
    { stdio: "ignore", env: { ...process.env, PULSE_RUNTIME_PATH: folder, PULSE_STATE_PATH: folder } },
  );
  let ended = "";
  const over = new Promise((resolve) => {
    server.once("exit", (code) => resolve((ended = `ended with ${code}`)));
    server.once("error", (error) => resolve((ended = String(error))));
  });
  const close = async () => {
    if (!ended) server.kill();
    await over;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + SPEAKER_WITHIN_MS;
  while (!existsSync(socket)) {
    if (ended || Date.now() > deadline) {
      await close();
      throw new Error(`no loudspeaker: pulseaudio ${ended}`);
    }
    await after(20);
  }
  return { address: `unix:${socket}`, close };
}
