import type { Root } from "react-dom/client";
import { askedAgent } from "../studio/agents";
import { Desk } from "./desk";
import { KnowledgeView } from "./Knowledge";
import "./knowledge.css";

/** Shows what the agent that the address asks for answers from. */
export function open(root: Root): void {
  const desk = new Desk(askedAgent(location.search) || "support");
  root.render(<KnowledgeView desk={desk} />);
  void desk.open();
}
