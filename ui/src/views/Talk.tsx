import { useState, useSyncExternalStore } from "react";
import { keepPreferences, readPreferences } from "../preferences";
import type { Talk } from "../talk";
import { presence } from "../people";
import { type Via, VIA_HINTS } from "../connections/via";
import { Top } from "../shell/Top";
import { Chooser } from "./Chooser";
import { Captions } from "./Captions";
import { Controls } from "./Controls";
import { Ear } from "./Ear";
import { useKeys } from "./keys";
import { useNarrow } from "./narrow";
import { Phase } from "./Phase";
import { Pipeline } from "./Pipeline";
import { PresenceBanner } from "./Presence";
import { Marks, Score } from "./Score";
import { useTheme } from "./theme";
import { Tradeoff } from "./Tradeoff";
import { Transcript } from "./Transcript";
import { LastTurn } from "./Waterfall";

/** A live talk with one agent. */
export function TalkView({ talk, choose }: { talk: Talk; choose: (via: Via) => void }) {
  const state = useSyncExternalStore(talk.subscribe, talk.snapshot);
  const [, , ink] = useTheme();
  const agent = titled(state.agent);
  const isLive = state.link !== "off" && state.link !== "over";

  const isNarrow = useNarrow();
  const [hasCaptions, setCaptions] = useCaptions();
  const { open } = state.occasions;
  const lookAt = (turn: number | null) => talk.lookAt(turn);
  useKeys(talk);

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
        <Ear talk={talk} state={state} />
      </Top>
      <PresenceBanner text={presence(state.people, state.isAsked, state.agent)} notice={state.link === "connecting" ? state.notice : ""} />
      <main id="main" className="main">
        <section className="sheet score" aria-label="Score">
          {hasCaptions ? (
            <Captions lines={state.lines} agent={agent} caller="You" />
          ) : (
            <Score talk={talk} isLive={isLive} isExample={state.link === "off"} theme={ink} agent={agent} caller="you" />
          )}
          <Pipeline state={state} />
          <div className="score-foot">
            <Phase state={state} />
            {!hasCaptions && <Marks />}
            <button type="button" className="link" data-testid="captions-switch" aria-pressed={hasCaptions} onClick={() => setCaptions(!hasCaptions)}>
              {hasCaptions ? "Show the voices" : "Large captions"}
            </button>
          </div>
        </section>
        <Transcript state={state} agent={agent} caller="You" lookAt={lookAt}>
          Press Talk and speak, or ask by typing. Interrupt whenever you like: words the agent did not get to say stay
          grey. {VIA_HINTS[state.via]}
        </Transcript>
        <LastTurn state={state} lookAt={lookAt} />
        {open && !isNarrow && <Tradeoff talk={talk} occasion={open} via={state.via} />}
      </main>
      <Controls talk={talk} state={state} />
      <p className="hidden" role="status" aria-live="polite" data-testid="announcement">
        {state.announcement}
      </p>
    </div>
  );
}

/** Whether the words of now stand there large, on this and later visits. */
function useCaptions(): [boolean, (hasCaptions: boolean) => void] {
  const [hasCaptions, set] = useState(() => readPreferences().hasCaptions);
  const change = (wanted: boolean) => {
    keepPreferences({ hasCaptions: wanted });
    set(wanted);
  };
  return [hasCaptions, change];
}

export function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
