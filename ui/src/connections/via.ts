/** The ways a conversation can take. The page is the same over each. */
export const VIAS = ["orchestrate", "realtime", "direct", "livekit"] as const;
export type Via = (typeof VIAS)[number];

export const VIA_NAMES: Readonly<Record<Via, string>> = {
  orchestrate: "WebSocket",
  realtime: "Realtime (WebRTC)",
  direct: "Realtime direct",
  livekit: "LiveKit room",
};

/** What the way means for the caller, in a sentence. */
export const VIA_HINTS: Readonly<Record<Via, string>> = {
  orchestrate: "One WebSocket carries both voices to this server and back.",
  realtime: "Both voices travel by WebRTC, in the protocol of OpenAI's Realtime API, which this server speaks itself.",
  direct: "A Realtime provider hears you and fills pauses; this server finds each answer, checks it and speaks it.",
  livekit: "You and the agent meet in a LiveKit room by WebRTC, and a person can come in and talk with you there.",
};

/** Short names of the address. */
const LETTERS: ReadonlyMap<string, Via> = new Map([
  ["a", "livekit"],
  ["b", "direct"],
  ["c", "orchestrate"],
]);
const KEY = "antiphon.via";

/** The way that the page's address asks for: `?via=direct`, or `?v=b`; null when it leaves the choice. */
export function viaOf(search: string): Via | null {
  const asked = new URLSearchParams(search);
  return known(asked.get("via")) ?? LETTERS.get(asked.get("v") ?? "") ?? null;
}

/** The address with the way in it, whatever it asked for before. */
export function withVia(href: string, via: Via): string {
  const url = new URL(href);
  url.searchParams.delete("v");
  url.searchParams.set("via", via);
  return url.href;
}

/** The choice of earlier visits. Storage may be forbidden: then nothing is kept. */
export function keptVia(storage: () => Storage): Via | null {
  try {
    return known(storage().getItem(KEY));
  } catch {
    return null;
  }
}

export function keepVia(storage: () => Storage, via: Via): void {
  try {
    storage().setItem(KEY, via);
  } catch {
    // The choice then lasts as long as the address.
  }
}

function known(name: string | null): Via | null {
  return VIAS.find((via) => via === name) ?? null;
}
