/** Moments in which the ways of carrying a voice differ: when the page tells of one. Pure. */
import type { Action } from "./state";
import type { ServerMessage } from "./wire";

/** In the order of what is told first where two come in one turn. */
export const TRIGGERS = ["escalation", "guardrail", "barge-in", "english", "filler"] as const;
export type Trigger = (typeof TRIGGERS)[number];

export interface Occasion {
  readonly trigger: Trigger;
  readonly turn: number;
}

export interface Occasions {
  /** What is told of now. */
  readonly open: Occasion | null;
  /** What has been told of in this turn, each once. */
  readonly told: readonly Trigger[];
  readonly turn: number;
  /** What the caller does not want to be told of again in this conversation. */
  readonly hushed: readonly Trigger[];
}

export const NO_OCCASIONS: Occasions = { open: null, told: [], turn: 0, hushed: [] };

export function occasionsAfter(before: Occasions, action: Action): Occasions {
  switch (action.did) {
    case "connect":
      return action.goesOn ? before : { ...NO_OCCASIONS, hushed: before.hushed };
    case "put aside": {
      const { open } = before;
      const hushed = open && action.forGood ? [...before.hushed, open.trigger] : before.hushed;
      return { ...before, open: null, hushed };
    }
    case "fill":
      return met(before, { trigger: "filler", turn: action.turn });
    case "hear": {
      const occasion = occasionOf(action.message);
      return occasion ? met(before, occasion) : before;
    }
    default:
      return before;
  }
}

/** The moment that a message tells of; null for most. */
export function occasionOf(message: ServerMessage): Occasion | null {
  switch (message.type) {
    case "route":
      return message.specialist === "english" ? { trigger: "english", turn: message.turn } : null;
    case "verdict":
      return { trigger: "guardrail", turn: message.turn };
    case "sentence":
      return message.purpose === "filler" ? { trigger: "filler", turn: message.turn } : null;
    case "escalated":
      return { trigger: "escalation", turn: message.turn };
    case "clear":
      return { trigger: "barge-in", turn: message.turn };
    case "remembered":
      // Where the far end plays, a cut line is the first that is known of it.
      return message.role === "agent" && message.isCut && !message.isPast ? { trigger: "barge-in", turn: message.turn } : null;
    default:
      return null;
  }
}

function met(before: Occasions, met: Occasion): Occasions {
  // News of a turn that is over, while the next is told of.
  if (met.turn < before.turn) return before;
  const isNewTurn = met.turn > before.turn;
  const told = isNewTurn ? [] : before.told;
  if (before.hushed.includes(met.trigger) || (!isNewTurn && told.includes(met.trigger))) return before;
  const { open } = before;
  // Nobody reads what is taken away: within a turn only what matters more takes the place.
  const isLess = open?.turn === met.turn && TRIGGERS.indexOf(met.trigger) > TRIGGERS.indexOf(open.trigger);
  return { ...before, turn: met.turn, told: [...told, met.trigger], open: isLess ? open : met };
}
