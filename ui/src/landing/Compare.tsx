import { ARCHITECTURES, DIFFERENCES } from "./architectures";
import { dollars, type Figure, type Measured, origin, type Quantity, wait } from "./measured";

const WAITS: readonly (readonly [aspect: string, quantity: Quantity])[] = [
  ["Until an answer is heard", "response_ms"],
  ["Until the agent gives way", "yield_ms"],
  ["Until one is connected", "join_ms"],
];

/** What differs between the architectures, side by side. On a narrow screen each aspect stands above its three. */
export function Compare({ measured }: { measured: Measured }) {
  const cell = (show: (figure: Figure) => string, quantity: Quantity) =>
    ARCHITECTURES.map(({ letter, title, measured: way }) => {
      const figure = measured[way]?.[quantity];
      return (
        <td key={letter} data-of={title}>
          {figure ? (
            <span className="num" title={origin(figure)}>
              {show(figure)}
            </span>
          ) : (
            <span className="unit">not measured yet</span>
          )}
        </td>
      );
    });
  const waits = ({ p50, p95, n }: Figure) => `${said(p50)}, p95 ${said(p95)}, n ${n}`;
  return (
    <details className="compare" data-testid="compare">
      <summary>
        <h2>What differs</h2>
        <span>turns, safety, infrastructure, supervision, resuming, latency, cost</span>
      </summary>
      <table>
        <thead>
          <tr>
            <td />
            {ARCHITECTURES.map(({ letter, title }) => (
              <th key={letter} scope="col">
                <span className="letter" aria-hidden="true">
                  {letter}
                </span>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {DIFFERENCES.map(([aspect, ...says]) => (
            <tr key={aspect}>
              <th scope="row">{aspect}</th>
              {ARCHITECTURES.map(({ letter, title }, at) => (
                <td key={letter} data-of={title}>
                  {says[at]}
                </td>
              ))}
            </tr>
          ))}
          {WAITS.map(([aspect, quantity]) => (
            <tr key={quantity}>
              <th scope="row">{aspect}</th>
              {cell(waits, quantity)}
            </tr>
          ))}
          <tr>
            <th scope="row">Cost of a turn</th>
            {cell(({ p50, n }) => `${dollars(p50)}, n ${n}`, "cost_per_turn_usd")}
          </tr>
        </tbody>
      </table>
    </details>
  );
}

function said(ms: number): string {
  const { value, unit } = wait(ms);
  return `${value} ${unit}`;
}
