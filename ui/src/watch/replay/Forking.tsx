import { type FormEvent, useState } from "react";
import { Http } from "../../http";
import { troubleOf } from "../../studio/trouble";
import type { PastLine } from "../rows";
import { type Answer, type Asked, type Fork, fork } from "./fork";
import "./replay.css";

/** Hosted models that the server may be asked to use are named like this. */
const HOSTED = String.raw`(openai|anthropic)/.+|none`;

/** The caller's lines from a turn on, asked again of the agent with another language model. */
export default function Forking({ session, lines }: { session: string; lines: readonly PastLine[] }) {
  const asked = lines.filter(({ role }) => role === "user");
  const [turn, setTurn] = useState(asked[0]?.turn ?? 1);
  const [model, setModel] = useState("none");
  const [most, setMost] = useState(5);
  const [found, setFound] = useState<Fork | null>(null);
  const [says, setSays] = useState("");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setFound(null);
    setSays("Asking again. This takes as long as the answers do.");
    try {
      setFound(await fork(new Http(), session, { turn, model: model.trim(), most }));
      setSays("");
    } catch (error) {
      setSays(troubleOf(error).says);
    }
  };
  if (!asked.length) return <p className="empty">The caller said nothing that could be asked again.</p>;
  return (
    <div className="forking" data-testid="forking">
      <form className="sheet fork-form" onSubmit={(event) => void send(event)}>
        <p className="unit">
          What the caller said is asked again, in text, of the agent with another language model. Nothing is changed by it, and no
          sound is made.
        </p>
        <label className="from-line">
          From this line on
          <select value={turn} data-testid="fork-turn" onChange={({ target }) => setTurn(Number(target.value))}>
            {asked.map((line, at) => (
              <option key={at} value={line.turn}>
                {line.turn}: {line.text}
              </option>
            ))}
          </select>
        </label>
        <label>
          Model
          <input value={model} pattern={HOSTED} title="openai/…, anthropic/…, none, or empty for the server's own" data-testid="fork-model" onChange={({ target }) => setModel(target.value)} />
          <span className="unit">openai/… or anthropic/…; none: what the agent knows itself; empty: the server's own</span>
        </label>
        <label>
          Lines at most
          <input type="number" min={1} max={20} required value={most} onChange={({ target }) => setMost(Number(target.value))} />
        </label>
        <button type="submit" className="button talk" data-testid="fork">
          Ask again
        </button>
      </form>
      <p role="status" className={says ? "notice" : "hidden"}>
        {says || (found ? `${found.differences} of ${found.asked.length} answers differ.` : "")}
      </p>
      {found && <Compared found={found} />}
    </div>
  );
}

function Compared({ found }: { found: Fork }) {
  return (
    <section className="sheet compared" aria-labelledby="compared" tabIndex={0} data-testid="compared">
      <h2 id="compared">
        {found.differences} of {found.asked.length} answers differ
      </h2>
      <p className="unit">
        With {found.model === "none" ? "no language model" : found.model}. {costOf(found.usd)}
      </p>
      <ol>
        {found.asked.map((asked, at) => (
          <li key={at}>
            <p className="question">{asked.text}</p>
            <div className="pair">
              <Told title="Then" answer={asked.recorded} />
              {asked.error ? <p className="failed">No other answer: {asked.error}</p> : <Told title="Now" answer={asked.forked} isOther={differs(asked)} />}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Told({ title, answer, isOther = false }: { title: string; answer: Answer; isOther?: boolean }) {
  return (
    <div className={isOther ? "is-other" : ""}>
      <h3>
        {title} <span className="unit">{[answer.specialist, isOther && "otherwise", answer.isCut && "interrupted"].filter(Boolean).join(", ")}</span>
      </h3>
      <p>{answer.text || "Nothing."}</p>
    </div>
  );
}

/** Of an answer that was interrupted, what was heard is compared. */
function differs({ recorded, forked }: Asked): boolean {
  const isOther = recorded.isCut ? !forked.text.startsWith(recorded.text) : forked.text !== recorded.text;
  return isOther || recorded.specialist !== forked.specialist;
}

function costOf(usd: number | null): string {
  if (usd === null) return "What it cost is not known.";
  return usd === 0 ? "It cost nothing." : `It cost ${usd.toFixed(4)} USD.`;
}
