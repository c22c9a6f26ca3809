import type { Directory } from "../directory";
import type { Provider } from "../rows";

/** Who does the work, and how that has been going: first those that are not well. */
export function Providers({ providers }: Pick<Directory, "providers">) {
  if (!providers.length) return null;
  const unwell = providers.filter((each) => each.state !== "closed");
  const sorted = [...unwell, ...providers.filter((each) => each.state === "closed")];
  return (
    <details className="providers" open={unwell.length > 0 || undefined} data-testid="providers">
      <summary>
        <h2>
          Providers{" "}
          <span className={`count ${unwell.length ? "some" : ""}`}>{unwell.length ? `${unwell.length} unwell` : providers.length}</span>
        </h2>
      </summary>
      <ul className="rows">
        {sorted.map((each) => (
          <li key={`${each.kind} ${each.name}`} className={each.state === "closed" ? "" : "unwell"} data-state={each.state}>
            <p>
              <b>{each.name}</b>
              <span className="unit">{each.kind}</span>
            </p>
            <p className="unit">{told(each)}</p>
            {each.state !== "closed" && each.lastError && <p className="unit">{each.lastError}</p>}
          </li>
        ))}
      </ul>
    </details>
  );
}

const STATES = { closed: "", open: "left alone for now", "half open": "on trial" } as const;

/** `left alone for now · 12 asked · 25 % failed · p95 0.4 s · 3 by another`. */
function told({ state, requests, errorRate, p95, fallbacks }: Provider): string {
  return [
    STATES[state],
    requests ? `${requests} asked` : "not asked yet",
    errorRate > 0 && `${Math.round(100 * errorRate)} % failed`,
    p95 !== null && `p95 ${p95.toPrecision(2)} s`,
    fallbacks > 0 && `${fallbacks} by another`,
  ]
    .filter(Boolean)
    .join(" · ");
}
