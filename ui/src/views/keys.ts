import { useEffect } from "react";
import type { Talk } from "../talk";

/** Escape closes what was opened last, and else stops the agent; the space bar holds the microphone. */
export function useKeys(talk: Talk): void {
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      // A panel of the browser's own takes Escape for itself.
      if (event.key === "Escape" && !document.querySelector("[popover]:popover-open")) {
        if (talk.state.occasions.open) talk.putAside(false);
        else talk.interrupt();
      }
      if (event.code !== "Space" || talk.state.hearing !== "held" || isForWriting(event.target)) return;
      // Neither scrolls nor presses a button.
      event.preventDefault();
      if (!event.repeat) talk.press(true);
    };
    const up = (event: KeyboardEvent) => {
      if (event.code !== "Space" || talk.state.hearing !== "held") return;
      if (!isForWriting(event.target)) event.preventDefault();
      talk.press(false);
    };
    const away = () => talk.press(false);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", away);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", away);
    };
  }, [talk]);
}

/** There the space bar is a letter, or chooses; a button that the keyboard is on is pressed by it. */
function isForWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches("input, textarea, select, a, [contenteditable], button:not(.hold)");
}
