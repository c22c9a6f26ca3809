/**
 * The scripted server's other half: what a supervisor's page talks to. It keeps escalations and sessions in memory,
 * checks the CSRF token of whatever changes something, and lets "Ms Finch" stand by a scripted call.
 */
import { randomUUID } from "node:crypto";
import { voice } from "./sound.mjs";

const LIVE = 0;
const CALLER = 0xffffffff;
const NAME = "Ms Finch";

const EARLIER = Array.from({ length: 7 }, (_, at) => ({
  id: `s_earlier_${at + 1}`,
  agent: ["tutor", "support", "booking"][at % 3],
  status: at === 3 ? "lost" : "ended",
  started_at: new Date(Date.now() - (at + 1) * 47 * 60_000).toISOString(),
  ended_at: at === 3 ? null : new Date(Date.now() - (at + 1) * 47 * 60_000 + (90 + at * 61) * 1000).toISOString(),
}));
const PAGE = 4;

const LINES = [
  { turn: 1, role: "agent", text: "Hello, I am your tutor. What shall we look at?", is_cut: false, speaker: "" },
  { turn: 2, role: "user", text: "Why did World War I start?", is_cut: false, speaker: "" },
  { turn: 2, role: "agent", text: "World War I began in the summer of", is_cut: true, speaker: "history" },
  { turn: 3, role: "user", text: "Can I talk to a real person?", is_cut: false, speaker: "" },
  { turn: 3, role: "supervisor", text: "Hello, this is Ms Finch.", is_cut: false, speaker: NAME },
];
const REPORT = {
  summary: "The caller asked why World War I began, and then for a person, who took over.",
  turns: 3,
  interruptions: 1,
  response_ms: { p50: 612.4, p95: 840.2 },
  routes: [
    { turn: 2, specialist: "history", confidence: 0.94 },
    { turn: 3, specialist: "orchestrator", confidence: 0.99 },
  ],
  verdicts: [],
  cost_usd: 0,
};

export class FakeDesk {
  mode = "open";
  /** Who is signed in. */
  person = { id: "local", role: "admin" };
  escalations = [];
  /** What supervisors did that they should not have. */
  faults = [];
  whispers = [];
  streams = new Set();
  stands = new Map();
  tokens = new Set();

  constructor(house) {
    this.house = house;
  }

  // ---- what the scripted call tells ----------------------------------------------------------------------
  changed(table, id, session = id) {
    for (const stream of this.streams) stream.write(`data: ${JSON.stringify({ table, id, session })}\n\n`);
  }

  escalate(call, reason) {
    const escalation = {
      id: `e_${this.escalations.length + 1}`,
      session: call.session,
      turn: call.turn,
      reason,
      status: "open",
      opened_at: new Date().toISOString(),
      claimed_by: "",
      outcome: "",
    };
    this.escalations.push(escalation);
    call.send("escalated", { turn: call.turn, reason });
    this.changed("escalation_events", escalation.id, call.session);
  }

  /** Whoever stands by the call gets what its caller gets. */
  mirror(call, data) {
    for (const [socket, stand] of this.stands) if (stand.call === call && socket.readyState === 1) socket.send(data);
  }

  /** Its caller is gone: it is over, or goes on over another connection. */
  callGone(call) {
    for (const [socket, stand] of this.stands) {
      if (stand.call !== call) continue;
      socket.send(JSON.stringify({ type: "ended", reason: "the call is over" }));
      socket.close(1000);
    }
  }

  callerSound(call, data) {
    for (const [socket, stand] of this.stands) {
      if (stand.call !== call || socket.readyState !== 1) continue;
      const pcm = new Int16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
      const every = Math.max(1, Math.round(call.rate / stand.rate));
      socket.send(frame(CALLER, 0, pcm.filter((_, at) => at % every === 0)));
    }
  }

  // ---- /supervise ----------------------------------------------------------------------------------------
  supervise(socket) {
    const stand = { call: null, rate: 24000, loud: 0 };
    const tell = (type, fields = {}) => socket.send(JSON.stringify({ type, ...fields }));
    socket.on("message", (data, isBinary) => {
      if (isBinary) return this.personSound(stand, data);
      const message = JSON.parse(String(data));
      const { call } = stand;
      switch (message.type) {
        case "watch":
          return this.watch(socket, stand, message, tell);
        case "ping":
          return tell("pong", { id: message.id });
        case "whisper":
          this.whispers.push(message.text);
          return this.mirror(call, JSON.stringify({ type: "whispered", by: NAME, text: message.text }));
        case "say":
          if (/bomb/i.test(message.text)) return tell("line_refused", { text: message.text, categories: ["dangerous instructions"] });
          return call.say({ says: [[message.text, "person"]], role: "supervisor" }, 60);
        case "take_over":
          if (call.person) return tell("error", { code: "taken_over", message: `${call.person} has taken over already`, field: "" });
          call.person = NAME;
          call.cut();
          return call.send("supervised", { by: NAME, how: "taken_over" });
        case "hand_back":
          return this.handBack(call);
        default:
          return this.faults.push(`unknown type ${message.type}`);
      }
    });
    socket.on("close", () => {
      this.stands.delete(socket);
      if (!stand.call) return;
      if (stand.call.person) this.handBack(stand.call);
      stand.call.send("supervised", { by: NAME, how: "left" });
    });
  }

  watch(socket, stand, { session, rate, play_rate }, tell) {
    const call = this.house.sessions.get(session);
    if (!call || call.isEnded || call.socket.readyState !== 1) return socket.close(4404, "no such session on air");
    if (play_rate !== call.playRate) this.faults.push(`play_rate ${play_rate}`);
    tell("watching", {
      session,
      agent: "tutor",
      phase: call.phase ?? "listening",
      turn: call.turn,
      taken_over_by: call.person ?? "",
      version: 1,
    });
    for (const line of call.history) if (line.text) tell("remembered", { ...line, is_past: true });
    Object.assign(stand, { call, rate });
    this.stands.set(socket, stand);
    call.send("supervised", { by: NAME, how: "joined" });
  }

  handBack(call) {
    call.person = null;
    call.send("supervised", { by: NAME, how: "handed_back" });
  }

  /** The person's voice: a test's microphone may be silent, so a buzz stands for it. */
  personSound(stand, data) {
    const { call } = stand;
    if (!call?.person) return;
    const ms = (data.length / 2 / stand.rate) * 1000;
    if (data.length % 2 || ms < 19 || ms > 101) this.faults.push(`a supervisor's frame of ${ms.toFixed(1)} ms`);
    stand.buzz ??= voice(60, call.playRate, 210);
    const samples = Math.round((ms / 1000) * call.playRate);
    call.sendSound(frame(LIVE, 0, stand.buzz.subarray(stand.loud, stand.loud + samples)));
    const before = stand.loud;
    stand.loud += samples;
    if (before < 1.2 * call.playRate && stand.loud >= 1.2 * call.playRate) {
      call.send("remembered", { turn: call.turn, role: "supervisor", text: "Hello, this is Ms Finch. How can I help?", is_cut: false });
    }
  }

  // ---- HTTP ----------------------------------------------------------------------------------------------
  async answer(request, response) {
    const url = new URL(request.url, "http://here");
    const body = await read(request);
    const tell = (data, status = 200) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(status === 204 ? "" : JSON.stringify(data));
    };
    const refuse = (status, code, detail) => tell({ code, detail, request_id: "r" }, status);
    const [, , what, id, act] = url.pathname.split("/");
    if (what === "csrf") {
      const token = `${Math.floor(Date.now() / 1000) + 300}:${randomUUID()}`;
      this.tokens.add(token);
      return tell({ token, refresh_in: 240 });
    }
    if (what === "me") {
      const isDev = this.mode !== "oidc";
      const banner = isDev ? "Development: whoever uses this machine may do everything. Set an issuer before others use it." : null;
      return tell({ person: this.person && { tenant: "default", ...this.person }, mode: this.mode, is_dev: isDev, banner, issuer: null, audience: null });
    }
    if (request.method === "POST") {
      if (!this.tokens.has(request.headers["x-csrf-token"])) return refuse(403, "csrf_mismatch", "the CSRF tokens differ");
      if (what === "signin") {
        if (body.key !== "open sesame") return refuse(401, "bad_key", "that is not the key that was printed");
        this.person = { id: body.name, role: body.role };
        this.tokens.clear();
        return tell({ person: this.person });
      }
      if (what === "signout") {
        this.person = null;
        return tell(null, 204);
      }
    }
    if (!this.person) return refuse(401, "token_missing", "sign in first");
    if (what === "changes") return this.stream(request, response);
    if (what === "sessions" && id) return this.session(id, tell, refuse);
    if (what === "sessions") return this.list(url.searchParams.get("before"), tell);
    if (what === "providers") return tell({ providers: [] });
    if (what !== "escalations") return refuse(404, "not_found", "there is nothing here");
    if (!id) return tell({ escalations: this.escalations });
    const escalation = this.escalations.find((each) => each.id === id);
    if (!escalation) return refuse(404, "unknown_escalation", "there is no such escalation");
    if (act === "claim" && escalation.status !== "open") return refuse(409, "claimed", "somebody else has taken it");
    Object.assign(escalation, act === "claim" ? { status: "claimed", claimed_by: NAME } : { status: "closed", outcome: body.outcome });
    this.changed("escalation_events", id, escalation.session);
    return tell(escalation);
  }

  stream(request, response) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write("data: {}\n\n");
    this.streams.add(response);
    request.on("close", () => this.streams.delete(response));
  }

  list(before, tell) {
    const onAir = [...this.house.sessions.values()].reverse().map(row);
    const from = before ? Number(before) : 0;
    const page = EARLIER.slice(from, from + PAGE);
    const next = from + PAGE < EARLIER.length ? String(from + PAGE) : "";
    return tell({ sessions: before ? page : [...onAir, ...page], next });
  }

  session(id, tell, refuse) {
    const call = this.house.sessions.get(id);
    if (call) {
      const lines = call.history.map((line) => ({ speaker: "", ...line }));
      return tell({ ...row(call), lines, report: call.isEnded ? REPORT : null });
    }
    const earlier = EARLIER.find((each) => each.id === id);
    if (!earlier) return refuse(404, "unknown_session", "there is no such session");
    return tell({ ...earlier, lines: LINES, report: REPORT });
  }

  close() {
    for (const stream of this.streams) stream.end();
  }
}

function row(call) {
  return {
    id: call.session,
    agent: "tutor",
    status: call.isEnded ? "ended" : "live",
    phase: call.phase,
    turn: call.turn,
    started_at: call.startedAt,
    ended_at: call.isEnded ? new Date().toISOString() : null,
  };
}

function frame(turn, offset, pcm) {
  const data = Buffer.alloc(8 + pcm.length * 2);
  data.writeUInt32LE(turn, 0);
  data.writeUInt32LE(offset, 4);
  Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).copy(data, 8);
  return data;
}

async function read(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return text ? JSON.parse(text) : {};
}
