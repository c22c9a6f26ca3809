import type { TalkState } from "./state";

/** The way of a turn through the server, in order. */
export const STAGES = ["ear", "turn", "route", "think", "guard", "voice"] as const;
export type Stage = (typeof STAGES)[number];

/** How far the present turn has come: the stages it has passed, and where it is now. */
export function reached(state: TalkState): { readonly passed: number; readonly now: Stage | null } {
  if (state.link !== "on") return { passed: 0, now: null };
  const at = (stage: Stage) => ({ passed: STAGES.indexOf(stage), now: stage });
  switch (state.phase) {
    case "idle":
      return { passed: 0, now: null };
    case "listening":
    case "interrupted": {
      const last = state.lines.at(-1);
      return last?.who === "caller" && last.isFinal && !last.isRemembered ? at("turn") : at("ear");
    }
    case "thinking": {
      const isWorded = state.lines.some((line) => line.who === "agent" && line.turn === state.turn);
      if (isWorded) return at("guard");
      return state.routes[state.turn] ? at("think") : at("route");
    }
    case "speaking":
      return at("voice");
  }
}
