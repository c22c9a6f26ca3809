import { describe, expect, test } from "vitest";
import { pauseMs } from "../src/connections/redial";
import { Following } from "../src/watch/following";

const closed = (code: number) => ({ code, reason: "" });

/** A clock that is set by hand, and a supervisor who stands by a call. */
function standing(found = true) {
  const clock = { now: 0 };
  const following = new Following(
    () => clock.now,
    () => 0.5,
  );
  if (found) following.found();
  return { clock, following };
}

describe("the pause before another attempt", () => {
  test("is short at first, and then a tenth of the time that has passed", () => {
    expect([0, 400, 1000, 20_000].map((lostFor) => pauseMs(lostFor, () => 0.5))).toEqual([50, 50, 100, 2000]);
  });

  test("is half as much more or less by chance", () => {
    expect([pauseMs(0, () => 0), pauseMs(0, () => 1)]).toEqual([25, 75]);
  });
});

describe("a call that is lost", () => {
  test.each([1006, 1001, 1012, 1013])("by code %i is looked for where the page is from", (code) => {
    const { following } = standing();
    expect(following.next(closed(code), true)).toBe(50);
    expect(following.place).toBeNull();
  });

  test("is looked for where a server says it is, and then at home again", () => {
    const { following } = standing();
    following.next(closed(1006), true);
    following.elsewhere("https://south.example");
    expect(following.next(closed(4421), true)).toBe(50);
    expect(following.place).toBe("https://south.example");
    expect(following.next(closed(1006), true)).toBe(50);
    expect(following.place).toBeNull();
  });

  test("stays at the server that has it, until that one is lost", () => {
    const { clock, following } = standing();
    following.elsewhere("https://south.example");
    following.next(closed(4421), true);
    following.found();
    clock.now = 600_000;
    expect(following.next(closed(1012), true)).toBe(50);
    expect(following.place).toBeNull();
  });

  test("is not looked for at an address that is none of a page", () => {
    for (const url of ["", "node north", "javascript:alert(1)", "ws://south.example"]) {
      const { following } = standing();
      following.elsewhere(url);
      following.next(closed(4421), true);
      expect(following.place).toBeNull();
    }
  });

  test("is waited for while no server has it, as long as its caller may come back", () => {
    const { clock, following } = standing();
    const places: number[] = [];
    let next = following.next(closed(1012), true);
    while (typeof next === "number") {
      clock.now += next;
      places.push(clock.now);
      next = following.next(closed(4404), true);
    }
    expect(next).toEqual(closed(4404));
    expect(places.at(-1)).toBeGreaterThan(30_000);
    expect(places.length).toBeLessThan(100);
  });

  test("is over when the list of sessions says so", () => {
    expect(standing().following.next(closed(4404), false)).toEqual({ code: 1000, reason: "the call is over" });
    expect(standing().following.next(closed(1000), false)).toEqual({ code: 1000, reason: "the call is over" });
    expect(standing().following.next(closed(1000), true)).toBe(50);
  });

  test.each([1011, 1009, 4401, 4403, 4408, 4429])("by code %i is not looked for", (code) => {
    expect(standing().following.next(closed(code), true)).toEqual(closed(code));
  });
});

describe("a call that was never found", () => {
  test("is not looked for where it is unknown", () => {
    expect(standing(false).following.next(closed(4404), true)).toEqual(closed(4404));
  });

  test("is looked for a few seconds where another server has it, wherever that is", () => {
    const { clock, following } = standing(false);
    expect(following.next(closed(4421), true)).toBe(50);
    clock.now = 5000;
    expect(following.next(closed(4421), true)).toEqual(closed(4421));
  });
});
