import { useSyncExternalStore } from "react";

/** The page is one column. The same width stands in the styles. */
const NARROW = "(max-width: 860px)";

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(NARROW);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(NARROW).matches,
  );
}
