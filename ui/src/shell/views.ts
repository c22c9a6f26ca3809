/** The pages of the studio, in the order of the navigation: those that exist, and no others. */
export const VIEWS = [
  { id: "talk", title: "Talk", href: "./?agent=tutor" },
  { id: "duel", title: "Duel", href: "./duel" },
  { id: "watch", title: "Watch", href: "./watch" },
  { id: "flow", title: "Flow", href: "./flow" },
  { id: "knowledge", title: "Knowledge", href: "./knowledge" },
  { id: "health", title: "Health", href: "./health" },
] as const;

/** What the page can show: the landing, or one of the views. */
export type ViewId = "landing" | (typeof VIEWS)[number]["id"];

/** What of an address's query opens a talk. */
const TALKS = ["v", "via", "agent"] as const;

/** What an address asks for. Without a word about a talk it is the landing. */
export function viewOf({ pathname, search }: { readonly pathname: string; readonly search: string }): ViewId {
  const path = pathname.slice(pathname.lastIndexOf("/") + 1);
  const named = VIEWS.find(({ id }) => id === path);
  if (named) return named.id;
  const asked = new URLSearchParams(search);
  return TALKS.some((name) => asked.has(name)) ? "talk" : "landing";
}
