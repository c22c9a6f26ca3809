import type { Root } from "react-dom/client";
import { Api } from "./api";
import { Desk } from "./desk";
import { Stand } from "./stand";
import "./watch.css";
import { WatchView } from "./views/Watch";

/** Shows the supervisor's page. */
export function openWatch(root: Root): void {
  const api = new Api();
  const desk = new Desk(api);
  root.render(<WatchView desk={desk} stand={(session, agent) => new Stand(session, agent, (id) => desk.isOnAir(id))} />);
  void desk.open();
}
