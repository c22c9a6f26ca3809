import { ARCHITECTURES, DIFFERENCES } from "./architectures";
import { type Figure, type Measure, type Measured, origin, worded } from "../measured";

const MEASURES: readonly (readonly [aspect: string, measure: Measure])[] = [
  ["Until an answer is heard", "response"],
  ["Until the agent gives way", "yield"],
  ["Until one is connected", "join"],
  ["“mhm” and the like outlived", "backchannels"],
  ["Callers cut off in a pause", "cutOff"],
  ["Cost of a turn", "cost"],
];

/** What differs between the architectures, side by side. On a narrow screen each aspect stands above its three. */
export function Compare({ measured }: { measured: Measured }) {
  return (
    <details className="compare" data-testid="compare">
      <summary>
        <h2>What differs</h2>
        <span>turns, safety, infrastructure, supervision, resuming, latency, cost</span>
      </summary>
      {/* Styles that stack it on a narrow screen would take away that it is a table. */}
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            <td role="cell" />
            {ARCHITECTURES.map(({ letter, title }) => (
              <th key={letter} scope="col" role="columnheader">
                <span className="letter" aria-hidden="true">
                  {letter}
                </span>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {DIFFERENCES.map(([aspect, ...says]) => (
            <tr key={aspect} role="row">
              <th scope="row" role="rowheader">{aspect}</th>
              {ARCHITECTURES.map(({ letter, title }, at) => (
                <td key={letter} role="cell" data-of={title}>
                  {says[at]}
                </td>
              ))}
            </tr>
          ))}
          {MEASURES.map(([aspect, measure]) => (
            <tr key={measure} role="row">
              <th scope="row" role="rowheader">{aspect}</th>
              {ARCHITECTURES.map(({ letter, title, via }) => (
                <td key={letter} role="cell" data-of={title}>
                  <Cell measure={measure} figure={measured[via]?.[measure]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Cell({ measure, figure }: { measure: Measure; figure: Figure | undefined }) {
  if (!figure) return <span className="unit">not measured yet</span>;
  const { n, p50, p95 } = figure;
  const isWait = measure === "response" || measure === "yield" || measure === "join";
  return (
    <span className="num" title={origin(figure)}>
      {worded(measure, p50)}
      {isWait && p95 !== null && `, p95 ${worded(measure, p95)}`}, n {n}
    </span>
  );
}
