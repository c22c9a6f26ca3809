/** What the page knows of a conversation: a pure fold over what the server said and the caller did here. */
import type { MicrophoneTrouble } from "./audio/microphone";
import type { Closing } from "./connections/connection";
import { closingTrouble, microphoneTrouble, refusalTrouble, type Trouble } from "./trouble";
import type { Latency, Phase, Purpose, RouteChosen, ServerMessage, VerdictGiven } from "./wire";

export type Link = "off" | "connecting" | "on" | "over";
export type Ear = "off" | "asking" | "on" | "refused";

/** What the caller said or wrote. */
export interface CallerLine {
  readonly who: "caller";
  readonly key: string;
  /** Null once it is remembered, and for typed lines. */
  readonly utterance: number | null;
  readonly text: string;
  readonly isFinal: boolean;
  /** The server took it into the conversation; until then it may still change, or be set aside. */
  readonly isRemembered: boolean;
}

export interface SpokenSentence {
  readonly text: string;
  readonly purpose: Purpose;
  readonly isRewritten: boolean;
}

/** What the agent says in one turn. The first `heardWords` words have been heard. */
export interface AgentLine {
  readonly who: "agent";
  readonly key: string;
  readonly turn: number;
  readonly sentences: readonly SpokenSentence[];
  readonly heardWords: number;
  readonly isCut: boolean;
  readonly isRemembered: boolean;
}

/** What a person on the line said. */
export interface SupervisorLine {
  readonly who: "supervisor";
  readonly key: string;
  readonly text: string;
}

export type Line = CallerLine | AgentLine | SupervisorLine;

export interface TalkState {
  readonly link: Link;
  readonly ear: Ear;
  readonly isMuted: boolean;
  readonly agent: string;
  readonly session: string;
  readonly phase: Phase;
  readonly turn: number;
  readonly isHeld: boolean;
  readonly lines: readonly Line[];
  readonly routes: Readonly<Record<number, RouteChosen>>;
  readonly verdicts: Readonly<Record<number, readonly VerdictGiven[]>>;
  readonly latency: Latency | null;
  readonly suggestions: readonly string[];
  readonly trouble: Trouble | null;
  /** For screen readers: phases and finished lines, never partial ones. */
  readonly announcement: string;
}

export type Action =
  | { readonly did: "connect" }
  | { readonly did: "type"; readonly text: string }
  | { readonly did: "mute"; readonly isMuted: boolean }
  | { readonly did: "listen"; readonly ear: Ear }
  | { readonly did: "miss microphone"; readonly trouble: MicrophoneTrouble }
  | { readonly did: "fail"; readonly trouble: Trouble }
  | { readonly did: "close"; readonly closing: Closing }
  | { readonly did: "dismiss" }
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

export function initialState(agent: string): TalkState {
  return {
    link: "off",
    ear: "off",
    isMuted: false,
    agent,
    session: "",
    phase: "idle",
    turn: 0,
    isHeld: false,
    lines: [],
    routes: {},
    verdicts: {},
    latency: null,
    suggestions: agent === "tutor" ? TUTOR_SUGGESTIONS : [],
    trouble: null,
    announcement: "",
  };
}

export function reduce(state: TalkState, action: Action): TalkState {
  switch (action.did) {
    case "connect":
      return {
        ...initialState(state.agent),
        suggestions: state.suggestions,
        isMuted: state.isMuted,
        ear: state.ear,
        link: "connecting",
        announcement: "Connecting",
      };
    case "type":
      return { ...state, lines: [...state.lines, callerLine(state, null, action.text, true)] };
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
    case "hear":
      return hear(state, action.message);
  }
}

function hear(state: TalkState, message: ServerMessage): TalkState {
  switch (message.type) {
    case "ready":
      return {
        ...state,
        link: "on",
        session: message.session,
        agent: message.agent,
        suggestions: message.suggestions.length ? message.suggestions : state.suggestions,
        announcement: "Connected",
      };
    case "phase":
      return {
        ...state,
        phase: message.phase,
        turn: message.turn,
        isHeld: false,
        announcement: message.phase === state.phase ? state.announcement : PHASE_WORDS[message.phase],
      };
    case "transcript":
      return { ...state, lines: withTranscript(state, message.utterance, message.text, message.isFinal) };
    case "route":
      return { ...state, routes: { ...state.routes, [message.turn]: message } };
    case "verdict": {
      const earlier = state.verdicts[message.turn] ?? [];
      return { ...state, verdicts: { ...state.verdicts, [message.turn]: [...earlier, message] } };
    }
    case "sentence": {
      const { text, purpose, isRewritten } = message;
      return withAgentLine(state, message.turn, (line) => ({
        ...line,
        sentences: [...line.sentences, { text, purpose, isRewritten }],
      }));
    }
    case "heard":
      return withAgentLine(state, message.turn, (line) => split(line, message.heard, message.unheard));
    case "remembered":
      return remember(state, message.turn, message.role, message.text, message.isCut);
    case "hold":
      return { ...state, isHeld: true };
    case "resume":
      return { ...state, isHeld: false };
    case "clear":
      return withAgentLine({ ...state, isHeld: false }, message.turn, (line) => ({ ...line, isCut: !isAllHeard(line) }));
    case "latency":
      return { ...state, latency: message };
    case "error": {
      const trouble = refusalTrouble(message);
      return { ...state, trouble, announcement: trouble.what };
    }
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

/** The words of a text as the server counts them: what stands between spaces. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

export function lineWords(line: AgentLine): number {
  return line.sentences.reduce((count, sentence) => count + words(sentence.text).length, 0);
}

/** The agent's line as two texts: heard, and not heard (yet, or never when the line was cut). */
export function heardAndUnheard(line: AgentLine): { heard: string; unheard: string } {
  const all = line.sentences.flatMap((sentence) => words(sentence.text));
  return { heard: all.slice(0, line.heardWords).join(" "), unheard: all.slice(line.heardWords).join(" ") };
}

/** The sentence whose words are being heard now, or the last one. */
export function soundingSentence(line: AgentLine): SpokenSentence | undefined {
  let passed = 0;
  for (const sentence of line.sentences) {
    passed += words(sentence.text).length;
    if (passed > line.heardWords) return sentence;
  }
  return line.sentences.at(-1);
}

function isAllHeard(line: AgentLine): boolean {
  return line.heardWords >= lineWords(line);
}

function callerLine(state: TalkState, utterance: number | null, text: string, isFinal: boolean): CallerLine {
  return { who: "caller", key: `l${state.lines.length}`, utterance, text, isFinal, isRemembered: false };
}

function withTranscript(state: TalkState, utterance: number, text: string, isFinal: boolean): readonly Line[] {
  const place = state.lines.findIndex((line) => line.who === "caller" && line.utterance === utterance);
  if (place < 0) return text ? [...state.lines, callerLine(state, utterance, text, isFinal)] : state.lines;
  return state.lines.map((line, at) => (at === place && line.who === "caller" ? { ...line, text, isFinal } : line));
}

function withAgentLine(state: TalkState, turn: number, change: (line: AgentLine) => AgentLine): TalkState {
  const place = state.lines.findIndex((line) => line.who === "agent" && line.turn === turn);
  if (place >= 0) {
    const lines = state.lines.map((line, at) => (at === place && line.who === "agent" ? change(line) : line));
    return { ...state, lines };
  }
  const empty: AgentLine = {
    who: "agent",
    key: `l${state.lines.length}`,
    turn,
    sentences: [],
    heardWords: 0,
    isCut: false,
    isRemembered: false,
  };
  const line = change(empty);
  return line.sentences.length ? { ...state, lines: [...state.lines, line] } : state;
}

/** Takes the server's split. Where its words are not those of the sentences announced, its words hold. */
function split(line: AgentLine, heard: string, unheard: string): AgentLine {
  const heardWords = words(heard).length;
  const total = heardWords + words(unheard).length;
  if (total === lineWords(line)) return { ...line, heardWords };
  const text = [heard, unheard].filter(Boolean).join(" ");
  const purpose = line.sentences.at(-1)?.purpose ?? "answer";
  return { ...line, heardWords, sentences: text ? [{ text, purpose, isRewritten: false }] : [] };
}

function remember(state: TalkState, turn: number, role: "user" | "agent" | "supervisor", text: string, isCut: boolean): TalkState {
  switch (role) {
    case "user":
      return { ...state, lines: withRemembered(state, text), announcement: `You: ${text}` };
    case "agent": {
      const next = withAgentLine(state, turn, (line) => {
        const rest = isCut ? words(heardAndUnheard(line).unheard) : [];
        const known = heardAndUnheard(line).heard;
        // What was remembered is what was heard, whatever was thought before.
        const settled =
          known === words(text).join(" ")
            ? line
            : split(line, text, isCut ? cutRest(line, text, rest) : "");
        return { ...settled, isCut, isRemembered: true };
      });
      return { ...next, announcement: `${state.agent}: ${text}` };
    }
    case "supervisor": {
      const line: SupervisorLine = { who: "supervisor", key: `l${state.lines.length}`, text };
      return { ...state, lines: [...state.lines, line], announcement: `Person: ${text}` };
    }
  }
}

/** What of the line comes after the remembered words. */
function cutRest(line: AgentLine, text: string, otherwise: readonly string[]): string {
  const all = line.sentences.flatMap((sentence) => words(sentence.text));
  const count = words(text).length;
  return (all.slice(0, count).join(" ") === words(text).join(" ") ? all.slice(count) : otherwise).join(" ");
}

/** One line for what the caller said in the turn, in place of the utterances and typed lines it is made of. */
function withRemembered(state: TalkState, text: string): readonly Line[] {
  const plain = plainly(text);
  const pending = state.lines.filter((line): line is CallerLine => line.who === "caller" && !line.isRemembered);
  const contained = pending.filter((line) => plain.includes(plainly(line.text)));
  const merged = contained.length ? contained : pending.slice(-1);
  const [first] = merged;
  if (!first) return [...state.lines, { ...callerLine(state, null, text, true), isRemembered: true }];
  const settled: CallerLine = { ...first, text, utterance: null, isFinal: true, isRemembered: true };
  return state.lines
    .filter((line) => line === first || !merged.includes(line as CallerLine))
    .map((line) => (line === first ? settled : line));
}

function plainly(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
