/**
 * The scripted server's calls that are no single WebSocket: the canned conversation by WebRTC with news beside it, and
 * with a provider in between, whose answers come by HTTP. Needs a `FakeProvider` in `house.provider`.
 */
import { EventEmitter } from "node:events";

/** Bytes of one piece of sound: odd, so that no piece ends with a sample. */
const PIECE = 1001;
const TICK_MS = 40;

/** What stands in a call for its WebSocket. */
class Wire extends EventEmitter {
  readyState = 1;
  streams = new Set();
  past = [];

  send(data) {
    if (typeof data === "string") this.news(data);
    else this.sound(data);
  }
  news(text) {
    this.past.push(text);
    for (const stream of this.streams) stream.write(`data: ${text}\n\n`);
  }
  sound() {}
  says(message) {
    this.emit("message", JSON.stringify(message), false);
  }
  close(code) {
    this.terminate(code);
  }
  terminate() {
    if (this.readyState !== 1) return;
    this.readyState = 3;
    for (const stream of this.streams) stream.end();
    this.emit("close");
  }
  /** Tells the news from now on, after all there was. */
  stream(request, response) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write(": still here\n\n");
    for (const text of this.past) response.write(`data: ${text}\n\n`);
    this.streams.add(response);
    request.on("close", () => this.streams.delete(response));
  }
}

/** By WebRTC: what is spoken is a hum, and what was heard of it goes by the clock. */
class RtcWire extends Wire {
  turn = 0;
  due = 0;
  played = 0;
  typed = [];
  line = 0;

  constructor(provider, id, rate) {
    super();
    Object.assign(this, { provider, id });
    this.timer = setInterval(() => this.tick((rate * TICK_MS) / 1000), TICK_MS);
    provider.listeners.set(id, (text) => this.heard(text));
  }
  sound(data) {
    const turn = data.readUInt32LE(0);
    if (turn !== this.turn) {
      Object.assign(this, { turn, played: 0 });
      this.provider.tell(this.id, { type: "response.created" });
      this.provider.tell(this.id, { type: "output_audio_buffer.started" });
      this.provider.hum(this.id, 0.3);
    }
    this.due = data.readUInt32LE(4) + (data.length - 8) / 2;
  }
  news(text) {
    super.news(text);
    const { type, turn } = JSON.parse(text);
    if (type !== "clear" || turn !== this.turn) return;
    this.silence("cleared");
    queueMicrotask(() => this.says({ type: "played", turn, samples: this.played, cleared: true }));
  }
  tick(samples) {
    if (!this.turn || this.played >= this.due) return;
    this.played = Math.min(this.due, this.played + samples);
    this.says({ type: "played", turn: this.turn, samples: this.played, cleared: false });
    if (this.played >= this.due) this.silence("stopped");
  }
  silence(how) {
    this.due = this.played;
    this.provider.hum(this.id, 0);
    this.provider.tell(this.id, { type: "response.done" });
    this.provider.tell(this.id, { type: `output_audio_buffer.${how}` });
  }
  heard(text) {
    if (text === "closed") return this.terminate();
    const event = JSON.parse(text);
    if (event.type === "conversation.item.create") this.typed.push(event.item.content[0].text);
    if (event.type === "response.create") for (const line of this.typed.splice(0)) this.says({ type: "text", text: line, id: ++this.line });
    if (event.type === "output_audio_buffer.clear") this.says({ type: "interrupt" });
  }
  terminate() {
    clearInterval(this.timer);
    super.terminate();
  }
}

/** With a provider in between: each turn is a job, and its sound is fetched. */
class DirectWire extends Wire {
  jobs = new Map();
  calls = new Map();
  live = null;

  job(question, call) {
    const known = this.calls.get(call);
    if (known) return known;
    const job = { job_id: `j_${this.jobs.size + 1}`, status: "pending", turn: 0, question, safe_text: "", tts_ready: false, pieces: [], to: null, rest: Buffer.alloc(0) };
    this.jobs.set(job.job_id, job);
    if (call) this.calls.set(call, job);
    this.tell(job);
    return job;
  }
  tell({ job_id, status, turn, question, safe_text, tts_ready }) {
    super.news(JSON.stringify({ type: "job", job_id, status, turn, question, safe_text, tts_ready }));
  }
  change(job, values) {
    Object.assign(job, values);
    this.tell(job);
  }
  of(turn) {
    return [...this.jobs.values()].find((job) => job.turn === turn && job.status === "running");
  }
  news(text) {
    const { type, turn, phase, role } = JSON.parse(text);
    if (type === "phase" && phase === "thinking" && !this.of(turn)) {
      const waiting = [...this.jobs.values()].find((job) => job.status === "pending") ?? this.job("", "");
      this.change(waiting, { status: "running", turn });
    }
    super.news(text);
    if (type === "clear" || (type === "remembered" && role === "agent")) this.end(turn, type === "clear" ? "cancelled" : "done");
  }
  sound(data) {
    const job = this.of(data.readUInt32LE(0));
    if (!job) return;
    if (!job.tts_ready) this.change(job, { tts_ready: true });
    job.rest = Buffer.concat([job.rest, data.subarray(8)]);
    // What is left over waits for the next frame: there is always one, or the end.
    while (job.rest.length >= PIECE) {
      this.piece(job, job.rest.subarray(0, PIECE));
      job.rest = job.rest.subarray(PIECE);
    }
    clearTimeout(job.patience);
    job.patience = setTimeout(() => this.flush(job), 30);
  }
  flush(job) {
    this.piece(job, job.rest);
    job.rest = Buffer.alloc(0);
  }
  piece(job, bytes) {
    if (!bytes.length) return;
    if (job.to) job.to.write(Buffer.from(bytes));
    else job.pieces.push(Buffer.from(bytes));
  }
  end(turn, status) {
    const job = this.of(turn);
    if (!job) return;
    clearTimeout(job.patience);
    if (status === "done") this.flush(job);
    job.to?.end();
    this.change(job, { status });
  }
  give(job, response) {
    response.writeHead(200, { "content-type": "audio/pcm", "x-sample-rate": "24000", "x-turn": String(job.turn), "x-offset": "0" });
    response.flushHeaders();
    job.to = response;
    for (const piece of job.pieces.splice(0)) response.write(piece);
  }
}

export class FakeCalls {
  /** What a provider says to every offer instead of answering; null: it answers. */
  refusal = null;
  /** Offers get an answer of a peer that is gone. */
  isUnreachable = false;
  wires = new Map();
  tokens = new Map();
  last = null;

  constructor(house, open) {
    this.house = house;
    this.open = open;
  }

  takes(path) {
    return /^\/(v1\/realtime|session|orchestrate\/jobs|tts|api\/sessions\/[^/]+\/news)/.test(path);
  }

  async answer(request, response) {
    const { pathname } = new URL(request.url, "http://here");
    const text = await read(request);
    const tell = (data, status = 200, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(status === 204 ? "" : JSON.stringify(data));
    };
    const refuse = (status, code, message) => tell({ error: { code, message } }, status);
    if (this.house.isDown) return request.socket.destroy();
    const [, first, second, third] = pathname.split("/");
    if (first === "v1") return this.offered(request, text, response, refuse);
    if (first === "api") {
      const told = this.wires.get(third);
      return told ? told.stream(request, response) : refuse(404, "unknown_session", "no such session");
    }
    const body = text ? JSON.parse(text) : {};
    if (second === "token") return this.begin({ greet: body.greet }, tell);
    const wire = this.tokens.get((request.headers.authorization ?? "").replace("Bearer ", ""));
    if (!wire) return refuse(401, "token_missing", "which call?");
    if (first === "session") return this.session(wire, third, body, { request, response, tell, refuse });
    if (first === "orchestrate") {
      const job = wire.calls.get(body.call_id) ?? wire.job(body.question, body.call_id);
      if (!job.isAsked) wire.says({ type: "text", text: body.question, id: 0 });
      job.isAsked = true;
      return tell({ job_id: job.job_id }, 202);
    }
    const job = wire.jobs.get(body.job_id);
    if (!job) return refuse(404, "unknown_job", "no such job");
    const wait = () => (job.turn ? wire.give(job, response) : setTimeout(wait, 10));
    return wait();
  }

  /** A direct call, or one that goes on. */
  begin({ session = "", resume = "", played = {} }, tell) {
    const wire = new DirectWire();
    const call = this.open(wire);
    const hello = { type: "hello", agent: "tutor", rate: 48000, play_rate: 24000, session, resume };
    wire.says({ ...hello, played_turn: played.turn ?? 0, played_samples: played.samples ?? 0 });
    Object.assign(this, { last: { wire, call } });
    if (wire.readyState !== 1) return false;
    this.tokens.set(call.token, wire);
    wire.past = wire.past.filter((each) => !each.includes('"ready"'));
    tell({
      session_id: call.session,
      token: call.token,
      agent: "tutor",
      title: "Tutor",
      suggestions: [],
      client_secret: { value: "ek_scripted", expires_at: 0 },
      realtime_url: "/v1/realtime/calls",
      model: "front",
      play_rate: 24000,
    });
    return true;
  }

  session(wire, act, body, { request, response, tell, refuse }) {
    const { call } = this.last;
    switch (act) {
      case "events":
        return wire.stream(request, response);
      case "call":
        wire.beside = body.call_id;
        return tell(null, 204);
      case "played":
        wire.says({ type: "played", ...body });
        return tell(null, 204);
      case "interrupt":
        wire.says({ type: "interrupt" });
        return tell(null, 204);
      case "close":
        wire.says({ type: "bye" });
        return tell(null, 204);
      case "resume":
        wire.terminate();
        if (!this.begin({ session: call.session, resume: call.token, played: body }, tell)) refuse(409, "cannot_resume", "it is over");
        return;
      default:
        return refuse(404, "not_found", "there is nothing here");
    }
  }

  /** An offer of the page's: our own server's Realtime API, or a provider's when it shows a key. */
  async offered(request, sdp, response, refuse) {
    if (this.refusal) return refuse(...this.refusal);
    const { provider } = this.house;
    const id = `rtc_${Math.random().toString(36).slice(2)}`;
    const headers = { "content-type": "application/sdp", location: `/v1/realtime/calls/${id}` };
    if (!request.headers.authorization) {
      const wire = new RtcWire(provider, id, 24000);
      const call = this.open(wire);
      wire.says({ type: "hello", agent: "tutor", rate: 48000, play_rate: 24000, session: "", resume: "" });
      wire.past = [];
      this.wires.set(call.session, wire);
      Object.assign(this, { last: { wire, call, id } });
      headers["x-antiphon-session"] = call.session;
    } else Object.assign(this.last, { id });
    const answer = await provider.answer(id, sdp);
    if (this.isUnreachable) await provider.hangUp(id);
    response.writeHead(201, headers);
    response.end(answer);
  }

  close() {
    for (const wire of [...this.wires.values(), ...this.tokens.values()]) wire.terminate();
  }
}

async function read(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
