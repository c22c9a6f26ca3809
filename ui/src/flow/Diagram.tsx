import { useId } from "react";
import { type Arrow, type Entry, type Layout, layout, type Placed } from "./layout";
import type { Flow } from "./rows";
import { entryLabel, labelOf, noteOf } from "./words";

/** Lengths of the picture, px. */
interface Sizes {
  readonly wide: number;
  readonly high: number;
  /** Between two rows, with the words beside an arrow. */
  readonly gap: number;
  /** Between two columns. */
  readonly gutter: number;
  /** At the left, for arrows that go up again. */
  readonly left: number;
}
const ROOMY: Sizes = { wide: 208, high: 60, gap: 60, gutter: 104, left: 64 };
const TIGHT: Sizes = { wide: 134, high: 60, gap: 56, gutter: 22, left: 34 };
/** Where an arrow leaves a box and enters the next one, from its left side, px. */
const STEM = 24;
const LINE = 17;

interface DiagramProps {
  readonly flow: Flow;
  /** The step that is lit; empty: none. */
  readonly here: string;
  readonly isTight: boolean;
}

/** The flow as a picture: from the first step down, and at the side what may happen at any step. */
export function Diagram({ flow, here, isTight }: DiagramProps) {
  const id = useId();
  const sizes = isTight ? TIGHT : ROOMY;
  const plan = layout(flow);
  const at = new Map(plan.steps.map((step) => [step.name, corner(step, sizes)]));
  const hasLane = plan.entries.length > 0;
  const columns = plan.columns + (hasLane ? 1 : 0);
  const width = sizes.left + columns * sizes.wide + (columns - 1) * sizes.gutter + 4;
  const height = plan.rows * (sizes.high + sizes.gap) + 4;
  const arrowHead = `${id}-head`;
  return (
    <div className="flow-picture" role="group" aria-label="Picture of the flow" tabIndex={0}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`The steps of ${flow.name}${here && `; now at ${here}`}`}>
        <defs>
          <marker id={arrowHead} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
            <path d="M0 0 8 4 0 8Z" />
          </marker>
        </defs>
        {plan.arrows.map((arrow) => (
          <ArrowShape key={`${arrow.from} ${arrow.to} ${arrow.way.on}`} arrow={arrow} from={at.get(arrow.from)!} to={at.get(arrow.to)!} sizes={sizes} head={`url(#${arrowHead})`} />
        ))}
        {plan.entries.map((entry) => (
          <EntryShape key={entry.to} entry={entry} to={at.get(entry.to)!} lane={laneAt(plan, sizes)} sizes={sizes} head={`url(#${arrowHead})`} />
        ))}
        {flow.steps.map((step) => {
          const place = at.get(step.name);
          const isAside = plan.steps.find(({ name }) => name === step.name)?.isAside;
          if (!place) return null;
          const note = noteOf(step, flow);
          return (
            <g key={step.name} className={`step ${isAside ? "aside" : ""} ${step.name === here ? "here" : ""}`} data-step={step.name} transform={`translate(${place.x} ${place.y})`}>
              <rect width={sizes.wide} height={sizes.high} rx={step.isTerminal ? sizes.high / 2 : 8} />
              <text x={STEM - 8} y={note ? 26 : 36} className="name">
                {step.name}
              </text>
              {note && (
                <text x={STEM - 8} y={45} className="note">
                  {note}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function corner({ row, column }: Placed, { wide, high, gap, gutter, left }: Sizes): Point {
  return { x: left + column * (wide + gutter), y: gap + row * (high + gap) };
}

function laneAt({ columns }: Layout, { wide, gutter, left }: Sizes): number {
  return left + columns * (wide + gutter);
}

interface ArrowProps {
  readonly arrow: Arrow;
  readonly from: Point;
  readonly to: Point;
  readonly sizes: Sizes;
  readonly head: string;
}

function ArrowShape({ arrow, from, to, sizes, head }: ArrowProps) {
  const { wide, high, gap, left } = sizes;
  const label = labelOf(arrow.way);
  const className = `way ${arrow.isAside ? "aside" : ""}`;
  if (arrow.runs === "back") {
    const [low, up] = [from.y + high / 2, to.y + high / 2];
    const bend = from.x - left + 14;
    return (
      <g className={className}>
        <path d={`M${from.x} ${low}C${bend} ${low} ${bend} ${up} ${from.x} ${up + 8}`} markerEnd={head} />
        <Words x={2} y={(low + up) / 2 + 5} lines={label} />
      </g>
    );
  }
  const x = from.x + STEM;
  if (arrow.runs === "down") {
    return (
      <g className={className}>
        <path d={`M${x} ${from.y + high}V${to.y}`} markerEnd={head} />
        <Words x={x + 12} y={from.y + high + gap / 2 + 5} lines={label} />
      </g>
    );
  }
  const [low, high_] = [from.y + high, to.y];
  const end = to.x + wide / 2;
  const mid = low + gap / 2;
  return (
    <g className={className}>
      <path d={`M${from.x + wide / 2} ${low}C${from.x + wide / 2} ${mid} ${end} ${mid} ${end} ${high_}`} markerEnd={head} />
      <Words x={(from.x + to.x + wide) / 2 + 8} y={mid + 5} lines={label} />
    </g>
  );
}

interface EntryProps {
  readonly entry: Entry;
  readonly to: Point;
  readonly lane: number;
  readonly sizes: Sizes;
  readonly head: string;
}

function EntryShape({ entry, to, lane, sizes, head }: EntryProps) {
  const { wide, high, gap } = sizes;
  const label = entryLabel(entry.on);
  if (entry.isAbove) {
    const x = to.x + STEM;
    return (
      <g className="way aside">
        <circle cx={x} cy={to.y - gap + 14} r={3} />
        <path d={`M${x} ${to.y - gap + 14}V${to.y}`} markerEnd={head} />
        <Words x={x + 12} y={to.y - gap / 2 + 5} lines={label} />
      </g>
    );
  }
  const y = to.y + high / 2;
  return (
    <g className="way aside">
      <circle cx={lane + 8} cy={y} r={3} />
      <path d={`M${lane + 8} ${y}H${to.x + wide}`} markerEnd={head} />
      <Words x={lane + STEM - 4} y={y + 5} lines={label} />
    </g>
  );
}

/** Words in lines, of which the middle is at `y`. */
function Words({ x, y, lines }: { x: number; y: number; lines: readonly string[] }) {
  const top = y - ((lines.length - 1) * LINE) / 2;
  return (
    <text className="words" x={x}>
      {lines.map((line, at) => (
        <tspan key={at} x={x} y={top + at * LINE}>
          {line}
        </tspan>
      ))}
    </text>
  );
}
