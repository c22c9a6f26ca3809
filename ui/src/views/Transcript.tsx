import { type ReactNode, useLayoutEffect, useRef } from "react";
import { type AgentLine, type CallerLine, isOfPerson, type Line, lineWords, type SpokenSentence, words } from "../lines";
import type { TalkState } from "../state";
import type { RouteChosen, VerdictGiven } from "../wire";
import { PersonIcon, ShieldMark } from "./icons";

/** Distance from the bottom, px, within which the reader is taken to be following. */
const FOLLOW_WITHIN = 64;

interface TranscriptProps {
  readonly state: Pick<TalkState, "lines" | "routes" | "verdicts">;
  readonly agent: string;
  /** What the caller is called here. */
  readonly caller: string;
  /** Said while there are no lines. */
  readonly children: ReactNode;
}

/** What was said, by whom, and how much of it was heard. */
export function Transcript({ state, agent, caller, children }: TranscriptProps) {
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
          <LineOf key={line.key} line={line} names={{ agent, caller }} state={state} />
        ))}
      </ol>
    </section>
  );
}

interface Names {
  readonly agent: string;
  readonly caller: string;
}

function LineOf({ line, names, state }: { line: Line; names: Names; state: TranscriptProps["state"] }) {
  switch (line.who) {
    case "caller":
      return <Said line={line} caller={names.caller} />;
    case "agent":
      return (
        <Spoken line={line} agent={names.agent} route={state.routes[line.turn]} verdicts={state.verdicts[line.turn] ?? []} />
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
}: {
  line: AgentLine;
  agent: string;
  route: RouteChosen | undefined;
  verdicts: readonly VerdictGiven[];
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
      {(route || verdicts.length > 0) && (
        <p className="notes">
          {route && (
            <span>
              {route.specialist}
              {route.reason && ` · ${route.reason}`}
            </span>
          )}
          {verdicts.map((verdict, at) => (
            <span key={at} data-testid="verdict">
              <ShieldMark says="guardrail" />
              {verdictText(verdict)}
            </span>
          ))}
        </p>
      )}
    </li>
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

export function verdictText({ side, action, categories }: VerdictGiven): string {
  const about = categories.length ? `: ${categories.join(", ")}` : "";
  const whose = side === "input" ? "question" : "answer";
  return `${whose} ${action === "block" ? "blocked" : "rewritten"}${about}`;
}
