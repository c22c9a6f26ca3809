import { type DragEvent, useEffect, useState } from "react";
import { VIA_HINTS, VIA_NAMES, VIAS } from "../../connections/via";
import { MicrophoneIcon } from "../../views/icons";
import type { DuelDesk, DuelState } from "../duel";
import { SOUND_RATE } from "../sound";
import { levels } from "../waveform";

/** What is said, and to whom. */
export function Ask({ desk, state }: { desk: DuelDesk; state: DuelState }) {
  const [isOver, setIsOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const file = event.dataTransfer.files[0];
    if (file && !desk.isBusy) void desk.take(file);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(true);
  };
  return (
    <section
      className={`sheet ask ${isOver ? "dragged" : ""}`}
      aria-labelledby="ask-title"
      onDragOver={over}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <div className="ask-words">
        <h1 id="ask-title">One question, every way at once</h1>
        <p>
          Say something, or choose a recording. It is fed to all ways at the same instant; what you wait for is measured on
          what each of them plays.
        </p>
      </div>
      <Utterance state={state} />
      <Questions desk={desk} agent={state.agent} />
      <div className="ask-acts">
        <Record desk={desk} state={state} />
        <label className={`button quiet file ${desk.isBusy ? "off" : ""}`}>
          Choose a recording
          <input
            type="file"
            className="hidden"
            data-testid="file"
            accept="audio/*,.wav"
            disabled={desk.isBusy}
            onChange={({ target }) => {
              const file = target.files?.[0];
              if (file) void desk.take(file);
              target.value = "";
            }}
          />
        </label>
      </div>
      <Ways desk={desk} state={state} />
    </section>
  );
}

function Record({ desk, state }: { desk: DuelDesk; state: DuelState }) {
  const isOn = state.stage === "recording";
  return (
    <button
      type="button"
      className="button quiet"
      data-testid="record"
      aria-pressed={isOn}
      disabled={desk.isBusy && !isOn}
      onClick={() => (isOn ? desk.stopRecording() : void desk.record())}
    >
      <MicrophoneIcon />
      {isOn ? "Stop recording" : "Record a question"}
    </button>
  );
}

/** What the agent suggests to ask, spoken by the server. */
function Questions({ desk, agent }: { desk: DuelDesk; agent: string }) {
  const [questions, setQuestions] = useState<readonly string[]>([]);
  useEffect(() => {
    let isHere = true;
    void desk.kept.questions(agent).then((found) => isHere && setQuestions(found));
    return () => {
      isHere = false;
    };
  }, [desk, agent]);
  if (!questions.length) return null;
  return (
    <ul className="suggestions" aria-label="Questions to ask">
      {questions.map((question, at) => (
        <li key={question}>
          <button
            type="button"
            className="chip"
            data-testid="question"
            title={question}
            disabled={desk.isBusy}
            onClick={() => void desk.ask(question, at)}
          >
            {question}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Bars of a drawing of the utterance. */
const BARS = 64;

function Utterance({ state }: { state: DuelState }) {
  if (state.stage === "recording") return <p className="said listening">Listening. Say your question, then stop.</p>;
  if (!state.said) return <p className="said empty">Nothing to ask yet. A recording can also be dropped here.</p>;
  const { samples, name } = state.said;
  const loud = levels(samples, SOUND_RATE);
  const bars = Array.from({ length: BARS }, (_, at) => {
    const piece = loud.subarray(Math.floor((at * loud.length) / BARS), Math.floor(((at + 1) * loud.length) / BARS) + 1);
    return Math.max(0.02, ...piece);
  });
  const most = Math.max(...bars);
  return (
    <div className="said" data-testid="said">
      <span className="said-wave" aria-hidden="true">
        {bars.map((bar, at) => (
          <i key={at} style={{ height: `${Math.round((100 * bar) / most)}%` }} />
        ))}
      </span>
      <span className="said-name">
        {name} <span className="unit num">{(samples.length / SOUND_RATE).toFixed(1)} s</span>
      </span>
    </div>
  );
}

function Ways({ desk, state }: { desk: DuelDesk; state: DuelState }) {
  return (
    <div className="ask-ways">
      <fieldset disabled={desk.isBusy}>
        <legend className="hidden">Which ways take part</legend>
        {VIAS.map((via) => (
          <label key={via} className="way" title={VIA_HINTS[via]}>
            <input
              type="checkbox"
              data-testid={`way-${via}`}
              checked={state.vias.includes(via)}
              onChange={({ target }) => desk.choose(via, target.checked)}
            />
            {VIA_NAMES[via]}
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        className="button talk"
        data-testid="go"
        disabled={!state.said || !state.vias.length || desk.isBusy}
        onClick={() => void desk.race()}
      >
        {goWord(state)}
      </button>
    </div>
  );
}

function goWord({ stage, shown, said }: DuelState): string {
  if (stage === "opening") return "Opening the calls…";
  if (stage === "racing") return "Asking…";
  return shown && said ? "Ask them again" : "Ask them";
}
