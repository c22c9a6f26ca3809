import type { Root } from "react-dom/client";
import "./health.css";
import { HealthView } from "./Health";
import { Breaking, watchHealth } from "./standing";

/** Shows how the server is. */
export function open(root: Root): void {
  const watching = watchHealth();
  root.render(<HealthView watching={watching} breaking={new Breaking()} />);
  watching.open();
}
