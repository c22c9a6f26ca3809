import { useSyncExternalStore } from "react";

/** Light, dark, or as the system has it. */
export type Theme = "system" | "light" | "dark";

const KEY = "antiphon.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
}

let current: Theme = "system";
const watchers = new Set<() => void>();

/** The page looks as on the last visit. To be called before anything is shown, or it is seen to change. */
export function recallTheme(): void {
  let saved: string | null = null;
  try {
    saved = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden; the system's theme then holds.
  }
  show(THEMES.find((theme) => theme === saved) ?? "system");
}

/** Applies the theme now and on the next visit. */
export function saveTheme(theme: Theme): void {
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The theme then lasts for this visit.
  }
}

function show(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
  current = theme;
  for (const watcher of watchers) watcher();
}

/** The theme, how to change it, and a text that changes whenever the colours do. Whoever asks, it is the same one. */
export function useTheme(): [Theme, (theme: Theme) => void, string] {
  const theme = useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => current,
  );
  const systemIsDark = useMedia("(prefers-color-scheme: dark)");
  return [theme, saveTheme, `${theme}${systemIsDark}`];
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}
