import { PART_LABELS } from "../../waterfall";
import type { Part } from "../../fields";
import { LANE_LABELS } from "../take";

/** The parts of a wait end to end, on an axis that is `most` ms long. */
export function Bar({ parts, most }: { parts: readonly Part[]; most: number }) {
  return (
    <div className="lane-bar" aria-hidden="true">
      {parts.map(({ name, ms }) => (
        <i key={name} style={{ width: `${(100 * ms) / most}%`, background: inkOf(name) }} />
      ))}
    </div>
  );
}

/** What the parts are, and how long. As whole numbers they sum to the rounded whole. */
export function Legend({ parts }: { parts: readonly Part[] }) {
  let before = 0;
  return (
    <dl className="lane-parts">
      {parts.map(({ name, ms }) => {
        const shown = Math.round(before + ms) - Math.round(before);
        before += ms;
        return (
          <div key={name} data-part={name} data-ms={ms}>
            <i style={{ background: inkOf(name) }} aria-hidden="true" />
            <dt>{LANE_LABELS[name] ?? PART_LABELS[name] ?? name}</dt>
            <dd className="num">{shown}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function inkOf(name: string): string {
  return `var(--part-${name}, var(--part-other))`;
}
