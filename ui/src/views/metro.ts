/** Where the stages of a turn stand on the picture: data for a drawing, in pixels of a given width. Pure. */
import type { Stage } from "../pipeline";

export interface Station {
  readonly stage: Stage;
  readonly x: number;
  readonly y: number;
}
export interface Track {
  /** An SVG path. */
  readonly path: string;
  readonly from: Stage;
  readonly to: Stage;
}
/** A station beside the line, which is not passed in every turn. */
export interface Halt {
  readonly x: number;
  readonly y: number;
  readonly path: string;
}
export interface Metro {
  readonly width: number;
  readonly height: number;
  readonly stations: readonly Station[];
  readonly tracks: readonly Track[];
  readonly filler: Halt;
  readonly person: Halt;
  /** Not wide enough for long names. */
  readonly isNarrow: boolean;
}

/** Heights of the three lines, and of the whole, px. */
const TOP = 18;
const MIDDLE = 50;
const BOTTOM = 82;
const HEIGHT = 104;
const NARROW = 560;

/** Columns of the stages; where two stand in one, they go side by side. */
const COLUMNS: readonly (readonly [Stage, number, number])[] = [
  ["hear", 0, MIDDLE],
  ["check", 1, TOP],
  ["route", 1, BOTTOM],
  ["ground", 2, MIDDLE],
  ["phrase", 3, MIDDLE],
  ["guard", 4, MIDDLE],
  ["speak", 5, MIDDLE],
];
const LINES: readonly (readonly [Stage, Stage])[] = [
  ["hear", "check"],
  ["hear", "route"],
  ["check", "ground"],
  ["route", "ground"],
  ["ground", "phrase"],
  ["phrase", "guard"],
  ["guard", "speak"],
];

export function metro(width: number): Metro {
  const isNarrow = width < NARROW;
  const margin = isNarrow ? 20 : 40;
  const step = (width - 2 * margin - (isNarrow ? 8 : 32)) / 5;
  const x = (column: number) => Math.round(margin + column * step);
  const stations = COLUMNS.map(([stage, column, y]) => ({ stage, x: x(column), y }));
  const at = (stage: Stage) => stations.find((each) => each.stage === stage)!;
  const tracks = LINES.map(([from, to]) => ({ from, to, path: line(at(from), at(to)) }));
  const [ground, speak] = [at("ground"), at("speak")];
  const beside = x(4);
  return {
    width,
    height: HEIGHT,
    stations,
    tracks,
    isNarrow,
    filler: { x: beside, y: BOTTOM, path: `${line(at("route"), { x: beside, y: BOTTOM })} ${onward({ x: beside, y: BOTTOM }, speak)}` },
    person: { x: beside, y: TOP, path: `${line(ground, { x: x(3), y: TOP })} ${onward({ x: x(3), y: TOP }, { x: beside, y: TOP })} ${onward({ x: beside, y: TOP }, speak)}` },
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** From the one to the other: straight, or in a slope with level ends. */
function line(from: Point, to: Point): string {
  return `M${from.x} ${from.y} ${onward(from, to)}`;
}

function onward(from: Point, to: Point): string {
  if (from.y === to.y) return `L${to.x} ${to.y}`;
  const half = Math.round((from.x + to.x) / 2);
  return `C${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`;
}
