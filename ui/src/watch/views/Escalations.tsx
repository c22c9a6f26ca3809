import { type FormEvent, useState } from "react";
import type { Desk } from "../desk";
import { type Directory, waiting } from "../directory";
import type { Escalation } from "../rows";
import { span } from "../times";

export interface ListProps {
  readonly desk: Desk;
  readonly state: Directory;
  readonly selected: string;
  readonly now: number;
  readonly open: (session: string, joins: boolean) => void;
}

/** Callers for whom an agent has asked a person to come: those who wait first. */
export function Escalations({ desk, state, selected, now, open }: ListProps) {
  const count = waiting(state.escalations).length;
  const shown = state.escalations.filter((each) => each.status !== "closed");
  return (
    <section aria-labelledby="escalations-title">
      <h2 id="escalations-title">
        Waiting for a person{" "}
        <span className={count ? "count some" : "count"} data-testid="waiting">
          {count}
        </span>
      </h2>
      {shown.length === 0 && <p className="empty">Nobody. When an agent asks for help, it is shown here.</p>}
      <ul className="rows">
        {shown.map((each) => (
          <Row key={each.id} escalation={each} desk={desk} isSelected={each.session === selected} now={now} open={open} />
        ))}
      </ul>
    </section>
  );
}

interface RowProps extends Pick<ListProps, "desk" | "now" | "open"> {
  readonly escalation: Escalation;
  readonly isSelected: boolean;
}

function Row({ escalation, desk, isSelected, now, open }: RowProps) {
  const [isClosing, setIsClosing] = useState(false);
  const { id, session, reason, status, openedAt, claimedBy } = escalation;
  const since = openedAt === null ? "" : span(now - openedAt);
  const claim = async () => {
    if (status !== "open" || (await desk.claim(id))) open(session, isOnAir);
  };
  const isOnAir = desk.isOnAir(session);
  const take = isOnAir ? "Take and join" : "Take";
  return (
    <li className={`escalation ${status} ${isSelected ? "selected" : ""}`} data-testid="escalation" data-status={status}>
      <a href={`#${session}`} aria-current={isSelected ? "true" : undefined} onClick={() => open(session, false)}>
        <b>{reason || "A person was asked for"}</b>
        <span className="unit">
          {status === "claimed" ? `taken by ${claimedBy}` : `waits ${since}`}
        </span>
      </a>
      {isClosing ? (
        <Outcome desk={desk} id={id} cancel={() => setIsClosing(false)} />
      ) : (
        <p className="row-acts">
          <button type="button" className={status === "open" ? "button quiet go" : "button quiet"} data-testid="claim" onClick={() => void claim()}>
            {status === "open" ? take : isOnAir ? "Join" : "Open"}
          </button>
          <button type="button" className="button quiet" data-testid="close-escalation" onClick={() => setIsClosing(true)}>
            Close…
          </button>
        </p>
      )}
    </li>
  );
}

/** How it ended, said in a line. */
function Outcome({ desk, id, cancel }: { desk: Desk; id: string; cancel: () => void }) {
  const [text, setText] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    void desk.closeEscalation(id, text.trim()).then(cancel);
  };
  return (
    <form className="outcome" onSubmit={send} onKeyDown={({ key }) => key === "Escape" && cancel()}>
      <label htmlFor={`outcome-${id}`}>How did it end?</label>
      <input
        id={`outcome-${id}`}
        data-testid="outcome"
        value={text}
        maxLength={500}
        autoFocus
        autoComplete="off"
        onChange={({ target }) => setText(target.value)}
      />
      <p className="row-acts">
        <button type="submit" className="button quiet">
          Close it
        </button>
        <button type="button" className="button quiet" onClick={cancel}>
          Cancel
        </button>
      </p>
    </form>
  );
}
