import { type CSSProperties, useId, useMemo, useState } from "react";
import { type Bar, drawnMs, type Fact, lasting, layout, ticks, type Trace, type TraceTurn } from "../trace";

/** Where the time of a conversation went: its turns, and in each what happened, on one axis of time. */
export function TraceView({ trace }: { trace: Trace | null }) {
  const laid = useMemo(() => trace && layout(trace), [trace]);
  if (!laid) return <p className="empty">Reading…</p>;
  const { turns, beside } = laid;
  const longest = Math.max(1, ...turns.map(({ waitMs }) => waitMs ?? 0));
  return (
    <div className="trace" data-testid="trace">
      {turns.length === 0 && <p className="empty">Nobody has said anything.</p>}
      <ol>
        {turns.map((turn) => (
          <li key={turn.number}>
            <Turn turn={turn} longestMs={longest} />
          </li>
        ))}
      </ol>
      {beside.length > 0 && (
        <details className="trace-turn">
          <summary>
            <span className="num">·</span>
            <b>Around the call</b>
            <span className="unit">{beside.length}</span>
          </summary>
          <Rows bars={beside} widthMs={Math.max(1, trace!.ms)} facts={[]} />
        </details>
      )}
    </div>
  );
}

function Turn({ turn, longestMs }: { turn: TraceTurn; longestMs: number }) {
  const parts = turn.bars.filter(({ kind, ms }) => ms > 0 && kind !== "playout" && isPart(kind));
  return (
    <details className={`trace-turn ${turn.isError ? "failed" : ""}`} data-turn={turn.number}>
      <summary>
        <span className="num">{turn.number}</span>
        <b>{turn.title || "…"}</b>
        {turn.isCut && <span className="unit cut">interrupted</span>}
        <span className="num wait">{turn.waitMs === null ? <span className="unit">not measured</span> : lasting(turn.waitMs)}</span>
        <span className="bar" aria-hidden="true" style={{ width: `${(100 * (turn.waitMs ?? 0)) / longestMs}%` }}>
          {parts.map((part) => (
            <i key={part.key} style={{ flex: `${part.ms} 1 0`, background: ink(part.kind) }} />
          ))}
        </span>
      </summary>
      <Rows bars={turn.bars} widthMs={drawnMs(turn)} facts={turn.facts} />
    </details>
  );
}

/** The rows on one axis, and of the one that is pointed at what is known. `facts`: what is shown of none. */
function Rows({ bars, widthMs, facts }: { bars: readonly Bar[]; widthMs: number; facts: readonly Fact[] }) {
  const [chosen, choose] = useState("");
  const about = useId();
  const bar = bars.find(({ key }) => key === chosen);
  return (
    <div className="trace-rows">
      <div className="axis" aria-hidden="true">
        {ticks(widthMs).map((at) => (
          <span key={at} className="num" style={{ left: `${(100 * at) / widthMs}%` }}>
            {lasting(at)}
          </span>
        ))}
      </div>
      <ul>
        {bars.map((each) => (
          <li key={each.key}>
            <button
              type="button"
              className={`trace-row ${each.isError ? "failed" : ""}`}
              data-kind={each.kind}
              aria-controls={about}
              aria-pressed={each.key === chosen}
              onPointerEnter={(event) => event.pointerType === "mouse" && choose(each.key)}
              onFocus={() => choose(each.key)}
              onClick={() => choose(each.key)}
            >
              <span className="label">{each.label}</span>
              <span className="track">{each.startMs <= widthMs && <i style={place(each, widthMs)} className={shape(each, widthMs)} />}</span>
              <span className="num">
                {each.ms > 0 ? lasting(each.ms) : <span className="unit">{`@ ${lasting(each.startMs)}`}</span>}
                <span className="hidden">
                  {each.ms > 0 && `, from ${lasting(Math.max(0, each.startMs))} on`}
                  {each.isError && ", failed"}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="trace-about" id={about} data-testid="trace-about">
        {bar && (
          <h3>
            {bar.label} <span className="unit">{timed(bar)}</span>
          </h3>
        )}
        <Facts facts={bar?.facts.length ? bar.facts : facts} />
      </div>
    </div>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value], at) => (
        <div key={at}>
          <dt>{name}</dt>
          <dd className={/^[\d.,]+( |$)/.test(value) ? "num" : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function isPart(kind: string): boolean {
  return !["chat", "tool", "service", "page", "moment"].includes(kind);
}

function ink(kind: string): string {
  return isPart(kind) ? `var(--part-${kind}, var(--part-other))` : `var(--trace-${kind})`;
}

/** What lies beyond the axis is drawn to its end. */
function place({ startMs, ms, kind }: Bar, widthMs: number): CSSProperties {
  const from = Math.min(1, Math.max(0, startMs / widthMs));
  const until = Math.min(1, Math.max(0, (startMs + ms) / widthMs));
  return { left: `${100 * from}%`, width: `${100 * Math.max(0, until - from)}%`, background: ink(kind) };
}

function shape({ startMs, ms }: Bar, widthMs: number): string {
  if (ms === 0) return "mark";
  return startMs + ms > widthMs ? "goes-on" : "";
}

function timed({ startMs, ms }: Bar): string {
  return ms > 0 ? `${lasting(ms)}, from ${lasting(Math.max(0, startMs))} on` : `at ${lasting(Math.max(0, startMs))}`;
}
