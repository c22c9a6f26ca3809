/** What a way is made of, as data: who stands where, and what travels between them. Pictures and sentences come from it. */

export type Place = "browser" | "room" | "provider" | "server" | "person";

/** What a hop carries, which is also its colour. Fillers are a voice as well, but say nothing of the answer. */
export type Carried = "caller" | "agent" | "filler" | "person" | "words";

export interface Hop {
  readonly from: Place;
  readonly to: Place;
  readonly carries: Carried;
  /** What stands at the line: a word between neighbours, a few where it passes below others. */
  readonly label: string;
  /** How it travels, for the sentence. */
  readonly by: string;
}

export interface Picture {
  /** From left to right. */
  readonly chain: readonly Place[];
  /** Who stands under one of the chain. */
  readonly guest?: { readonly place: Place; readonly under: Place };
  readonly hops: readonly Hop[];
}

export const PLACE_WORDS: Readonly<Record<Place, readonly [string, string]>> = {
  browser: ["Your", "browser"],
  room: ["LiveKit", "room"],
  provider: ["Realtime", "provider"],
  server: ["This", "server"],
  person: ["A", "person"],
};

export const CARRIED_WORDS: Readonly<Record<Carried, string>> = {
  caller: "your voice",
  agent: "the agent's voice",
  filler: "fillers",
  person: "a person's voice",
  words: "words",
};

/** Every hop in a sentence: what the picture says to those who do not see it. */
export function sentences({ hops }: Picture): readonly string[] {
  const named = (place: Place) => PLACE_WORDS[place].join(" ");
  const within = (place: Place) => (place === "room" ? "the LiveKit room" : place === "provider" ? "the Realtime provider" : lower(named(place)));
  const first = (place: Place) => (place === "room" || place === "provider" ? `The ${named(place)}` : named(place));
  return hops.map(({ from, to, carries, label, by }) => {
    const what = carries === "words" ? article(label) : CARRIED_WORDS[carries];
    return `${first(from)} sends ${what} to ${within(to)}, ${by}.`;
  });
}

/** As it stands in a sentence. */
function article(label: string): string {
  return label.startsWith("what ") ? label : `the ${label}`;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const room = (from: Place, to: Place, carries: Carried): Hop => ({ from, to, carries, label: "Opus", by: "as Opus by WebRTC" });

/** A room where agent and people meet. */
export const ROOM: Picture = {
  chain: ["browser", "room", "server"],
  guest: { place: "person", under: "room" },
  hops: [
    room("browser", "room", "caller"),
    room("room", "server", "caller"),
    room("server", "room", "agent"),
    room("room", "browser", "agent"),
    room("person", "room", "person"),
    { from: "server", to: "browser", carries: "words", label: "what is shown", by: "as server-sent events" },
  ],
};

/** A provider that hears and fills pauses; the answer comes from here. */
export const DIRECT: Picture = {
  chain: ["browser", "provider", "server"],
  hops: [
    { from: "browser", to: "provider", carries: "caller", label: "Opus", by: "as Opus by WebRTC" },
    { from: "provider", to: "browser", carries: "filler", label: "Opus", by: "as Opus by WebRTC, and nothing else of its own" },
    { from: "provider", to: "server", carries: "words", label: "question", by: "as a function call" },
    { from: "server", to: "provider", carries: "words", label: "filler", by: "to be said word for word" },
    { from: "server", to: "browser", carries: "agent", label: "the answer, PCM16", by: "as PCM16 over HTTP" },
    { from: "server", to: "browser", carries: "words", label: "what is shown", by: "as server-sent events" },
  ],
};

const one = (from: Place, to: Place, carries: Carried, label: string): Hop => ({
  from,
  to,
  carries,
  label,
  by: carries === "words" ? "as JSON over the same WebSocket" : "as PCM16 over one WebSocket",
});

/** One connection for everything. */
export const SOCKET: Picture = {
  chain: ["browser", "server"],
  hops: [
    one("browser", "server", "caller", "one WebSocket"),
    one("server", "browser", "agent", "one WebSocket"),
    one("browser", "server", "words", "what was played"),
    one("server", "browser", "words", "what is shown"),
  ],
};
