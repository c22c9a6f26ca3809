import { useEffect, useState } from "react";

export interface Playhead {
  /** Seconds. */
  readonly at: number;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly play: () => void;
  readonly pause: () => void;
  readonly seek: (at: number) => void;
  readonly setSpeed: (speed: number) => void;
}

/** Goes through `lasts` seconds in their own time, or so many times faster. */
export function usePlayhead(lasts: number): Playhead {
  const [at, setAt] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  useEffect(() => {
    if (!isPlaying) return;
    let before = performance.now();
    let frame = 0;
    const go = (now: number) => {
      const passed = ((now - before) / 1000) * speed;
      before = now;
      setAt((was) => Math.min(lasts, was + Math.max(0, passed)));
      frame = requestAnimationFrame(go);
    };
    frame = requestAnimationFrame(go);
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, speed, lasts]);
  const isOver = at >= lasts;
  useEffect(() => {
    if (isOver) setPlaying(false);
  }, [isOver]);
  const play = () => {
    if (isOver) setAt(0);
    setPlaying(true);
  };
  return { at, isPlaying, speed, play, pause: () => setPlaying(false), seek: setAt, setSpeed };
}
