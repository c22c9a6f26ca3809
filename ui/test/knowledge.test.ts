import { describe, expect, test } from "vitest";
import { Http, HttpError } from "../src/http";
import { Desk } from "../src/knowledge/desk";
import { draftOf, EMPTY, faultOf, filtered, readNotes } from "../src/knowledge/notes";

const note = (id: string, title: string, isOwn: boolean) => ({ id, title, text: `About ${title}.`, questions: ["Why?"], keywords: ["plan"], source: "", is_own: isOwn });
const TOLD = { is_editable: true, notes: [note("billing", "Invoices", false), note("own.1", "Office hours", true)] };

describe("notes", () => {
  const { notes } = readNotes(TOLD);

  test("those that people added come first, and all words of a filter must occur", () => {
    expect(filtered(notes, "").map(({ id }) => id)).toEqual(["own.1", "billing"]);
    expect(filtered(notes, "PLAN invoices").map(({ id }) => id)).toEqual(["billing"]);
    expect(filtered(notes, "invoices hours")).toEqual([]);
  });

  test("are written a question and a keyword a line", () => {
    expect(draftOf({ ...notes[0]!, questions: ["Why?", "How?"] })).toMatchObject({ questions: "Why?\nHow?", keywords: "plan" });
  });
});

test("a refusal is told at its field", () => {
  expect(faultOf(new HttpError("body.title: string should have at least 1 character", 422, "invalid"))).toEqual({
    field: "title",
    says: "String should have at least 1 character.",
  });
  expect(faultOf(new HttpError("body.questions.3: string should match pattern", 422, "invalid")).field).toBe("questions");
  expect(faultOf(new HttpError("the guardrail would not let this be said", 400, "unspeakable")).field).toBe("text");
  expect(faultOf(new HttpError("too many", 429, "too_many"))).toEqual({ field: null, says: "too many" });
  expect(() => faultOf(new TypeError("a fault of ours"))).toThrow(TypeError);
});

describe("at the desk", () => {
  interface Asked {
    readonly method: string;
    readonly path: string;
    readonly body: unknown;
  }
  function server(refusal: object | null = null) {
    const asked: Asked[] = [];
    const http = new Http((path, init) => {
      const method = init.method ?? "GET";
      asked.push({ method, path, body: init.body ? JSON.parse(String(init.body)) : null });
      const isRefused = method !== "GET" && refusal;
      const told =
        isRefused ||
        (path === "api/csrf" && { token: "t", refresh_in: 60 }) ||
        (path === "api/agents" && [{ name: "tutor" }, { name: "support", title: "Support desk" }]) ||
        (path.startsWith("api/agents/support/knowledge") && { ...TOLD, passages: [{ id: "billing", title: "Invoices", text: "t", score: 0.8 }] });
      return Promise.resolve(new Response(JSON.stringify(told || {}), { status: isRefused ? 400 : told ? 200 : 404, headers: { "content-type": "application/json" } }));
    });
    return { http, asked };
  }

  test("one finds the agents with notes, and what a question finds", async () => {
    const desk = new Desk("support", server().http);
    await desk.open();
    await desk.search(" Where is my invoice? ");
    expect(desk.snapshot()).toMatchObject({ agent: "support", agents: [{ name: "support" }], trouble: null });
    expect(desk.snapshot().found).toMatchObject({ question: "Where is my invoice?", passages: [{ score: 0.8 }] });
  });

  test("a note is added, changed and deleted", async () => {
    const { http, asked } = server();
    const desk = new Desk("support", http);
    await desk.open();
    desk.write("", { ...EMPTY, title: " Hours ", text: "We open at nine.", questions: "When?\n\n Until when? " });
    await desk.save();
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ title: "Hours", text: "We open at nine.", questions: ["When?", "Until when?"], keywords: [] });
    expect(desk.snapshot().writing).toBeNull();
    const own = desk.snapshot().notes!.notes[1]!;
    desk.write(own.id, draftOf(own));
    await desk.save();
    await desk.remove(own);
    const changes = asked.filter(({ method }) => method === "PUT" || method === "DELETE");
    expect(changes.map(({ method, path }) => `${method} ${path}`)).toEqual(["PUT api/agents/support/knowledge/own.1", "DELETE api/agents/support/knowledge/own.1"]);
  });

  test("what is refused stays as it was written", async () => {
    const desk = new Desk("support", server({ code: "unspeakable", detail: "no" }).http);
    await desk.open();
    desk.write("", { ...EMPTY, title: "Bomb", text: "How to." });
    await desk.save();
    expect(desk.snapshot().writing).toMatchObject({ draft: { text: "How to." }, fault: { field: "text" }, isSending: false });
  });
});
