import { type ClientMessage, decodeServer, encode, type ServerMessage, VERSION } from "../wire";
import type { Connect } from "./connection";
import { LiveSocket, socketUrl } from "./socket";

/** How long the server may take to open a session, and to take one up again, ms. */
const READY_WITHIN_MS = 10_000;
const AGAIN_WITHIN_MS = 5_000;

/** The single bidirectional WebSocket. */
export const connectOrchestrate: Connect = (options, listener) => {
  const { goesOn } = options;
  const socket = new LiveSocket<ClientMessage, ServerMessage>(
    socketUrl("orchestrate", location),
    {
      first: {
        type: "hello",
        agent: options.agent,
        version: VERSION,
        rate: options.rate,
        play_rate: options.playRate,
        client: "antiphon-page",
        greet: options.greet,
        session: goesOn?.session ?? "",
        resume: goesOn?.resume ?? "",
        played_turn: goesOn?.playedTurn ?? 0,
        played_samples: goesOn?.playedSamples ?? 0,
      },
      ping: { type: "ping", id: 0 },
      encode,
    },
    {
      decode: decodeServer,
      isOpening: (message) => message.type === "ready",
      message: (message) => listener.message(message),
      sound: (frame) => listener.sound(frame),
      fault: ({ code, message, field }) => listener.message({ type: "error", code, message, field }),
      closed: (closing) => listener.closed(closing),
    },
    goesOn ? AGAIN_WITHIN_MS : READY_WITHIN_MS,
  );
  return {
    sendSound: (pcm) => socket.sendSound(pcm),
    useMicrophone() {},
    acknowledge: (turn, samples, cleared) => socket.send({ type: "played", turn, samples, cleared }),
    say: (text, id) => socket.send({ type: "text", text, id }),
    interrupt: () => socket.send({ type: "interrupt" }),
    hangUp() {
      socket.send({ type: "bye" });
      socket.end(1000, "bye");
    },
  };
};
