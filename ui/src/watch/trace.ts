/** The trace of a conversation, as the server folds it from what is kept, and how it is laid out. Pure; milliseconds. */
import { Fields } from "../fields";
import { PART_LABELS } from "../waterfall";

export interface Trace {
  /** From the first thing that happened to the last. */
  readonly ms: number;
  readonly spans: readonly Span[];
}

export interface Span {
  readonly key: string;
  readonly parent: string;
  readonly name: string;
  readonly startMs: number;
  readonly ms: number;
  /** What went wrong; empty for nothing. */
  readonly error: string;
  readonly told: Told;
  readonly moments: readonly { readonly atMs: number; readonly name: string; readonly told: Told }[];
}

type Told = Readonly<Record<string, unknown>>;
export type Fact = readonly [name: string, value: string];

/** One row of a turn. Without a length it is a mark. */
export interface Bar {
  readonly key: string;
  readonly label: string;
  /** By what it is coloured: a part of the wait, or what else there is. */
  readonly kind: string;
  /** From the beginning of its turn. */
  readonly startMs: number;
  readonly ms: number;
  readonly isError: boolean;
  readonly facts: readonly Fact[];
}

export interface TraceTurn {
  readonly number: number;
  /** What was asked; else why something was spoken. */
  readonly title: string;
  /** From the beginning of the conversation. */
  readonly startMs: number;
  readonly ms: number;
  /** From the end of the question to the first sound of the answer; null where nothing was measured. */
  readonly waitMs: number | null;
  readonly isCut: boolean;
  readonly isError: boolean;
  readonly facts: readonly Fact[];
  readonly bars: readonly Bar[];
}

export interface Layout {
  readonly turns: readonly TraceTurn[];
  /** What belongs to no turn; times are from the beginning of the conversation. */
  readonly beside: readonly Bar[];
}

export function readTrace(data: unknown): Trace {
  const from = Fields.of(data);
  const spans = from.list("spans", (span) => ({
    key: span.string("key"),
    parent: span.string("parent"),
    name: span.string("name"),
    startMs: span.number("start_ms"),
    ms: span.number("ms"),
    error: span.string("error", ""),
    told: span.object("attributes"),
    moments: span.has("moments")
      ? span.list("moments", (moment) => ({
          atMs: moment.number("at_ms"),
          name: moment.string("name"),
          told: moment.object("attributes"),
        }))
      : [],
  }));
  return { ms: from.number("ms"), spans };
}

/** The turns in their order, each with its rows in the order in which they began. */
export function layout({ spans }: Trace): Layout {
  const turns = spans.filter(isTurn).map((turn) => laid(turn, spans.filter((each) => each !== turn && turnOf(each) === turn.key)));
  const known = new Set(spans.filter(isTurn).map(({ key }) => key));
  const beside = spans.filter((each) => !isTurn(each) && !known.has(turnOf(each))).map((each) => bar(each, 0));
  return { turns, beside };
}

/** How much of a turn is drawn: the wait and a little more, for what is played of the answer would dwarf it. */
export function drawnMs({ waitMs, ms, bars }: TraceTurn): number {
  const within = bars.filter(({ kind }) => kind !== "playout").map((each) => each.startMs + each.ms);
  const most = Math.max(1, ...within.filter((end) => waitMs === null || end <= 3 * waitMs));
  return waitMs === null ? Math.max(ms, most, 1) : Math.max(1, 1.15 * Math.max(waitMs, most));
}

/** Round times for the axis, at most six, from 0. */
export function ticks(ms: number): readonly number[] {
  const rough = Math.max(ms, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  return Array.from({ length: Math.floor(ms / step) + 1 }, (_, at) => at * step);
}

/** `8.4 ms`, `612 ms`, `6.1 s`. */
export function lasting(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)}\u202fs`;
  if (ms >= 2000) return `${(ms / 1000).toFixed(1)}\u202fs`;
  return `${ms >= 10 || ms === 0 ? Math.round(ms) : ms.toFixed(1)}\u202fms`;
}

function isTurn({ name }: Span): boolean {
  return name.startsWith("invoke_agent ");
}

/** The key of the turn that a span is shown in. What a page reports of a turn lies beside it in the trace. */
function turnOf(span: Span): string {
  if (span.parent !== "session") return span.parent;
  const turn = span.told["voice.turn"];
  return typeof turn === "number" && turn > 0 ? `turn/${turn}` : "";
}

function laid(turn: Span, parts: readonly Span[]): TraceTurn {
  const { told, startMs } = turn;
  const wait = told["voice.response_ms"];
  const moments = turn.moments.map(({ atMs, name, told }) => ({
    key: `${turn.key} ${name} ${atMs}`,
    label: plain(name),
    kind: "moment",
    startMs: atMs - startMs,
    ms: 0,
    isError: name.endsWith("failed"),
    facts: facts(told),
  }));
  return {
    number: Number(told["voice.turn"] ?? 0),
    title: said(told["gen_ai.input.messages"]) || PURPOSES[String(told["voice.purpose"])] || "",
    startMs,
    ms: turn.ms,
    waitMs: typeof wait === "number" ? wait : null,
    isCut: told["voice.interrupted"] === true,
    isError: turn.error !== "",
    facts: facts({ ...told, "voice.error": turn.error || undefined }),
    bars: [...parts.map((part) => bar(part, startMs)), ...moments].sort((a, b) => a.startMs - b.startMs || b.ms - a.ms),
  };
}

function bar(span: Span, originMs: number): Bar {
  const { key, name, error, told, ms } = span;
  const part = told["voice.part"];
  const [verb = "", ...rest] = name.split(" ");
  const kind = typeof part === "string" ? part : (KINDS[verb] ?? (name.startsWith("browser.") ? "page" : "moment"));
  const label = typeof part === "string" ? (PART_LABELS[part] ?? part) : verb in KINDS ? rest.join(" ") : plain(name);
  return { key, label, kind, startMs: span.startMs - originMs, ms, isError: error !== "", facts: facts({ ...told, "voice.error": error || undefined }) };
}

/** By the first word of a span's name. */
const KINDS: Readonly<Record<string, string>> = { chat: "chat", execute_tool: "tool", recognizer: "service", voice: "service", moderation: "service", encoder: "service" };

const PURPOSES: Readonly<Record<string, string>> = {
  greeting: "The agent greets",
  prompt: "The agent speaks up",
  filler: "The agent plays for time",
  apology: "The agent apologizes",
  person: "A person speaks",
};

/** `voice.hung_up` → `hung up`; what a page reports says so. */
function plain(name: string): string {
  const words = name.replace(/^voice\./, "").replace(/^browser\./, "page: ");
  return words.replaceAll("_", " ");
}

/** What is worth showing of a span, in this order. */
const FACTS: readonly (readonly [name: string, label: string, unit?: string])[] = [
  ["voice.error", "failed"],
  ["voice.route.specialist", "answered by"],
  ["voice.route.confidence", "confidence"],
  ["voice.route.reason", "because"],
  ["gen_ai.provider.name", "provider"],
  ["gen_ai.request.model", "model"],
  ["gen_ai.tool.name", "tool"],
  ["voice.tool.outcome", "outcome"],
  ["gen_ai.usage.input_tokens", "tokens read"],
  ["gen_ai.usage.cache_read.input_tokens", "of them cached"],
  ["gen_ai.usage.output_tokens", "tokens written"],
  ["voice.service.kind", "service"],
  ["voice.service.seconds", "sound", " s"],
  ["voice.service.characters", "letters"],
  ["voice.usd", "cost", " US$"],
  ["voice.is_estimate", "estimated"],
  ["voice.is_from_cache", "from the cache"],
  ["voice.guardrail.action", "guardrail"],
  ["voice.action", "verdict"],
  ["voice.side", "on the"],
  ["voice.categories", "for"],
  ["voice.confidence", "confidence"],
  ["voice.sentences", "sentences spoken"],
  ["voice.heard_words", "words heard"],
  ["voice.interrupted", "interrupted"],
  ["voice.nothing_known", "nothing was known"],
  ["voice.cut_short", "cut short"],
  ["voice.is_continued", "goes on from before"],
  ["voice.transport", "by"],
  ["voice.where", "where"],
  ["voice.code", "code"],
  ["voice.count", "times"],
];

function facts(told: Told): readonly Fact[] {
  return FACTS.flatMap(([name, label, unit = ""]) => {
    const value = shown(told[name], name.startsWith("voice."));
    return value ? [[label, value + unit] as const] : [];
  });
}

/** Empty for what says nothing: no value, none of it, no. Words of ours are written with underlines. */
function shown(value: unknown, isOurs: boolean): string {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "number") return value === 0 ? "" : value.toLocaleString("en", { maximumFractionDigits: 6 });
  if (typeof value === "boolean") return value ? "yes" : "";
  if (typeof value !== "string") return "";
  return isOurs ? value.replaceAll("_", " ") : value;
}

/** The words in messages as OpenTelemetry's conventions write them: JSON in a string. */
function said(messages: unknown): string {
  if (typeof messages !== "string") return "";
  try {
    const [first] = JSON.parse(messages) as readonly { readonly parts?: readonly { readonly content?: unknown }[] }[];
    return String(first?.parts?.[0]?.content ?? "");
  } catch {
    return "";
  }
}
