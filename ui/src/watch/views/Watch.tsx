import { useEffect, useState, useSyncExternalStore } from "react";
import { Top } from "../../shell/Top";
import { useTheme } from "../../views/theme";
import type { Desk } from "../desk";
import { waiting } from "../directory";
import type { Stand } from "../stand";
import { Escalations } from "./Escalations";
import { Panel } from "./Panel";
import { Providers } from "./Providers";
import { Sessions } from "./Sessions";
import { SignInForm } from "./SignInForm";

interface WatchProps {
  readonly desk: Desk;
  readonly stand: (session: string, agent: string) => Stand;
}

/** All conversations on the left, one of them on the right. Which one is said by the address, after the #. */
export function WatchView({ desk, stand }: WatchProps) {
  const state = useSyncExternalStore(desk.subscribe, desk.snapshot);
  const [, , ink] = useTheme();
  const selected = useHash();
  const [toJoin, setToJoin] = useState("");
  const now = useNow(10_000);
  const count = waiting(state.escalations).length;
  const { me } = state;
  const mayWatch = me?.role === "supervisor" || me?.role === "admin";

  useEffect(() => {
    document.title = count ? `(${count}) Antiphon, supervision` : "Antiphon, supervision";
  }, [count]);

  const open = (session: string, joins: boolean) => {
    setToJoin(joins ? session : "");
    location.hash = session;
  };
  const row = state.sessions.find((each) => each.id === selected);

  return (
    <div className={`watch ${selected && mayWatch ? "has-session" : ""}`}>
      <Top view="watch">
        <div className="where">
          <h1>Supervision</h1>
        </div>
        <p className="me" data-testid="me">
          {mayWatch && !state.isLinked && <span className="unlinked">connecting…</span>}
          {me?.role && (
            <span>
              {me.name} <span className="unit">{me.role}</span>
            </span>
          )}
          {me?.role && me.mode !== "open" && (
            <button type="button" className="button quiet" onClick={() => void desk.signOut()}>
              Sign out
            </button>
          )}
        </p>
      </Top>
      {state.trouble && (
        <div className="trouble" data-testid="trouble" role="alert">
          <p>{state.trouble}</p>
          <button type="button" className="button quiet" onClick={() => desk.dismiss()}>
            Close
          </button>
        </div>
      )}
      {me && !mayWatch && <SignInForm desk={desk} me={me} />}
      {mayWatch && (
        <main id="main" className="rooms">
          <nav className="lists" aria-label="Conversations">
            <Escalations desk={desk} state={state} selected={selected} now={now} open={open} />
            <Sessions desk={desk} state={state} selected={selected} now={now} open={open} />
            <Providers providers={state.providers} />
          </nav>
          <section className="panel" aria-label="Conversation">
            {selected ? (
              <Panel
                key={selected}
                session={selected}
                row={row}
                desk={desk}
                stand={stand}
                joinsNow={toJoin === selected}
                joined={() => setToJoin("")}
                now={now}
                ink={ink}
              />
            ) : (
              <p className="empty nobody">Choose a conversation to read along, listen, whisper to the agent, or take over.</p>
            )}
          </section>
        </main>
      )}
      {me?.banner && (
        <footer className="dev-banner" data-testid="banner">
          {me.banner}
        </footer>
      )}
      <p className="hidden" role="status" aria-live="polite" data-testid="announcement">
        {state.announcement}
      </p>
    </div>
  );
}

/** What stands after the # in the address, if it can be a session. */
function useHash(): string {
  return useSyncExternalStore(
    (changed) => {
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
    () => (/^#[\w-]{1,80}$/.test(location.hash) ? location.hash.slice(1) : ""),
  );
}

/** The time, told anew every so many milliseconds. */
function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
