import { createRoot } from "react-dom/client";
import { TabKeeper } from "./connections/kept";
import { connectOrchestrate } from "./connections/orchestrate";
import { resuming } from "./connections/resuming";
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

const root = createRoot(document.getElementById("root")!);

if (location.pathname.endsWith("/watch")) {
  void import("./watch/main").then(({ openWatch }) => openWatch(root));
} else {
  const asked = new URLSearchParams(location.search).get("agent") ?? "";
  const keeper = new TabKeeper(() => sessionStorage);
  const talk = new Talk(AGENT_NAME.test(asked) ? asked : "tutor", resuming(connectOrchestrate, keeper), keeper);
  Object.defineProperty(window, "__antiphon", { get: () => inspect(talk) });
  root.render(<TalkView talk={talk} connectionName="WebSocket" />);
  void talk.goOn();
}
