/** Where each step of a flow stands in its picture: rows from the first step down, and a lane for what may happen anywhere. */
import type { Flow, Way } from "./rows";

export interface Placed {
  readonly name: string;
  readonly row: number;
  readonly column: number;
  /** Not on the way from the first step: come to from anywhere. */
  readonly isAside: boolean;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly way: Way;
  /** `down`: to the step right below; `back`: up again; `over`: anywhere else. */
  readonly runs: "down" | "back" | "over";
  readonly isAside: boolean;
}

/** A way that can be gone from every step, or what happens when nothing is understood. */
export interface Entry {
  readonly to: string;
  /** What is said or happens; more than one where several lead to the same step. */
  readonly on: readonly string[];
  /** The step is in the lane, below the entry; otherwise the entry points at it from the side. */
  readonly isAbove: boolean;
}

export interface Layout {
  readonly rows: number;
  /** Of the steps on the way; the lane is the next one. */
  readonly columns: number;
  readonly steps: readonly Placed[];
  readonly arrows: readonly Arrow[];
  readonly entries: readonly Entry[];
}

/** How the way into the fallback is called. */
export const LOST = "not understood";

export function layout(flow: Flow): Layout {
  const ways = new Map(flow.steps.map((step) => [step.name, step.ways]));
  const rows = rowsFrom(flow.first, ways);
  const widths: number[] = [];
  const onWay = flow.steps
    .filter(({ name }) => rows.has(name))
    .map(({ name }): Placed => {
      const row = rows.get(name)!;
      const column = widths[row] ?? 0;
      widths[row] = column + 1;
      return { name, row, column, isAside: false };
    });
  const columns = Math.max(1, ...widths.filter(Boolean));
  const entries = entriesOf(flow, rows);
  const aside = inLane(entries, ways, rows, columns);
  const steps = [...onWay, ...aside];
  const at = new Map(steps.map((step) => [step.name, step]));
  const arrows = steps.flatMap((from) =>
    (ways.get(from.name) ?? []).flatMap((way): Arrow[] => {
      const to = at.get(way.to);
      if (!to) return [];
      const isBelow = to.column === from.column && to.row === from.row + 1;
      const isBack = !from.isAside && !to.isAside && to.row <= from.row;
      return [{ from: from.name, to: to.name, way, runs: isBelow ? "down" : isBack ? "back" : "over", isAside: from.isAside || to.isAside }];
    }),
  );
  return { rows: 1 + Math.max(0, ...steps.map(({ row }) => row)), columns, steps, arrows, entries };
}

/** Each step that can be come to, with the longest way to it. Ways back to where one has been do not count. */
function rowsFrom(first: string, ways: ReadonlyMap<string, readonly Way[]>): Map<string, number> {
  const rows = new Map<string, number>();
  const passed = new Set<string>();
  const visit = (name: string, row: number) => {
    if (!ways.has(name) || passed.has(name) || (rows.get(name) ?? -1) >= row) return;
    rows.set(name, row);
    passed.add(name);
    for (const { to } of ways.get(name)!) visit(to, row + 1);
    passed.delete(name);
  };
  visit(first, 0);
  return rows;
}

function entriesOf(flow: Flow, rows: ReadonlyMap<string, number>): readonly Entry[] {
  const lost = flow.fallback ? [{ to: flow.fallback, on: LOST }] : [];
  const on = new Map<string, string[]>();
  for (const way of [...flow.anywhere, ...lost]) on.set(way.to, [...(on.get(way.to) ?? []), way.on]);
  return [...on].map(([to, said]) => ({ to, on: said, isAbove: !rows.has(to) }));
}

/** The steps that are only come to from anywhere: each with those behind it, in the first rows that are free. */
function inLane(
  entries: readonly Entry[],
  ways: ReadonlyMap<string, readonly Way[]>,
  rows: ReadonlyMap<string, number>,
  column: number,
): readonly Placed[] {
  const taken = new Set(entries.filter(({ isAbove }) => !isAbove).map(({ to }) => rows.get(to)!));
  const placed: Placed[] = [];
  for (const { to } of entries.filter(({ isAbove }) => isAbove)) {
    const chain = behind(to, ways, (name) => rows.has(name) || placed.some((each) => each.name === name));
    let top = 0;
    while (chain.some((_, at) => taken.has(top + at))) top++;
    for (const [at, name] of chain.entries()) {
      taken.add(top + at);
      placed.push({ name, row: top + at, column, isAside: true });
    }
  }
  return placed;
}

function behind(first: string, ways: ReadonlyMap<string, readonly Way[]>, isPlaced: (name: string) => boolean): readonly string[] {
  const found: string[] = [];
  const visit = (name: string) => {
    if (!ways.has(name) || isPlaced(name) || found.includes(name)) return;
    found.push(name);
    for (const { to } of ways.get(name)!) visit(to);
  };
  visit(first);
  return found;
}
