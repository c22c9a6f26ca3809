import type { Root } from "react-dom/client";
import { DuelDesk } from "./duel";
import "./duel.css";
import { DuelView } from "./views/Duel";

const AGENT_NAME = /^[\w-]{1,64}$/;

/** Shows the page of duels. */
export function open(root: Root): void {
  const asked = new URLSearchParams(location.search).get("agent") ?? "";
  const desk = new DuelDesk(AGENT_NAME.test(asked) ? asked : "tutor");
  Object.defineProperty(window, "__antiphon_duel", { get: () => ({ ...desk.state, said: desk.state.said?.name ?? null }) });
  root.render(<DuelView desk={desk} />);
  void desk.kept.refresh();
  const kept = location.hash.slice(1);
  if (kept) void desk.open(kept);
}
