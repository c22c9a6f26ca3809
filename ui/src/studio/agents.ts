import { Fields } from "../fields";
import { type Http, HttpError } from "../http";

export interface AgentName {
  readonly name: string;
  readonly title: string;
}

/** Agent names are what the server registers; anything else in the address is not one. */
const AGENT_NAME = /^[\w-]{1,64}$/;

/** The agents that have this part, as `flow`: those of which the server answers. Throws HttpError, WireError. */
export async function agentsWith(http: Http, part: "flow" | "knowledge"): Promise<readonly AgentName[]> {
  const all = Fields.of({ agents: await http.get("api/agents") }).list("agents", (from) => ({
    name: from.string("name"),
    title: from.string("title", from.string("name")),
  }));
  const have = await Promise.all(all.map(({ name }) => has(http, `api/agents/${encodeURIComponent(name)}/${part}`)));
  return all.filter((_, at) => have[at]);
}

async function has(http: Http, path: string): Promise<boolean> {
  try {
    await http.get(path);
    return true;
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return false;
    throw error;
  }
}

/** Whom the address asks for; empty for nobody. */
export function askedAgent(search: string): string {
  const asked = new URLSearchParams(search).get("agent") ?? "";
  return AGENT_NAME.test(asked) ? asked : "";
}

/** The address with these words in place of those it had; an empty one is left out. */
export function addressWith(href: string, words: Readonly<Record<string, string>>): string {
  const url = new URL(href);
  for (const [name, value] of Object.entries(words)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url.href;
}
