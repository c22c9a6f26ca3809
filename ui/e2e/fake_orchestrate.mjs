/**
 * The protocol of docs/reference/orchestrate.md by script: it hears only loud and quiet, and answers with a canned
 * conversation in a buzzing voice.
 */
import { ANSWERS, SUGGESTIONS } from "./canned.mjs";
import { voice } from "./sound.mjs";

const RATES = [8000, 16000, 22050, 24000, 32000, 44100, 48000];
const ACK_MS = 50;
const LEAD_MS = 400;
const FRAME_MS = 40;
/** Root mean square above which the caller counts as speaking, and the silence that ends a turn. */
const LOUD = 600;
const END_OF_TURN_MS = 500;
/** What may be played until word of a hold has reached the page, on a busy machine as well: less than any hold lasts. */
const WORD_S = 0.28;
const WORDS_PER_SECOND = 3.2;

/** One caller's connection. What the page does wrong is kept in `faults`. */
export class Call {
  faults = [];
  counts = { soundBytes: 0, acks: 0, cleared: 0 };
  heardLoud = false;
  quietMs = 0;
  utterance = 0;
  turn = 0;
  reply = null;
  helloed = false;
  /** What was remembered, as it was told. */
  history = [];
  /** Numbers of typed lines that were taken. */
  taken = new Set();
  /** Who speaks in the agent's place. */
  person = null;

  constructor(socket, house) {
    this.socket = socket;
    this.house = house;
    socket.on("message", (data, isBinary) => (isBinary ? this.sound(data) : this.message(String(data))));
    socket.on("close", () => this.lost());
  }

  send(type, fields = {}) {
    const text = JSON.stringify({ type, ...fields });
    if (this.socket.readyState === 1) this.socket.send(text);
    if (!["ready", "pong", "error"].includes(type)) this.house.desk.mirror(this, text);
    if (type === "remembered" && !fields.is_past) this.history.push(fields);
    if (type === "phase") this.phase = fields.phase;
  }

  sendSound(data) {
    if (this.socket.readyState === 1) this.socket.send(data);
    this.house.desk.mirror(this, data);
  }

  fault(message) {
    this.faults.push(message);
    this.send("error", { code: "bad", message, field: "" });
  }

  message(text) {
    const message = JSON.parse(text);
    switch (message.type) {
      case "hello":
        return this.hello(message);
      case "played":
        return this.played(message);
      case "text":
        if (message.text === "fail") return this.socket.close(1011, "a fault of ours");
        if (message.text === "refuse") return this.fault("this text is refused by the script");
        if (message.id && this.taken.has(message.id)) return;
        this.taken.add(message.id);
        if (this.house.isDeaf) return;
        if (this.person) return this.send("remembered", { turn: this.turn, role: "user", text: message.text, is_cut: false });
        this.cut();
        return this.answer(message.text);
      case "interrupt":
        return this.cut();
      case "ping":
        return this.send("pong", { id: message.id });
      case "bye":
        this.send("ended", { reason: "bye" });
        this.isEnded = true;
        this.house.desk.changed("sessions", this.session);
        return this.socket.close(1000, "bye");
      default:
        return this.fault(`unknown type ${message.type}`);
    }
  }

  hello(message) {
    if (message.agent !== "tutor") return this.socket.close(4404, "unknown agent");
    for (const rate of [message.rate, message.play_rate]) if (!RATES.includes(rate)) this.fault(`rate ${rate}`);
    const earlier = message.session ? this.house.sessions.get(message.session) : null;
    if (message.session && (!earlier || earlier.isEnded || earlier.token !== message.resume)) {
      this.send("error", { code: "cannot_resume", message: "this session is over", field: "session" });
      return this.socket.close(4404, "cannot resume");
    }
    this.helloed = true;
    this.rate = message.rate;
    this.playRate = message.play_rate;
    this.session = earlier?.session ?? `s_scripted_${this.house.sessions.size + 1}`;
    this.token = `resume_${this.house.calls.length}`;
    this.startedAt = earlier?.startedAt ?? new Date().toISOString();
    this.house.sessions.set(this.session, this);
    this.send("ready", {
      session: this.session,
      agent: "tutor",
      version: 1,
      rate: this.rate,
      play_rate: this.playRate,
      ack_ms: ACK_MS,
      lead_ms: LEAD_MS,
      suggestions: SUGGESTIONS,
      resume: this.token,
      is_resumed: earlier !== null && earlier !== undefined,
    });
    this.house.desk.changed("sessions", this.session);
    if (earlier) return this.goOn(earlier, message);
    this.send("phase", { phase: "listening", turn: 0 });
  }

  /** Goes on where an earlier connection left off: what was heard of the line is remembered, the rest is said. */
  goOn(earlier, { played_turn, played_samples }) {
    earlier.isElsewhere = true;
    earlier.stop();
    if (earlier.socket.readyState === 1) earlier.socket.close(4409, "carried on elsewhere");
    Object.assign(this, { turn: earlier.turn, utterance: earlier.utterance, taken: earlier.taken, person: earlier.person });
    this.history = earlier.history;
    for (const line of this.history) if (line.text) this.send("remembered", { ...line, is_past: true });
    if (this.person) this.send("supervised", { by: this.person, how: "taken_over" });
    const { broken } = earlier;
    if (!broken) return this.send("phase", { phase: "listening", turn: this.turn });
    const played = played_turn === broken.turn ? played_samples : 0;
    if (broken.pcm && played > broken.sent) this.faults.push(`${played} of ${broken.sent} samples played`);
    const heard = broken.words.filter((each) => each.end <= played);
    if (heard.length) {
      const text = heard.map((each) => each.word).join(" ");
      this.send("remembered", { turn: broken.turn, role: "agent", text, is_cut: true });
    }
    const rest = broken.script.says.map(([text]) => text).join(" ").split(" ").slice(heard.length).join(" ");
    if (rest) this.say({ ...broken.script, says: [[rest, "answer"]], holdAt: 0, clearAt: 0 }, 150);
  }

  sound(data) {
    if (!this.helloed) return this.fault("not_ready");
    const ms = (data.length / 2 / this.rate) * 1000;
    if (data.length % 2 || ms < 19 || ms > 101) this.fault(`a frame of ${ms.toFixed(1)} ms`);
    this.counts.soundBytes += data.length;
    this.house.desk.callerSound(this, data);
    const pcm = new Int16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
    const level = Math.sqrt(pcm.reduce((sum, each) => sum + each * each, 0) / pcm.length);
    if (level > LOUD) {
      if (!this.heardLoud) {
        this.utterance++;
        this.loudMs = 0;
        this.heardLoud = true;
      }
      this.loudMs += ms;
      this.quietMs = 0;
      const words = "What is 25 percent of 80?".split(" ").slice(0, 1 + Math.floor(this.loudMs / 300));
      this.send("transcript", { utterance: this.utterance, text: words.join(" "), is_final: false });
    } else if (this.heardLoud) {
      this.quietMs += ms;
      if (this.quietMs < END_OF_TURN_MS) return;
      this.heardLoud = false;
      if (this.reply || this.person) return;
      const text = "What is 25 percent of 80?";
      this.send("transcript", { utterance: this.utterance, text, is_final: true });
      this.answer(text);
    }
  }

  answer(text) {
    if (this.socket.readyState !== 1) return;
    const script = ANSWERS.find((each) => each.asks.test(text));
    this.send("remembered", { turn: this.turn + 1, role: "user", text, is_cut: false });
    if (script.escalates) this.house.desk.escalate(this, script.escalates);
    this.say(script, 480);
  }

  say(script, afterMs) {
    const turn = ++this.turn;
    this.reply = { turn, script, sentenceAt: [], words: [], sent: 0, played: 0, held: false, over: false };
    this.send("phase", { phase: "thinking", turn });
    const { reply } = this;
    setTimeout(() => this.route(reply), afterMs / 3);
    setTimeout(() => this.speak(reply), afterMs);
  }

  route(reply) {
    if (!reply || reply.over || reply !== this.reply) return;
    if (!reply.script.specialist) return;
    const [specialist, confidence, reason] = reply.script.specialist;
    this.send("route", { turn: reply.turn, specialist, confidence, reason });
    for (const stage of ["retrieval", "model"]) this.send("stage", { turn: reply.turn, stage });
    if (reply.script.verdict) this.send("verdict", { turn: reply.turn, ...reply.script.verdict });
    this.send("stage", { turn: reply.turn, stage: "guardrail" });
  }

  speak(reply) {
    if (!reply || reply.over || reply !== this.reply) return;
    const { turn, script } = reply;
    const pieces = [];
    for (const [sentence, [text, purpose, rewritten = false]] of script.says.entries()) {
      this.send("sentence", { turn, sentence, text, purpose, is_rewritten: rewritten });
      const words = text.split(" ");
      const seconds = words.length / WORDS_PER_SECOND;
      pieces.push(voice(seconds, this.playRate, purpose === "filler" ? 120 : 155), new Int16Array(this.playRate * 0.25));
      const start = reply.words.at(-1)?.end ?? 0;
      words.forEach((word, at) =>
        reply.words.push({ word, end: start + Math.round((((at + 1) / words.length) * seconds + (at === words.length - 1 ? 0.25 : 0)) * this.playRate) }),
      );
    }
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    reply.pcm = new Int16Array(length);
    pieces.reduce((at, piece) => (reply.pcm.set(piece, at), at + piece.length), 0);
    this.send("latency", {
      turn,
      response_ms: 612.4,
      parts_ms: { endpointing: 300.2, recognition: 96.5, routing: 12.1, model: 118.6, guardrail: 8.9, synthesis: 70.8, transport: 5.3 },
    });
    this.send("phase", { phase: "speaking", turn });
    this.flow(reply);
    reply.patience = setInterval(() => {
      if (!reply.held && reply.played === reply.lastPlayed) this.faults.push(`turn ${turn}: nothing acknowledged for 5 s`);
      reply.lastPlayed = reply.played;
    }, 5000).unref();
  }

  /** Sends as far ahead of the acknowledgements as allowed. */
  flow(reply) {
    const frame = (this.playRate * FRAME_MS) / 1000;
    while (!reply.over && reply.sent < reply.pcm.length && reply.sent - reply.played < (LEAD_MS / 1000) * this.playRate) {
      const piece = reply.pcm.subarray(reply.sent, reply.sent + frame);
      const data = Buffer.alloc(8 + piece.length * 2);
      data.writeUInt32LE(reply.turn, 0);
      data.writeUInt32LE(reply.sent, 4);
      Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).copy(data, 8);
      this.sendSound(data);
      reply.sent += piece.length;
    }
  }

  played({ turn, samples, cleared }) {
    this.counts.acks++;
    if (cleared) this.counts.cleared++;
    const reply = this.reply?.turn === turn ? this.reply : this.clearing?.turn === turn ? this.clearing : null;
    if (!reply) return;
    if (samples < reply.played) this.faults.push(`turn ${turn}: played fell from ${reply.played} to ${samples}`);
    if (samples > reply.sent) this.faults.push(`turn ${turn}: played ${samples} of ${reply.sent} sent`);
    const on = reply.held ? (samples - reply.heldAt) / this.playRate : 0;
    if (on > WORD_S) this.faults.push(`turn ${turn}: played on for ${on.toFixed(2)} s while held`);
    reply.played = samples;
    const heard = reply.words.filter((each) => each.end <= samples).map((each) => each.word);
    const unheard = reply.words.slice(heard.length).map((each) => each.word);
    if (heard.length !== reply.heardCount) {
      reply.heardCount = heard.length;
      this.send("heard", { turn, heard: heard.join(" "), unheard: unheard.join(" ") });
    }
    if (reply === this.clearing) {
      if (!cleared) return;
      this.clearing = null;
      this.send("remembered", { turn, role: reply.script.role ?? "agent", text: heard.join(" "), is_cut: true });
      if (reply.then) this.takeFloor(reply.then);
      return;
    }
    const { script } = reply;
    if (script.holdAt && !reply.wasHeld && samples > script.holdAt * this.playRate) return this.hold(reply);
    if (script.clearAt && samples > script.clearAt * this.playRate) {
      this.send("hold", { turn });
      reply.held = true;
      reply.heldAt = samples;
      setTimeout(() => this.cut(script.interruptedBy), 300);
      script.clearAt && (reply.script = { ...script, clearAt: 0 });
      return;
    }
    if (samples === reply.pcm.length) {
      this.stop();
      this.send("remembered", { turn, role: script.role ?? "agent", text: heard.join(" "), is_cut: false });
      this.send("phase", { phase: "listening", turn });
      return;
    }
    this.flow(reply);
  }

  hold(reply) {
    reply.wasHeld = reply.held = true;
    reply.heldAt = reply.played;
    this.send("hold", { turn: reply.turn });
    this.send("transcript", { utterance: ++this.utterance, text: "mhm", is_final: true });
    setTimeout(() => {
      reply.held = false;
      this.send("resume", { turn: reply.turn });
    }, reply.script.holdMs);
  }

  /** Gives way: clears the player, then goes on with what the caller said. */
  cut(then = null) {
    const { reply } = this;
    if (!reply) return;
    this.stop();
    reply.then = then;
    if (!reply.pcm) return;
    this.clearing = reply;
    this.send("clear", { turn: reply.turn });
    this.send("phase", { phase: "interrupted", turn: reply.turn });
  }

  takeFloor(text) {
    const words = text.split(" ");
    const utterance = ++this.utterance;
    words.forEach((_, at) =>
      setTimeout(() => {
        const isFinal = at === words.length - 1;
        this.send("transcript", { utterance, text: words.slice(0, at + 1).join(" "), is_final: isFinal });
        if (at === 0) this.send("phase", { phase: "listening", turn: this.turn });
        if (isFinal) setTimeout(() => this.answer(text), 700);
      }, 180 * at),
    );
  }

  /** The connection is gone; the session waits for the caller to come back. */
  lost() {
    if (!this.isElsewhere) this.broken = this.reply;
    this.house.desk.callGone(this);
    this.stop();
  }

  stop() {
    if (this.reply) {
      this.reply.over = true;
      clearInterval(this.reply.patience);
    }
    this.reply = null;
  }
}
