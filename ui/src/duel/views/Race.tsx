import { useEffect, useState } from "react";
import { VIA_NAMES } from "../../connections/via";
import type { DuelDesk, DuelState } from "../duel";
import type { Duel, Lane, LaneVia } from "../model";
import { passed } from "../take";
import { Bar, Legend } from "./Bar";
import { scaleOf, Ticks } from "./Ticks";

/** The lanes, while they run and afterwards. */
export function Race({ desk, state }: { desk: DuelDesk; state: DuelState }) {
  const isMoving = state.stage === "racing" || state.stage === "replaying";
  const nowMs = useNow(desk, isMoving);
  const { shown, running, said } = state;
  if (running.length) {
    const elapsed = said ? Math.max(0, nowMs - said.speechEndMs) : 0;
    const lanes = running.map(({ via }) => desk.soFar(via));
    const most = scaleOf(running.map((each, at) => lanes[at]?.responseMs ?? (each.step === "racing" ? elapsed : 0)));
    return (
      <section className="sheet race" aria-label="Race" aria-busy="true">
        <h2 className="race-title">The race</h2>
        <p className="unit">{AXIS}</p>
        <Ticks most={most} />
        <ol className="lanes">
          {running.map(({ via, step, note }, at) => (
            <li key={via} className={`lane ${step}`} data-testid={`lane-${via}`}>
              <Name via={via} />
              <div className="track">
                {lanes[at] ? (
                  <Bar parts={lanes[at].parts} most={most} />
                ) : (
                  step === "racing" && <Bar parts={[{ name: "other", ms: elapsed }]} most={most} />
                )}
              </div>
              <p className="wait num">{lanes[at] ? <Ms ms={lanes[at].responseMs} /> : null}</p>
              <p className="told">{lanes[at] ? "answers" : (note || STEPS[step])}</p>
            </li>
          ))}
        </ol>
      </section>
    );
  }
  if (!shown) return null;
  const reveal = state.stage === "replaying" ? nowMs - shown.utterance.speechEndMs : Infinity;
  return <Result desk={desk} state={state} duel={shown} reveal={reveal} />;
}

const AXIS = "From the end of your speech to the first sound of the answer";
const STEPS = { opening: "is being opened", ready: "is ready", racing: "listens", over: "is over", failed: "" } as const;

function Result({ desk, state, duel, reveal }: { desk: DuelDesk; state: DuelState; duel: Duel; reveal: number }) {
  const most = scaleOf(duel.lanes.map(({ responseMs }) => responseMs ?? 0));
  const waits = duel.lanes.map(({ responseMs }) => responseMs).filter((ms) => ms !== null);
  const least = Math.min(...waits);
  return (
    <section className="sheet race" aria-label="Race" data-testid="result" data-id={duel.id}>
      <div className="race-head">
        <div>
          <h2 className="race-title">{duel.id ? titleOf(duel) : "The race"}</h2>
          <p className="unit">{AXIS}</p>
        </div>
        <div className="race-acts">
          <button type="button" className="button quiet" data-testid="replay" onClick={() => (reveal < Infinity ? desk.quiet() : void desk.replay())}>
            {reveal < Infinity ? "Stop" : "Run it again as it was"}
          </button>
          {!duel.id && (
            <button type="button" className="button quiet" data-testid="save" disabled={state.isSaving} onClick={() => void desk.save()}>
              {state.isSaving ? "Saving…" : "Save"}
            </button>
          )}
          {duel.id && <span className="unit" data-testid="saved">saved</span>}
        </div>
      </div>
      <Ticks most={most} />
      <ol className="lanes">
        {duel.lanes.map((lane) => (
          <ResultLane key={lane.via} lane={lane} most={most} least={least} reveal={reveal} desk={desk} heard={state.heard} />
        ))}
      </ol>
      <p className="race-foot unit">
        {duel.rounds > 1 && `Shown: the round nearest to the medians of ${duel.rounds}. `}
        Measured {duel.madeBy === "page" ? duel.machine : `on ${duel.machine || "a machine that is not named"}`}, the ways
        sharing it.
      </p>
    </section>
  );
}

interface ResultLaneProps {
  readonly lane: Lane;
  readonly most: number;
  readonly least: number;
  readonly reveal: number;
  readonly desk: DuelDesk;
  readonly heard: string;
}

function ResultLane({ lane, most, least, reveal, desk, heard }: ResultLaneProps) {
  const { via, responseMs, parts, error } = lane;
  const isAnswered = responseMs !== null && reveal >= responseMs;
  const isReplaying = reveal < Infinity;
  const shownParts = isReplaying ? passed(lane, Math.max(0, reveal)) : parts;
  return (
    <li className={`lane ${error ? "failed" : ""}`} data-testid={`lane-${via}`} data-ms={responseMs ?? ""}>
      <Name via={via} />
      <div className="track">{!error && <Bar parts={shownParts} most={most} />}</div>
      <p className="wait num">
        {isAnswered && <Ms ms={responseMs} />}
        {isAnswered && responseMs > least && !isReplaying && <span className="more"> +{Math.round(responseMs - least)}</span>}
      </p>
      <div className="told">
        {error && <p data-testid={`error-${via}`}>{error}</p>}
        {!error && !isReplaying && <Legend parts={parts} />}
        {isAnswered && lane.answer && (
          <p className="answer">
            {lane.hasSound && (
              <button
                type="button"
                className="button quiet hear"
                data-testid={`play-${via}`}
                aria-pressed={isReplaying && heard === via}
                onClick={() => (isReplaying ? desk.listen(via) : void desk.play(via))}
              >
                Hear
              </button>
            )}
            <span>
              {lane.answer}
              {lane.understood && <span className="unit"> Understood: “{lane.understood}”</span>}
            </span>
          </p>
        )}
        {lane.n > 1 && !isReplaying && (
          <p className="unit num">
            n {lane.n} · median {Math.round(lane.p50Ms ?? 0)} ms · 95th percentile {Math.round(lane.p95Ms ?? 0)} ms
          </p>
        )}
      </div>
    </li>
  );
}

export function nameOf(via: LaneVia): string {
  return via === "webrtc" ? "Realtime (WebRTC)" : VIA_NAMES[via];
}

function Name({ via }: { via: LaneVia }) {
  return <h3 className="lane-name">{nameOf(via)}</h3>;
}

function Ms({ ms }: { ms: number | null }) {
  return ms === null ? null : (
    <>
      {Math.round(ms)} <span className="unit">ms</span>
    </>
  );
}

function titleOf({ utterance, agent, startedAt }: Duel): string {
  const said = utterance.text ? `“${utterance.text}”` : `${utterance.seconds.toFixed(1)} s of speech`;
  return `${said} to ${agent}, ${new Date(startedAt).toLocaleString()}`;
}

/** The duel's clock, read before every picture while something moves. */
function useNow(desk: DuelDesk, isMoving: boolean): number {
  const [now, setNow] = useState(-1);
  useEffect(() => {
    if (!isMoving) return setNow(-1);
    let asked = requestAnimationFrame(function draw() {
      setNow(desk.nowMs);
      asked = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(asked);
  }, [desk, isMoving]);
  return now;
}
