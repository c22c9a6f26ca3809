import { type Fades, UNHEARD_FADES } from "../audio/queue";
import { CROSSFADE_MS } from "../audio/crossfade";
import { openPageEvents, type PageEvents, type Transport } from "../events";
import { type Keeper, TabKeeper } from "./kept";
import { connectOrchestrate } from "./orchestrate";
import type { Connect } from "./connection";
import { reporting } from "./reporting";
import { type ConnectResuming, resuming } from "./resuming";
import type { Via } from "./via";

/** One way to hold conversations. */
export interface Way {
  readonly keeper: Keeper;
  /** How the player's sound begins and ends. */
  readonly fades: Fades;
  /** What makes its connections: fetched when it is first wanted. */
  readonly load: () => Promise<ConnectResuming>;
}
export type Ways = Readonly<Record<Via, Way>>;

/** All of them; what has to outlive a reload is kept in `storage`. What happens on each is told to `events`. */
export function ways(storage: () => Storage, events: PageEvents = openPageEvents()): Ways {
  const told = (connect: Connect, keeper: Keeper, transport: Transport) => reporting(resuming(connect, keeper), transport, events);
  const keepers = {
    orchestrate: new TabKeeper(storage, "orchestrate"),
    realtime: new TabKeeper(storage, "realtime"),
    direct: new TabKeeper(storage, "direct"),
    livekit: new TabKeeper(storage, "livekit"),
  };
  return {
    orchestrate: {
      keeper: keepers.orchestrate,
      fades: UNHEARD_FADES,
      load: async () => told(connectOrchestrate, keepers.orchestrate, "websocket"),
    },
    realtime: {
      keeper: keepers.realtime,
      fades: UNHEARD_FADES,
      load: async () => told((await import("./realtime")).connectRealtime, keepers.realtime, "webrtc"),
    },
    direct: {
      keeper: keepers.direct,
      fades: { startMs: CROSSFADE_MS, stopMs: CROSSFADE_MS },
      load: async () => told((await import("./direct")).connectDirect, keepers.direct, "http"),
    },
    livekit: {
      keeper: keepers.livekit,
      fades: UNHEARD_FADES,
      load: async () => told((await import("./livekit")).connectLiveKit, keepers.livekit, "livekit"),
    },
  };
}
