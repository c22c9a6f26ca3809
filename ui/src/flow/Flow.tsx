import { useEffect, useSyncExternalStore } from "react";
import { addressWith } from "../studio/agents";
import { AgentChoice, Page } from "../studio/Page";
import type { Polled } from "../studio/polled";
import { day } from "../watch/times";
import type { SessionRow } from "../watch/rows";
import { useMedia } from "../views/theme";
import { Diagram } from "./Diagram";
import type { Flow, Place } from "./rows";
import { type Standing, withAgent, withSession } from "./standing";
import { anywhereOf, sentencesOf } from "./words";

/** Where an agent leads its callers, and how far along one of them is. */
export function FlowView({ watching }: { watching: Polled<Standing> }) {
  const standing = useSyncExternalStore(watching.subscribe, watching.snapshot);
  const isTight = useMedia("(max-width: 560px)");
  const { agents, agent, flow, sessions, session, place, trouble } = standing;
  useEffect(() => {
    if (agent) history.replaceState(null, "", addressWith(location.href, { agent, session }));
  }, [agent, session]);
  const choice = <AgentChoice agents={agents ?? []} chosen={agent} choose={(name) => void watching.change(withAgent(name))} />;
  return (
    <Page view="flow" title="Where callers are led" choice={choice} trouble={trouble}>
      {agents?.length === 0 && <p className="empty">No agent of this server leads its callers by steps.</p>}
      {!agents && !trouble && <p className="empty">Asking the server…</p>}
      {flow && (
        <div className="sides">
          <section className="sheet" aria-labelledby="picture">
            <div className="head">
              <h2 id="picture">The steps of {flow.name}</h2>
            </div>
            <Diagram flow={flow} here={place?.step ?? ""} isTight={isTight} />
            <InWords flow={flow} here={place?.step ?? ""} />
          </section>
          <section className="sheet" aria-labelledby="session">
            <h2 id="session">One caller</h2>
            <SessionChoice sessions={sessions} chosen={session} choose={(id) => void watching.change(withSession(id))} />
            {session && place && <Filled flow={flow} place={place} session={session} />}
            {!session && <p className="aside">Choose a conversation to see where it is, and what it has brought so far.</p>}
          </section>
        </div>
      )}
    </Page>
  );
}

interface SessionChoiceProps {
  readonly sessions: readonly SessionRow[];
  readonly chosen: string;
  readonly choose: (id: string) => void;
}

function SessionChoice({ sessions, chosen, choose }: SessionChoiceProps) {
  const isListed = !chosen || sessions.some(({ id }) => id === chosen);
  return (
    <label className="field session-choice">
      <span>Conversation</span>
      <select value={chosen} data-testid="session" onChange={({ target }) => choose(target.value)}>
        <option value="">none</option>
        {!isListed && <option value={chosen}>{chosen}</option>}
        {sessions.map((row) => (
          <option key={row.id} value={row.id}>
            {told(row)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** `on air, since 14:05 · s_9k2…`. */
function told({ id, status, startedAt }: SessionRow): string {
  const when = startedAt === null ? "" : day(startedAt, Date.now());
  const how = status === "live" ? ["on air", when && `since ${when}`] : [when, status !== "ended" && status];
  return `${how.filter(Boolean).join(", ")} · ${id}`;
}

/** What one caller has brought so far. */
function Filled({ flow, place, session }: { flow: Flow; place: Place; session: string }) {
  const retries = flow.steps.find(({ name }) => name === place.step)?.retries ?? 0;
  return (
    <div className="filled" data-testid="place">
      <p role="status" aria-live="polite">
        {place.status === "live" ? "Now at" : "It ended at"} <b>{place.step}</b>
        {place.returnTo && `, then back to ${place.returnTo}`}
        {place.tries > 0 && `; ${place.tries} of ${retries + 1} tries brought nothing`}
      </p>
      <dl className="slots">
        {flow.slots.map(({ name, description }) => (
          <div key={name} className={name in place.slots ? "is-known" : ""}>
            <dt>
              {name}
              {description && <span>{description}</span>}
            </dt>
            <dd>{place.slots[name] ?? "not known yet"}</dd>
          </div>
        ))}
      </dl>
      <a href={`./watch#${session}`}>What was said</a>
    </div>
  );
}

function InWords({ flow, here }: { flow: Flow; here: string }) {
  return (
    <details className="in-words">
      <summary>The same in words</summary>
      <ol>
        {flow.steps.map((step) => (
          <li key={step.name} aria-current={step.name === here ? "step" : undefined}>
            <b>{step.name}</b>
            {step.name === here && " (now)"}: {sentencesOf(step, flow).join(" ")}
          </li>
        ))}
      </ol>
      {anywhereOf(flow).map((each) => (
        <p key={each}>{each}</p>
      ))}
    </details>
  );
}
