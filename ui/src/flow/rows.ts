/** Where an agent leads its callers, as the server tells it, read into values. */
import { Fields } from "../fields";

export interface Slot {
  readonly name: string;
  readonly description: string;
}

export interface Way {
  readonly to: string;
  /** What the caller lets be known; empty: nothing is waited for but what is needed. */
  readonly on: string;
  /** Slots that must be filled. */
  readonly needs: readonly string[];
}

export interface Step {
  readonly name: string;
  readonly collects: readonly string[];
  /** Turns that may bring nothing before the fallback is gone to. */
  readonly retries: number;
  readonly isTerminal: boolean;
  readonly ways: readonly Way[];
}

export interface Flow {
  readonly name: string;
  readonly first: string;
  /** Empty where there is none. */
  readonly fallback: string;
  readonly slots: readonly Slot[];
  readonly steps: readonly Step[];
  /** Ways that can be gone from every step. */
  readonly anywhere: readonly Way[];
}

/** How far along a session is. */
export interface Place {
  readonly status: string;
  readonly step: string;
  readonly slots: Readonly<Record<string, string>>;
  readonly tries: number;
  /** In the fallback: the step to go back to. */
  readonly returnTo: string;
}

export function readFlow(data: unknown): Flow {
  const from = Fields.of(data);
  return {
    name: from.string("name"),
    first: from.string("first"),
    fallback: from.string("fallback", ""),
    slots: from.list("slots", (slot) => ({ name: slot.string("name"), description: slot.string("description", "") })),
    steps: from.list("steps", (step) => ({
      name: step.string("name"),
      collects: step.strings("collects"),
      retries: step.count("retries", 0),
      isTerminal: step.boolean("is_terminal", false),
      ways: step.list("ways", readWay),
    })),
    anywhere: from.list("anywhere", readWay),
  };
}

function readWay(from: Fields): Way {
  return { to: from.string("to"), on: from.string("on", ""), needs: from.strings("needs") };
}

export function readPlace(data: unknown): Place {
  const from = Fields.of(data);
  const slots = Object.entries(from.object("slots")).map(([name, value]) => [name, String(value)]);
  return {
    status: from.string("status", ""),
    step: from.string("step"),
    slots: Object.fromEntries(slots) as Record<string, string>,
    tries: from.count("tries", 0),
    returnTo: from.string("return_to", ""),
  };
}
