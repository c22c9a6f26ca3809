/** Where the stages of a turn stand on the picture: data for a drawing, in pixels of a given width. Pure. */
import type { Stage } from "../pipeline";

interface Point {
  readonly x: number;
  readonly y: number;
}
/** Where a name stands: it begins there, or is around it. */
interface Label extends Point {
  readonly anchor: "start" | "middle";
}
export interface Station extends Point {
  readonly stage: Stage;
  readonly label: Label;
}
export interface Track {
  /** An SVG path. */
  readonly path: string;
  readonly from: Stage;
  readonly to: Stage;
}
/** A station beside the line, which is not passed in every turn. */
export interface Halt extends Point {
  readonly path: string;
  readonly label: Label;
}
export interface Metro {
  readonly width: number;
  readonly height: number;
  readonly stations: readonly Station[];
  readonly tracks: readonly Track[];
  readonly filler: Halt;
  readonly person: Halt;
  /** Not wide enough for more than names. */
  readonly isNarrow: boolean;
}

const NARROW = 560;
const WIDE_ROWS = { top: 16, middle: 52, bottom: 88, height: 100 };
/** The times stand below the names there. */
const NARROW_ROWS = { top: 16, middle: 54, bottom: 100, height: 128 };

/** Columns of the stages; where two stand in one, they go side by side. */
const PLACES: readonly (readonly [Stage, number, "top" | "middle" | "bottom"])[] = [
  ["hear", 0, "middle"],
  ["check", 1, "top"],
  ["route", 1, "bottom"],
  ["ground", 2, "middle"],
  ["phrase", 3, "middle"],
  ["guard", 4, "middle"],
  ["speak", 5, "middle"],
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
/** The column of what stands beside the line. */
const BESIDE = 3.5;

export function metro(width: number): Metro {
  const isNarrow = width < NARROW;
  const rows = isNarrow ? NARROW_ROWS : WIDE_ROWS;
  const margin = isNarrow ? 26 : 72;
  const step = (width - 2 * margin) / 5;
  const at = (column: number, row: keyof typeof rows): Point => ({ x: Math.round(margin + column * step), y: rows[row] });
  /** Names stand below the lines, and above the lowest where there is room between it and the middle. */
  const label = ({ x, y }: Point, isInside: boolean): Label => ({ x, y: isInside && y === rows.bottom ? y - 14 : y + 23, anchor: "middle" });
  const stations = PLACES.map(([stage, column, row]) => ({ stage, ...at(column, row), label: label(at(column, row), true) }));
  const of = (stage: Stage) => stations.find((each) => each.stage === stage)!;
  const tracks = LINES.map(([from, to]) => ({ from, to, path: `M${of(from).x} ${of(from).y} ${onward(of(from), of(to))}` }));
  const halt = (row: "top" | "bottom", from: Point, bend: Point): Halt => {
    const place = at(BESIDE, row);
    const path = `M${from.x} ${from.y} ${onward(from, bend)} L${place.x} ${place.y} ${onward(place, of("speak"))}`;
    const beside: Label = { x: place.x + 12, y: place.y + 5, anchor: "start" };
    return { ...place, path, label: row === "bottom" && !isNarrow ? beside : label(place, false) };
  };
  return {
    width,
    height: rows.height,
    stations,
    tracks,
    isNarrow,
    filler: halt("bottom", of("route"), at(2, "bottom")),
    person: halt("top", of("ground"), at(3, "top")),
  };
}

/** Goes on to there: level first, and then in a slope with level ends. */
function onward(from: Point, to: Point): string {
  if (from.y === to.y) return `L${to.x} ${to.y}`;
  const run = to.x - from.x;
  const bend = from.x + Math.round(Math.max(0, run * 0.4));
  const half = Math.round((bend + to.x) / 2);
  return `L${bend} ${from.y} C${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`;
}
