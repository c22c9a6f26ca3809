import { useEffect, useState, useSyncExternalStore } from "react";

/** Light, dark, or as the system has it. */
export type Theme = "system" | "light" | "dark";

const KEY = "antiphon.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
}

export function savedTheme(): Theme {
  const saved = read();
  return THEMES.find((theme) => theme === saved) ?? "system";
}

/** Applies the theme now and on the next visit. */
export function saveTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden; the theme then lasts for this visit.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The theme, how to change it, and a text that changes whenever the colours do. */
export function useTheme(): [Theme, (theme: Theme) => void, string] {
  const [theme, setTheme] = useState(savedTheme);
  const systemIsDark = useMedia("(prefers-color-scheme: dark)");
  useEffect(() => saveTheme(theme), [theme]);
  return [theme, setTheme, `${theme}${systemIsDark}`];
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}
