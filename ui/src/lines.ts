/** What was said, line by line: who said it, and how much of it was heard. Pure functions over lists of lines. */
import type { Purpose, Remembered, Sentence } from "./wire";

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
  /** Their name; empty when it is not known. */
  readonly by: string;
}

/** What a person whispered to the agent. Only supervisors see it. */
export interface WhisperLine {
  readonly who: "whisper";
  readonly key: string;
  readonly text: string;
  readonly by: string;
}

export type Line = CallerLine | AgentLine | SupervisorLine | WhisperLine;
export type Lines = readonly Line[];

/** The words of a text as the server counts them: what stands between spaces. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

export function lineWords(line: AgentLine): number {
  return line.sentences.reduce((count, sentence) => count + words(sentence.text).length, 0);
}

export function isAllHeard(line: AgentLine): boolean {
  return line.heardWords >= lineWords(line);
}

/** A person had the agent say it. */
export function isOfPerson(line: AgentLine): boolean {
  return line.sentences.some((sentence) => sentence.purpose === "person");
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

/** Two texts that differ in case and punctuation only become the same. */
export function plainly(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

export function withTyped(lines: Lines, text: string): Lines {
  return [...lines, callerLine(lines, null, text, true)];
}

export function withTranscript(lines: Lines, utterance: number, text: string, isFinal: boolean): Lines {
  const place = lines.findIndex((line) => line.who === "caller" && line.utterance === utterance);
  if (place < 0) return text ? [...lines, callerLine(lines, utterance, text, isFinal)] : lines;
  return lines.map((line, at) => (at === place && line.who === "caller" ? { ...line, text, isFinal } : line));
}

export function withSentence(lines: Lines, { turn, text, purpose, isRewritten }: Sentence): Lines {
  return withAgentLine(lines, turn, (line) => ({ ...line, sentences: [...line.sentences, { text, purpose, isRewritten }] }));
}

export function withHeard(lines: Lines, turn: number, heard: string, unheard: string): Lines {
  return withAgentLine(lines, turn, (line) => split(line, heard, unheard));
}

export function withCut(lines: Lines, turn: number): Lines {
  return withAgentLine(lines, turn, (line) => ({ ...line, isCut: !isAllHeard(line) }));
}

export function withWhisper(lines: Lines, by: string, text: string): Lines {
  return [...lines, { who: "whisper", key: keyAfter(lines), by, text }];
}

/** A line became part of the conversation. `by`: the person who is there, for a line of theirs. */
export function withRemembered(lines: Lines, { turn, role, text, isCut }: Remembered, by: string): Lines {
  switch (role) {
    case "user":
      return withCallerRemembered(lines, turn, text);
    case "agent":
      return withAgentLine(lines, turn, (line) => settled(line, text, isCut));
    case "supervisor": {
      const isSpoken = (line: Line) => line.who === "agent" && line.turn === turn && isOfPerson(line);
      if (lines.some((line) => isSpoken(line) && !(line as AgentLine).isRemembered)) return withAgentLine(lines, turn, (line) => settled(line, text, isCut));
      return [...lines, { who: "supervisor", key: keyAfter(lines), text, by }];
    }
  }
}

/**
 * A line from before the connection was lost: settled where the page has it, put in its place where not. All of them
 * come in their order; `from` is how far in the list they have come.
 */
export function withPast(lines: Lines, past: Remembered, from: number, by: string): { lines: Lines; next: number } {
  const ahead = lines.findIndex((line, at) => at >= from && isThe(line, past));
  const place = ahead < 0 && past.role === "agent" ? lines.findIndex((line) => isThe(line, past)) : ahead;
  const found = lines[place];
  if (!found) {
    const made = withRemembered([], past, by).map((line) => ({ ...line, key: `p${lines.length}.${from}` }));
    return { lines: [...lines.slice(0, from), ...made, ...lines.slice(from)], next: from + made.length };
  }
  const isOpen = past.role === "agent" || ("isRemembered" in found && !found.isRemembered);
  const settledLines = isOpen ? withRemembered([found], past, by) : [found];
  return { lines: [...lines.slice(0, place), ...settledLines, ...lines.slice(place + 1)], next: Math.max(from, place + 1) };
}

function isThe(line: Line, { role, turn, text }: Remembered): boolean {
  switch (role) {
    case "user":
      if (line.who !== "caller") return false;
      return line.isRemembered ? plainly(line.text) === plainly(text) : plainly(text).includes(plainly(line.text));
    case "agent":
      return line.who === "agent" && line.turn === turn;
    case "supervisor":
      return (line.who === "supervisor" && line.text === text) || (line.who === "agent" && line.turn === turn && isOfPerson(line));
  }
}

function keyAfter(lines: Lines): string {
  return `l${lines.length}`;
}

function callerLine(lines: Lines, utterance: number | null, text: string, isFinal: boolean): CallerLine {
  return { who: "caller", key: keyAfter(lines), utterance, text, isFinal, isRemembered: false };
}

function withAgentLine(lines: Lines, turn: number, change: (line: AgentLine) => AgentLine): Lines {
  const place = lines.findIndex((line) => line.who === "agent" && line.turn === turn);
  if (place >= 0) return lines.map((line, at) => (at === place && line.who === "agent" ? change(line) : line));
  const empty: AgentLine = {
    who: "agent",
    key: keyAfter(lines),
    turn,
    sentences: [],
    heardWords: 0,
    isCut: false,
    isRemembered: false,
  };
  const line = change(empty);
  return line.sentences.length ? [...lines, line] : lines;
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

/** What was remembered is what was heard, whatever was thought before. */
function settled(line: AgentLine, text: string, isCut: boolean): AgentLine {
  const { heard, unheard } = heardAndUnheard(line);
  const isSame = heard === words(text).join(" ") && (isCut || !unheard);
  const next = isSame ? line : split(line, text, isCut ? cutRest(line, text, words(unheard)) : "");
  return { ...next, isCut, isRemembered: true };
}

/** What of the line comes after the remembered words. */
function cutRest(line: AgentLine, text: string, otherwise: readonly string[]): string {
  const all = line.sentences.flatMap((sentence) => words(sentence.text));
  const count = words(text).length;
  return (all.slice(0, count).join(" ") === words(text).join(" ") ? all.slice(count) : otherwise).join(" ");
}

/** One line for what the caller said in the turn, in place of what it is made of; else before what the agent says to it. */
function withCallerRemembered(lines: Lines, turn: number, text: string): Lines {
  const plain = plainly(text);
  const pending = lines.filter((line): line is CallerLine => line.who === "caller" && !line.isRemembered);
  const contained = pending.filter((line) => plain.includes(plainly(line.text)));
  const merged = contained.length ? contained : pending.slice(-1);
  const [first] = merged;
  if (!first) {
    const answer = lines.findIndex((line) => line.who === "agent" && line.turn === turn && !line.isRemembered);
    return lines.toSpliced(answer < 0 ? lines.length : answer, 0, { ...callerLine(lines, null, text, true), isRemembered: true });
  }
  const one: CallerLine = { ...first, text, utterance: null, isFinal: true, isRemembered: true };
  return lines
    .filter((line) => line === first || !merged.includes(line as CallerLine))
    .map((line) => (line === first ? one : line));
}
