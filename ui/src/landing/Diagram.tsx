import { useId } from "react";
import { draw, WIDTH } from "./drawing";
import { CARRIED_WORDS, type Carried, PLACE_WORDS, type Picture, sentences } from "./picture";

/** Who stands where, and what travels between them; in sentences for those who do not see it. */
export function Diagram({ picture, title }: { picture: Picture; title: string }) {
  const id = useId();
  const { height, boxes, lines, labels } = draw(picture);
  return (
    <figure className="diagram">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={title} aria-describedby={id}>
        {boxes.map(({ place, ...box }) => (
          <g key={place} className={`place ${place}`}>
            <rect {...box} rx={8} />
            {place === "person" ? (
              <text x={box.x + box.width / 2} y={box.y + box.height / 2 + 4}>
                {PLACE_WORDS[place].join(" ")}
              </text>
            ) : (
              PLACE_WORDS[place].map((word, at) => (
                <text key={word} x={box.x + box.width / 2} y={box.y + box.height / 2 - 3 + at * 16}>
                  {word}
                </text>
              ))
            )}
          </g>
        ))}
        {lines.map(({ carries, path, tip }, at) => (
          <g key={at} className={`hop ${carries}`}>
            <path d={path} />
            <path className="tip" d="M0 0l-7-4v8z" transform={`translate(${tip.x} ${tip.y}) rotate(${tip.turn})`} />
          </g>
        ))}
        {labels.map(({ text, x, y }) => (
          <text key={`${text}${x}${y}`} className="label" x={x} y={y}>
            {text}
          </text>
        ))}
      </svg>
      <figcaption id={id} className="hidden">
        {sentences(picture).join(" ")}
      </figcaption>
    </figure>
  );
}

/** What the lines of the pictures mean. */
export function Legend() {
  const kinds: readonly Carried[] = ["caller", "agent", "filler", "person", "words"];
  return (
    <ul className="legend" aria-label="What the lines carry">
      {kinds.map((carries) => (
        <li key={carries}>
          <svg viewBox="0 0 34 10" aria-hidden="true">
            <g className={`hop ${carries}`}>
              <path d="M2 5H30" />
              <path className="tip" d="M0 0l-7-4v8z" transform="translate(33 5)" />
            </g>
          </svg>
          {CARRIED_WORDS[carries]}
        </li>
      ))}
    </ul>
  );
}
