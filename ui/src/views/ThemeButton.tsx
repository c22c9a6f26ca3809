import { ThemeIcon } from "./icons";
import { nextTheme, type Theme } from "./theme";

export function ThemeButton({ theme, change }: { theme: Theme; change: (theme: Theme) => void }) {
  return (
    <button
      type="button"
      className="button quiet theme"
      aria-label={`Theme: ${theme}. Change to ${nextTheme(theme)}.`}
      onClick={() => change(nextTheme(theme))}
    >
      <ThemeIcon />
    </button>
  );
}
