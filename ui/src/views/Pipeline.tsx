import { useLayoutEffect, useRef, useState } from "react";
import { speaker } from "../people";
import { answerer, type Beside, inWords, type Pipeline as Way, type Stage, stageTimes } from "../pipeline";
import type { TalkState } from "../state";
import { inMs } from "../waterfall";
import { type Halt, metro, type Station } from "./metro";
import "../styles/pipeline.css";

const NAMES: Readonly<Record<Stage, string>> = {
  hear: "hear",
  check: "check",
  route: "route",
  ground: "answer",
  phrase: "phrase",
  guard: "guard",
  speak: "speak",
};

/** What each stage does, for who points at it. */
const HINTS: Readonly<Record<Stage, string>> = {
  hear: "The end of your turn is found, and your words are recognized.",
  check: "The guardrail judges the question, while the router chooses who answers.",
  route: "The router chooses who answers, while the guardrail judges the question.",
  ground: "The specialist finds what is true: a solver, a tool, a knowledge base.",
  phrase: "A language model puts it into words, where there is one.",
  guard: "The guardrail judges each sentence before it may be spoken.",
  speak: "The voice says what was approved.",
};

type Look = "lit" | "passed" | "idle";

/** Where the present turn is on its way through the server, who answers it, and who stands beside. */
export function Pipeline({ state }: { state: TalkState }) {
  const { pipeline, latencies, people } = state;
  const [boxRef, width] = useWidth();
  const map = metro(width);
  const times = stageTimes(latencies[pipeline.turn]?.parts ?? []);
  const look = (stage: Stage): Look => (pipeline.lit.includes(stage) ? "lit" : pipeline.passed.includes(stage) ? "passed" : "idle");
  return (
    <div className="pipeline" ref={boxRef} data-testid="pipeline" data-lit={pipeline.lit.join(" ")} data-turn={pipeline.turn}>
      <svg width={map.width} height={map.height} viewBox={`0 0 ${map.width} ${map.height}`} role="img" aria-label={`The way of a turn. ${inWords(pipeline)}`}>
        <path className={`track to-filler ${pipeline.isFilling ? "lit" : ""}`} d={map.filler.path} />
        <path className={`track to-person ${pipeline.person === "none" ? "" : "lit"}`} d={map.person.path} />
        {map.tracks.map(({ path, from, to }) => (
          <path key={path} className={`track ${pipeline.passed.includes(from) && look(to) !== "idle" ? "passed" : ""}`} d={path} />
        ))}
        <Aside halt={map.filler} name="filler" isLit={pipeline.isFilling} kind="filler" />
        <Aside halt={map.person} name={besideName(pipeline.person, speaker(people) || people.at(-1)?.name, map.isNarrow)} isLit={pipeline.person !== "none"} kind="person" />
        {map.stations.map((station) => (
          <Stop key={station.stage} station={station} look={look(station.stage)} pipeline={pipeline} ms={times[station.stage]} isNarrow={map.isNarrow} />
        ))}
      </svg>
    </div>
  );
}

interface StopProps {
  readonly station: Station;
  readonly look: Look;
  readonly pipeline: Way;
  readonly ms: number | undefined;
  readonly isNarrow: boolean;
}

function Stop({ station: { stage, x, y, label }, look, pipeline, ms, isNarrow }: StopProps) {
  const ruling = pipeline.rulings[stage];
  const name = answerer(pipeline);
  const isAnswerer = stage === "ground" && name !== "";
  return (
    <g className={`stop ${look} ${ruling ?? ""}`} data-stage={stage} data-look={look} style={{ color: `var(--stage-${stage})` }}>
      <title>{HINTS[stage]}</title>
      <Dot x={x} y={y} radius={6.5} />
      {ruling && <path className="ruling" d={ruling === "block" ? `M${x - 3} ${y - 3}l6 6m0-6l-6 6` : `M${x - 3.5} ${y}h7`} />}
      <text x={label.x} y={label.y} textAnchor={label.anchor}>
        {isAnswerer ? name : NAMES[stage]}
        {isAnswerer && !isNarrow && <tspan className="num"> {pipeline.confidence.toFixed(2)}</tspan>}
        {ms !== undefined && !isNarrow && <tspan className="num"> {inMs(ms)}</tspan>}
      </text>
      {isAnswerer && pipeline.handedFrom && !isNarrow && (
        <text className="handed" x={x + 4} y={y - 14}>
          handed over from {pipeline.handedFrom}
        </text>
      )}
      {ms !== undefined && isNarrow && stage !== "route" && (
        <text className="num" x={x} y={label.y + 15} textAnchor="middle">
          {Math.round(ms)}
        </text>
      )}
    </g>
  );
}

function Aside({ halt, name, isLit, kind }: { halt: Halt; name: string; isLit: boolean; kind: "filler" | "person" }) {
  return (
    <g className={`stop aside by-${kind} ${isLit ? "lit" : "idle"}`} data-stage={kind} data-look={isLit ? "lit" : "idle"}>
      <Dot x={halt.x} y={halt.y} radius={5} />
      <text x={halt.label.x} y={halt.label.y} textAnchor={halt.label.anchor}>
        {name}
      </text>
    </g>
  );
}

function Dot({ x, y, radius }: { x: number; y: number; radius: number }) {
  return (
    <>
      <circle className="halo" cx={x} cy={y} r={2 * radius} />
      <circle className="dot" cx={x} cy={y} r={radius} />
    </>
  );
}

function besideName(person: Beside, name: string | undefined, isNarrow: boolean): string {
  if (person === "asked") return isNarrow ? "asked" : "a person is asked";
  if (person === "none" || isNarrow) return "person";
  return `${name || "a person"}${person === "speaks" ? " speaks" : ""}`;
}

/** The width of an element, px, as it changes. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(960);
  useLayoutEffect(() => {
    const box = ref.current!;
    const measure = () => setWidth(Math.round(box.clientWidth) || 960);
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}
