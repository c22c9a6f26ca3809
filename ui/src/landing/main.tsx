import type { Root } from "react-dom/client";
import { Landing } from "./Landing";
import "./landing.css";
import { ask, Watching } from "./standing";

/** Shows the landing. */
export function open(root: Root): void {
  const watching = new Watching(ask);
  root.render(<Landing watching={watching} />);
  watching.open();
}
