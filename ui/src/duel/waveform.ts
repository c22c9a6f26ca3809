/**
 * Where audible sound begins and ends, as `antiphon talk` measures it: a window of 10 ms is audible when its level lies
 * above 40 dB below the loud of the sound, above its background, and above −60 dBFS, and one next to it is audible too.
 */

const WINDOW_S = 0.01;
const BELOW_LOUD = 10 ** (-40 / 20);
const ABOVE_BACKGROUND = 10 ** (10 / 20);
const BACKGROUND_CAP = 10 ** (-20 / 20);
const FLOOR = 10 ** (-60 / 20);
/** Digital silence, which is neither loud nor background. */
const SILENT = 1 / 32768;

export interface Bounds {
  /** The first audible sample, and the one after the last. */
  readonly first: number;
  readonly stop: number;
}

/** What is audible of the sound, 0…1 in amplitude; null where nothing is. */
export function audible(samples: Float32Array, rate: number, limit = audibility(levels(samples, rate))): Bounds | null {
  const size = windowSize(rate);
  const loud = levels(samples, rate).map((level) => (level > limit ? 1 : 0));
  const isLoud = (at: number) => loud[at] === 1 && (loud.length === 1 || loud[at - 1] === 1 || loud[at + 1] === 1);
  const places = [...loud.keys()].filter(isLoud);
  const [begin, end] = [places[0], places.at(-1)];
  if (begin === undefined || end === undefined) return null;
  let first = begin * size;
  while (first < (begin + 1) * size - 1 && Math.abs(samples[first] ?? 0) <= limit) first++;
  let stop = Math.min(samples.length, (end + 1) * size);
  while (stop > end * size + 1 && Math.abs(samples[stop - 1]!) <= limit) stop--;
  return { first, stop };
}

/** The level above which a window is audible. */
export function audibility(found: Float32Array): number {
  const sounding = found.filter((level) => level > SILENT).sort();
  if (!sounding.length) return FLOOR;
  const loud = percentile(sounding, 95);
  const background = percentile(found.slice().sort(), 10) * ABOVE_BACKGROUND;
  return Math.max(loud * BELOW_LOUD, Math.min(background, loud * BACKGROUND_CAP), FLOOR);
}

/** The root mean square of each window, a last, shorter one as well. */
export function levels(samples: Float32Array, rate: number): Float32Array {
  const size = windowSize(rate);
  const found = new Float32Array(Math.ceil(samples.length / size));
  for (let at = 0; at < found.length; at++) {
    const piece = samples.subarray(at * size, (at + 1) * size);
    let sum = 0;
    for (const sample of piece) sum += sample * sample;
    found[at] = Math.sqrt(sum / piece.length);
  }
  return found;
}

/** The samples behind the longest stretch of windows that are not audible; 0 where there is none. */
export function afterLongestPause(samples: Float32Array, rate: number, limit: number): number {
  const size = windowSize(rate);
  let [longest, end, length] = [0, 0, 0];
  const found = levels(samples, rate);
  for (let at = 0; at < found.length; at++) {
    length = found[at]! <= limit ? length + 1 : 0;
    if (length > longest) [longest, end] = [length, at + 1];
  }
  return Math.min(end * size, samples.length);
}

function windowSize(rate: number): number {
  return Math.max(1, Math.round(rate * WINDOW_S));
}

/** Of ordered values, interpolated between neighbours. */
export function percentile(ordered: ArrayLike<number>, percent: number): number {
  const place = ((ordered.length - 1) * percent) / 100;
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return ordered[low]! + (ordered[high]! - ordered[low]!) * (place - low);
}
