import { useEffect, useMemo, useState } from "react";
import { Http } from "../../http";
import { initialState, PHASE_WORDS, reduce, type TalkState } from "../../state";
import { type Trouble, troubleOf } from "../../studio/trouble";
import { Transcript } from "../../views/Transcript";
import { countUntil, minutes, readJournal, type Timeline } from "./journal";
import { type Playhead, usePlayhead } from "./playhead";
import "./replay.css";

const SPEEDS = [1, 2, 4] as const;
/** A key moves the playhead so far, seconds. */
const STEP = 0.5;

/** A conversation from its journal, in its own time. */
export default function Replay({ session, agent }: { session: string; agent: string }) {
  const [timeline, setTimeline] = useState<Timeline | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => {
    let isWanted = true;
    read(session).then(
      (found) => isWanted && setTimeline(found),
      (error: unknown) => isWanted && setTrouble(troubleOf(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [session]);
  if (trouble) return <p className="notice">{trouble.says}</p>;
  if (!timeline) return <p className="empty">Reading the journal…</p>;
  if (!timeline.moments.length) return <p className="empty">Nothing is left of it.</p>;
  return <Played timeline={timeline} agent={agent} />;
}

async function read(session: string): Promise<Timeline> {
  const answer = await new Http().answer(`api/sessions/${encodeURIComponent(session)}/journal`, {});
  return readJournal(await answer.text());
}

function Played({ timeline, agent }: { timeline: Timeline; agent: string }) {
  const head = usePlayhead(timeline.lasts);
  const count = countUntil(timeline, head.at);
  const state = useMemo(() => told(timeline, count, agent), [timeline, count, agent]);
  return (
    <div className="replay" data-testid="replay">
      <section className="sheet player" aria-label="Replay">
        <Scrubber timeline={timeline} head={head} phase={PHASE_WORDS[state.phase]} />
        <div className="player-acts">
          <button type="button" className="button quiet play" data-testid="play" onClick={head.isPlaying ? head.pause : head.play}>
            {head.isPlaying ? "Pause" : "Play"}
          </button>
          <p className="num" data-testid="clock">
            {minutes(head.at)} <span className="unit">of {minutes(timeline.lasts)}</span>
          </p>
          <p className="phase-now" data-phase={state.phase}>
            {state.isHeld ? "Held" : PHASE_WORDS[state.phase]}
          </p>
          <label className="speed">
            Speed{" "}
            <select value={head.speed} onChange={({ target }) => head.setSpeed(Number(target.value))}>
              {SPEEDS.map((speed) => (
                <option key={speed} value={speed}>
                  {speed}×
                </option>
              ))}
            </select>
          </label>
          <p className="unit silent">No sound is kept: this is what was on the screens.</p>
        </div>
      </section>
      <Transcript state={state} agent={agent} caller="Caller">
        Nothing has been said yet.
      </Transcript>
    </div>
  );
}

/** What the screens showed after so many moments. */
function told({ moments }: Timeline, count: number, agent: string): TalkState {
  return moments.slice(0, count).reduce((state, { message }) => reduce(state, { did: "hear", message }), initialState(agent));
}

/** The phases as a band, the interruptions as marks on it, and the place that is looked at. */
function Scrubber({ timeline, head, phase }: { timeline: Timeline; head: Playhead; phase: string }) {
  const { phases, interruptions, lasts } = timeline;
  const share = (seconds: number) => `${(100 * seconds) / (lasts || 1)}%`;
  return (
    <div className="scrubber">
      <div className="band" aria-hidden="true">
        {phases.map(({ phase, from, to }) => (
          <i key={from} data-phase={phase} style={{ left: share(from), width: share(to - from) }} />
        ))}
      </div>
      <input
        type="range"
        min={0}
        max={lasts}
        step={STEP}
        value={head.at}
        aria-label="Place in the conversation"
        aria-valuetext={`${minutes(head.at)} of ${minutes(lasts)}, ${phase.toLowerCase()}`}
        data-testid="scrubber"
        onChange={({ target }) => head.seek(Number(target.value))}
      />
      {interruptions.length > 0 && (
        <ol className="cuts" aria-label="Interruptions">
          {interruptions.map((at) => (
            <li key={at} style={{ left: share(at) }}>
              <button type="button" title={`Interrupted at ${minutes(at)}`} aria-label={`Go to the interruption at ${minutes(at)}`} onClick={() => head.seek(Math.max(0, at - 2))} />
            </li>
          ))}
        </ol>
      )}
      <p className="band-key" aria-hidden="true">
        {(["listening", "thinking", "speaking", "interrupted"] as const).map((each) => (
          <span key={each} data-phase={each}>
            {each}
          </span>
        ))}
      </p>
    </div>
  );
}
