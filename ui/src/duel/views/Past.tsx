import type { DuelDesk, DuelState } from "../duel";
import type { Duel } from "../model";
import { nameOf } from "./Race";

interface PastProps {
  readonly desk: DuelDesk;
  readonly state: DuelState;
  readonly duels: readonly Duel[] | null;
  readonly picked: readonly string[];
  readonly pick: (id: string) => void;
}

/** The duels that are kept. Two of them can be compared. */
export function Past({ desk, state, duels, picked, pick }: PastProps) {
  return (
    <section className="past" aria-labelledby="past-title">
      <h2 id="past-title">Duels of before</h2>
      {desk.kept.trouble && <p className="empty">{desk.kept.trouble}</p>}
      {duels?.length === 0 && !desk.kept.trouble && (
        <p className="empty">None yet. Those you save are listed here, and those of the command line.</p>
      )}
      <ul className="past-rows">
        {duels?.map((duel) => (
          <li key={duel.id} className={state.shown?.id === duel.id ? "selected" : ""} data-testid="past">
            <label className="pick">
              <input type="checkbox" checked={picked.includes(duel.id)} onChange={() => pick(duel.id)} />
              <span className="hidden">Compare {duel.id}</span>
            </label>
            <button
              type="button"
              className="past-open"
              data-testid="open"
              disabled={desk.isBusy}
              onClick={() => {
                history.replaceState(null, "", `#${duel.id}`);
                void desk.open(duel.id);
              }}
            >
              <b>{duel.utterance.text || `${duel.utterance.seconds.toFixed(1)} s of speech`}</b>
              <span className="unit">
                {new Date(duel.startedAt).toLocaleString()} · {duel.agent} · {WAYS_MADE[duel.madeBy] ?? duel.madeBy}
              </span>
              <span className="past-waits num">
                {duel.lanes.map(({ via, p50Ms }) => (
                  <span key={via}>
                    {nameOf(via)} {p50Ms === null ? "—" : `${Math.round(p50Ms)} ms`}
                  </span>
                ))}
              </span>
            </button>
            <button
              type="button"
              className="button quiet"
              aria-label={`Delete the duel of ${new Date(duel.startedAt).toLocaleString()}`}
              onClick={() => confirm("Delete this duel and its sound?") && void desk.remove(duel.id)}
            >
              Delete
            </button>
          </li>
        ))}
      </ul>
      {duels && duels.length > 1 && picked.length < 2 && <p className="unit">Tick two to compare them.</p>}
    </section>
  );
}

const WAYS_MADE: Readonly<Record<string, string>> = {
  page: "in a browser",
  command: "from the command line",
  bench: "by the bench",
};
