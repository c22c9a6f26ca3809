import { heardAndUnheard } from "./lines";
import type { Talk } from "./talk";

/** What browser tests, and the curious at the console, may read. A copy each time: nothing here can be changed. */
export function inspect(talk: Talk) {
  const { state, playout } = talk;
  return {
    via: state.via,
    notice: state.notice,
    link: state.link,
    ear: state.ear,
    phase: state.phase,
    session: state.session,
    turn: state.turn,
    trouble: state.trouble,
    people: state.people,
    isAsked: state.isAsked,
    latency: state.latency,
    latencies: { ...state.latencies },
    pipeline: state.pipeline,
    occasion: state.occasions.open,
    hearing: state.hearing,
    isPressed: state.isPressed,
    isMuted: state.isMuted,
    devices: state.devices,
    device: state.device,
    responses: [...talk.stopwatch.responses],
    yields: [...talk.stopwatch.yields],
    routes: { ...state.routes },
    transcript: state.lines.map((line) =>
      line.who === "agent"
        ? { ...line, ...heardAndUnheard(line), text: line.sentences.map((each) => each.text).join(" ") }
        : { ...line },
    ),
    samplesPlayed: playout.samplesPlayed,
    liveFrames: playout.liveFrames,
    streamed: playout.streamed,
    peakLevel: playout.peakLevel,
    acknowledged: { ...playout.acknowledged },
    received: { ...playout.received },
    levels: { ...talk.levels },
  };
}

declare global {
  interface Window {
    readonly __antiphon: ReturnType<typeof inspect>;
  }
}
