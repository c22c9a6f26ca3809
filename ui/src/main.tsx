import { createRoot } from "react-dom/client";
import { keepVia, keptVia, viaOf, withVia, type Via } from "./connections/via";
import { ways } from "./connections/ways";
import { Http } from "./http";
import { inspect } from "./inspect";
import "./tokens.css";
import "./styles/page.css";
import "./styles/score.css";
import "./styles/transcript.css";
import "./styles/turn.css";
import "./styles/controls.css";
import "./styles/narrow.css";
import { Talk } from "./talk";
import { TalkView } from "./views/Talk";

/** Agent names are what the server registers; anything else in the address is not one. */
const AGENT_NAME = /^[\w-]{1,64}$/;

/** The first room of a server takes seconds to open: it begins when rooms are chosen. */
const prepare = (via: Via) => {
  if (via === "livekit") void new Http().post("api/livekit/prepare", {}).catch(() => undefined);
};

const root = createRoot(document.getElementById("root")!);

if (location.pathname.endsWith("/watch")) {
  void import("./watch/main").then(({ openWatch }) => openWatch(root));
} else {
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
