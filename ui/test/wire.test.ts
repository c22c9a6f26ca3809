import { describe, expect, test } from "vitest";
import { WireError } from "../src/fields";
import { decodeAudio, decodeServer, encode } from "../src/wire";

const failure = (read: () => unknown): WireError => {
  try {
    read();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("what the server says", () => {
  test("becomes a value with the page's names", () => {
    const text =
      '{"type":"ready","session":"s_1","agent":"tutor","version":1,"rate":48000,"play_rate":24000,"ack_ms":40,"lead_ms":300,"suggestions":["What is 25% of 80?"]}';
    expect(decodeServer(text)).toEqual({
      type: "ready",
      session: "s_1",
      agent: "tutor",
      version: 1,
      rate: 48000,
      playRate: 24000,
      ackMs: 40,
      leadMs: 300,
      suggestions: ["What is 25% of 80?"],
      resume: "",
      isResumed: false,
    });
  });

  test("may leave out what has a default", () => {
    expect(decodeServer('{"type":"transcript","utterance":3,"text":"what"}')).toEqual({
      type: "transcript",
      utterance: 3,
      text: "what",
      isFinal: false,
    });
  });

  test("may carry fields this page does not know", () => {
    expect(decodeServer('{"type":"hold","turn":2,"why":"speech"}')).toEqual({ type: "hold", turn: 2 });
  });

  test.each([
    ['{"type":"supervised","by":"Ms Finch","how":"taken_over"}', { type: "supervised", by: "Ms Finch", how: "taken_over" }],
    ['{"type":"escalated","turn":2,"reason":"asked"}', { type: "escalated", turn: 2, reason: "asked" }],
    ['{"type":"goaway","reason":"deploy"}', { type: "goaway", reason: "deploy", retryMs: 0 }],
    ['{"type":"ready","session":"s_1","agent":"tutor","resume":"t","is_resumed":true}', { resume: "t", isResumed: true }],
    ['{"type":"remembered","turn":1,"role":"user","text":"a","is_past":true}', { isCut: false, isPast: true }],
    ['{"type":"remembered","turn":2,"role":"supervisor","text":"a","by":"finch"}', { role: "supervisor", by: "finch" }],
  ])("%s is read", (text, message) => expect(decodeServer(text)).toMatchObject(message));

  test("keeps the parts of a turn in their order", () => {
    const latency = decodeServer('{"type":"latency","turn":1,"response_ms":30.5,"parts_ms":{"model":20,"synthesis":10.5}}');
    expect(latency).toMatchObject({ parts: [{ name: "model", ms: 20 }, { name: "synthesis", ms: 10.5 }] });
  });

  test.each([
    ["{", "bad_json", ""],
    ["[1]", "bad_json", ""],
    ['{"type":"sing"}', "unknown_type", "type"],
    ['{"type":"constructor"}', "unknown_type", "type"],
    ['{"type":"supervised","by":"x","how":"sang"}', "bad_type", "how"],
    ['{"type":"hold"}', "missing_field", "turn"],
    ['{"type":"hold","turn":-1}', "bad_type", "turn"],
    ['{"type":"hold","turn":"1"}', "bad_type", "turn"],
    ['{"type":"phase","phase":"dreaming"}', "bad_type", "phase"],
    ['{"type":"latency","turn":1,"response_ms":3,"parts_ms":{"model":"fast"}}', "bad_type", "parts_ms"],
    ['{"type":"verdict","turn":1,"side":"output","action":"block","categories":[1]}', "bad_type", "categories"],
  ])("%s is refused with %s", (text, code, field) => {
    expect(failure(() => decodeServer(text))).toMatchObject({ code, field });
  });
});

describe("sound of the agent", () => {
  test("is a header of turn and offset, then samples", () => {
    const data = new ArrayBuffer(8 + 4);
    const view = new DataView(data);
    view.setUint32(0, 7, true);
    view.setUint32(4, 4_000_000_000, true);
    view.setInt16(8, -32768, true);
    view.setInt16(10, 123, true);
    expect(decodeAudio(data)).toEqual({ turn: 7, offset: 4_000_000_000, samples: Int16Array.of(-32768, 123) });
  });

  test.each([0, 7, 9])("of %i bytes is refused", (length) => {
    expect(failure(() => decodeAudio(new ArrayBuffer(length))).code).toBe("bad_audio");
  });
});

test("what the page says is one JSON object with a type", () => {
  expect(encode({ type: "played", turn: 2, samples: 4800, cleared: true })).toBe(
    '{"type":"played","turn":2,"samples":4800,"cleared":true}',
  );
});
