/** What a supervisor knows of the one conversation they stand by: a pure fold. */
import type { Closing } from "../connections/connection";
import { withWhisper } from "../lines";
import { speaker } from "../people";
import { initialState, reduce, type TalkState } from "../state";
import type { WatchMessage } from "./wire";

export type StandLink = "off" | "connecting" | "on" | "reconnecting" | "over";

export interface Standing {
  readonly link: StandLink;
  /** The conversation, as the caller's own page has it. */
  readonly talk: TalkState;
  /** Who speaks in the agent's place; empty for nobody. */
  readonly takenOverBy: string;
  /** This supervisor has asked to take over, or has. */
  readonly isMine: "no" | "asked" | "yes";
  readonly isMuted: boolean;
  /** What the last act led to, where it is not seen otherwise. */
  readonly notice: string;
}

export type StandingAction =
  | { readonly did: "join" }
  | { readonly did: "lose" }
  | { readonly did: "leave"; readonly closing: Closing }
  | { readonly did: "ask" }
  | { readonly did: "mute"; readonly isMuted: boolean }
  | { readonly did: "notice"; readonly what: string }
  | { readonly did: "hear"; readonly message: WatchMessage };

export function initialStanding(agent: string): Standing {
  return { link: "off", talk: initialState(agent), takenOverBy: "", isMine: "no", isMuted: false, notice: "" };
}

export function reduceStanding(state: Standing, action: StandingAction): Standing {
  switch (action.did) {
    case "join":
      return { ...initialStanding(state.talk.agent), link: "connecting" };
    case "lose":
      return { ...state, link: "reconnecting", isMine: "no", notice: "" };
    case "leave":
      return { ...state, link: "over", isMine: "no", takenOverBy: "", notice: closingNotice(action.closing), talk: { ...state.talk, link: "over", phase: "idle" } };
    case "ask":
      return { ...state, isMine: "asked", notice: "" };
    case "mute":
      return { ...state, isMuted: action.isMuted };
    case "notice":
      return { ...state, notice: action.what };
    case "hear":
      return hear(state, action.message);
  }
}

function hear(state: Standing, message: WatchMessage): Standing {
  switch (message.type) {
    case "watching": {
      const talk: TalkState = {
        ...state.talk,
        link: "on",
        session: message.session,
        agent: message.agent,
        phase: message.phase,
        turn: message.turn,
        compared: 0,
        people: message.takenOverBy ? [{ name: message.takenOverBy, stance: "taken_over" }] : [],
      };
      return { ...state, link: "on", talk, takenOverBy: message.takenOverBy, notice: "" };
    }
    case "elsewhere":
      return state; // one is on the way there, and told only if it cannot be reached
    case "whispered":
      return { ...state, talk: { ...state.talk, lines: withWhisper(state.talk.lines, message.by, message.text) } };
    case "line_refused": {
      const about = message.categories.length ? ` (${message.categories.join(", ")})` : "";
      return { ...state, notice: `The guardrail does not let the agent say “${message.text}”${about}.` };
    }
    case "error": {
      if (state.link !== "on") return state; // why it is closed is told then
      const isRefused = state.isMine === "asked" || message.code === "taken_over";
      return { ...state, notice: `Not done: ${message.message}.`, isMine: isRefused ? "no" : state.isMine };
    }
    case "supervised": {
      const talk = reduce(state.talk, { did: "hear", message });
      const takenOverBy = speaker(talk.people);
      const isMine = takenOverBy ? (state.isMine === "no" ? "no" : "yes") : state.isMine === "asked" ? "asked" : "no";
      return { ...state, talk, takenOverBy, isMine };
    }
    default:
      return { ...state, talk: reduce(state.talk, { did: "hear", message }) };
  }
}

function closingNotice({ code, reason }: Closing): string {
  switch (code) {
    case 1000:
      return "";
    case 4401:
      return "You are not signed in any more.";
    case 4403:
      return "You may not watch this session.";
    case 4404:
      return "This session is not on air any more.";
    case 4421:
      return "Another server has this call, and it cannot be reached from here.";
    case 4429:
      return "The server is asked for too much at once. Join again in a minute.";
    case 1011:
      return "The server failed. Join again.";
    default:
      return reason && code >= 4000 ? `The server ended it: ${reason}.` : "The connection was lost. Join again.";
  }
}
