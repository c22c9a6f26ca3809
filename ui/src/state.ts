/** What the page knows of a conversation: a pure fold over what the server said and the caller did here. */
import type { Device } from "./audio/devices";
import type { MicrophoneTrouble } from "./audio/microphone";
import type { Closing } from "./connections/connection";
import { type Via, VIA_NAMES } from "./connections/via";
import { type Line, withCut, withHeard, withPast, withRemembered, withSentence, withTranscript, withTyped } from "./lines";
import { NO_OCCASIONS, type Occasions, occasionsAfter } from "./occasions";
import { peopleAfter, type Person, presence, speaker } from "./people";
import { NOTHING, type Pipeline, pipelineAfter } from "./pipeline";
import { type Cause, closingTrouble, microphoneTrouble, refusalTrouble, type Trouble } from "./trouble";
import type { Latency, Phase, Ready, Remembered, RouteChosen, ServerMessage, VerdictGiven } from "./wire";

/** `reconnecting`: the connection was lost, the conversation was not. */
export type Link = "off" | "connecting" | "on" | "reconnecting" | "over";
export type Ear = "off" | "asking" | "on" | "refused";
/** When the microphone hears: all the time, or while it is held. */
export type Hearing = "open" | "held";

export interface TalkState {
  readonly link: Link;
  readonly ear: Ear;
  readonly isMuted: boolean;
  /** An earlier conversation can be gone on with. */
  readonly isWaiting: boolean;
  readonly agent: string;
  /** How it is carried. */
  readonly via: Via;
  /** What is to be known about the connection; empty for nothing. */
  readonly notice: string;
  readonly session: string;
  readonly phase: Phase;
  readonly turn: number;
  readonly isHeld: boolean;
  readonly lines: readonly Line[];
  /** How many of the lines have been compared with what the server remembers, after a resume. */
  readonly compared: number;
  readonly routes: Readonly<Record<number, RouteChosen>>;
  readonly verdicts: Readonly<Record<number, readonly VerdictGiven[]>>;
  readonly latency: Latency | null;
  /** Of every turn that was measured. */
  readonly latencies: Readonly<Record<number, Latency>>;
  /** The turn whose parts are shown; null for the last one. */
  readonly shownTurn: number | null;
  readonly pipeline: Pipeline;
  readonly occasions: Occasions;
  readonly hearing: Hearing;
  /** The microphone is held. */
  readonly isPressed: boolean;
  /** Microphones there are, as far as the browser tells. */
  readonly devices: readonly Device[];
  /** The one that is heard; empty for none. */
  readonly device: string;
  readonly suggestions: readonly string[];
  /** People beside the call, the last to do something last. */
  readonly people: readonly Person[];
  /** The agent has asked for a person, and none has come yet. */
  readonly isAsked: boolean;
  readonly trouble: Trouble | null;
  /** For screen readers: phases and finished lines, never partial ones. */
  readonly announcement: string;
}

export type Action =
  /** With `goesOn` an earlier conversation is taken up again: what the page knows of it stays. */
  | { readonly did: "connect"; readonly goesOn?: boolean }
  /** Another way was chosen for the next conversation. */
  | { readonly did: "choose"; readonly via: Via }
  | { readonly did: "lose" }
  | { readonly did: "notice"; readonly text: string }
  /** A conversation could go on, once the caller asks for it. */
  | { readonly did: "wait" }
  | { readonly did: "type"; readonly text: string }
  | { readonly did: "mute"; readonly isMuted: boolean }
  | { readonly did: "listen"; readonly ear: Ear }
  | { readonly did: "miss microphone"; readonly trouble: MicrophoneTrouble }
  | { readonly did: "fail"; readonly trouble: Trouble }
  | { readonly did: "close"; readonly closing: Closing }
  | { readonly did: "dismiss" }
  /** Something went wrong that ends nothing. */
  | { readonly did: "fret"; readonly trouble: Trouble }
  /** What went wrong by that cause is right again. */
  | { readonly did: "mend"; readonly cause: Cause }
  /** The provider fills the pause before the answer of that turn. */
  | { readonly did: "fill"; readonly turn: number }
  /** What the page tells of an occasion was closed; `forGood`: not to be told of its kind again. */
  | { readonly did: "put aside"; readonly forGood: boolean }
  | { readonly did: "look at"; readonly turn: number | null }
  | { readonly did: "hear by"; readonly hearing: Hearing }
  | { readonly did: "press"; readonly isPressed: boolean }
  | { readonly did: "find devices"; readonly devices: readonly Device[]; readonly device: string }
  | { readonly did: "hear"; readonly message: ServerMessage };

/** What newcomers may ask the tutor before a server has said what its agent likes to be asked. */
const TUTOR_SUGGESTIONS: readonly string[] = [
  "What is 25% of 80?",
  "Solve 2x² + 5x − 3 = 0",
  "Why did World War I start?",
  "What was the Roman Empire?",
  "Help me improve this sentence: me and him goes to school",
  "Explain a metaphor",
];

export function initialState(agent: string, via: Via = "orchestrate"): TalkState {
  return {
    link: "off",
    ear: "off",
    isMuted: false,
    isWaiting: false,
    agent,
    via,
    notice: "",
    session: "",
    phase: "idle",
    turn: 0,
    isHeld: false,
    lines: [],
    compared: 0,
    routes: {},
    verdicts: {},
    latency: null,
    latencies: {},
    shownTurn: null,
    pipeline: NOTHING,
    occasions: NO_OCCASIONS,
    hearing: "open",
    isPressed: false,
    devices: [],
    device: "",
    suggestions: agent === "tutor" ? TUTOR_SUGGESTIONS : [],
    people: [],
    isAsked: false,
    trouble: null,
    announcement: "",
  };
}

export function reduce(state: TalkState, action: Action): TalkState {
  const next = step(state, action);
  return { ...next, pipeline: pipelineAfter(state.pipeline, action), occasions: occasionsAfter(state.occasions, action) };
}

function step(state: TalkState, action: Action): TalkState {
  switch (action.did) {
    case "connect":
      return {
        ...(action.goesOn ? { ...state, people: [], isAsked: false, trouble: null } : initialState(state.agent, state.via)),
        suggestions: state.suggestions,
        ...kept(state),
        isWaiting: false,
        link: "connecting",
        notice: "",
        announcement: "Connecting",
      };
    case "choose":
      return { ...state, via: action.via, isWaiting: false, trouble: null, announcement: `Via ${VIA_NAMES[action.via]}` };
    case "lose":
      return { ...state, link: "reconnecting", isHeld: false, announcement: "The connection was lost. Reconnecting" };
    case "notice":
      return { ...state, notice: action.text, announcement: action.text || state.announcement };
    case "wait":
      return { ...initialState(state.agent, state.via), ...kept(state), ear: "off", isWaiting: true, announcement: "Your conversation can go on" };
    case "type":
      return { ...state, lines: withTyped(state.lines, action.text) };
    case "mute":
      return { ...state, isMuted: action.isMuted, announcement: action.isMuted ? "Muted" : "Microphone on" };
    case "listen":
      return { ...state, ear: action.ear };
    case "miss microphone": {
      const trouble = microphoneTrouble(action.trouble);
      return { ...state, ear: "refused", trouble, announcement: trouble.what };
    }
    case "fail":
      return { ...state, link: "over", ear: "off", phase: "idle", trouble: action.trouble, announcement: action.trouble.what };
    case "close": {
      const trouble = closingTrouble(action.closing, state);
      return {
        ...state,
        link: "over",
        ear: "off",
        phase: "idle",
        isHeld: false,
        trouble,
        announcement: trouble ? trouble.what : "Hung up",
      };
    }
    case "dismiss":
      return { ...state, trouble: null };
    case "fret":
      return { ...state, trouble: action.trouble, announcement: action.trouble.what };
    case "mend":
      return state.trouble?.cause === action.cause ? { ...state, trouble: null } : state;
    case "look at":
      return { ...state, shownTurn: action.turn };
    case "hear by":
      return { ...state, hearing: action.hearing, isPressed: false };
    case "press":
      return { ...state, isPressed: action.isPressed };
    case "find devices":
      return { ...state, devices: action.devices, device: action.device };
    case "fill":
    case "put aside":
      return state;
    case "hear":
      return hear(state, action.message);
  }
}

function hear(state: TalkState, message: ServerMessage): TalkState {
  switch (message.type) {
    case "ready":
      return opened(state, message);
    case "phase":
      return {
        ...state,
        phase: message.phase,
        turn: message.turn,
        isHeld: false,
        announcement: message.phase === state.phase ? state.announcement : PHASE_WORDS[message.phase],
      };
    case "transcript":
      return { ...state, lines: withTranscript(state.lines, message.utterance, message.text, message.isFinal) };
    case "route":
      return { ...state, routes: { ...state.routes, [message.turn]: message }, announcement: routed(state, message) };
    case "verdict": {
      const earlier = state.verdicts[message.turn] ?? [];
      const verdicts = { ...state.verdicts, [message.turn]: [...earlier, message] };
      return { ...state, verdicts, announcement: `Guardrail: ${verdictText(message)}` };
    }
    case "sentence":
      return { ...state, lines: withSentence(state.lines, message) };
    case "heard":
      return { ...state, lines: withHeard(state.lines, message.turn, message.heard, message.unheard) };
    case "remembered":
      return remember(state, message);
    case "supervised": {
      const people = peopleAfter(state.people, message.by, message.how);
      const isLeaving = message.how === "left";
      const told = isLeaving ? `${message.by} has left` : presence(people, false, state.agent);
      return { ...state, people, isAsked: false, announcement: told ?? state.announcement };
    }
    case "escalated":
      return { ...state, isAsked: true, announcement: presence([], true, state.agent) ?? "" };
    case "hold":
      return { ...state, isHeld: true };
    case "resume":
      return { ...state, isHeld: false };
    case "clear":
      return { ...state, isHeld: false, lines: withCut(state.lines, message.turn) };
    case "latency":
      return { ...state, latency: message, latencies: { ...state.latencies, [message.turn]: message } };
    case "error": {
      const trouble = refusalTrouble(message);
      return { ...state, trouble, announcement: trouble.what };
    }
    case "stage":
    case "goaway":
    case "pong":
    case "ended":
      return state;
  }
}

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  idle: "Idle",
  listening: "Listening",
  thinking: "Thinking",
  speaking: "Speaking",
  interrupted: "Interrupted",
};

/** What the guardrail did, in words; never what it stopped. */
export function verdictText({ side, action, categories }: VerdictGiven): string {
  const about = categories.length ? `: ${categories.join(", ")}` : "";
  const whose = side === "input" ? "question" : "answer";
  return `${whose} ${action === "block" ? "blocked" : "rewritten"}${about}`;
}

/** Who answers is told when it is somebody else than before. */
function routed(state: TalkState, { turn, specialist }: RouteChosen): string {
  const { specialist: before, turn: last } = state.pipeline;
  return before && before !== specialist && turn >= last ? `${specialist} answers` : state.announcement;
}

/** What belongs to the page and not to one conversation. */
function kept({ isMuted, ear, hearing, devices, device }: TalkState) {
  return { isMuted, ear, hearing, devices, device };
}

/** A session is open. One that goes on keeps what the page has of it; the server says the rest. */
function opened(state: TalkState, ready: Ready): TalkState {
  const isKnown = ready.isResumed || state.session === "";
  return {
    ...state,
    link: "on",
    session: ready.session,
    agent: ready.agent,
    lines: isKnown ? state.lines : [],
    compared: 0,
    suggestions: ready.suggestions.length ? ready.suggestions : state.suggestions,
    announcement: ready.isResumed ? "Connected again" : "Connected",
  };
}

function remember(state: TalkState, message: Remembered): TalkState {
  const by = message.by || speaker(state.people) || (state.people.at(-1)?.name ?? "");
  if (message.isPast) {
    const { lines, next } = withPast(state.lines, message, state.compared, by);
    return { ...state, lines, compared: next };
  }
  const who = { user: "You", agent: state.agent, supervisor: by || "Person" }[message.role];
  return { ...state, lines: withRemembered(state.lines, message, by), announcement: `${who}: ${message.text}` };
}
