import { useSyncExternalStore } from "react";
import { Page } from "../studio/Page";
import type { Polled } from "../studio/polled";
import type { Provider } from "../watch/rows";
import { Chaos } from "./Chaos";
import type { Cache } from "./rows";
import type { Breaking, Standing } from "./standing";
import { hitRate, percent, seconds, serverWord, size, stateWord } from "./words";

interface HealthProps {
  readonly watching: Polled<Standing>;
  readonly breaking: Breaking;
}

/** How the server is, how those who work for it have been doing, and the switches that break them on purpose. */
export function HealthView({ watching, breaking }: HealthProps) {
  const standing = useSyncExternalStore(watching.subscribe, watching.snapshot);
  const { work, trouble, at } = standing;
  return (
    <Page view="health" title="How the server is" trouble={trouble}>
      <Server standing={standing} />
      {work && (
        <>
          <section className="sheet" aria-labelledby="providers">
            <div className="head">
              <h2 id="providers">Providers</h2>
              <p className="aside">
                On this node, at {new Date(at).toLocaleTimeString()}. Failed and p95 are of at most the latest 100 attempts.
              </p>
            </div>
            {work.providers.length ? <Providers providers={work.providers} /> : <p className="empty">No provider tells how it is.</p>}
          </section>
          {work.caches.length > 0 && (
            <section className="sheet" aria-labelledby="caches">
              <div className="head">
                <h2 id="caches">Caches</h2>
              </div>
              <Caches caches={work.caches} />
            </section>
          )}
        </>
      )}
      <Chaos chaos={standing.chaos} breaking={breaking} changed={() => void watching.again()} />
    </Page>
  );
}

function Server({ standing }: { standing: Standing }) {
  const { ready, version } = standing;
  const word = serverWord(standing);
  const told = ready?.telemetry;
  return (
    <section className="sheet" aria-labelledby="server">
      <div className="head">
        <h2 id="server">The server</h2>
        {version && <p className="aside">Antiphon {version}</p>}
      </div>
      <p className="word lead" data-is={word.is} data-testid="server" role="status">
        {word.says}
      </p>
      {ready && (
        <dl className="tiles">
          {ready.agents.length > 0 && <Tile name="Agents" says={ready.agents.join(", ")} />}
          {ready.keeps !== null && (
            <Tile name="What is said" says={ready.keeps ? "is kept" : "waits in memory: the store is away"} isBad={!ready.keeps} />
          )}
          {ready.waiting !== null && <Tile name="Waiting to be kept" says={String(ready.waiting)} />}
          {told && <Tile name="Spans acknowledged" says={told.acknowledged.toLocaleString("en")} />}
          {told && <Tile name="Spans failed" says={told.failed.toLocaleString("en")} isBad={told.failed > 0} />}
          {told?.lastError && <Tile name="Last error of tracing" says={told.lastError} isBad />}
        </dl>
      )}
    </section>
  );
}

function Tile({ name, says, isBad }: { name: string; says: string; isBad?: boolean }) {
  return (
    <div className={isBad ? "is-bad" : ""}>
      <dt>{name}</dt>
      <dd>{says}</dd>
    </div>
  );
}

const KINDS: Readonly<Record<string, string>> = { model: "language model", encoder: "encoder of meanings", moderation: "moderation" };

/** A table; where it is narrow, a card each. */
function Providers({ providers }: { providers: readonly Provider[] }) {
  return (
    <table className="of-rows" role="table">
      <thead role="rowgroup">
        <tr role="row">
          {["Provider", "Breaker", "Asked", "Failed", "p95 to the first piece", "By another", "Last error"].map((each) => (
            <th key={each} scope="col" role="columnheader">
              {each}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {providers.map((each) => {
          const word = stateWord(each);
          return (
            <tr key={`${each.kind} ${each.name}`} role="row" data-testid="provider" data-state={each.state}>
              <th scope="row" role="rowheader">
                {each.name} <span>{KINDS[each.kind] ?? each.kind}</span>
              </th>
              <td role="cell" data-name="Breaker">
                <span className="word" data-is={word.is}>
                  {word.says}
                </span>
              </td>
              <td role="cell" data-name="Asked" className="num">
                {each.requests}
              </td>
              <td role="cell" data-name="Failed" className={`num ${each.errorRate > 0 ? "is-bad" : ""}`}>
                {each.requests ? percent(each.errorRate) : "–"}
              </td>
              <td role="cell" data-name="p95" className={each.p95 === null ? "" : "num"}>
                {seconds(each.p95)}
              </td>
              <td role="cell" data-name="By another" className="num">
                {each.fallbacks}
              </td>
              <td role="cell" data-name="Last error" className="error">
                {each.lastError || "none"}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Caches({ caches }: { caches: readonly Cache[] }) {
  return (
    <table className="of-rows" role="table">
      <thead role="rowgroup">
        <tr role="row">
          {["Cache", "Answered by it", "Shared", "Not kept, personal", "Entries", "Size"].map((each) => (
            <th key={each} scope="col" role="columnheader">
              {each}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {caches.map((each) => (
          <tr key={each.name} role="row" data-testid="cache">
            <th scope="row" role="rowheader">
              {each.name}
            </th>
            <td role="cell" data-name="Answered by it" className="num">
              {hitRate(each)}
            </td>
            <td role="cell" data-name="Shared" className="num">
              {each.shared}
            </td>
            <td role="cell" data-name="Not kept" className="num">
              {each.refused}
            </td>
            <td role="cell" data-name="Entries" className="num">
              {each.entries}
            </td>
            <td role="cell" data-name="Size" className="num">
              {size(each.size)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
