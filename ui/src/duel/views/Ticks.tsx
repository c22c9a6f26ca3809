/** The longest wait that the lanes' axis shows, ms: a whole number of ticks, and never less than a second. */
export function scaleOf(waits: readonly number[]): number {
  const most = Math.max(1000, ...waits.map((ms) => ms * 1.04));
  const step = stepOf(most);
  return Math.ceil(most / step) * step;
}

function stepOf(most: number): number {
  return [250, 500, 1000, 2500, 5000].find((step) => most / step <= 6) ?? 10_000;
}

/** Where on the lanes the milliseconds are. */
export function Ticks({ most }: { most: number }) {
  const step = stepOf(most / 1.0001);
  const marks = Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
  return (
    <div className="ticks num" aria-hidden="true">
      <div>
        {marks.map((ms) => (
          <span key={ms} style={{ left: `${(100 * ms) / most}%` }}>
            {ms === 0 ? "0 ms" : ms}
          </span>
        ))}
      </div>
    </div>
  );
}
