import { describe, expect, test } from "vitest";
import { named } from "../src/audio/devices";
import { keepPreferences, readPreferences } from "../src/preferences";
import { type Action, initialState, reduce, type TalkState } from "../src/state";
import { closingTrouble, INSECURE, microphoneTrouble, OFFLINE, OTHER_TAB, PAUSED, SILENCED, SLOW, unpluggedTrouble } from "../src/trouble";
import { metro } from "../src/views/metro";

const after = (...actions: Action[]): TalkState => actions.reduce(reduce, initialState("tutor"));
const fret = (trouble: typeof OFFLINE): Action => ({ did: "fret", trouble });

describe("every trouble", () => {
  const all = [
    ...(["denied", "missing", "busy"] as const).map(microphoneTrouble),
    unpluggedTrouble("USB microphone", ""),
    unpluggedTrouble("", "Built-in"),
    ...[INSECURE, OFFLINE, OTHER_TAB, PAUSED, SILENCED, SLOW],
  ];
  test.each(all.map((trouble) => [trouble.what, trouble] as const))("%s", (_, { what, next }) => {
    expect(what).toMatch(/^(The|This|You|No|“).+\.$/);
    expect(next).toMatch(/\.$/);
  });

  test("is announced, and ends nothing", () => {
    expect(after({ did: "connect" }, fret(OFFLINE))).toMatchObject({ link: "connecting", trouble: OFFLINE, announcement: OFFLINE.what });
  });

  test("that mends itself takes its words with it, and not those of another", () => {
    expect(after(fret(SLOW), { did: "mend", cause: "slow" }).trouble).toBeNull();
    expect(after(fret(OFFLINE), { did: "mend", cause: "slow" }).trouble).toBe(OFFLINE);
    expect(after({ did: "miss microphone", trouble: "denied" }, { did: "mend", cause: "microphone" }).trouble).toBeNull();
  });

  test("of a microphone names the one that was lost and the one that is heard now", () => {
    const { what, next } = unpluggedTrouble("USB microphone", "Built-in");
    expect([what, next]).toEqual(["“USB microphone” was unplugged.", expect.stringContaining("“Built-in”")]);
  });
});

test("a call by WebRTC that is lost says that it cannot be taken up again, and what would have been", () => {
  const lost = closingTrouble({ code: 1006, reason: "" }, { agent: "tutor", link: "on", via: "realtime" });
  expect(lost).toMatchObject({ what: expect.stringContaining("cannot be taken up again"), isFinal: true });
  expect(closingTrouble({ code: 1006, reason: "" }, { agent: "tutor", link: "connecting", via: "realtime" })?.what).toMatch(/did not answer/);
});

describe("what belongs to the page", () => {
  test("outlives a conversation: how the microphone hears, and which there are", () => {
    const devices = [{ id: "a", name: "One" }];
    const state = after({ did: "hear by", hearing: "held" }, { did: "find devices", devices, device: "a" }, { did: "connect" });
    expect(state).toMatchObject({ hearing: "held", devices, device: "a" });
  });

  test("another way of hearing lets go of the microphone", () => {
    expect(after({ did: "hear by", hearing: "held" }, { did: "press", isPressed: true }, { did: "hear by", hearing: "open" }).isPressed).toBe(false);
  });

  test("is kept for the next visit, and what is kept may be nonsense or forbidden", () => {
    const kept = new Map<string, string>();
    const storage = () => ({ getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) }) as unknown as Storage;
    keepPreferences({ device: "a" }, storage);
    keepPreferences({ hasCaptions: true }, storage);
    expect(readPreferences(storage)).toEqual({ device: "a", hearing: "open", hasCaptions: true });
    kept.set("antiphon.preferences", "null");
    expect(readPreferences(storage).device).toBe("");
    const forbidden = () => {
      throw new Error("no storage");
    };
    keepPreferences({ device: "b" }, forbidden);
    expect(readPreferences(forbidden).hearing).toBe("open");
  });
});

test("microphones are told by a name, and the browser's own entries are none", () => {
  const inputs = [
    { deviceId: "default", label: "Default - USB" },
    { deviceId: "u", label: "USB" },
    { deviceId: "x", label: "" },
    { deviceId: "", label: "" },
  ];
  expect(named(inputs)).toEqual([
    { id: "u", name: "USB" },
    { id: "x", name: "Microphone 2" },
  ]);
});

test.each([328, 390, 700, 1240])("the way of a turn fits into %i pixels, and goes on to the right", (width) => {
  const { stations, filler, person, height } = metro(width);
  const middle = stations.filter(({ y }) => y === stations[0]!.y).map(({ x }) => x);
  expect(middle).toEqual([...middle].sort((a, b) => a - b));
  for (const { x, y, label } of [...stations, filler, person]) {
    expect(x).toBeGreaterThan(12);
    expect(x).toBeLessThan(width - 12);
    expect(y).toBeLessThan(height);
    expect(label.y).toBeLessThanOrEqual(height - 3);
  }
});
