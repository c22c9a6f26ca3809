/** A conversation told twice from a turn on, read into values. */
import { Fields } from "../../fields";
import type { Http } from "../../http";

export interface Answer {
  readonly text: string;
  readonly specialist: string;
  /** The caller heard no more than this of it. */
  readonly isCut: boolean;
}

/** A line of the caller, answered twice. */
export interface Asked {
  readonly turn: number;
  readonly text: string;
  readonly recorded: Answer;
  readonly forked: Answer;
  /** Why there is no other answer; empty where there is one. */
  readonly error: string;
}

export interface Fork {
  readonly model: string;
  readonly asked: readonly Asked[];
  readonly differences: number;
  /** Null: a price is not known. */
  readonly usd: number | null;
}

export interface Wish {
  readonly turn: number;
  /** `vendor/model`, `none`, or empty for the server's own. */
  readonly model: string;
  /** Lines of the caller that are asked again. */
  readonly most: number;
}

/** Asks again. Throws HttpError, WireError. */
export async function fork(http: Http, session: string, { turn, model, most }: Wish): Promise<Fork> {
  const settings = model ? { llm: model } : {};
  return readFork(await http.post(`api/sessions/${encodeURIComponent(session)}/fork`, { turn, settings, most }));
}

export function readFork(data: unknown): Fork {
  const from = Fields.of(data);
  return {
    model: from.string("model"),
    differences: from.count("differences"),
    usd: from.has("usd") ? from.number("usd") : null,
    asked: from.list("asked", (one) => ({
      turn: one.count("turn"),
      text: one.string("text"),
      recorded: readAnswer(one.inner("recorded")),
      forked: readAnswer(one.inner("forked")),
      error: one.string("error", ""),
    })),
  };
}

function readAnswer(from: Fields | null): Answer {
  return { text: from?.string("text", "") ?? "", specialist: from?.string("specialist", "") ?? "", isCut: from?.boolean("is_cut", false) ?? false };
}
