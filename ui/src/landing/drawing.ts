/** Where the parts of a picture stand: a pure function of the picture. All lengths in the units of the view box. */
import type { Carried, Hop, Picture, Place } from "./picture";

export const WIDTH = 348;
const BOX = { width: 76, height: 60 };
const GUEST = { width: 76, height: 30 };
/** Of the chain; below the last line there is as much. */
const TOP = 12;
/** Between lines that run side by side. */
const LANE = 13;
/** Under the chain, to the first line that passes below it; and from one such line to the next. */
const DEPTH = 28;
const STEP = 24;
const BEND = 8;
/** Free space between a line's arrow and the box it points at. */
const GAP = 3;

export interface Box {
  readonly place: Place;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Line {
  readonly carries: Carried;
  /** The path, in SVG's words; it ends where the arrow points. */
  readonly path: string;
  /** Where the arrow points, and which way, in degrees from pointing right. */
  readonly tip: { readonly x: number; readonly y: number; readonly turn: number };
}
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}
export interface Drawing {
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly labels: readonly Label[];
}

/** The picture, drawn. Neighbours are joined straight, others by lines that pass below who stands between. */
export function draw(picture: Picture): Drawing {
  const boxes = stand(picture);
  const box = (place: Place) => boxes.find((each) => each.place === place)!;
  const lines: Line[] = [];
  const labels: Label[] = [];
  let bottom = TOP + BOX.height;
  for (const hops of byPair(picture.hops)) {
    const [a, b] = [box(hops[0]!.from), box(hops[0]!.to)];
    if (a.x === b.x) {
      lines.push(...hops.map((hop) => upright(box(hop.from), box(hop.to), hop.carries)));
    } else if (areNeighbours(picture, a.place, b.place)) {
      const [left, right] = a.x < b.x ? [a, b] : [b, a];
      const ys = spread(left.y + left.height / 2, hops.length);
      lines.push(...hops.map((hop, at) => straight(left, right, ys[at]!, hop.from === left.place, hop.carries)));
      labels.push({ text: hops[0]!.label, x: (left.x + left.width + right.x) / 2, y: ys[0]! - 9 });
    } else {
      hops.forEach((hop, at) => {
        const deep = depth(at, picture.guest ? 1 : 0);
        lines.push(below(box(hop.from), box(hop.to), at, deep, hop.carries));
        labels.push({ text: hop.label, x: WIDTH / 2, y: deep - 6 });
        bottom = Math.max(bottom, deep);
      });
    }
  }
  return { height: bottom + TOP, boxes, lines, labels };
}

function stand({ chain, guest }: Picture): readonly Box[] {
  const gap = (WIDTH - chain.length * BOX.width) / (chain.length - 1);
  const boxes = chain.map((place, at): Box => ({ place, x: at * (BOX.width + gap), y: TOP, ...BOX }));
  const host = guest && boxes.find(({ place }) => place === guest.under);
  return host ? [...boxes, { place: guest.place, x: host.x, y: TOP + BOX.height + 20, ...GUEST }] : boxes;
}

/** Hops between the same two, whichever way they go, in the order of their first. */
function byPair(hops: readonly Hop[]): readonly (readonly Hop[])[] {
  const pairs = new Map<string, Hop[]>();
  for (const hop of hops) {
    const key = [hop.from, hop.to].sort().join();
    pairs.set(key, [...(pairs.get(key) ?? []), hop]);
  }
  return [...pairs.values()];
}

function areNeighbours({ chain }: Picture, a: Place, b: Place): boolean {
  return Math.abs(chain.indexOf(a) - chain.indexOf(b)) === 1;
}

function spread(middle: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => middle + (at - (count - 1) / 2) * LANE);
}

function straight(left: Box, right: Box, y: number, goesRight: boolean, carries: Carried): Line {
  const [from, to] = [left.x + left.width + GAP, right.x - GAP];
  const [start, end] = goesRight ? [from, to] : [to, from];
  return { carries, path: `M${start} ${y}H${end}`, tip: { x: end, y, turn: goesRight ? 0 : 180 } };
}

function upright(from: Box, to: Box, carries: Carried): Line {
  const x = from.x + from.width / 2;
  const goesUp = from.y > to.y;
  const [start, end] = goesUp ? [from.y - GAP, to.y + to.height + GAP] : [from.y + from.height + GAP, to.y - GAP];
  return { carries, path: `M${x} ${start}V${end}`, tip: { x, y: end, turn: goesUp ? -90 : 90 } };
}

/** Deeper lines leave and arrive further out, so that none crosses another. */
function below(from: Box, to: Box, at: number, deep: number, carries: Carried): Line {
  const inward = (at === 0 ? 1 : -1) * LANE;
  const goesLeft = from.x > to.x;
  const side = goesLeft ? -1 : 1;
  const startX = from.x + from.width / 2 + side * inward;
  const endX = to.x + to.width / 2 - side * inward;
  const edge = TOP + BOX.height + GAP;
  const path = [
    `M${startX} ${edge}V${deep - BEND}`,
    `Q${startX} ${deep} ${startX + side * BEND} ${deep}`,
    `H${endX - side * BEND}`,
    `Q${endX} ${deep} ${endX} ${deep - BEND}`,
    `V${edge}`,
  ];
  return { carries, path: path.join(""), tip: { x: endX, y: edge, turn: -90 } };
}

/** How deep the line passes; guests stand above it. */
function depth(at: number, guests: number): number {
  return TOP + BOX.height + DEPTH + (at + 2 * guests) * STEP;
}
