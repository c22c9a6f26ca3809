import { createRoot, type Root } from "react-dom/client";
import "./tokens.css";
import "./styles/page.css";
import "./styles/score.css";
import "./styles/transcript.css";
import "./styles/turn.css";
import "./styles/controls.css";
import "./styles/narrow.css";
import { type ViewId, viewOf } from "./shell/views";
import { recallTheme } from "./views/theme";

/** What shows each view: a part of its own, fetched when it is wanted. */
const VIEWS: Readonly<Record<ViewId, () => Promise<{ open: (root: Root) => void }>>> = {
  landing: () => import("./landing/main"),
  talk: () => import("./views/main"),
  duel: () => import("./duel/main"),
  watch: () => import("./watch/main"),
  flow: () => import("./flow/main"),
  knowledge: () => import("./knowledge/main"),
  health: () => import("./health/main"),
};

recallTheme();
const root = createRoot(document.getElementById("root")!);
const { open } = await VIEWS[viewOf(location)]();
open(root);
