import { describe, expect, test } from "vitest";
import { VIAS } from "../src/connections/via";
import { readMeasured } from "../src/measured";
import { NO_OCCASIONS, type Occasions, occasionsAfter, TRIGGERS } from "../src/occasions";
import type { Action } from "../src/state";
import { TRADEOFFS } from "../src/tradeoffs";
import { decodeServer } from "../src/wire";

type Told = Record<string, unknown>;
function after(...happened: (Told | Action)[]): Occasions {
  return happened.reduce<Occasions>((before, each) => {
    const action = "did" in each ? (each as Action) : ({ did: "hear", message: decodeServer(JSON.stringify(each)) } as const);
    return occasionsAfter(before, action);
  }, NO_OCCASIONS);
}
const route = (turn: number, specialist: string) => ({ type: "route", turn, specialist, confidence: 0.9 });
const filler = (turn: number) => ({ type: "sentence", turn, sentence: 0, text: "Let me think.", purpose: "filler" });
const cut = (turn: number, isPast = false) => ({ type: "remembered", turn, role: "agent", text: "So", is_cut: true, is_past: isPast });

describe("the ways differ visibly", () => {
  test.each([
    ["english", route(1, "english")],
    ["guardrail", { type: "verdict", turn: 1, side: "output", action: "block" }],
    ["filler", filler(1)],
    ["filler", { did: "fill", turn: 1 } as Action],
    ["escalation", { type: "escalated", turn: 1 }],
    ["barge-in", { type: "clear", turn: 1 }],
    ["barge-in", cut(1)],
  ])("at %s", (trigger, message) => expect(after(message).open).toEqual({ trigger, turn: 1 }));

  test.each([
    ["another specialist", route(1, "math")],
    ["an answer", { ...filler(1), purpose: "answer" }],
    ["a line of before", cut(1, true)],
  ])("but not at %s", (_, message) => expect(after(message).open).toBeNull());
});

describe("what is told", () => {
  test("is told once in a turn, by whatever messages it shows", () => {
    const closed = after({ type: "clear", turn: 1 }, { did: "put aside", forGood: false }, cut(1));
    expect(closed.open).toBeNull();
    expect(after({ type: "clear", turn: 1 }, { did: "put aside", forGood: false }, { type: "clear", turn: 2 }).open?.turn).toBe(2);
  });

  test("gives way within a turn only to what matters more", () => {
    expect(after(route(1, "english"), filler(1)).open?.trigger).toBe("english");
    expect(after(filler(1), route(1, "english"), { type: "clear", turn: 1 }).open?.trigger).toBe("barge-in");
    expect(after({ type: "clear", turn: 1 }, filler(2)).open).toEqual({ trigger: "filler", turn: 2 });
    expect(after(filler(2), cut(1)).open).toEqual({ trigger: "filler", turn: 2 });
  });

  test("stays away for the rest of the conversation where that was asked for, and for the next", () => {
    const hushed = [filler(1), { did: "put aside", forGood: true } as Action];
    expect(after(...hushed, filler(2)).open).toBeNull();
    expect(after(...hushed, { did: "connect" }, filler(1)).open).toBeNull();
    expect(after(...hushed, route(2, "english")).open?.trigger).toBe("english");
  });

  test("is known of every moment and every way, without a number", () => {
    for (const trigger of TRIGGERS) {
      const { title, what, differs, ways } = TRADEOFFS[trigger];
      for (const words of [title, what, differs, ...VIAS.map((via) => ways[via])]) expect(words).toMatch(/^[^\d]{8,}$/);
    }
  });
});

describe("what the bench has measured", () => {
  const figure = { n: 20, p50: 443, p95: 447, at: "2026-11-22T02:00:00Z", from: "bench turn", machine: "two cores" };

  test("is read by way; to the bench, WebRTC to this server has a name of its own", () => {
    const ways = { orchestrate: { response_ms: figure, yield_ms: null }, realtime: null, webrtc: { yield_ms: { n: 3, p50: 210 } }, direct: null };
    const measured = readMeasured({ ways });
    expect(measured.orchestrate).toEqual({ response: figure });
    expect(measured.realtime?.yield).toMatchObject({ n: 3, p50: 210, at: "" });
    expect(measured.direct).toBeUndefined();
    expect(measured.livekit).toBeUndefined();
  });

  test("is nothing where nothing is told", () => expect(readMeasured({})).toEqual({}));
});
