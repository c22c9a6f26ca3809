/** JSON from outside, checked field by field. */

/** One part of a turn's waterfall, in the order it happened. */
export interface Part {
  readonly name: string;
  readonly ms: number;
}

/** Something received does not follow the protocol; `field` names it where one is at fault. */
export class WireError extends Error {
  constructor(
    message: string,
    readonly code: "bad_json" | "unknown_type" | "missing_field" | "bad_type" | "bad_audio",
    readonly field = "",
  ) {
    super(message);
    this.name = "WireError";
  }
}

/** How each type of message is read from its fields. */
export type Readers<Message extends { readonly type: string }> = {
  readonly [Type in Message["type"]]: (from: Fields) => Message;
};

/** Reads a JSON object by its `type`. Throws WireError. */
export function read<Message extends { readonly type: string }>(text: string, readers: Readers<Message>): Message {
  const fields = Fields.of(parsed(text));
  const type = fields.string("type");
  if (!Object.hasOwn(readers, type)) throw new WireError(`unknown type "${type}"`, "unknown_type", "type");
  return readers[type as Message["type"]](fields);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError("not JSON", "bad_json");
  }
}

export class Fields {
  private constructor(private readonly data: Record<string, unknown>) {}

  /** Of a JSON object; throws WireError for anything else. */
  static of(data: unknown): Fields {
    if (typeof data === "object" && data !== null && !Array.isArray(data)) return new Fields(data as Record<string, unknown>);
    throw new WireError("a message must be a JSON object", "bad_json");
  }

  /** The field is there, and not null. */
  has(name: string): boolean {
    return this.data[name] !== undefined && this.data[name] !== null;
  }

  string(name: string, fallback?: string): string {
    return this.read(name, "a string", (value) => typeof value === "string", fallback);
  }
  /** A finite number. */
  number(name: string, fallback?: number): number {
    return this.read(name, "a number", (value) => typeof value === "number" && Number.isFinite(value), fallback);
  }
  /** A whole number from 0. */
  count(name: string, fallback?: number): number {
    return this.read(name, "a count", (value) => Number.isInteger(value) && (value as number) >= 0, fallback);
  }
  boolean(name: string, fallback: boolean): boolean {
    return this.read(name, "true or false", (value) => typeof value === "boolean", fallback);
  }
  strings(name: string): readonly string[] {
    const isList = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string");
    return this.read<readonly string[]>(name, "a list of strings", isList, []);
  }
  numbers(name: string): readonly number[] {
    const isList = (value: unknown) => Array.isArray(value) && value.every((item) => Number.isFinite(item));
    return this.read<readonly number[]>(name, "a list of numbers", isList, []);
  }
  /** A list of JSON objects, each read by `each`. */
  list<T>(name: string, each: (item: Fields) => T): readonly T[] {
    return this.read<readonly unknown[]>(name, "a list", Array.isArray, []).map((item) => each(Fields.of(item)));
  }
  /** A list of JSON objects as they are. */
  objects(name: string): readonly unknown[] {
    return this.read<readonly unknown[]>(name, "a list", Array.isArray, []);
  }
  /** A JSON object within this one; null where there is none. */
  inner(name: string): Fields | null {
    return this.has(name) ? Fields.of(this.data[name]) : null;
  }
  /** A JSON object as it is. */
  object(name: string): Readonly<Record<string, unknown>> {
    return this.read(name, "an object", (value) => typeof value === "object" && value !== null && !Array.isArray(value));
  }
  oneOf<T extends string>(name: string, allowed: readonly T[], fallback?: T): T {
    const isAllowed = (value: unknown) => (allowed as readonly unknown[]).includes(value);
    return this.read(name, `one of ${allowed.join(", ")}`, isAllowed, fallback);
  }
  /** A JSON object of numbers, in its own order. */
  parts(name: string): readonly Part[] {
    const isParts = (value: unknown) =>
      typeof value === "object" && value !== null && Object.values(value).every((ms) => Number.isFinite(ms));
    const found = this.read<Record<string, number>>(name, "an object of numbers", isParts, {});
    return Object.entries(found).map(([part, ms]) => ({ name: part, ms }));
  }

  private read<T>(name: string, wanted: string, isFit: (value: unknown) => boolean, fallback?: T): T {
    const value = this.data[name];
    if (value === undefined) {
      if (fallback !== undefined) return fallback;
      throw new WireError(`${String(this.data.type ?? "it")} needs ${name}`, "missing_field", name);
    }
    if (!isFit(value)) throw new WireError(`${name} must be ${wanted}`, "bad_type", name);
    return value as T;
  }
}
