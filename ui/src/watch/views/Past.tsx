import { type ReactNode, useMemo } from "react";
import { type Lines, withRemembered } from "../../lines";
import { Transcript } from "../../views/Transcript";
import type { PastLine, SessionPast } from "../rows";
import { Report } from "./Report";

interface PastProps {
  readonly past: SessionPast | null;
  readonly agent: string;
  readonly isLive: boolean;
  readonly notice: string;
  /** Below what was said. */
  readonly children: ReactNode;
}

/** What is kept of a conversation. */
export function Past({ past, agent, isLive, notice, children }: PastProps) {
  const lines = useMemo(() => linesOf(past?.lines ?? []), [past]);
  return (
    <>
      {notice && (
        <p className="notice" data-testid="notice" role="status">
          {notice}
        </p>
      )}
      <div className="past">
        <Transcript state={{ lines, routes: {}, verdicts: {} }} agent={agent} caller="Caller">
          {past ? "Nothing was said." : "Reading…"}
        </Transcript>
        {children}
        {past?.report && (
          <section className="sheet report" aria-labelledby="report-title" tabIndex={0} data-testid="report">
            <h2 id="report-title">Report</h2>
            <Report report={past.report} />
          </section>
        )}
        {isLive && <p className="empty">This is what has been said so far. Join to follow it, and to hear both.</p>}
      </div>
    </>
  );
}

function linesOf(past: readonly PastLine[]): Lines {
  return past.reduce<Lines>(
    (lines, { speaker, ...line }) => withRemembered(lines, { type: "remembered", isPast: true, by: "", ...line }, speaker),
    [],
  );
}
