import { useEffect, useState } from "react";
import { type Via, VIA_NAMES, VIAS } from "../connections/via";
import { Http } from "../http";
import { dayOf, type Figure, type Measured, readMeasured, type Wait } from "../measured";
import type { Occasion } from "../occasions";
import { median } from "../stopwatch";
import type { Talk } from "../talk";
import { TRADEOFFS } from "../tradeoffs";
import "../styles/tradeoff.css";

/** Says what just happened, and what each way of carrying a voice does differently in that moment. */
export function Tradeoff({ talk, occasion, via }: { talk: Talk; occasion: Occasion; via: Via }) {
  const measured = useMeasured();
  const { title, what, differs, ways, measure } = TRADEOFFS[occasion.trigger];
  return (
    <aside className="sheet tradeoff" key={`${occasion.trigger} ${occasion.turn}`} aria-labelledby="tradeoff-title" data-testid="tradeoff" data-trigger={occasion.trigger}>
      <div className="tradeoff-head">
        <h2 id="tradeoff-title">{title}</h2>
        <button type="button" className="link" data-testid="tradeoff-hush" title="Nothing of this kind is shown again in this conversation" onClick={() => talk.putAside(true)}>
          Don't show again
        </button>
        <button type="button" className="button quiet" data-testid="tradeoff-close" aria-keyshortcuts="Escape" onClick={() => talk.putAside(false)}>
          Close <kbd>esc</kbd>
        </button>
      </div>
      {/* Scrollable by keyboard, and so must be reachable by it. */}
      <div className="tradeoff-body" tabIndex={0} role="group" aria-labelledby="tradeoff-title">
        <p>
          {what} {differs}
        </p>
        <h3>{MEASURED[measure]}</h3>
        <dl>
          {VIAS.map((each) => (
            <div key={each} className={each === via ? "here" : undefined} data-testid={`way-${each}`}>
              <dt>
                {VIA_NAMES[each]}
                {each === via && <span className="tag">you are here</span>}
              </dt>
              <dd className="figure">
                {each === via ? <Own talk={talk} measure={measure} /> : <Benched figure={measured?.[each]?.[measure]} />}
              </dd>
              <dd>{ways[each]}</dd>
            </div>
          ))}
        </dl>
      </div>
    </aside>
  );
}

const MEASURED: Readonly<Record<Wait, string>> = {
  response: "From the last sound of a question to the first of its answer",
  yield: "From the first sound over the agent to the agent's silence",
};

/** What this conversation has shown so far. */
function Own({ talk, measure }: { talk: Talk; measure: Wait }) {
  const { responses, yields } = talk.stopwatch;
  const heard = measure === "response" ? responses : yields;
  const told = measure === "response" ? Object.values(talk.state.latencies).map(({ responseMs }) => responseMs) : [];
  const values = heard.length ? heard : told;
  const middle = median(values);
  if (middle === null) return <span className="unmeasured">not measured yet</span>;
  return (
    <>
      <b className="num">{Math.round(middle)}</b> ms here, {heard.length ? "as heard on this page" : "as the server measures it"}, {many(values.length)}
    </>
  );
}

function Benched({ figure }: { figure: Figure | undefined }) {
  if (!figure) return <span className="unmeasured">not measured yet</span>;
  return (
    <span title={figure.machine}>
      <b className="num">{Math.round(figure.p50)}</b> ms, median of {figure.n}
      {dayOf(figure.at) && `, ${dayOf(figure.at)}`}
      {figure.from && `, ${figure.from}`}
    </span>
  );
}

function many(n: number): string {
  return n === 1 ? "1 turn" : `median of ${n} turns`;
}

/** What the bench has measured; null while it is not known. */
function useMeasured(): Measured | null {
  const [measured, setMeasured] = useState<Measured | null>(null);
  useEffect(() => {
    let isWanted = true;
    new Http()
      .get("api/measured")
      .then((data) => isWanted && setMeasured(readMeasured(data)))
      // A server that does not tell has not measured.
      .catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, []);
  return measured;
}
