import { type ClientMessage, decodeAudio, decodeServer, encode, VERSION, WireError } from "../wire";
import type { Connect } from "./connection";

/** Sound is dropped rather than queued beyond this much unsent, bytes: late sound is of no use. 1 s at 48 kHz. */
const MAX_UNSENT = 96_000;

/** How long the server may take to open the session, ms. */
const READY_WITHIN_MS = 10_000;

/** Where the page's own server listens. */
export function orchestrateUrl(page: { readonly href: string }): string {
  const url = new URL("orchestrate", page.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  return url.href;
}

/** The single bidirectional WebSocket. */
export const connectOrchestrate: Connect = (options, listener) => {
  const socket = new WebSocket(orchestrateUrl(location));
  socket.binaryType = "arraybuffer";
  let isReady = false;
  let isOver = false;

  const send = (message: ClientMessage) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(encode(message));
  };
  const end = (code: number, reason: string) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(patience);
    listener.closed({ code, reason });
    socket.close();
  };
  const patience = setTimeout(() => end(1006, "no session was opened in time"), READY_WITHIN_MS);

  socket.onopen = () =>
    send({
      type: "hello",
      agent: options.agent,
      version: VERSION,
      rate: options.rate,
      play_rate: options.playRate,
      client: "antiphon-page",
      greet: options.greet,
    });
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (isOver) return;
    try {
      if (typeof data !== "string") return listener.sound(decodeAudio(data));
      const message = decodeServer(data);
      if (message.type === "ready") {
        isReady = true;
        clearTimeout(patience);
      }
      listener.message(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // A newer server may say things this page has no name for.
      if (error.code === "unknown_type") return;
      listener.message({ type: "error", code: error.code, message: error.message, field: error.field });
    }
  };
  socket.onclose = ({ code, reason }) => end(code, reason);

  return {
    sendSound(pcm) {
      if (isReady && socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MAX_UNSENT) socket.send(pcm);
    },
    acknowledge: (turn, samples, cleared) => send({ type: "played", turn, samples, cleared }),
    say: (text) => send({ type: "text", text }),
    interrupt: () => send({ type: "interrupt" }),
    hangUp() {
      send({ type: "bye" });
      end(1000, "bye");
    },
  };
};
