import { describe, expect, test } from "vitest";
import { EventParser, readEvents } from "../src/connections/events";
import { PcmStream } from "../src/connections/pcm";

describe("sound in pieces", () => {
  const samples = Int16Array.from({ length: 500 }, (_, at) => ((at * 7919) % 65536) - 32768);
  const bytes = new Uint8Array(samples.buffer);
  const heard = (sizes: number[], offset = 0) => {
    const stream = new PcmStream(4, offset);
    const got: number[] = [];
    let at = 0;
    for (let each = 0; at < bytes.length; each++) {
      const size = sizes[each % sizes.length]!;
      const frame = stream.push(bytes.slice(at, at + size));
      at += size;
      if (!frame) continue;
      expect(frame.turn).toBe(4);
      expect(frame.offset).toBe(offset + got.length);
      got.push(...frame.samples);
    }
    return got;
  };

  test.each([[[1000]], [[1]], [[3]], [[2, 1, 1, 5]], [[7, 2, 999]], [[1, 998, 1]]])("of %j bytes is put together as it was", (sizes) => {
    expect(heard(sizes)).toEqual([...samples]);
  });

  test("goes on from where in the turn it begins", () => {
    expect(heard([333], 4800)).toEqual([...samples]);
  });

  test("is read where it lies in a larger buffer, also at an odd place", () => {
    const buffer = new Uint8Array([9, 0x34, 0x12, 0xff, 0xff, 9]);
    expect(new PcmStream(1).push(buffer.subarray(1, 5))?.samples).toEqual(Int16Array.of(0x1234, -1));
  });

  test("that completes no sample is no frame", () => {
    const stream = new PcmStream(1);
    expect(stream.push(new Uint8Array([5]))).toBeNull();
    expect(stream.push(new Uint8Array([]))).toBeNull();
    expect(stream.push(new Uint8Array([1]))?.samples).toEqual(Int16Array.of(0x0105));
  });
});

describe("server-sent events", () => {
  const TEXT = 'data: {"a":1}\n\n: still here\n\ndata:two\r\nid: 3\r\n\r\nevent: x\ndata: three\ndata: four\n\ndata: unfinished\n';

  test.each([1, 2, 3, 5, 1000])("are the same in pieces of %i characters", (size) => {
    const parser = new EventParser();
    const got: string[] = [];
    for (let at = 0; at < TEXT.length; at += size) got.push(...parser.push(TEXT.slice(at, at + size)));
    expect(got).toEqual(['{"a":1}', "two", "three\nfour"]);
    expect(parser.comments).toBe(1);
  });

  const answer = (...pieces: (string | Uint8Array)[]) =>
    new Response(
      new ReadableStream({
        start(to) {
          for (const piece of pieces) to.enqueue(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
          to.close();
        },
      }),
    );

  test("are told until the stream ends, and then that it has", async () => {
    const told: string[] = [];
    await readEvents(
      answer("data: a\n\nda", "ta: b\n\n"),
      { data: (text) => told.push(text), over: () => told.push("over") },
      new AbortController().signal,
    );
    expect(told).toEqual(["a", "b", "over"]);
  });

  test("may break within a letter", async () => {
    const told: string[] = [];
    const whole = new TextEncoder().encode("data: größer\n\n");
    await readEvents(answer(whole.slice(0, 9), whole.slice(9)), { data: (text) => told.push(text), over: () => {} }, new AbortController().signal);
    expect(told).toEqual(["größer"]);
  });

  test("are not told any more to who has left", async () => {
    const told: string[] = [];
    const leaving = new AbortController();
    const listener = { data: (text: string) => (told.push(text), leaving.abort()), over: () => told.push("over") };
    await readEvents(answer("data: a\n\n", "data: b\n\n"), listener, leaving.signal);
    expect(told).toEqual(["a"]);
  });
});
