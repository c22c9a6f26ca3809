import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { titled } from "../../views/Talk";
import type { Desk } from "../desk";
import type { SessionPast, SessionRow } from "../rows";
import type { Stand } from "../stand";
import { clock } from "../times";
import { Joined } from "./Joined";
import { Past } from "./Past";
import { TraceSheet } from "./TraceSheet";

interface PanelProps {
  readonly session: string;
  /** As it is listed, if it is. */
  readonly row: SessionRow | undefined;
  readonly desk: Desk;
  readonly stand: (session: string, agent: string) => Stand;
  /** The supervisor has asked to join it, not only to look. */
  readonly joinsNow: boolean;
  readonly joined: () => void;
  readonly now: number;
  readonly ink: string;
}

/** One conversation: what is kept of it, or, once joined, what goes on in it. */
export function Panel({ session, row, desk, stand: makeStand, joinsNow, joined, ink }: PanelProps) {
  const [stand] = useState(() => makeStand(session, row?.agent ?? ""));
  const standing = useSyncExternalStore(stand.subscribe, stand.snapshot);
  const [past, setPast] = useState<SessionPast | null>(null);
  const { link } = standing;
  const isJoined = link === "on" || link === "connecting" || link === "reconnecting";
  const status = row?.status ?? past?.status ?? "";
  const isLive = status === "live";
  const phase = row?.phase ?? "";

  const look = useCallback(() => {
    let isWanted = true;
    void desk.past(session).then((found) => isWanted && found && setPast(found));
    return () => {
      isWanted = false;
    };
  }, [desk, session]);
  // Read again when its state changes, and when one has left it: by then there is more to read.
  useEffect(() => (isJoined ? undefined : look()), [look, isJoined, status, phase]);
  useEffect(() => () => stand.leave(), [stand]);
  useEffect(() => {
    if (!joinsNow) return;
    stand.join();
    joined();
  }, [joinsNow, joined, stand]);

  const agent = titled(standing.talk.agent || row?.agent || past?.agent || "");
  const startedAt = row?.startedAt ?? past?.startedAt ?? null;
  return (
    <>
      <header className="panel-head">
        <a className="button quiet back" href="#" aria-label="All conversations">
          ←<span> All conversations</span>
        </a>
        <h2 data-testid="session-title">
          {agent} <span className="unit">{session}</span>
        </h2>
        {startedAt !== null && <span className="unit">since {clock(startedAt)}</span>}
        {!isJoined && isLive && (
          <button type="button" className="button talk" data-testid="join" onClick={() => stand.join()}>
            Join
          </button>
        )}
      </header>
      {isJoined ? (
        <Joined stand={stand} standing={standing} agent={agent} ink={ink} />
      ) : (
        <Past past={past} agent={agent} isLive={isLive} notice={standing.notice}>
          <TraceSheet desk={desk} session={session} of={past} />
        </Past>
      )}
    </>
  );
}
