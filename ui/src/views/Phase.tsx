import { reached, STAGES } from "../stages";
import { PHASE_WORDS, type TalkState } from "../state";

/** Where the conversation is: its phase in a word, and how far the turn has come through the server. */
export function Phase({ state }: { state: TalkState }) {
  const { passed, now } = reached(state);
  const word =
    state.link === "on" ? (state.isHeld ? "Holding" : PHASE_WORDS[state.phase]) : linkWord(state);
  return (
    <div className="phase" data-testid="phase" data-phase={state.phase}>
      <span className="phase-word" data-phase={state.link === "on" ? state.phase : state.link}>
        {word}
      </span>
      <ol className="stages" aria-label="Stages of the turn">
        {STAGES.map((stage, at) => (
          <li
            key={stage}
            className={stage === now ? "now" : at < passed ? "passed" : ""}
            aria-current={stage === now ? "step" : undefined}
          >
            <span>{stage}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function linkWord({ link, trouble }: TalkState): string {
  if (link === "connecting") return "Connecting";
  if (link === "reconnecting") return "Reconnecting";
  if (link === "off") return "Not connected";
  return trouble ? "Disconnected" : "Hung up";
}
