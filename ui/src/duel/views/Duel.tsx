import { useEffect, useState, useSyncExternalStore } from "react";
import { Top } from "../../shell/Top";
import type { DuelDesk } from "../duel";
import { Ask } from "./Ask";
import { Compared } from "./Compared";
import { Past } from "./Past";
import { Race } from "./Race";

/** One utterance to several ways at once: what is said, the lanes, and the duels of before. */
export function DuelView({ desk }: { desk: DuelDesk }) {
  const state = useSyncExternalStore(desk.subscribe, desk.snapshot);
  const duels = useSyncExternalStore(desk.kept.subscribe, desk.kept.snapshot);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const pick = (id: string) =>
    setPicked((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id].slice(-2)));
  const pair = (duels ?? []).filter(({ id }) => picked.includes(id)).toReversed();

  useEffect(() => {
    document.title = "Antiphon, duel";
  }, []);

  return (
    <div className="duel-page">
      <Top view="duel" />
      <main className="duel" id="main">
        <Ask desk={desk} state={state} />
        {state.trouble && (
          <p className="trouble" role="alert" data-testid="trouble">
            {state.trouble}
          </p>
        )}
        <Race desk={desk} state={state} />
        {pair.length === 2 && <Compared one={pair[0]!} other={pair[1]!} />}
        <Past desk={desk} state={state} duels={duels} picked={picked} pick={pick} />
      </main>
    </div>
  );
}
