import { useEffect, useState } from "react";
import type { Desk } from "../desk";
import type { SessionPast } from "../rows";
import type { Trace } from "../trace";
import "../trace.css";
import { TraceView } from "./Trace";

interface TraceSheetProps {
  readonly desk: Desk;
  readonly session: string;
  /** What is kept of it: once that is another, the trace is read again. */
  readonly of: SessionPast | null;
}

/** The trace of a conversation, read when somebody opens it. */
export function TraceSheet({ desk, session, of }: TraceSheetProps) {
  const [isOpen, setOpen] = useState(false);
  const [trace, setTrace] = useState<Trace | null>(null);
  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    void desk.trace(session).then((found) => isWanted && found && setTrace(found));
    return () => {
      isWanted = false;
    };
  }, [isOpen, desk, session, of]);
  return (
    <details className="sheet trace-sheet" data-testid="trace-sheet" onToggle={({ currentTarget, target }) => target === currentTarget && setOpen(currentTarget.open)}>
      <summary>
        <h2>Where the time went</h2>
      </summary>
      {isOpen && <TraceView trace={trace} />}
    </details>
  );
}
