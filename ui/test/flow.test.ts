import { describe, expect, test } from "vitest";
import { Http } from "../src/http";
import { layout, LOST } from "../src/flow/layout";
import { type Flow, readFlow } from "../src/flow/rows";
import { look, type Standing } from "../src/flow/standing";
import { anywhereOf, labelOf, sentencesOf } from "../src/flow/words";

const step = (name: string, ways: object[] = [], rest: object = {}) => ({ name, collects: [], retries: 1, is_terminal: !ways.length, ways, ...rest });
const way = (to: string, on = "", needs: string[] = []) => ({ to, on, needs });
const TOLD = {
  name: "booking",
  first: "hello",
  fallback: "lost",
  slots: [{ name: "date", description: "the day" }],
  steps: [
    step("hello", [way("date")]),
    step("date", [way("sure", "", ["date"])], { collects: ["date"] }),
    step("sure", [way("done", "yes", ["date", "time"]), way("date", "gone")]),
    step("lost", [way("person", "exhausted")]),
    step("done"),
    step("left"),
    step("person"),
  ],
  anywhere: [way("left", "abandon"), way("date", "restart")],
};
const FLOW: Flow = readFlow(TOLD);

describe("the picture of a flow", () => {
  const { steps, arrows, entries, rows } = layout(FLOW);
  const row = (name: string) => steps.find((each) => each.name === name)?.row;
  const runs = (from: string, to: string) => arrows.find((each) => each.from === from && each.to === to)?.runs;

  test("has every step once, from the first one down", () => {
    expect(steps.map(({ name }) => name).toSorted()).toEqual(FLOW.steps.map(({ name }) => name).toSorted());
    expect(["hello", "date", "sure", "done"].map(row)).toEqual([0, 1, 2, 3]);
    expect(runs("date", "sure")).toBe("down");
    expect(runs("sure", "date")).toBe("back");
  });

  test("sets aside what may happen at any step, where nothing else is", () => {
    const places = steps.map(({ row, column }) => `${row} ${column}`);
    expect(new Set(places).size).toBe(places.length);
    expect(steps.filter(({ isAside }) => isAside).map(({ name }) => name)).toEqual(["left", "lost", "person"]);
    expect(entries).toContainEqual({ to: "date", on: ["restart"], isAbove: false });
    expect(entries).toContainEqual({ to: "lost", on: [LOST], isAbove: true });
    expect(steps.some(({ row, isAside }) => isAside && row === 1)).toBe(false);
    expect(rows).toBeGreaterThanOrEqual(4);
  });

  test("puts a step below all that lead to it, whichever is the shortest way", () => {
    const flow = readFlow({ ...TOLD, steps: [step("hello", [way("done"), way("date")]), step("date", [way("done")]), step("done")], fallback: "", anywhere: [] });
    const { steps } = layout(flow);
    expect(steps.map(({ name, row }) => [name, row])).toEqual([
      ["hello", 0],
      ["date", 1],
      ["done", 2],
    ]);
  });
});

test("a flow is told in words", () => {
  expect(labelOf(FLOW.steps[2]!.ways[0]!)).toEqual(["yes", "date, time known"]);
  expect(sentencesOf(FLOW.steps[1]!, FLOW)).toEqual(["It asks for date.", "Goes on to sure, once date is known.", "After 2 turns that brought nothing, goes on to lost."]);
  expect(anywhereOf(FLOW)[0]).toBe("From every step: on to left, on “abandon”.");
});

describe("looking", () => {
  const BEGIN: Standing = { agents: null, agent: "", flow: null, sessions: [], session: "s_1", place: null, trouble: null };
  const server = (answers: Record<string, unknown>, asked: string[] = []) =>
    new Http((path) => {
      asked.push(path);
      const told = answers[path];
      return Promise.resolve(new Response(JSON.stringify(told ?? { code: "no_flow", detail: "no flow" }), { status: told ? 200 : 404, headers: { "content-type": "application/json" } }));
    });
  const AGENTS = [{ name: "tutor", title: "Tutor" }, { name: "booking", title: "Appointments" }];
  const PLACE = { agent: "booking", status: "live", step: "date", slots: { date: "2026-12-01" }, tries: 1, return_to: "" };
  const ANSWERS = { "api/agents": AGENTS, "api/agents/booking/flow": TOLD, "api/sessions?agent=booking&limit=20": { sessions: [], next: "" }, "api/sessions/s_1/flow": PLACE };

  test("finds the agent that has steps, and where the session is", async () => {
    const known = await look(server(ANSWERS), BEGIN);
    expect(known.agents).toEqual([{ name: "booking", title: "Appointments" }]);
    expect(known.place).toMatchObject({ step: "date", tries: 1, slots: { date: "2026-12-01" } });
    expect(known.trouble).toBeNull();
  });

  test("asks no more of a session that is over, and no agent twice", async () => {
    const asked: string[] = [];
    const known = await look(server({ ...ANSWERS, "api/sessions/s_1/flow": { ...PLACE, status: "ended" } }), BEGIN);
    await look(server(ANSWERS, asked), known);
    expect(asked).toEqual(["api/sessions?agent=booking&limit=20"]);
  });

  test("tells what it cannot have, and keeps what it had", async () => {
    const { "api/sessions/s_1/flow": _, ...without } = ANSWERS;
    const known = await look(server(without), BEGIN);
    expect(known.trouble?.says).toBe("No flow.");
    expect(known.flow?.first).toBe("hello");
  });
});
