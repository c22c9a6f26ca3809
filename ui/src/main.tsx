import { createRoot } from "react-dom/client";
import { connectOrchestrate } from "./connections/orchestrate";
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

const asked = new URLSearchParams(location.search).get("agent") ?? "";
const talk = new Talk(AGENT_NAME.test(asked) ? asked : "tutor", connectOrchestrate);

Object.defineProperty(window, "__antiphon", { get: () => inspect(talk) });
createRoot(document.getElementById("root")!).render(<TalkView talk={talk} connectionName="WebSocket" />);
