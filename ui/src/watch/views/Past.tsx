import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { type Lines, withRemembered } from "../../lines";
import { Transcript } from "../../views/Transcript";
import "../past.css";
import type { PastLine, SessionPast } from "../rows";
import { Report } from "./Report";

const Replay = lazy(() => import("../replay/Replay"));
const Forking = lazy(() => import("../replay/Forking"));

interface PastProps {
  readonly past: SessionPast | null;
  readonly agent: string;
  readonly isLive: boolean;
  readonly notice: string;
  /** Below what was said. */
  readonly children: ReactNode;
}

/** How a conversation that is over is looked at. */
const WAYS = { read: "Read", replay: "Replay", fork: "Ask again" } as const;
type Way = keyof typeof WAYS;

/** What is kept of a conversation: read, replayed in its own time, or asked again of another model. */
export function Past({ past, agent, isLive, notice, children }: PastProps) {
  const [way, setWay] = useState<Way>("read");
  return (
    <>
      {notice && (
        <p className="notice" data-testid="notice" role="status">
          {notice}
        </p>
      )}
      {past && !isLive && (
        <div className="past-ways" role="group" aria-label="How to look at it">
          {(Object.keys(WAYS) as Way[]).map((each) => (
            <button key={each} type="button" className="button quiet" aria-pressed={way === each} data-testid={`way-${each}`} onClick={() => setWay(each)}>
              {WAYS[each]}
            </button>
          ))}
        </div>
      )}
      <Suspense fallback={<p className="empty">Reading…</p>}>
        {past && !isLive && way === "replay" && <Replay session={past.id} agent={agent} />}
        {past && !isLive && way === "fork" && <Forking session={past.id} lines={past.lines} />}
      </Suspense>
      {(isLive || !past || way === "read") && (
        <ReadPast past={past} agent={agent} isLive={isLive}>
          {children}
        </ReadPast>
      )}
    </>
  );
}

function ReadPast({ past, agent, isLive, children }: Omit<PastProps, "notice">) {
  const lines = useMemo(() => linesOf(past?.lines ?? []), [past]);
  return (
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
  );
}

function linesOf(past: readonly PastLine[]): Lines {
  return past.reduce<Lines>(
    (lines, { speaker, ...line }) => withRemembered(lines, { type: "remembered", isPast: true, by: "", ...line }, speaker),
    [],
  );
}
