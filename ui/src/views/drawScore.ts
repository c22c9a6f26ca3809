import { BIN_MS, type Envelope, height, Mark, type Score } from "../score";
import { type Inks, TILE } from "./ink";

/** Share of the width left of "now": what lies right of it is queued and not yet heard. */
const PAST_SHARE = 0.94;
/** Bins drawn as one point of the outline. */
const POINT_BINS = 2;
const POINT_MS = BIN_MS * POINT_BINS;
/** Space kept free at the top and bottom for the names of the voices and the time, px. */
const MARGIN = 24;
/** Half the thickness of the strip of a turn's parts on the axis, px. */
const STRIP = 3;

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly scale: number;
  /** The time drawn at the "now" line, ms. */
  readonly now: number;
}

/** How many seconds of the past fit: about 20 on a desktop, fewer on a phone, so that syllables stay visible. */
export function secondsShown(width: number): number {
  return Math.max(8, Math.min(20, Math.round(width / 52)));
}

export function drawScore(pen: CanvasRenderingContext2D, score: Score, inks: Inks, frame: Frame): void {
  const { width, height: tall, scale, now } = frame;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, tall);
  const axis = Math.round(tall / 2) + 0.5;
  const nowX = width * PAST_SHARE;
  const perMs = nowX / (secondsShown(width) * 1000);
  const x = (at: number) => nowX + (at - now) * perMs;
  drawGrid(pen, inks, frame, axis, nowX, perMs);

  const tallest = axis - MARGIN;
  const span = { from: now - nowX / perMs, to: now + (width - nowX) / perMs };
  const voice = (envelope: Envelope, ink: string, up: -1 | 1) => {
    for (const run of runs(envelope, span)) {
      fillRun(pen, inks, run, { x, axis, tallest, up, ink, scale });
    }
  };
  voice(score.caller, "caller", -1);
  voice(score.agent, "agent", 1);
  drawAhead(pen, score, inks, { x, axis, tallest, up: 1, ink: "agent", scale }, now);
  drawStrips(pen, score, inks, x, axis);
  drawCuts(pen, score, inks, x, tall);
}

interface Lane {
  readonly x: (at: number) => number;
  readonly axis: number;
  readonly tallest: number;
  readonly up: -1 | 1;
  readonly ink: string;
  readonly scale: number;
}

/** Points of one mark that follow each other: times and heights. */
interface Run {
  readonly mark: Mark;
  readonly points: { readonly at: number; readonly height: number }[];
}

function* runs(envelope: Envelope, span: { from: number; to: number }): Generator<Run> {
  let run: Run | null = null;
  // Points lie at fixed times, so that shapes do not tremble while they move.
  const first = Math.floor(span.from / POINT_MS) - 1;
  const last = Math.ceil(span.to / POINT_MS) + 1;
  for (let point = first; point <= last; point++) {
    const bin = point * POINT_BINS;
    let level = 0;
    let mark = Mark.None;
    for (let each = bin - 1; each <= bin + POINT_BINS; each++) {
      level = Math.max(level, envelope.level(each));
      if (each >= bin && each < bin + POINT_BINS) mark = envelope.mark(each) || mark;
    }
    if (run && run.mark !== mark) {
      run.points.push({ at: point * POINT_MS, height: height(level) });
      if (run.mark !== Mark.None) yield run;
      run = null;
    }
    run ??= { mark, points: [] };
    run.points.push({ at: point * POINT_MS, height: height(level) });
  }
  if (run && run.mark !== Mark.None) yield run;
}

function fillRun(pen: CanvasRenderingContext2D, inks: Inks, run: Run, lane: Lane): void {
  const { x, axis, tallest, up, ink, scale } = lane;
  const { points } = run;
  const y = (share: number) => axis + up * (1 + share * tallest);
  pen.beginPath();
  pen.moveTo(x(points[0]!.at), axis);
  for (let i = 0; i < points.length; i++) {
    const here = points[i]!;
    const next = points[i + 1] ?? here;
    // A curve through the middles: smooth, and never above the points themselves.
    pen.quadraticCurveTo(x(here.at), y(here.height), (x(here.at) + x(next.at)) / 2, (y(here.height) + y(next.height)) / 2);
  }
  pen.lineTo(x(points.at(-1)!.at), axis);
  pen.closePath();
  if (run.mark === Mark.Solid || run.mark === Mark.Person) {
    pen.fillStyle = inks.of(run.mark === Mark.Person ? "person" : ink);
    pen.fill();
    return;
  }
  // The pattern travels with the sound: its origin is a fixed time.
  const shift = x(0) % TILE;
  pen.save();
  pen.clip();
  pen.translate(shift, 0);
  pen.fillStyle = run.mark === Mark.Hatched ? inks.hatching(ink, scale) : inks.dots(ink, scale);
  pen.fillRect(x(points[0]!.at) - shift, axis - tallest - 2, x(points.at(-1)!.at) - x(points[0]!.at), 2 * tallest + 4);
  pen.restore();
  pen.strokeStyle = inks.of(ink);
  pen.lineWidth = run.mark === Mark.Hatched ? 1 : 0.5;
  pen.stroke();
}

function drawAhead(pen: CanvasRenderingContext2D, score: Score, inks: Inks, lane: Lane, now: number): void {
  const ahead = score.ahead();
  if (!ahead.length) return;
  const points = [];
  for (let bin = 0; bin < ahead.length; bin += POINT_BINS) {
    points.push({ at: now + bin * BIN_MS, height: height(Math.max(ahead[bin]!, ahead[bin + 1] ?? 0)) });
  }
  points.push({ at: now + ahead.length * BIN_MS, height: 0 });
  fillRun(pen, inks, { mark: Mark.Hatched, points }, lane);
}

function drawGrid(
  pen: CanvasRenderingContext2D,
  inks: Inks,
  { width, height: tall }: Frame,
  axis: number,
  nowX: number,
  perMs: number,
): void {
  pen.lineWidth = 1;
  pen.strokeStyle = inks.of("rule");
  pen.fillStyle = inks.of("ink-faint");
  pen.font = `12px ${getComputedStyle(pen.canvas).getPropertyValue("--numbers")}`;
  pen.textAlign = "center";
  const every = secondsShown(width) > 12 ? 5 : 2;
  pen.beginPath();
  for (let seconds = every; seconds * 1000 * perMs < nowX - 24; seconds += every) {
    const at = Math.round(nowX - seconds * 1000 * perMs) + 0.5;
    pen.moveTo(at, 0);
    pen.lineTo(at, tall - MARGIN);
    pen.fillText(`−${seconds} s`, at, tall - 8);
  }
  pen.stroke();
  pen.fillText("now", nowX, tall - 8);
  pen.strokeStyle = inks.of("rule-strong");
  pen.beginPath();
  pen.moveTo(0, axis);
  pen.lineTo(width, axis);
  pen.moveTo(Math.round(nowX) + 0.5, 0);
  pen.lineTo(Math.round(nowX) + 0.5, tall - MARGIN);
  pen.stroke();
}

function drawStrips(pen: CanvasRenderingContext2D, score: Score, inks: Inks, x: (at: number) => number, axis: number): void {
  for (const strip of score.strips) {
    const from = x(strip.from);
    const long = x(strip.to) - from;
    for (const segment of strip.segments) {
      pen.fillStyle = inks.of(`part-${segment.name}`);
      pen.fillRect(from + segment.start * long, axis - STRIP, Math.max(1, segment.share * long - 0.5), 2 * STRIP);
    }
  }
}

function drawCuts(pen: CanvasRenderingContext2D, score: Score, inks: Inks, x: (at: number) => number, tall: number): void {
  pen.fillStyle = inks.of("ink");
  for (const cut of score.cuts) pen.fillRect(Math.round(x(cut.at)) - 1, 8, 2, tall - 32);
}
