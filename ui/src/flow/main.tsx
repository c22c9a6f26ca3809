import type { Root } from "react-dom/client";
import { askedAgent } from "../studio/agents";
import "./flow.css";
import { FlowView } from "./Flow";
import { watchFlow } from "./standing";

/** Shows the flow of the agent, and the session, that the address asks for. */
export function open(root: Root): void {
  const session = new URLSearchParams(location.search).get("session") ?? "";
  const watching = watchFlow(askedAgent(location.search), /^[\w-]{1,80}$/.test(session) ? session : "");
  root.render(<FlowView watching={watching} />);
  watching.open();
}
