import type { CSSProperties } from "react";
import type { TalkState } from "../state";
import { waterfall } from "../waterfall";
import type { Latency } from "../wire";

type TurnState = Pick<TalkState, "turn" | "lines" | "routes" | "latency"> & Partial<Pick<TalkState, "latencies" | "shownTurn">>;

/** A turn: who answered it, and where its time went. The last one, or the one that was chosen in the transcript. */
export function LastTurn({ state, lookAt }: { state: TurnState; lookAt?: (turn: number | null) => void }) {
  const shown = state.shownTurn ?? null;
  const answered = state.lines.findLast((line) => line.who === "agent");
  const turn = shown ?? Math.max(state.turn, answered?.who === "agent" ? answered.turn : 0);
  const route = state.routes[turn];
  const latency = shown === null ? state.latency : (state.latencies?.[shown] ?? null);
  return (
    <section className="sheet turn" aria-labelledby="turn-title" tabIndex={0}>
      <div className="turn-head">
        <h2 id="turn-title">{shown === null ? "Last turn" : `Turn ${shown}`}</h2>
        {route && (
          <span className="badge" data-testid="route" title={route.reason}>
            {route.specialist} <span className="num">{route.confidence.toFixed(2)}</span>
          </span>
        )}
        {shown !== null && lookAt && (
          <button type="button" className="link" data-testid="last-turn" onClick={() => lookAt(null)}>
            back to the last
          </button>
        )}
      </div>
      <Waterfall latency={latency} />
    </section>
  );
}

function Waterfall({ latency }: { latency: Latency | null }) {
  if (!latency) return <p className="empty">Response time: not measured yet.</p>;
  const { turn, totalMs, segments } = waterfall(latency);
  return (
    <div data-testid="waterfall" data-turn={turn}>
      <p className="total">
        <span className="num">{Math.round(totalMs)}</span> <span className="unit">ms to answer</span>
      </p>
      <div className="bar" aria-hidden="true">
        {segments.map((segment) => (
          <i key={segment.name} style={{ flex: `${segment.share} 1 0`, background: partInk(segment.name) } as CSSProperties} />
        ))}
      </div>
      <dl className="parts">
        {segments.map((segment) => (
          <div key={segment.name}>
            <i style={{ background: partInk(segment.name) }} aria-hidden="true" />
            <dt>{segment.label}</dt>
            <dd className="num">
              {segment.shownMs} <span className="unit">ms</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function partInk(name: string): string {
  return `var(--part-${name}, var(--part-other))`;
}
