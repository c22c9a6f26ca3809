// @openai/agents-realtime in a page, over a WebSocket.
import { inChromium } from './browser.mjs';

await inChromium('WebSocket');
