/** What each way does differently in the moments that show it. Facts of `docs/reference/`, no numbers. */
import type { Via } from "./connections/via";
import type { Wait } from "./measured";
import type { Trigger } from "./occasions";

export interface Tradeoff {
  readonly title: string;
  /** What happened, in a sentence. */
  readonly what: string;
  /** What it comes down to, in a sentence. */
  readonly differs: string;
  readonly ways: Readonly<Record<Via, string>>;
  /** What is measured of it on every way. */
  readonly measure: Wait;
}

export const TRADEOFFS: Readonly<Record<Trigger, Tradeoff>> = {
  english: {
    title: "English was asked for",
    what: "The router gave this turn to the English specialist.",
    differs: "Who then speaks, and in whose session, is not the same everywhere.",
    ways: {
      orchestrate: "The specialist answers in this session, with the same guardrail and voice.",
      realtime: "As on the WebSocket. The protocol has no word for routes, so the page reads them beside the call.",
      direct: "The provider stays in control of the call and hands the question on by dispatch_to_orchestrator.",
      livekit: "With a realtime model, a second agent joins the room and teaches in a session of its own; without one, the specialist answers as elsewhere.",
    },
    measure: "response",
  },
  guardrail: {
    title: "The guardrail stepped in",
    what: "Something was stopped or reworded before it could be heard.",
    differs: "The judge is the same on every way; what differs is the point at which sound can no longer be made of unapproved words.",
    ways: {
      orchestrate: "Each sentence is judged before the voice gets it; the page receives sound of approved words only.",
      realtime: "The same, before anything is put on the WebRTC track, from which nothing can be taken back.",
      direct: "Answers are judged here before /tts/stream gives their sound. The provider is told to say prepared fillers and nothing else.",
      livekit: "What the model writes is judged in llm_node, what is said besides in tts_node: speech, transcript and history hold the same text.",
    },
    measure: "response",
  },
  filler: {
    title: "A filler bridged the wait",
    what: "The answer was not ready in time, so something short was said first.",
    differs: "On three ways the agent says it in its own voice; on a direct call the provider does, in another.",
    ways: {
      orchestrate: "The session says it, and the answer follows in the same turn and the same voice.",
      realtime: "The same session and voice, on the WebRTC track.",
      direct: "The provider speaks it by WebRTC; when the answer's sound comes by HTTP, the page fades from one to the other.",
      livekit: "The orchestrator's session says it in the room, where everybody present hears it.",
    },
    measure: "response",
  },
  escalation: {
    title: "A person was called for",
    what: "The agent asked for a human being to come.",
    differs: "They can read along on every way; whether you hear their own voice depends on the way.",
    ways: {
      orchestrate: "They listen in, whisper, or take over: their voice comes to you as live sound on the same WebSocket.",
      realtime: "The protocol has no place for another voice: what a person says in the agent's place is read, not heard.",
      direct: "They stand by the session; when they take over, their voice comes by /tts/stream.",
      livekit: "They join the room with a microphone of their own, as a participant like you.",
    },
    measure: "response",
  },
  "barge-in": {
    title: "The agent was interrupted",
    what: "Its voice was stopped, and what you had not heard is not remembered.",
    differs: "Who decides that it is an interruption, and how exactly one knows what was heard, differs.",
    ways: {
      orchestrate: "Your first sound pauses the voice; “mhm” lets it go on from the same sample, words cut it where your player stood.",
      realtime: "The page asks for semantic_vad, so “mhm” lets the voice go on here too; what was heard is reckoned by this server's clock and the network's delay.",
      direct: "Any sound that the provider takes for speech stops the answer, as nobody weighs it first; the page tells its last sample.",
      livekit: "LiveKit's session decides by this server's ears; what was heard is counted by what left for the room.",
    },
    measure: "yield",
  },
};
