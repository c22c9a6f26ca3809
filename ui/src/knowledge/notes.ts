/** What an agent answers from: read, tried and added to over HTTP. */
import { Fields } from "../fields";
import { type Http, HttpError } from "../http";
import { sentence } from "../studio/trouble";

export interface Note {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly questions: readonly string[];
  readonly keywords: readonly string[];
  readonly source: string;
  /** People added it; all others ship with the agent. */
  readonly isOwn: boolean;
}

export interface Notes {
  /** Who asks may add to them. */
  readonly isEditable: boolean;
  readonly notes: readonly Note[];
}

/** A note that a question found. */
export interface Passage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Likeness, up to 1 and a little more for shared words. */
  readonly score: number;
}

/** A note as somebody writes it: a question and a keyword a line. */
export interface Draft {
  readonly title: string;
  readonly text: string;
  readonly questions: string;
  readonly keywords: string;
}

export const EMPTY: Draft = { title: "", text: "", questions: "", keywords: "" };
/** How many passages a question is to find. */
export const MOST = 8;

const FIELDS = ["title", "text", "questions", "keywords"] as const;
export type Field = (typeof FIELDS)[number];

/** What of a draft was refused, and why; `field` is null where it is the whole. */
export interface Fault {
  readonly field: Field | null;
  readonly says: string;
}

export class KnowledgeApi {
  constructor(private readonly http: Http) {}

  async all(agent: string): Promise<Notes> {
    return readNotes(await this.http.get(pathOf(agent)));
  }

  async search(agent: string, question: string): Promise<readonly Passage[]> {
    return readPassages(await this.http.get(`${pathOf(agent)}/search?q=${encodeURIComponent(question)}&limit=${MOST}`));
  }

  /** A note of ours; without an id a further one. */
  async save(agent: string, id: string, draft: Draft): Promise<void> {
    const body = { title: draft.title.trim(), text: draft.text.trim(), questions: lines(draft.questions), keywords: lines(draft.keywords) };
    if (id) await this.http.put(`${pathOf(agent)}/${encodeURIComponent(id)}`, body);
    else await this.http.post(pathOf(agent), body);
  }

  async remove(agent: string, id: string): Promise<void> {
    await this.http.delete(`${pathOf(agent)}/${encodeURIComponent(id)}`);
  }
}

function pathOf(agent: string): string {
  return `api/agents/${encodeURIComponent(agent)}/knowledge`;
}

export function readNotes(data: unknown): Notes {
  const from = Fields.of(data);
  return { isEditable: from.boolean("is_editable", false), notes: from.list("notes", readNote) };
}

function readNote(from: Fields): Note {
  return {
    id: from.string("id"),
    title: from.string("title"),
    text: from.string("text"),
    questions: from.strings("questions"),
    keywords: from.strings("keywords"),
    source: from.string("source", ""),
    isOwn: from.boolean("is_own", false),
  };
}

export function readPassages(data: unknown): readonly Passage[] {
  return Fields.of(data).list("passages", (from) => ({
    id: from.string("id"),
    title: from.string("title"),
    text: from.string("text"),
    score: from.number("score"),
  }));
}

/** Where in the form a refusal belongs. Throws what is none. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof HttpError)) throw error;
  if (error.code === "unspeakable") return { field: "text", says: "The guardrail would not let this be said. Say it otherwise." };
  const [, name = "", says = ""] = /^body\.(\w+)[\w.]*: (.+)$/.exec(error.message) ?? [];
  const field = FIELDS.find((each) => each === name) ?? null;
  return field ? { field, says: sentence(says) } : { field: null, says: error.message };
}

export function draftOf({ title, text, questions, keywords }: Note): Draft {
  return { title, text, questions: questions.join("\n"), keywords: keywords.join("\n") };
}

/** The notes in which all these words occur, people's own ones first. */
export function filtered(notes: readonly Note[], words: string): readonly Note[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = notes.filter(({ title, text, questions, keywords }) => {
    const all = [title, text, ...questions, ...keywords].join(" ").toLowerCase();
    return wanted.every((word) => all.includes(word));
  });
  return found.toSorted((one, other) => Number(other.isOwn) - Number(one.isOwn));
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}
