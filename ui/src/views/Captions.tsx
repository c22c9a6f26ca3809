import { type AgentLine, type Line, type Lines, words } from "../lines";
import "../styles/captions.css";

/** So many words stand there at once: what the eye takes in while the ear listens. */
const MOST_WORDS = 24;

/** The words of now, large, in place of the picture of the voices. Everything else stands in the transcript, where screen readers find it. */
export function Captions({ lines, agent, caller }: { lines: Lines; agent: string; caller: string }) {
  const line = lines.findLast((each) => each.who !== "whisper");
  return (
    <div className="captions" aria-hidden="true" data-testid="captions" data-who={line?.who}>
      {line ? <Words line={line} agent={agent} caller={caller} /> : <p className="empty">What is said stands here, large.</p>}
    </div>
  );
}

function Words({ line, agent, caller }: { line: Line; agent: string; caller: string }) {
  if (line.who === "agent") {
    const { before, after } = aroundNow(line);
    return (
      <p>
        <span className="who">{agent}</span> {before} <span className="unheard">{after}</span>
      </p>
    );
  }
  const name = line.who === "caller" ? caller : line.by || "Person";
  return (
    <p>
      <span className="who">{name}</span> {words(line.text).slice(-MOST_WORDS).join(" ")}
    </p>
  );
}

/** The words that were just heard, and those that come next; of a line that was cut, none. */
export function aroundNow(line: AgentLine): { readonly before: string; readonly after: string } {
  const all = line.sentences.flatMap((sentence) => words(sentence.text));
  // A window moves on by halves, so that words stand still while they are read.
  const half = MOST_WORDS / 2;
  const last = Math.max(0, Math.min(line.heardWords, all.length) - 1);
  const from = Math.max(0, (Math.floor(last / half) - 1) * half);
  const until = line.isCut ? line.heardWords : from + MOST_WORDS;
  return { before: all.slice(from, line.heardWords).join(" "), after: all.slice(line.heardWords, until).join(" ") };
}
