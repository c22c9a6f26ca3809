import { PersonIcon } from "./icons";

/** That a person is on the line, or was asked to come. Screen readers hear it from the page's announcements. */
export function PresenceBanner({ text, notice = "" }: { text: string | null; notice?: string }) {
  return (
    <aside className="presence" aria-label="People on the line" data-testid="presence">
      {text && (
        <p>
          <PersonIcon />
          {text}
        </p>
      )}
      {!text && notice && (
        <p className="notice" data-testid="opening">
          {notice}
        </p>
      )}
    </aside>
  );
}
