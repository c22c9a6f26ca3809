import type { Duel, Lane } from "../model";
import { Bar } from "./Bar";
import { nameOf } from "./Race";
import { scaleOf, Ticks } from "./Ticks";

/** Two duels, way by way, on one axis, the earlier one first. */
export function Compared({ one, other }: { one: Duel; other: Duel }) {
  const vias = [...new Set([...one.lanes, ...other.lanes].map(({ via }) => via))];
  const most = scaleOf([...one.lanes, ...other.lanes].map(({ p50Ms, responseMs }) => Math.max(p50Ms ?? 0, responseMs ?? 0)));
  return (
    <section className="sheet race compared" aria-label="Two duels compared" data-testid="compared">
      <h2>Two duels compared, medians</h2>
      <Ticks most={most} />
      <ol className="lanes">
        {vias.map((via) => {
          const pair = [one, other].map(({ lanes }) => lanes.find((lane) => lane.via === via));
          return (
            <li key={via} className="lane">
              <h3 className="lane-name">{nameOf(via)}</h3>
              <div className="track pair">
                {pair.map((lane, at) => (
                  <Bar key={at} parts={lane?.parts ?? []} most={most} />
                ))}
              </div>
              <p className="wait num">{difference(pair[0], pair[1])}</p>
              <p className="told unit num">
                {pair.map((lane) => (lane?.p50Ms == null ? "not measured" : `${Math.round(lane.p50Ms)} ms (n ${lane.n})`)).join(" → ")}
              </p>
            </li>
          );
        })}
      </ol>
      <dl className="differences">
        {differing(one, other).map(([what, before, after]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {before} → {after}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function difference(before: Lane | undefined, after: Lane | undefined): string {
  if (before?.p50Ms == null || after?.p50Ms == null) return "";
  const ms = Math.round(after.p50Ms - before.p50Ms);
  return ms === 0 ? "the same" : `${ms > 0 ? "+" : "−"}${Math.abs(ms)} ms`;
}

/** What differs between the two besides the lanes. */
function differing(one: Duel, other: Duel): readonly (readonly [string, string, string])[] {
  const rows = [
    ["asked", asked(one), asked(other)],
    ["agent", one.agent, other.agent],
    ["when", new Date(one.startedAt).toLocaleString(), new Date(other.startedAt).toLocaleString()],
    ["measured", one.machine, other.machine],
  ] as const;
  return rows.filter(([, before, after]) => before !== after);
}

function asked({ utterance }: Duel): string {
  return utterance.text ? `“${utterance.text}”` : `${utterance.seconds.toFixed(1)} s of speech`;
}
