/** The three architectures one can choose between: what is said of each, and how it is drawn. */
import type { Via } from "../connections/via";
import { DIRECT, type Picture, ROOM, SOCKET } from "./picture";

export interface Architecture {
  /** Its letter in the address: `?v=a`. */
  readonly letter: "a" | "b" | "c";
  readonly via: Via;
  readonly title: string;
  readonly says: string;
  readonly picture: Picture;
  readonly gives: string;
  readonly costs: string;
  readonly needs: readonly (readonly [what: string, which: string])[];
}

export const ARCHITECTURES: readonly Architecture[] = [
  {
    letter: "a",
    via: "livekit",
    title: "LiveKit room",
    says: "Browser, agent and people meet in a room.",
    picture: ROOM,
    gives: "A person comes in with a voice of their own, and so do telephones.",
    costs: "A room server to run, and one more hop for every sound.",
    needs: [
      ["Keys", "none in the development room; LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET for a server"],
      ["Extras", "livekit"],
      ["Ports", "UDP to the room; a LiveKit server of deploy/livekit.yaml has 7880, 7881 and 7882"],
    ],
  },
  {
    letter: "b",
    via: "direct",
    title: "Realtime direct",
    says: "A provider hears the caller; the answer is made and checked here.",
    picture: DIRECT,
    gives: "The provider's ears, its turn-taking, and something said in every pause.",
    costs: "Its tokens, one more hop, and an answer that stops for any sound it takes for speech.",
    needs: [
      ["Keys", "none while this server plays the provider; OPENAI_API_KEY for OpenAI"],
      ["Extras", "none; openai for OpenAI"],
      ["Ports", "this server's, and UDP from the browser to the provider"],
    ],
  },
  {
    letter: "c",
    via: "orchestrate",
    title: "Single WebSocket",
    says: "Both voices and all words travel in one connection.",
    picture: SOCKET,
    gives: "One process and one port; what was heard is known to the sample.",
    costs: "A lost packet holds up all that comes after it.",
    needs: [
      ["Keys", "none"],
      ["Extras", "none"],
      ["Ports", "this server's"],
    ],
  },
];

/** What differs, a sentence for each architecture in their order. Waits and costs are added from what was measured. */
export const DIFFERENCES: readonly (readonly [aspect: string, ...says: string[]])[] = [
  [
    "Whose turn it is",
    "LiveKit's session decides, by this server's ears and turn policy. A “mhm” pauses the voice and does not end it.",
    "The provider decides. Any sound it takes for speech interrupts.",
    "This server decides. A “mhm” pauses the voice and does not end it.",
  ],
  [
    "Safety",
    "What the model writes is checked before it is spoken or shown, and again before synthesis.",
    "Every sentence is checked before this server speaks it. The provider says fillers only, word for word.",
    "Every sentence is checked before it is spoken. The synthesizer takes nothing else.",
  ],
  [
    "Infrastructure",
    "A LiveKit server and workers beside this one. On a machine of one's own the development room stands in for them.",
    "This server and a Realtime provider, which this server can be itself.",
    "This server, and nothing else.",
  ],
  [
    "Supervision",
    "A person joins the room and is heard as themselves; whispers, lines and taking over go to the agent alone.",
    "A person reads and hears along at Watch. When they take over, their voice comes in place of the answer.",
    "A person reads and hears along at Watch. When they take over, their voice comes by the same WebSocket.",
  ],
  [
    "Resume",
    "LiveKit's client mends the connection. A room whose worker was killed goes to another, which goes on after the last word played.",
    "Goes on with the same session, on any server that shares the store.",
    "Goes on after the last word heard, on any server that shares the store.",
  ],
];
