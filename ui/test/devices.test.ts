import { expect, test } from "vitest";
import { named } from "../src/audio/devices";

test("two microphones of one name, to which Firefox gives one id, are listed once", () => {
  const headset = { deviceId: "h", label: "Headset" };
  expect(named([{ deviceId: "b", label: "Built-in" }, headset, headset])).toEqual([
    { id: "b", name: "Built-in" },
    { id: "h", name: "Headset" },
  ]);
});
