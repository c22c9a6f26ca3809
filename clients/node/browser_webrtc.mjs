// @openai/agents-realtime in a page, over WebRTC.
import { inChromium } from './browser.mjs';

await inChromium('WebRTC');
