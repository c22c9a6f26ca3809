import { describe, expect, it } from "vitest";
import { viaOf } from "../src/connections/via";
import { ARCHITECTURES, DIFFERENCES } from "../src/landing/architectures";
import { draw, WIDTH } from "../src/landing/drawing";
import { dayOf, origin, readMeasured, worded } from "../src/measured";
import { sentences } from "../src/landing/picture";
import { type Ask, look, UNKNOWN, wordOf } from "../src/landing/standing";
import { VIEWS, viewOf } from "../src/shell/views";

/** A server by script: what it answers at each path; nobody answers where nothing stands. */
function answering(answers: Readonly<Record<string, readonly [status: number, data: unknown]>>): Ask {
  return async (path) => {
    const found = answers[path];
    return found ? { status: found[0], data: found[1] } : null;
  };
}
const READY = {
  readyz: [200, { status: "ready", agents: ["tutor"] }],
  healthz: [200, { status: "ok", version: "1.2.3" }],
  "api/agents": [200, [{ name: "tutor", title: "Tutor", suggestions: ["What is 25% of 80?"] }, { title: "nameless" }]],
  "api/ways": [
    200,
    {
      orchestrate: { obstacle: "" },
      realtime: { obstacle: "WebRTC needs more" },
      direct: { obstacle: "", provider: "api.openai.com" },
      livekit: { obstacle: "", server: "", is_open: false },
    },
  ],
} as const;

describe("addresses", () => {
  it("a word about a talk opens the talk, a named path its view, all else the landing", () => {
    const view = (pathname: string, search = "") => viewOf({ pathname, search });
    expect(view("/")).toBe("landing");
    expect(view("/", "?utm=x")).toBe("landing");
    expect(view("/", "?v=a")).toBe("talk");
    expect(view("/", "?via=direct")).toBe("talk");
    expect(view("/", "?agent=booking")).toBe("talk");
    expect(view("/watch", "?agent=x")).toBe("watch");
    expect(view("/studio/watch")).toBe("watch");
    expect(view("/index.html")).toBe("landing");
  });

  it("the navigation leads to what it names, and each card to its way", () => {
    for (const { id, href } of VIEWS) expect(viewOf(new URL(href, "http://here/x"))).toBe(id);
    for (const { letter, via } of ARCHITECTURES) expect(viaOf(`?v=${letter}&agent=tutor`)).toBe(via);
  });
});

describe("the pictures", () => {
  for (const { title, picture } of ARCHITECTURES) {
    it(`of ${title} draws every hop within its frame, and says it in a sentence`, () => {
      const { boxes, lines, labels, height } = draw(picture);
      expect(lines).toHaveLength(picture.hops.length);
      expect(sentences(picture)).toHaveLength(picture.hops.length);
      for (const { x, y, width, height: tall } of boxes) {
        expect(x >= 0 && x + width <= WIDTH && y >= 0 && y + tall <= height).toBe(true);
      }
      for (const { x, y } of [...labels, ...lines.map(({ tip }) => tip)]) {
        expect(x > 0 && x < WIDTH && y > 8 && y < height).toBe(true);
      }
    });

    it(`of ${title} points every arrow at the box it leads to`, () => {
      const { boxes, lines } = draw(picture);
      for (const { tip } of lines) {
        const isNear = boxes.some(({ x, y, width, height }) => tip.x > x - 5 && tip.x < x + width + 5 && tip.y > y - 5 && tip.y < y + height + 5);
        expect(isNear).toBe(true);
      }
    });
  }

  it("every aspect is told of each architecture", () => {
    for (const [aspect, ...says] of DIFFERENCES) expect([aspect, says.filter(Boolean).length]).toEqual([aspect, ARCHITECTURES.length]);
  });
});

describe("what was measured", () => {
  const figure = { n: 20, p50: 443, p95: 447, at: "2026-11-22T03:00:00Z", from: "bench turn", machine: "two cores" };

  it("is read field by field; what is not understood counts as not measured", () => {
    const measured = readMeasured({ ways: { orchestrate: { response_ms: figure, yield_ms: null, join_ms: { n: 3 } }, direct: null, livekit: "?" } });
    expect(measured.orchestrate?.response).toEqual(figure);
    expect(measured.orchestrate?.yield).toBeUndefined();
    expect(measured.orchestrate?.join).toBeUndefined();
    expect(readMeasured({ ways: { webrtc: { response_ms: { ...figure, p95: null } } } }).realtime?.response?.p95).toBeNull();
    expect([measured.direct, measured.livekit]).toEqual([undefined, undefined]);
    for (const nonsense of [null, [], "x", {}, { ways: 7 }]) expect(readMeasured(nonsense)).toEqual({});
    expect(readMeasured({ ways: { direct: { response_ms: { ...figure, n: 0 } } } }).direct).toEqual({});
  });

  it("says how it came about", () => {
    expect(origin(figure)).toBe("n 20 · 22 Nov 2026 · bench turn · two cores");
    expect(origin({ ...figure, at: "", machine: "" })).toBe("n 20 · bench turn");
    expect(dayOf("yesterday")).toBe("");
  });

  it("is told in units that people read", () => {
    expect(worded("response", 442.6)).toBe("443 ms");
    expect(worded("join", 12_340)).toBe("12.3 s");
    expect(worded("backchannels", 91.7)).toBe("92 %");
    expect(worded("cost", 0)).toBe("nothing");
    expect(worded("cost", 0.001234)).toBe("$0.0012");
  });
});

describe("how the server is", () => {
  it("is told of each way in a sentence", async () => {
    const standing = await look(answering(READY), UNKNOWN);
    expect(standing.version).toBe("1.2.3");
    expect(standing.agents.map(({ name }) => name)).toEqual(["tutor"]);
    expect(wordOf(standing, "orchestrate")).toEqual({ is: "well", says: "Ready" });
    expect(wordOf(standing, "realtime")).toEqual({ is: "unwell", says: "WebRTC needs more" });
    expect(wordOf(standing, "direct").says).toBe("Ready, with api.openai.com");
    expect(wordOf(standing, "livekit").says).toBe("Ready; the development room opens with the first call");
  });

  it("is unready while it loads, is full or drains, and unknown before it was asked", async () => {
    expect(wordOf(UNKNOWN, "orchestrate").is).toBe("unknown");
    for (const [status, is] of [["loading", "waiting"], ["full", "waiting"], ["draining", "unwell"]] as const) {
      const standing = await look(answering({ ...READY, readyz: [503, { status }] }), UNKNOWN);
      expect([standing.health, wordOf(standing, "direct").is]).toEqual([status, is]);
    }
  });

  it("a server that is gone leaves what it told, and says so", async () => {
    const before = await look(answering(READY), UNKNOWN);
    const after = await look(answering({}), before);
    expect(after).toEqual({ ...before, health: "unreachable" });
    expect(wordOf(after, "livekit").is).toBe("unwell");
  });

  it("a server that does not tell of its ways is taken at its word that it is ready", async () => {
    const standing = await look(answering({ ...READY, "api/ways": [404, null] }), UNKNOWN);
    expect(standing.ways).toBeNull();
    expect(wordOf(standing, "livekit")).toEqual({ is: "well", says: "Ready" });
    expect(standing.measured).toEqual({});
  });
});
