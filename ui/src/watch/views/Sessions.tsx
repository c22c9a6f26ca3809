import { live } from "../directory";
import type { SessionRow } from "../rows";
import { day, span } from "../times";
import type { ListProps } from "./Escalations";

/** Conversations on air, and earlier ones below them. */
export function Sessions({ desk, state, selected, now, open }: ListProps) {
  const onAir = live(state.sessions);
  const earlier = state.sessions.filter((row) => row.status !== "live");
  const list = (rows: readonly SessionRow[]) => (
    <ul className="rows">
      {rows.map((row) => (
        <li key={row.id} className={row.id === selected ? "selected" : ""} data-testid="session" data-status={row.status}>
          <a href={`#${row.id}`} aria-current={row.id === selected ? "true" : undefined} onClick={() => open(row.id, false)}>
            <b>{row.agent}</b>
            <span className="unit">{told(row, now)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
  return (
    <>
      <section aria-labelledby="live-title">
        <h2 id="live-title">
          On air{" "}
          <span className="count" data-testid="live">
            {onAir.length}
          </span>
        </h2>
        {onAir.length === 0 && <p className="empty">Nobody is talking with an agent now.</p>}
        {list(onAir)}
      </section>
      {(earlier.length > 0 || state.next) && (
        <section aria-labelledby="earlier-title">
          <h2 id="earlier-title">Earlier</h2>
          {list(earlier)}
          {state.next && (
            <button type="button" className="button quiet older" data-testid="older" onClick={() => void desk.older()}>
              Older ones
            </button>
          )}
        </section>
      )}
    </>
  );
}

/** `listening · 4 min`, `14:05 · 12 min`, `14:05 · lost`. */
function told(row: SessionRow, now: number): string {
  const { startedAt, endedAt, phase, status } = row;
  if (status === "live") return [phase, startedAt !== null && span(now - startedAt)].filter(Boolean).join(" · ");
  const long = startedAt !== null && endedAt !== null ? span(endedAt - startedAt) : "";
  return [startedAt !== null && day(startedAt, now), long, status !== "ended" && status].filter(Boolean).join(" · ");
}
