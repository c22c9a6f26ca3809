/** What the page of flows knows: which agents have one, how it is made, and how far a session is along it. */
import { Http } from "../http";
import { agentsWith, type AgentName } from "../studio/agents";
import { Polled } from "../studio/polled";
import { type Trouble, troubleOf } from "../studio/trouble";
import { readSessions, type SessionRow } from "../watch/rows";
import { type Flow, type Place, readFlow, readPlace } from "./rows";

export interface Standing {
  /** Null until the server has said. */
  readonly agents: readonly AgentName[] | null;
  readonly agent: string;
  /** Of that agent. */
  readonly flow: Flow | null;
  /** Of that agent, newest first. */
  readonly sessions: readonly SessionRow[];
  /** The one that is followed; empty: none. */
  readonly session: string;
  readonly place: Place | null;
  readonly trouble: Trouble | null;
}

/** Between two questions, ms: while the session that is followed is on air, and otherwise. */
const EVERY_MS = { live: 1_500, otherwise: 8_000 };

export function watchFlow(agent: string, session: string, http = new Http()): Polled<Standing> {
  const begin: Standing = { agents: null, agent, flow: null, sessions: [], session, place: null, trouble: null };
  return new Polled(begin, (before) => look(http, before), ({ place }) => (place?.status === "live" ? EVERY_MS.live : EVERY_MS.otherwise));
}

/** Everything that is to be known now. */
export async function look(http: Http, before: Standing): Promise<Standing> {
  let known = before;
  try {
    const agents = known.agents ?? (await agentsWith(http, "flow"));
    const agent = agents.find(({ name }) => name === known.agent)?.name ?? agents[0]?.name ?? "";
    known = { ...known, agents, agent, trouble: null };
    if (!agent) return known;
    const path = encodeURIComponent(agent);
    if (!known.flow) known = { ...known, flow: readFlow(await http.get(`api/agents/${path}/flow`)) };
    known = { ...known, sessions: readSessions(await http.get(`api/sessions?agent=${path}&limit=20`)).sessions };
    if (known.session && (!known.place || known.place.status === "live")) {
      known = { ...known, place: readPlace(await http.get(`api/sessions/${encodeURIComponent(known.session)}/flow`)) };
    }
    return known;
  } catch (error) {
    return { ...known, trouble: troubleOf(error) };
  }
}

/** Another agent's flow is looked at. */
export const withAgent =
  (agent: string) =>
  (known: Standing): Standing => ({ ...known, agent, flow: null, sessions: [], session: "", place: null });

/** Another session is followed, or none. */
export const withSession =
  (session: string) =>
  (known: Standing): Standing => ({ ...known, session, place: null });
