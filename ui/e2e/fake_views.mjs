/** What a server tells the pages of flows, knowledge and health, and of a kept conversation, by script. */
const FLOW = {
  name: "booking",
  first: "greeting",
  fallback: "fallback",
  slots: [
    { name: "date", description: "the day of the appointment" },
    { name: "time", description: "when it begins" },
  ],
  steps: [
    step("greeting", [way("date")]),
    step("date", [way("time", "", ["date"])], ["date"]),
    step("time", [way("confirmation", "", ["time"])], ["time"]),
    step("confirmation", [way("booked", "confirmed", ["date", "time"]), way("time", "gone")]),
    step("fallback", [way("handed over", "exhausted")]),
    step("booked"),
    step("abandoned"),
    step("handed over"),
  ],
  anywhere: [way("abandoned", "abandon"), way("date", "restart")],
};
function step(name, ways = [], collects = []) {
  return { name, collects, retries: 2, is_terminal: ways.length === 0, ways };
}
function way(to, on = "", needs = []) {
  return { to, on, needs };
}

const SESSIONS = [
  { id: "s_booking_now", agent: "booking", status: "live", started_at: new Date(Date.now() - 40_000).toISOString(), ended_at: null },
  { id: "s_booking_then", agent: "booking", status: "ended", started_at: "2026-11-21T10:00:00Z", ended_at: "2026-11-21T10:02:00Z" },
];

const note = (id, title, text, questions, keywords = []) => ({ id, title, text, questions, keywords, source: "", is_own: id.startsWith("own.") });
const NOTES = [
  note("invoices", "Where invoices are", "You find all invoices in your account, below Billing. The latest one is at the top.", ["Where is my invoice?"], ["invoice", "bill"]),
  note("password", "A forgotten password", "Choose Forgot password where you sign in. A link comes by mail within a few minutes.", ["I cannot log in."], ["password"]),
  note("own.hours", "Office hours", "We are there from nine to five, Monday to Friday.", ["When are you open?"], ["hours"]),
];

const PROVIDERS = [
  { kind: "recognizer", name: "moonshine/base", state: "closed", requests: 214, error_rate: 0, p95_s: 0.212, fallbacks: 0, last_error: "" },
  { kind: "model", name: "openai/gpt-5-mini", state: "open", requests: 37, error_rate: 0.41, p95_s: 1.82, fallbacks: 15, last_error: "503: the engine is overloaded, try again later" },
  { kind: "model", name: "anthropic/claude-haiku", state: "half open", requests: 15, error_rate: 0.07, p95_s: 0.93, fallbacks: 0, last_error: "timed out after 8 s" },
  { kind: "voice", name: "kokoro", state: "closed", requests: 0, error_rate: 0, p95_s: null, fallbacks: 0, last_error: "" },
];
const CACHES = [{ name: "common answers", hits: 11, misses: 7, shared: 1, refused: 2, entries: 9, size: 48_213 }];

const at = (t, kind, name, fields = {}) => ({ t, [kind]: name, ...fields });
const heard = (t, turn, heard, unheard) => at(t, "c", "ShowHeard", { turn, heard, unheard });
const ANSWER = "World War I began in the summer of 1914, after a shot in Sarajevo.";
const JOURNAL = [
  { header: { session: "s_earlier_1", agent: "tutor", format: 1 } },
  at(100, "c", "ChangePhase", { phase: "listening" }),
  at(101, "e", "PartiallyTranscribed", { utterance: 1, text: "Why did World" }),
  at(102, "e", "Transcribed", { utterance: 1, text: "Why did World War I start?", confidence: 0.9 }),
  at(102.2, "c", "ChangePhase", { phase: "thinking" }),
  at(102.3, "c", "Remember", { turn: 1, role: "user", text: "Why did World War I start?", is_cut: false, by: "" }),
  at(102.4, "n", "RouteDecided", { turn: 1, specialist: "history", confidence: 0.94, reason: "causes of a war" }),
  at(103, "c", "Speak", { turn: 1, sentence: 0, text: { text: ANSWER, is_rewritten: false }, purpose: "answer" }),
  at(103, "c", "ChangePhase", { phase: "speaking" }),
  at(104, "e", "Played", { turn: 1, samples: 24000 }),
  heard(104, 1, "World War I", "began in the summer of 1914, after a shot in Sarajevo."),
  heard(105, 1, "World War I began in the summer of", "1914, after a shot in Sarajevo."),
  at(105.4, "c", "ClearPlayout", { turn: 1 }),
  at(105.4, "c", "ChangePhase", { phase: "interrupted" }),
  at(105.5, "c", "Remember", { turn: 1, role: "agent", text: "World War I began in the summer of", is_cut: true, by: "" }),
  at(107, "e", "Transcribed", { utterance: 2, text: "Which year?", confidence: 0.9 }),
  at(107.1, "c", "ChangePhase", { phase: "thinking" }),
  at(107.2, "c", "Remember", { turn: 2, role: "user", text: "Which year?", is_cut: false, by: "" }),
  at(108, "c", "Speak", { turn: 2, sentence: 0, text: { text: "In 1914.", is_rewritten: false }, purpose: "answer" }),
  at(108, "c", "ChangePhase", { phase: "speaking" }),
  heard(109, 2, "In 1914.", ""),
  at(109.2, "c", "Remember", { turn: 2, role: "agent", text: "In 1914.", is_cut: false, by: "" }),
  at(109.3, "c", "ChangePhase", { phase: "listening" }),
  at(112, "c", "EndConversation", { reason: "bye" }),
];
const said = (text, specialist, is_cut = false) => ({ text, specialist, confidence: 0.9, is_cut });

export class FakeViews {
  /** Where the booking on air is; a story may change all of these. */
  place = { step: "greeting", slots: {}, tries: 0, return_to: "" };
  notes = [...NOTES];
  work = { providers: [], caches: [] };
  /** Null: the server has no switches. */
  switches = null;
  dropped = 0;
  /** Who may add notes is asking. */
  isEditable = true;

  constructor(house) {
    this.house = house;
  }

  fallIll() {
    this.work = { providers: PROVIDERS, caches: CACHES };
  }

  mayBreak() {
    const titles = { recognizer: "the recognizer", model: "the language model", voice: "the voice" };
    this.switches = Object.entries(titles).flatMap(([name, title]) => [
      { name: `${name}_fails`, title: `${title} fails`, is_on: false },
      { name: `${name}_slow`, title: `${title} begins 2.5 s later`, is_on: false },
    ]);
  }

  takes(url) {
    const { pathname, searchParams } = new URL(url, "http://here");
    if (pathname === "/api/sessions") return searchParams.get("agent") === "booking";
    return /^\/api\/(agents\/|providers$|chaos|sessions\/[^/]+\/(flow|journal|fork)$)/.test(pathname);
  }

  async answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://here");
    const tell = (data, status = 200) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(status === 204 ? "" : JSON.stringify(data));
    };
    const refuse = (status, code, detail) => tell({ code, detail, request_id: "r" }, status);
    const body = await read(request);
    if (request.method !== "GET" && !this.house.desk.tokens.has(request.headers["x-csrf-token"])) return refuse(403, "csrf_mismatch", "the CSRF tokens differ");
    const [, , what, name, part, id] = pathname.split("/").map(decodeURIComponent);
    if (what === "providers") return tell(this.work);
    if (what === "chaos") return this.chaos(request.method, name, body, tell, refuse);
    if (what === "sessions" && !name) return tell({ sessions: SESSIONS, next: "" });
    if (part === "journal") return response.writeHead(200, { "content-type": "application/x-ndjson" }).end(JOURNAL.map((line) => JSON.stringify(line) + "\n").join(""));
    if (part === "fork") return this.fork(body, tell, refuse);
    if (what === "sessions") return tell({ agent: "booking", status: name === "s_booking_now" ? "live" : "ended", ...this.place });
    if (part === "flow") return name === "booking" ? tell(FLOW) : refuse(404, "no_flow", `${name} leads its callers nowhere in particular`);
    if (name !== "support") return refuse(404, "no_knowledge", `${name} answers from no notes`);
    return this.knowledge(request.method, id, body, searchParams, tell, refuse);
  }

  knowledge(method, id, body, asked, tell, refuse) {
    if (id === "search") {
      const passages = this.notes.map(({ id, title, text }, at) => ({ id, title, text, source: "", score: 0.82 - 0.27 * at }));
      return tell({ passages: passages.slice(0, Number(asked.get("limit"))) });
    }
    if (method === "GET") return tell({ is_editable: this.isEditable, notes: this.notes });
    if (method === "DELETE") {
      this.notes = this.notes.filter((note) => note.id !== id);
      return tell(null, 204);
    }
    if (body.title.length > 80) return refuse(422, "invalid", "body.title: string should have at most 80 characters");
    if (/bomb/i.test(body.text)) return refuse(400, "unspeakable", "the guardrail would not let this be said");
    const written = note(id ?? `own.${this.notes.length}`, body.title, body.text, body.questions, body.keywords);
    this.notes = [...this.notes.filter((note) => note.id !== written.id), written];
    return tell(written, id ? 200 : 201);
  }

  chaos(method, name, body, tell, refuse) {
    if (!this.switches) return refuse(404, "no_chaos", "nothing is broken on purpose here: set ANTIPHON_CHAOS=true");
    if (method === "GET") return tell({ switches: this.switches });
    if (name === "drop") return tell({ dropped: ++this.dropped });
    const found = this.switches.find((each) => each.name === name);
    found.is_on = body.is_on;
    return tell(found);
  }

  fork({ turn, settings }, tell, refuse) {
    if (settings.llm === "openai/") return refuse(400, "", "name models of openai or anthropic, or 'none'");
    const asked = [
      { turn: 2, text: "Why did World War I start?", recorded: said("World War I began in the summer of", "history", true), forked: said(ANSWER, "history"), error: "" },
      { turn: 3, text: "Which year?", recorded: said("In 1914.", "history"), forked: said("It was the year 1914.", "english"), error: "" },
    ].filter((each) => each.turn >= turn);
    return tell({ session: "s_earlier_1", agent: "tutor", turn, model: settings.llm ?? "scripted", asked, usd: 0, differences: 1 });
  }
}

async function read(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return text ? JSON.parse(text) : {};
}
