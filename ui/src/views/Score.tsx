import { useEffect, useRef } from "react";
import type { Score as ScoreData } from "../score";
import { EXAMPLE_NOW, exampleScore } from "../example";
import { drawScore, secondsShown } from "./drawScore";
import { Inks } from "./ink";

/** Redraws a second where motion is not wanted: the picture steps instead of gliding. */
const CALM_FPS = 2;

interface ScoreProps {
  readonly talk: { readonly score: ScoreData };
  /** Time goes on. */
  readonly isLive: boolean;
  /** Nobody has talked yet: an example is shown. */
  readonly isExample: boolean;
  /** Changes when the colours do. */
  readonly theme: string;
  readonly agent: string;
  /** What the caller is called here. */
  readonly caller: string;
}

/** Two voices on one time axis: the caller above, the agent below. */
export function Score({ talk, isLive, isExample, theme, agent, caller }: ScoreProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const probeRef = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const canvas = canvasRef.current!;
    const pen = canvas.getContext("2d")!;
    const inks = new Inks(probeRef.current!);
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const frozenAt = isExample ? EXAMPLE_NOW : performance.now();
    let drawnAt = -Infinity;
    let request = 0;
    const draw = () => {
      const { width, height } = canvas.getBoundingClientRect();
      const scale = window.devicePixelRatio || 1;
      const pixels = [Math.round(width * scale), Math.round(height * scale)] as const;
      if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
      pen.globalAlpha = isExample ? EXAMPLE_ALPHA : 1;
      const now = isLive ? performance.now() : frozenAt;
      const score = isExample ? exampleScore(secondsShown(width)) : talk.score;
      drawScore(pen, score, inks, { width, height, scale, now });
    };
    const step = (at: number) => {
      if (!calm.matches || at - drawnAt > 1000 / CALM_FPS) {
        drawnAt = at;
        draw();
      }
      if (isLive) request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    const resized = new ResizeObserver(() => draw());
    resized.observe(canvas);
    void document.fonts.ready.then(draw);
    return () => {
      cancelAnimationFrame(request);
      resized.disconnect();
    };
  }, [talk, isLive, isExample, theme]);

  return (
    <>
      <canvas
        ref={canvasRef}
        data-testid="score"
        role="img"
        aria-label={`Score of the last seconds: the caller's voice above the axis, ${agent}'s below. The transcript says the same in words.`}
      />
      <span ref={probeRef} hidden />
      <span className="voice-name of-caller">{caller}</span>
      <span className="voice-name of-agent">{agent}</span>
      {isExample && <span className="example">an example</span>}
    </>
  );
}

/** The example is there to be read, not to be taken for a conversation. */
const EXAMPLE_ALPHA = 0.45;

export function Marks() {
  return (
    <ul className="marks" aria-label="Marks of the score">
      <li>
        <i className="mark solid" /> heard
      </li>
      <li>
        <i className="mark hatched" /> not heard
      </li>
      <li>
        <i className="mark dotted" /> filler
      </li>
      <li>
        <i className="mark cut" /> interruption
      </li>
    </ul>
  );
}
