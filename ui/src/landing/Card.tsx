import type { Architecture } from "./architectures";
import { Diagram } from "./Diagram";
import { type Figure, MEASURE, origin, wait } from "../measured";
import type { Word } from "./standing";

interface CardProps {
  readonly architecture: Architecture;
  readonly word: Word;
  readonly response: Figure | undefined;
  readonly href: string;
}

/** One architecture: how it is made, how it is, how fast it was, and the way in. */
export function Card({ architecture, word, response, href }: CardProps) {
  const { letter, title, says, picture, gives, costs, needs } = architecture;
  const id = `way-${letter}`;
  return (
    <article className="card" aria-labelledby={id} data-testid={`card-${letter}`}>
      <header>
        <p className="letter" aria-hidden="true">
          {letter}
        </p>
        <h3 id={id}>{title}</h3>
        <p>{says}</p>
      </header>
      <Diagram picture={picture} title={`How ${title} is made`} />
      <Response figure={response} />
      <dl className="terms">
        <dt>Gives</dt>
        <dd>{gives}</dd>
        <dt>Costs</dt>
        <dd>{costs}</dd>
      </dl>
      <details className="needs">
        <summary>What it needs</summary>
        <dl className="terms">
          {needs.map(([what, which]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>{which}</dd>
            </div>
          ))}
        </dl>
      </details>
      <footer>
        <p className="health" data-is={word.is} data-testid="health">
          {word.says}
        </p>
        <a className="button talk" href={href}>
          Talk<span className="hidden"> by {title}</span>
        </a>
      </footer>
    </article>
  );
}

/** The wait for an answer, as it was measured here. */
function Response({ figure }: { figure: Figure | undefined }) {
  if (!figure) {
    return (
      <div className="response" data-testid="response">
        <p>
          Wait for an answer: <b>not measured yet</b>
        </p>
        <code>{MEASURE}</code>
      </div>
    );
  }
  return (
    <div className="response measured" data-testid="response">
      <p className="figures">
        <Wait ms={figure.p50} means="median" />
        {figure.p95 !== null && <Wait ms={figure.p95} means="95th percentile" />}
      </p>
      <p className="origin">until an answer is heard · {origin(figure)}</p>
    </div>
  );
}

function Wait({ ms, means }: { ms: number; means: string }) {
  const { number, unit } = wait(ms);
  return (
    <span>
      <b className="num">{number}</b> {unit} <small>{means}</small>
    </span>
  );
}
