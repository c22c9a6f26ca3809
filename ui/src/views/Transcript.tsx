import { type ReactNode, useLayoutEffect, useRef } from "react";
import { type AgentLine, type CallerLine, isOfPerson, type Line, lineWords, type SpokenSentence, words } from "../lines";
import { type TalkState, verdictText } from "../state";
import { waterfall } from "../waterfall";
import type { Latency, RouteChosen, VerdictGiven } from "../wire";
import { PersonIcon, ShieldMark } from "./icons";

/** Distance from the bottom, px, within which the reader is taken to be following. */
const FOLLOW_WITHIN = 64;

type TranscriptState = Pick<TalkState, "lines" | "routes" | "verdicts"> & Partial<Pick<TalkState, "latencies" | "shownTurn">>;

interface TranscriptProps {
  readonly state: TranscriptState;
  readonly agent: string;
  /** What the caller is called here. */
  readonly caller: string;
  /** Said while there are no lines. */
  readonly children: ReactNode;
  /** Shows the parts of a turn elsewhere. */
  readonly lookAt?: (turn: number | null) => void;
}

/** What was said, by whom, and how much of it was heard. */
export function Transcript({ state, agent, caller, children, lookAt }: TranscriptProps) {
  const listRef = useRef<HTMLOListElement>(null);
  const isFollowing = useRef(true);
  useLayoutEffect(() => {
    const list = listRef.current!;
    if (isFollowing.current) list.scrollTop = list.scrollHeight;
  }, [state.lines]);

  return (
    <section className="sheet transcript" aria-labelledby="transcript-title">
      <h2 id="transcript-title">Transcript</h2>
      <ol
        ref={listRef}
        className="lines"
        data-testid="transcript"
        // Scrollable by keyboard, and so must be reachable by it.
        tabIndex={0}
        aria-labelledby="transcript-title"
        onScroll={({ currentTarget: list }) => {
          isFollowing.current = list.scrollHeight - list.scrollTop - list.clientHeight < FOLLOW_WITHIN;
        }}
      >
        {state.lines.length === 0 && <li className="empty">{children}</li>}
        {state.lines.map((line) => (
          <LineOf key={line.key} line={line} names={{ agent, caller }} state={state} lookAt={lookAt} />
        ))}
      </ol>
    </section>
  );
}

interface Names {
  readonly agent: string;
  readonly caller: string;
}

type LookAt = TranscriptProps["lookAt"];

function LineOf({ line, names, state, lookAt }: { line: Line; names: Names; state: TranscriptState; lookAt: LookAt }) {
  switch (line.who) {
    case "caller":
      return <Said line={line} caller={names.caller} />;
    case "agent":
      return (
        <Spoken line={line} agent={names.agent} route={state.routes[line.turn]} verdicts={state.verdicts[line.turn] ?? []}>
          {lookAt && <TurnTime latency={state.latencies?.[line.turn]} isShown={state.shownTurn === line.turn} lookAt={lookAt} />}
        </Spoken>
      );
    case "supervisor":
      return (
        <li className="line supervisor" data-testid="supervisor-line">
          <Badge name={line.by} />
          <p className="said">{line.text}</p>
        </li>
      );
    case "whisper":
      return (
        <li className="line whisper" data-testid="whisper-line">
          <Badge name={line.by} />
          <p className="said">
            {line.text} <span className="only">whispered: only the agent sees it</span>
          </p>
        </li>
      );
  }
}

function Badge({ name }: { name: string }) {
  return (
    <span className="who" title={name}>
      <PersonIcon />
      {name || "Person"}
    </span>
  );
}

/** Pale until the server has taken it into the conversation; what was set aside, as "mhm", stays so. */
function Said({ line, caller }: { line: CallerLine; caller: string }) {
  return (
    <li className={`line caller ${line.isRemembered ? "" : "pending"}`} data-testid="caller-line">
      <span className="who">{caller}</span>
      <p className="said">{line.text}</p>
    </li>
  );
}

function Spoken({
  line,
  agent,
  route,
  verdicts,
  children,
}: {
  line: AgentLine;
  agent: string;
  route: RouteChosen | undefined;
  verdicts: readonly VerdictGiven[];
  /** After the notes. */
  children: ReactNode;
}) {
  const isAllHeard = line.heardWords >= lineWords(line);
  return (
    <li
      className={`line ${isOfPerson(line) ? "supervisor" : "agent"} ${line.isCut ? "is-cut" : ""}`}
      data-testid="agent-line"
      data-turn={line.turn}
      data-cut={line.isCut}
      data-remembered={line.isRemembered}
    >
      {isOfPerson(line) ? <Badge name="" /> : <span className="who">{agent}</span>}
      <p className="said">
        {line.sentences.map((sentence, at) => (
          <SentenceText
            key={at}
            sentence={sentence}
            heard={line.heardWords - wordsBefore(line, at)}
            cut={line.isCut && !isAllHeard}
          />
        ))}
      </p>
      {(route || verdicts.length > 0 || children) && (
        <div className="notes">
          {route && (
            <span className="subject" data-testid="subject" title={`Routed with a confidence of ${route.confidence.toFixed(2)}${route.reason ? `: ${route.reason}` : ""}`}>
              {route.specialist}
            </span>
          )}
          {route?.reason && <span>{route.reason}</span>}
          {verdicts.map((verdict, at) => (
            <span key={at} className="ruling" data-testid="verdict">
              <ShieldMark says="guardrail" />
              {verdictText(verdict)}
            </span>
          ))}
          {children}
        </div>
      )}
    </li>
  );
}

/** How long the caller waited; pressed, it shows the parts of that time. */
function TurnTime({ latency, isShown, lookAt }: { latency: Latency | undefined; isShown: boolean; lookAt: NonNullable<LookAt> }) {
  if (!latency) return null;
  const { totalMs } = waterfall(latency);
  return (
    <button type="button" className="turn-time num" data-testid="turn-time" aria-pressed={isShown} title="Show where the time went" onClick={() => lookAt(isShown ? null : latency.turn)}>
      {Math.round(totalMs)} ms
    </button>
  );
}

function wordsBefore(line: AgentLine, sentence: number): number {
  return line.sentences.slice(0, sentence).reduce((count, each) => count + words(each.text).length, 0);
}

/** A sentence with its first `heard` words in ink and the others in grey; the cut stands between them. */
function SentenceText({ sentence, heard, cut }: { sentence: SpokenSentence; heard: number; cut: boolean }) {
  const all = words(sentence.text);
  const count = Math.max(0, Math.min(all.length, heard));
  const isCutHere = cut && heard >= 0 && heard < all.length;
  return (
    <>
      {sentence.isRewritten && <ShieldMark says="rewritten by the guardrail" />}
      <span className={sentence.purpose === "filler" ? "filler" : undefined}>
        {count > 0 && <span className="heard">{all.slice(0, count).join(" ")} </span>}
        {isCutHere && <Cut />}
        {count < all.length && <Unheard isLost={cut}>{all.slice(count).join(" ")}</Unheard>}
      </span>{" "}
    </>
  );
}

function Cut() {
  return (
    <>
      <i className="cut-mark" aria-hidden="true" data-testid="cut" />
      <span className="hidden">Interrupted; not heard: </span>
    </>
  );
}

function Unheard({ isLost, children }: { isLost: boolean; children: ReactNode }) {
  return isLost ? <del className="unheard">{children}</del> : <span className="unheard">{children}</span>;
}
