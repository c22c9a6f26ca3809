import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import { BrandMark } from "../views/icons";
import { ThemeButton } from "../views/ThemeButton";
import { useTheme } from "../views/theme";
import "./shell.css";
import { type ViewId, VIEWS } from "./views";

/** The head of every page: the mark, the views, what the page itself says there, and the theme. */
export function Top({ view, children }: { view: ViewId; children?: ReactNode }) {
  const [theme, setTheme] = useTheme();
  const views = useRef<HTMLElement>(null);
  // Where there is no room for all of them, the one that is shown is to be seen.
  useEffect(() => views.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }), [view]);
  return (
    <header className="top">
      <a className="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <a className="brand" href="./" aria-label="Antiphon, the start" aria-current={view === "landing" ? "page" : undefined}>
        <BrandMark />
        <span>Antiphon</span>
      </a>
      <nav className="views" aria-label="Views" ref={views}>
        {VIEWS.map(({ id, title, href }) => (
          <a key={id} href={href} aria-current={id === view ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div className="here">{children}</div>
      <ThemeButton theme={theme} change={setTheme} />
    </header>
  );
}

/** Puts the keyboard into the page's main part. Not by the address: what stands after its # has a meaning of its own. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  const main = document.querySelector("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}
