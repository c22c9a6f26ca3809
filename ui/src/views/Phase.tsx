import { answerer } from "../pipeline";
import { PHASE_WORDS, type TalkState } from "../state";

/** What the conversation does now, in a word, and who answers. */
export function Phase({ state }: { state: TalkState }) {
  const isOn = state.link === "on";
  const { confidence, handedFrom } = state.pipeline;
  const name = answerer(state.pipeline);
  return (
    <div className="phase" data-testid="phase" data-phase={state.phase}>
      <span className="phase-word" data-phase={isOn ? state.phase : state.link}>
        {isOn ? (state.isHeld ? "Holding" : PHASE_WORDS[state.phase]) : linkWord(state)}
      </span>
      {name && (
        <span className="answerer">
          {name} <span className="num">{confidence.toFixed(2)}</span>
          {handedFrom && <span className="from"> after {handedFrom}</span>}
        </span>
      )}
    </div>
  );
}

function linkWord({ link, trouble }: TalkState): string {
  if (link === "connecting") return "Connecting";
  if (link === "reconnecting") return "Reconnecting";
  if (link === "off") return "Not connected";
  return trouble ? "Disconnected" : "Hung up";
}
