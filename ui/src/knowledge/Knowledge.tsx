import { type FormEvent, useEffect, useState, useSyncExternalStore } from "react";
import { addressWith } from "../studio/agents";
import { AgentChoice, Page } from "../studio/Page";
import type { Desk, Known } from "./desk";
import { NoteForm } from "./NoteForm";
import { NoteList } from "./NoteList";
import { MOST } from "./notes";

/** What an agent answers from: tried by a question, read, and added to. */
export function KnowledgeView({ desk }: { desk: Desk }) {
  const known = useSyncExternalStore(desk.subscribe, desk.snapshot);
  const { agents, agent, notes, writing, trouble, done } = known;
  useEffect(() => {
    if (agent) history.replaceState(null, "", addressWith(location.href, { agent }));
  }, [agent]);
  const choice = <AgentChoice agents={agents ?? []} chosen={agent} choose={(name) => void desk.choose(name)} />;
  return (
    <Page view="knowledge" title="What an agent answers from" choice={choice} trouble={trouble}>
      {agents?.length === 0 && <p className="empty">No agent of this server answers from notes.</p>}
      {!agents && !trouble && <p className="empty">Asking the server…</p>}
      {notes && (
        <div className="sides even">
          <Search key={agent} desk={desk} found={known.found} count={notes.notes.length} />
          {writing ? <NoteForm key={writing.id} desk={desk} writing={writing} /> : <NoteList desk={desk} notes={notes} />}
        </div>
      )}
      <p className="hidden" role="status" data-testid="done">
        {done}
      </p>
    </Page>
  );
}

interface SearchProps {
  readonly desk: Desk;
  readonly found: Known["found"];
  /** Notes that are searched. */
  readonly count: number;
}

function Search({ desk, found, count }: SearchProps) {
  const [question, setQuestion] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    void desk.search(question);
  };
  return (
    <section className="sheet" aria-labelledby="try">
      <h2 id="try">Try a question</h2>
      <form className="ask" role="search" onSubmit={send}>
        <label className="field">
          <span className="hidden">A question, as a caller puts it</span>
          <input type="search" maxLength={500} value={question} data-testid="question" placeholder="As a caller puts it" onChange={({ target }) => setQuestion(target.value)} />
        </label>
        <button type="submit" className="button first">
          Find
        </button>
      </form>
      <p className="aside" role="status" data-testid="found">
        {found
          ? `${found.passages.length} of ${count} notes, the nearest to “${found.question}” first. A score is likeness of meaning, up to 1, and a little more for shared words.`
          : `The ${MOST} nearest of ${count} notes are shown, found as the agent finds them.`}
      </p>
      {found && (
        <ol className="passages">
          {found.passages.map(({ id, title, text, score }) => (
            <li key={id} data-testid="passage">
              <p className="score-line">
                <b>{title}</b>
                <span className="num">{score.toFixed(2)}</span>
              </p>
              <i className="bar" aria-hidden="true">
                <i style={{ inlineSize: `${100 * Math.min(1, Math.max(0, score))}%` }} />
              </i>
              <p>{text}</p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
