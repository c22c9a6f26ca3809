/** The JSON of a conversation whose voice is at a provider's: what our server grants, and what it says of its work. */
import { Fields, read, WireError } from "../fields";
import { READERS, type ServerMessage } from "../wire";

const STATUSES = ["pending", "running", "done", "failed", "cancelled"] as const;
export type JobStatus = (typeof STATUSES)[number];

/** An answer in the making. */
export interface Job {
  readonly type: "job";
  readonly job: string;
  readonly status: JobStatus;
  /** 0 while it has none. */
  readonly turn: number;
  /** Empty for what the agent says unasked. */
  readonly question: string;
  /** Its first sound is there. */
  readonly isVoiced: boolean;
}

/** What a page needs to hold the conversation. */
export interface Granted {
  readonly session: string;
  readonly token: string;
  readonly agent: string;
  readonly suggestions: readonly string[];
  /** For the call to the provider, and where that is. */
  readonly secret: string;
  readonly realtimeUrl: string;
}

/** Reads one event of the server's. Throws WireError. */
export function decodeDirect(text: string): ServerMessage | Job {
  return read<ServerMessage | Job>(text, {
    ...READERS,
    job: (from) => ({
      type: "job",
      job: from.string("job_id"),
      status: from.oneOf("status", STATUSES),
      turn: from.count("turn", 0),
      question: from.string("question", ""),
      isVoiced: from.boolean("tts_ready", false),
    }),
  });
}

/** Throws WireError. */
export function readGrant(data: unknown): Granted {
  const from = Fields.of(data);
  const secret = from.inner("client_secret");
  if (!secret) throw new WireError("the grant needs client_secret", "missing_field", "client_secret");
  return {
    session: from.string("session_id"),
    token: from.string("token"),
    agent: from.string("agent"),
    suggestions: from.strings("suggestions"),
    secret: secret.string("value"),
    realtimeUrl: from.string("realtime_url"),
  };
}

/** The function by which a provider hands a question on. */
const DISPATCH = "dispatch_to_orchestrator";

/** The question that the provider's event hands on, and the call of the function; null for any other event. */
export function dispatched(event: Readonly<Record<string, unknown>>): { question: string; call: string } | null {
  if (event.type !== "response.output_item.done") return null;
  try {
    const item = Fields.of(event.item);
    if (item.string("type") !== "function_call" || item.string("name") !== DISPATCH) return null;
    const question = Fields.of(JSON.parse(item.string("arguments"))).string("question");
    return { question, call: item.string("call_id") };
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) return null;
    throw error;
  }
}
