import type { Root } from "react-dom/client";
import { Api } from "./api";
import { Desk } from "./desk";
import { Stand } from "./stand";
import "./watch.css";
import { WatchView } from "./views/Watch";

/** Shows the supervisor's page. */
export function open(root: Root): void {
  const api = new Api();
  const desk = new Desk(api);
  const stand = (session: string, agent: string) =>
    new Stand(
      session,
      agent,
      (id) => desk.isOnAir(id),
      (id) => api.watchToken(id),
      (id) => desk.hostOf(id),
    );
  root.render(<WatchView desk={desk} stand={stand} />);
  void desk.open();
}
