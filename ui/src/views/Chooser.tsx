import { type Via, VIA_HINTS, VIA_NAMES, VIAS } from "../connections/via";

/** Which way the conversation goes. Until it begins, and after it has ended, another can be chosen. */
export function Chooser({ via, canChoose, choose }: { via: Via; canChoose: boolean; choose: (via: Via) => void }) {
  if (!canChoose) {
    return (
      <span className="via" data-testid="via" data-via={via} title={VIA_HINTS[via]}>
        via {VIA_NAMES[via]}
      </span>
    );
  }
  return (
    <label className="via" title={VIA_HINTS[via]}>
      via{" "}
      <select data-testid="via" data-via={via} value={via} onChange={({ target }) => choose(target.value as Via)}>
        {VIAS.map((each) => (
          <option key={each} value={each}>
            {VIA_NAMES[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
