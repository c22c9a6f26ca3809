import { describe, expect, test } from "vitest";
import { WireError } from "../src/fields";
import { Api } from "../src/watch/api";
import { readChange } from "../src/watch/changes";
import { type Directory, EMPTY, live, reduceDirectory, waiting } from "../src/watch/directory";
import { readEscalations, readMe, readPast, readProviders, readSessions } from "../src/watch/rows";
import { initialStanding, reduceStanding, type Standing, type StandingAction } from "../src/watch/standing";
import { span } from "../src/watch/times";
import { decodeWatch, encodeSupervisor } from "../src/watch/wire";

describe("what a supervisor is told", () => {
  test("is what the caller is told, and three messages more", () => {
    const text = '{"type":"watching","session":"s_1","agent":"tutor","phase":"speaking","turn":3,"taken_over_by":"Mr Lee"}';
    expect(decodeWatch(text)).toEqual({ type: "watching", session: "s_1", agent: "tutor", phase: "speaking", turn: 3, takenOverBy: "Mr Lee" });
    expect(decodeWatch('{"type":"hold","turn":2}')).toEqual({ type: "hold", turn: 2 });
    expect(decodeWatch('{"type":"line_refused","text":"x","categories":["a"]}')).toMatchObject({ categories: ["a"] });
    expect(() => decodeWatch('{"type":"watching","session":"s_1"}')).toThrow(WireError);
  });

  test("is answered in JSON", () => {
    expect(encodeSupervisor({ type: "whisper", text: "Slowly" })).toBe('{"type":"whisper","text":"Slowly"}');
  });
});

describe("standing by", () => {
  const fold = (...happened: (Record<string, unknown> | StandingAction)[]): Standing =>
    happened.reduce<Standing>(
      (state, each) =>
        reduceStanding(state, "did" in each ? (each as StandingAction) : { did: "hear", message: decodeWatch(JSON.stringify(each)) }),
      initialStanding("tutor"),
    );
  const watching = { type: "watching", session: "s_1", agent: "tutor", phase: "listening", turn: 1 };
  const told = (how: string, by = "Ms Finch") => ({ type: "supervised", by, how });
  const ask: StandingAction = { did: "ask" };
  const join: StandingAction = { did: "join" };

  test("begins with what was said so far", () => {
    const past = { type: "remembered", turn: 1, role: "user", text: "Why?", is_past: true };
    expect(fold(join, watching, past)).toMatchObject({ link: "on", talk: { lines: [{ text: "Why?", isRemembered: true }] } });
  });

  test("taking over is one's own only after one has asked", () => {
    expect(fold(join, watching, told("taken_over", "Mr Lee"))).toMatchObject({ isMine: "no", takenOverBy: "Mr Lee" });
    expect(fold(join, watching, told("joined"), ask)).toMatchObject({ isMine: "asked", takenOverBy: "" });
    expect(fold(join, watching, ask, told("taken_over"))).toMatchObject({ isMine: "yes", takenOverBy: "Ms Finch" });
    expect(fold(join, watching, ask, told("taken_over"), told("handed_back"))).toMatchObject({ isMine: "no", takenOverBy: "" });
  });

  test("somebody else was quicker: the refusal is told", () => {
    const refused = { type: "error", code: "taken_over", message: "Mr Lee has taken over already" };
    const state = fold(join, watching, ask, told("taken_over", "Mr Lee"), refused);
    expect(state).toMatchObject({ isMine: "no", takenOverBy: "Mr Lee" });
    expect(state.notice).toMatch(/Mr Lee has taken over already/);
  });

  test("a lost connection ends one's own voice, and the transcript is there again once", () => {
    const past = { type: "remembered", turn: 1, role: "user", text: "Why?", is_past: true };
    const state = fold(join, watching, past, ask, told("taken_over"), { did: "lose" });
    expect(state).toMatchObject({ link: "reconnecting", isMine: "no" });
    const whisper = { type: "whispered", by: "Ms Finch", text: "Slowly" };
    expect(fold(join, watching, past, whisper, { did: "lose" }, watching, past).talk.lines.map((line) => line.who)).toEqual(["caller", "whisper"]);
  });

  test("a line that the guardrail refuses is told, and so is why it ended", () => {
    expect(fold(join, watching, { type: "line_refused", text: "x", categories: ["weapons"] }).notice).toMatch(/does not let the agent say “x” \(weapons\)/);
    const end = (code: number) => fold(join, watching, { did: "leave", closing: { code, reason: "" } }).notice;
    expect([1000, 4404, 4403, 1006].map(end)).toEqual(["", expect.stringMatching(/not on air/), expect.stringMatching(/may not/), expect.stringMatching(/lost/)]);
  });
});

describe("the desk", () => {
  const row = (id: string, minutesAgo: number, status = "ended") => ({
    id,
    agent: "tutor",
    status,
    started_at: new Date(1e12 - minutesAgo * 60_000).toISOString(),
    ended_at: null,
  });
  const page = (rows: unknown[], next = "") => readSessions({ sessions: rows, next });
  const escalation = (id: string, minutesAgo: number, status = "open") => ({
    id,
    session: "s_1",
    turn: 2,
    reason: `reason ${id}`,
    status,
    opened_at: new Date(1e12 - minutesAgo * 60_000).toISOString(),
    claimed_by: null,
    outcome: "",
  });
  const told = (state: Directory, ...rows: ReturnType<typeof escalation>[]) =>
    reduceDirectory(state, { did: "escalate", escalations: readEscalations({ escalations: rows }) });

  test("shows who waits longest first, then what is being seen to", () => {
    const state = told(EMPTY, escalation("claimed", 1, "claimed"), escalation("late", 2), escalation("early", 9));
    expect(state.escalations.map((each) => each.id)).toEqual(["early", "late", "claimed"]);
    expect(waiting(state.escalations)).toHaveLength(2);
  });

  test("announces who is new, not who was known", () => {
    const first = told(EMPTY, escalation("a", 5));
    expect(first.announcement).toBe("Waiting for a person: 1");
    expect(told(first, escalation("a", 5)).announcement).toBe(first.announcement);
    expect(told(first, escalation("a", 5), escalation("b", 1)).announcement).toBe("A caller asks for a person: reason b. Waiting: 2");
  });

  test("keeps older pages when the newest is read again", () => {
    let state = reduceDirectory(EMPTY, { did: "list", page: page([row("live", 1, "live"), row("b", 20)], "p2") });
    state = reduceDirectory(state, { did: "list older", page: page([row("b", 20), row("c", 30)], "p3") });
    expect(state.sessions.map((each) => each.id)).toEqual(["live", "b", "c"]);
    state = reduceDirectory(state, { did: "list", page: page([row("new", 0, "live"), row("live", 1)], "p2") });
    expect(state.sessions.map((each) => each.id)).toEqual(["new", "live", "b", "c"]);
    expect(state.next).toBe("p3");
    expect(live(state.sessions).map((each) => each.id)).toEqual(["new"]);
  });

  test("reads what the server answers, and refuses what it cannot be", () => {
    expect(readMe({ person: null, mode: "key", is_dev: true, banner: "Development" })).toEqual({ name: "", role: null, mode: "key", banner: "Development" });
    expect(readPast({ ...row("a", 1), lines: [{ turn: 1, role: "agent", text: "Hi", is_cut: true }], report: { turns: 1 } })).toMatchObject({
      lines: [{ isCut: true, speaker: "" }],
      report: { turns: 1 },
    });
    expect(() => readSessions({ sessions: [{ id: 7 }] })).toThrow(WireError);
    expect(() => readSessions({ sessions: [null] })).toThrow(WireError);
  });

  test.each([
    ['{"table":"sessions","id":"s_1","session":"s_1"}', { table: "sessions", id: "s_1" }],
    ['{"table":"","id":"","session":""}', { table: "", id: "" }],
    ["{}", { table: "", id: "" }],
    ["7", null],
    ["nonsense", null],
  ])("a change %s is read", (text, change) => expect(readChange(text)).toEqual(change));

  test.each([[4_000, "4 s"], [90_000, "2 min"], [11_100_000, "3 h 5 min"], [-5, "0 s"]])("%i ms are %s", (ms, text) => expect(span(ms)).toBe(text));
});

describe("the server's HTTP interface", () => {
  const answers = (...told: [number, unknown][]) => {
    const asked: [string, string, string][] = [];
    const api = new Api((path, init) => {
      const headers = new Headers(init.headers);
      asked.push([init.method ?? "GET", path, headers.get("x-csrf-token") ?? ""]);
      const [status, data] = told.shift()!;
      return Promise.resolve(new Response(JSON.stringify(data), { status, headers: { "content-type": "application/json" } }));
    });
    return { api, asked };
  };

  test("gets one CSRF token for what it changes, until that is old", async () => {
    const { api, asked } = answers([200, { token: "t1", refresh_in: 240 }], [200, {}], [200, {}]);
    await api.claim("e_1");
    await api.close("e_1", "done");
    expect(asked).toEqual([
      ["GET", "api/csrf", ""],
      ["POST", "api/escalations/e_1/claim", "t1"],
      ["POST", "api/escalations/e_1/close", "t1"],
    ]);
  });

  test("says what was refused, in our own form and in OpenAI's", async () => {
    const api = (status: number, data: unknown) => new Api(async () => new Response(JSON.stringify(data), { status }));
    await expect(api(404, { code: "gone", detail: "it is gone" }).me()).rejects.toMatchObject({ message: "it is gone", code: "gone", status: 404 });
    const error = { code: "invalid_offer", message: "no offer", type: "invalid_request_error" };
    await expect(api(400, { error }).me()).rejects.toMatchObject({ message: "no offer", code: "invalid_offer" });
    await expect(new Api(async () => new Response("<p>no", { status: 502 })).me()).rejects.toMatchObject({ status: 502, code: "" });
  });

  test("gets another token once when one is refused", async () => {
    const refused: [number, unknown] = [403, { code: "csrf_expired", detail: "the CSRF token is expired" }];
    const { api, asked } = answers([200, { token: "t1", refresh_in: 240 }], refused, [200, { token: "t2", refresh_in: 240 }], [200, {}]);
    await api.claim("e_1");
    expect(asked.map(([, , token]) => token)).toEqual(["", "t1", "", "t2"]);
  });

  test("says what the server said", async () => {
    const { api } = answers([403, { code: "not_allowed", detail: "callers may not list" }]);
    await expect(api.sessions()).rejects.toMatchObject({ message: "callers may not list", status: 403, code: "not_allowed" });
  });

  test("says when there was no answer", async () => {
    const api = new Api(() => Promise.reject(new TypeError("failed")));
    await expect(api.me()).rejects.toMatchObject({ message: "The server did not answer.", status: 0 });
  });
});

describe("how the providers are doing", () => {
  const told = {
    kind: "model", name: "openai/x", state: "open", requests: 12, failures: 4, retries: 1, fallbacks: 3, seams: 0, limited: 0,
    error_rate: 0.25, p95_s: null, last_error: "429",
  };

  test("is read from the server's answer", () => {
    expect(readProviders({ providers: [told], caches: [] })).toEqual([
      { kind: "model", name: "openai/x", state: "open", requests: 12, errorRate: 0.25, p95: null, fallbacks: 3, lastError: "429" },
    ]);
    expect(() => readProviders({ providers: [{ ...told, state: "tired" }] })).toThrow(WireError);
  });

  test("is what was read last", () => {
    const providers = readProviders({ providers: [told] });
    expect(reduceDirectory(EMPTY, { did: "provide", providers }).providers).toBe(providers);
  });
});
