import type { Root } from "react-dom/client";
import { keepVia, keptVia, viaOf, withVia, type Via } from "../connections/via";
import { ways } from "../connections/ways";
import { Http } from "../http";
import { inspect } from "../inspect";
import { Talk } from "../talk";
import { TalkView } from "./Talk";

/** Agent names are what the server registers; anything else in the address is not one. */
const AGENT_NAME = /^[\w-]{1,64}$/;

/** Shows a talk with the agent, by the way, that the address asks for. */
export function open(root: Root): void {
  const asked = new URLSearchParams(location.search).get("agent") ?? "";
  const via = viaOf(location.search) ?? keptVia(() => localStorage) ?? "orchestrate";
  const talk = new Talk(AGENT_NAME.test(asked) ? asked : "tutor", ways(() => sessionStorage), via);
  const choose = (chosen: Via) => {
    talk.choose(chosen);
    prepare(chosen);
    keepVia(() => localStorage, chosen);
    history.replaceState(null, "", withVia(location.href, chosen));
  };
  Object.defineProperty(window, "__antiphon", { get: () => inspect(talk) });
  root.render(<TalkView talk={talk} choose={choose} />);
  prepare(via);
  void talk.goOn();
}

/** The first room of a server takes seconds to open: it begins when rooms are chosen. */
function prepare(via: Via): void {
  if (via === "livekit") void new Http().post("api/livekit/prepare", {}).catch(() => undefined);
}
