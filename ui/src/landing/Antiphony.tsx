/** Two voices in turn, as the score draws them: the caller's above the line, the agent's below. An ornament. */
const BARS = 110;
const PITCH = 12;
const HALF = 52;

/** Who sounds from which bar to which. In the middle the caller speaks over the agent, who gives way. */
const PASSAGES = [
  { voice: "caller", from: 5, to: 18 },
  { voice: "agent", from: 21, to: 47 },
  { voice: "caller", from: 45, to: 57 },
  { voice: "agent", from: 60, to: 89 },
  { voice: "caller", from: 92, to: 105 },
] as const;

export function Antiphony() {
  return (
    <svg className="antiphony" viewBox={`0 0 ${BARS * PITCH} ${2 * HALF}`} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      {PASSAGES.flatMap(({ voice, from, to }) =>
        Array.from({ length: to - from }, (_, at) => {
          const x = (from + at) * PITCH + PITCH / 2;
          const tall = loudness(at, to - from, from) * (HALF - 8);
          const isUp = voice === "caller";
          return <path key={`${voice}${from + at}`} className={voice} d={`M${x} ${isUp ? HALF - 6 : HALF + 6}v${isUp ? -tall : tall}`} />;
        }),
      )}
    </svg>
  );
}

/** Syllables, uneven, softer at both ends of a passage. */
function loudness(at: number, length: number, seed: number): number {
  const edge = Math.min(1, (at + 1) / 3, (length - at) / 4);
  const syllable = 0.5 + 0.5 * Math.sin(1.9 * at + seed + 1.3 * Math.sin(0.7 * at));
  const word = 0.6 + 0.4 * Math.sin(0.55 * at + 2 * seed);
  return Math.max(0.04, edge * (0.12 + 0.88 * syllable * word));
}
