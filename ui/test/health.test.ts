import { describe, expect, test } from "vitest";
import { look, UNKNOWN } from "../src/health/standing";
import { hitRate, seconds, serverWord, size, stateWord } from "../src/health/words";
import type { Ask } from "../src/landing/standing";
import { readProviders } from "../src/watch/rows";

const PROVIDER = { kind: "model", name: "openai/gpt", state: "open", requests: 12, error_rate: 0.25, p95_s: 0.41, fallbacks: 3, last_error: "503" };
const CACHE = { name: "answers", hits: 11, misses: 7, shared: 1, refused: 0, entries: 9, size: 48_213 };
const WELL = {
  readyz: { status: 200, data: { status: "ready", agents: ["tutor"], keeps: true, waiting: 0, telemetry: { acknowledged: 40, failed: 2, last_error: "timed out" } } },
  healthz: { status: 200, data: { status: "ok", version: "1.2.3" } },
  "api/providers": { status: 200, data: { providers: [PROVIDER], caches: [CACHE] } },
  "api/chaos": { status: 200, data: { switches: [{ name: "model_fails", title: "the language model fails", is_on: false }] } },
};

function server(answers: Readonly<Record<string, { status: number; data: unknown }>>): { ask: Ask; asked: string[] } {
  const asked: string[] = [];
  return { asked, ask: (path) => (asked.push(path), Promise.resolve(answers[path] ?? null)) };
}

describe("looking after the server", () => {
  test("tells all that it knows", async () => {
    const known = await look(server(WELL).ask, UNKNOWN);
    expect(serverWord(known)).toMatchObject({ is: "well" });
    expect(known).toMatchObject({ version: "1.2.3", trouble: null, ready: { keeps: true, telemetry: { acknowledged: 40, failed: 2 } } });
    expect(known.work?.providers[0]).toMatchObject({ state: "open", p95: 0.41 });
    expect(known.chaos).toEqual([{ name: "model_fails", title: "the language model fails", isOn: false }]);
  });

  test("asks for no switches where there are none, and says which setting brings them", async () => {
    const without = { ...WELL, "api/chaos": { status: 404, data: { code: "no_chaos", detail: "none" } } };
    const known = await look(server(without).ask, UNKNOWN);
    expect(known.chaos).toContain("ANTIPHON_CHAOS=true");
    const { ask, asked } = server(without);
    await look(ask, known);
    expect(asked).toEqual(["readyz", "api/providers"]);
  });

  test("asks one to sign in once, and then only how the server is", async () => {
    const refused = { ...WELL, "api/providers": { status: 403, data: { code: "not_allowed", detail: "callers may not" } } };
    const known = await look(server(refused).ask, UNKNOWN);
    expect(known.trouble).toEqual({ says: "Callers may not.", needsSignIn: true });
    const { ask, asked } = server(refused);
    expect((await look(ask, known)).trouble).toEqual(known.trouble);
    expect(asked).toEqual(["readyz"]);
  });

  test("keeps what it knew when nobody answers, and says so", async () => {
    const known = await look(server({}).ask, await look(server(WELL).ask, UNKNOWN));
    expect(serverWord(known)).toEqual({ is: "unwell", says: "The server does not answer" });
    expect(known.work?.caches).toHaveLength(1);
  });
});

test("numbers are told with what they count, and never where nothing was measured", () => {
  const [provider] = readProviders({ providers: [PROVIDER] });
  expect(stateWord(provider!)).toMatchObject({ is: "unwell" });
  expect(stateWord({ ...provider!, state: "closed", requests: 0 })).toEqual({ is: "unknown", says: "not asked yet" });
  expect([seconds(0.041), seconds(2.34), seconds(null)]).toEqual(["41 ms", "2.3 s", "not measured yet"]);
  expect(hitRate(CACHE)).toBe("61 %, n 18");
  expect(hitRate({ ...CACHE, hits: 0, misses: 0 })).toBe("not asked yet");
  expect(size(48_213)).toBe("48 KB");
});
