/**
 * A scripted server for the page's own tests: the built page, and every protocol it speaks. What it receives is
 * checked: see `Call.faults`.
 *
 *   node e2e/fake_server.mjs [--port 8700]
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { FakeCalls } from "./fake_calls.mjs";
import { FakeDesk } from "./fake_desk.mjs";
import { Call } from "./fake_orchestrate.mjs";
import { FakeStudio } from "./fake_studio.mjs";
import { FakeViews } from "./fake_views.mjs";
import { giveFile } from "./site.mjs";

/** Serves the built page and the protocol. Answers with its address and the calls so far. */
export async function startFakeServer(port = 0) {
  const calls = [];
  const house = {
    calls,
    sessions: new Map(),
    isDown: false,
    isDeaf: false,
    /** What pages have reported. */
    events: [],
    async take(request, response) {
      let body = "";
      for await (const piece of request) body += piece;
      const { session_id: session, events } = JSON.parse(body);
      house.events.push(...events.map((event) => ({ session, ...event })));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ taken: events.length }));
    },
  };
  house.desk = new FakeDesk(house);
  house.studio = new FakeStudio();
  house.views = new FakeViews(house);
  house.realtime = new FakeCalls(house, (wire) => {
    calls.push(new Call(wire, house));
    return calls.at(-1);
  });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://here").pathname;
    if (house.realtime.takes(path)) return house.realtime.answer(request, response);
    if (path === "/events") return house.take(request, response);
    if (house.studio.takes(path)) return house.studio.answer(path, response);
    if (house.views.takes(request.url)) return house.views.answer(request, response);
    if (path.startsWith("/api/")) return house.desk.answer(request, response);
    return giveFile(path, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const path = new URL(request.url, "http://here").pathname;
    if (house.isDown || !["/orchestrate", "/supervise"].includes(path)) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (open) => {
      if (path === "/supervise") house.desk.supervise(open);
      else calls.push(new Call(open, house));
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    calls,
    /** `isDown`: no connection is taken. `isDeaf`: typed lines are taken and not answered. `measured`: by the bench. */
    house,
    close() {
      house.desk.close();
      house.realtime.close();
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--port");
  const { url } = await startFakeServer(at > 0 ? Number(process.argv[at + 1]) : 8700);
  console.log(url);
}
