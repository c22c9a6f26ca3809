import { useEffect, useRef, useSyncExternalStore } from "react";
import { height } from "../score";
import type { TalkState } from "../state";
import type { Talk } from "../talk";
import { presence } from "../people";
import { type Via, VIA_HINTS } from "../connections/via";
import { Top } from "../shell/Top";
import { Chooser } from "./Chooser";
import { Controls } from "./Controls";
import { Phase } from "./Phase";
import { PresenceBanner } from "./Presence";
import { Marks, Score } from "./Score";
import { useTheme } from "./theme";
import { Transcript } from "./Transcript";
import { LastTurn } from "./Waterfall";

/** A live talk with one agent. */
export function TalkView({ talk, choose }: { talk: Talk; choose: (via: Via) => void }) {
  const state = useSyncExternalStore(talk.subscribe, talk.snapshot);
  const [, , ink] = useTheme();
  const agent = titled(state.agent);
  const isLive = state.link !== "off" && state.link !== "over";

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && talk.interrupt();
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [talk]);

  return (
    <div className="page">
      <Top view="talk">
        <div className="where">
          <h1>{agent}</h1>
          <Chooser via={state.via} canChoose={!isLive} choose={choose} />
          {state.notice && state.link === "on" && (
            <span className="tag" data-testid="notice">
              {state.notice}
            </span>
          )}
        </div>
        <EarMeter talk={talk} state={state} />
      </Top>
      <PresenceBanner text={presence(state.people, state.isAsked, state.agent)} notice={state.link === "connecting" ? state.notice : ""} />
      <main id="main" className="main">
        <section className="sheet score" aria-label="Score">
          <Score talk={talk} isLive={isLive} isExample={state.link === "off"} theme={ink} agent={agent} caller="you" />
          <div className="score-foot">
            <Phase state={state} />
            <Marks />
          </div>
        </section>
        <Transcript state={state} agent={agent} caller="You">
          Press Talk and speak, or ask by typing. Interrupt whenever you like: words the agent did not get to say stay
          grey. {VIA_HINTS[state.via]}
        </Transcript>
        <LastTurn state={state} />
      </main>
      <Controls talk={talk} state={state} />
      <p className="hidden" role="status" aria-live="polite" data-testid="announcement">
        {state.announcement}
      </p>
    </div>
  );
}

/** How loud the microphone is, and whether it is heard at all. */
function EarMeter({ talk, state }: { talk: Talk; state: TalkState }) {
  const barRef = useRef<HTMLElement>(null);
  const isOn = state.ear === "on";
  useEffect(() => {
    if (!isOn) return;
    let request = 0;
    const step = () => {
      if (barRef.current) barRef.current.style.transform = `scaleX(${height(talk.levels.caller).toFixed(3)})`;
      request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [talk, isOn]);
  const word = isOn ? (state.isMuted ? "muted" : "microphone") : "microphone off";
  return (
    <p className="ear" data-testid="ear">
      <span className={isOn ? "word on" : "word"}>{word}</span>
      {isOn && (
        <span className="meter" aria-hidden="true">
          <i ref={barRef} />
        </span>
      )}
    </p>
  );
}

export function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
