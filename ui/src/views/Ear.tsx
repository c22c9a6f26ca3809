import { useEffect, useRef } from "react";
import { readPreferences } from "../preferences";
import { height } from "../score";
import type { TalkState } from "../state";
import type { Talk } from "../talk";
import "../styles/ear.css";

const PANEL = "microphone-settings";

/** How loud the microphone is, whether it is heard at all, and which one it is. */
export function Ear({ talk, state }: { talk: Talk; state: TalkState }) {
  const isOn = state.ear === "on";
  return (
    <div className="ear" data-testid="ear">
      <button type="button" className="ear-button" popoverTarget={PANEL} data-testid="microphone-settings">
        <span className={isOn ? "word on" : "word"}>{word(state)}</span>
        {isOn && <Meter talk={talk} />}
        <span className="hidden">, settings</span>
        <svg viewBox="0 0 12 12" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
          <path d="M2.5 4.5 6 8l3.5-3.5" />
        </svg>
      </button>
      <div className="sheet ear-panel" id={PANEL} popover="auto" aria-label="Microphone" role="dialog">
        <Devices talk={talk} state={state} />
        <fieldset>
          <legend>When it hears you</legend>
          <label>
            <input type="radio" name="hearing" checked={state.hearing === "open"} onChange={() => talk.hearBy("open")} />
            All the time: just speak, also over the agent
          </label>
          <label>
            <input type="radio" name="hearing" data-testid="hold-to-talk" checked={state.hearing === "held"} onChange={() => talk.hearBy("held")} />
            While you hold the space bar, or the button
          </label>
        </fieldset>
      </div>
    </div>
  );
}

function Devices({ talk, state }: { talk: Talk; state: TalkState }) {
  const { devices, ear } = state;
  const chosen = readPreferences().device;
  const isKnown = devices.some(({ id }) => id === chosen);
  if (!devices.length) return <p className="empty">Which microphones there are is known once you talk.</p>;
  return (
    <label className="device">
      Microphone
      <select data-testid="device" value={isKnown ? chosen : ""} onChange={({ target }) => void talk.chooseDevice(target.value)}>
        <option value="">As the system has it</option>
        {devices.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      {ear === "on" && <span className="empty">Heard now: {devices.find(({ id }) => id === state.device)?.name ?? "the system's choice"}</span>}
    </label>
  );
}

function Meter({ talk }: { talk: Talk }) {
  const barRef = useRef<HTMLElement>(null);
  useEffect(() => {
    let request = 0;
    const step = () => {
      if (barRef.current) barRef.current.style.transform = `scaleX(${height(talk.levels.caller).toFixed(3)})`;
      request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [talk]);
  return (
    <span className="meter" aria-hidden="true">
      <i ref={barRef} />
    </span>
  );
}

function word({ ear, isMuted, hearing, isPressed }: TalkState): string {
  if (ear !== "on") return "microphone off";
  if (isMuted) return "muted";
  return hearing === "held" && !isPressed ? "hold to talk" : "microphone";
}
