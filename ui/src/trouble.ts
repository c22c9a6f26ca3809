import type { MicrophoneTrouble } from "./audio/microphone";
import { type Closing, NO_MEDIA, NO_WEBRTC, NOBODY, PROVIDER_REFUSED, REFUSED } from "./connections/connection";
import type { Via } from "./connections/via";
import { CANNOT_RESUME, ELSEWHERE } from "./connections/resuming";
import type { Refused } from "./wire";

/** What may be right again by itself, and then takes its trouble with it. */
export type Cause = "microphone" | "silenced" | "device" | "paused" | "offline" | "slow" | "other tab";

/** Something went wrong: what happened, and the next thing to do. */
export interface Trouble {
  readonly what: string;
  readonly next: string;
  readonly cause?: Cause;
  /** There is nothing to go back to: what follows is another conversation. */
  readonly isFinal?: boolean;
}

export function microphoneTrouble(trouble: MicrophoneTrouble): Trouble {
  switch (trouble) {
    case "denied":
      return {
        cause: "microphone",
        what: "The browser did not allow the microphone.",
        next: "Go on by typing; the agent's voice still plays. To speak, allow the microphone in the address bar, and you will be heard.",
      };
    case "missing":
      return {
        cause: "microphone",
        what: "No microphone was found.",
        next: "Go on by typing; the agent's voice still plays. To speak, plug one in: it is taken as soon as it is there.",
      };
    case "busy":
      return {
        cause: "microphone",
        what: "The microphone is in use by another program.",
        next: "Go on by typing, or close the other program and press Use microphone.",
      };
  }
}

export const INSECURE: Trouble = {
  what: "This address is neither HTTPS nor localhost, so the browser gives the page no microphone and no player.",
  next: "Open the page at http://localhost, or put the server behind HTTPS.",
};

/** The microphone went away while it was heard; `instead` is the one that is heard now, empty for none. */
export function unpluggedTrouble(name: string, instead: string): Trouble {
  const what = `${name ? `“${name}”` : "The microphone"} was unplugged.`;
  if (instead) return { cause: "device", what, next: `You are heard by “${instead}” now. Plug the other one in again and it is taken back.` };
  return { cause: "microphone", what, next: "Go on by typing, or plug a microphone in: it is taken as soon as it is there." };
}

/** The microphone is there and gives nothing: the system, a switch on it, or a telephone call has taken its sound. */
export const SILENCED: Trouble = {
  cause: "silenced",
  what: "The system has silenced the microphone.",
  next: "Look for a switch on it, or end the other call; you are heard again by itself. Until then, write.",
};

/** The browser does not play, because nobody touched the page or because it was in the background. */
export const PAUSED: Trouble = {
  cause: "paused",
  what: "The browser has paused this page's sound.",
  next: "Click anywhere, or press a key, and the sound goes on.",
};

export const OFFLINE: Trouble = {
  cause: "offline",
  what: "This device is offline.",
  next: "The conversation is kept for half a minute, and goes on by itself when the network is back.",
};

export const SLOW: Trouble = {
  cause: "slow",
  what: "The agent's voice comes with gaps: the network, the server or this device is too slow for it.",
  next: "Nothing is lost: all of it is in the transcript. Another network helps, or fewer other things that run.",
};

/** Somebody talks in another tab of this browser: two open microphones would hear each other's agents. */
export const OTHER_TAB: Trouble = {
  cause: "other tab",
  what: "You have begun to talk in another tab, so this one does not hear you.",
  next: "End the talk there and you are heard here again, or press Unmute.",
};

export function audioTrouble(error: unknown): Trouble {
  return {
    what: `The browser could not open its audio: ${error instanceof Error ? error.message : String(error)}.`,
    next: "Check that a loudspeaker or headphones are connected, then talk again.",
  };
}

export function loadTrouble(error: unknown): Trouble {
  return {
    what: `A part of the page could not be loaded: ${error instanceof Error ? error.message : String(error)}.`,
    next: "Check the network and reload the page, or talk via WebSocket.",
  };
}

/** Why a conversation is over; null when it ended as it should. */
export function closingTrouble(closing: Closing, state: { readonly agent: string; readonly link: string; readonly via?: Via }): Trouble | null {
  if (closing.reason === CANNOT_RESUME) {
    return { what: "The conversation could not be taken up again.", next: "Talk again to begin a new one.", isFinal: true };
  }
  switch (closing.code) {
    case ELSEWHERE:
      return {
        what: "This conversation is carried on elsewhere, perhaps in another tab.",
        next: "Go on there, or talk again to begin a new one here.",
        isFinal: true,
      };
    case 4401:
      return { what: "You are not signed in.", next: "Sign in at /watch, then reconnect." };
    case 1000:
      return null;
    case 1012:
      return { what: "The server is going away, so the conversation ended.", next: "Reconnect in a moment." };
    case 4402:
      return { what: `The conversation ended: ${closing.reason}.`, next: "Call again later.", isFinal: true };
    case NOBODY:
      return { what: "No agent came into the room.", next: "Look whether the server's workers run, then reconnect." };
    case 4404:
      return { what: `There is no agent called “${state.agent}” here.`, next: "Open the page without ?agent= to reach the tutor." };
    case 4408:
      return { what: "The server heard nothing from this page for too long and closed the conversation.", next: "Keep the page in front while you talk, and reconnect." };
    case 4429:
      return { what: "The server has as many conversations as it can carry.", next: "Wait a minute, then reconnect." };
    case REFUSED:
      return { what: `The server did not open the call: ${plain(closing.reason)}.`, next: "Try again, or talk via WebSocket." };
    case PROVIDER_REFUSED:
      return {
        what: `The voice provider refused the call: ${plain(closing.reason)}.`,
        next: "Look at the key and the model in the server's settings, or talk via WebSocket.",
      };
    case NO_MEDIA:
      return {
        what: "Sound could not be connected by WebRTC within 10 seconds.",
        next: "A firewall may keep UDP from passing. Talk via WebSocket, or try another network.",
      };
    case NO_WEBRTC:
      return { what: "This browser has no WebRTC, or it is switched off.", next: "Talk via WebSocket, or open the page in another browser." };
    case 4400:
      return { what: "The server could not accept what this page sent.", next: "Reload the page: it may be older than the server." };
    case 1011:
      return { what: "The server failed and closed the conversation.", next: "Reconnect. If it happens again, look into the server's log." };
    default:
      if (state.link === "connecting") return { what: "The server did not answer.", next: "Check that it is running, then reconnect." };
      if (state.via === "realtime") {
        return {
          what: "The connection was lost, and a call by WebRTC cannot be taken up again.",
          next: "Check the network, then talk again: that is a new call. A talk via WebSocket outlives its connection.",
          isFinal: true,
        };
      }
      return { what: "The connection was lost.", next: "Check the network, then reconnect." };
  }
}

/** A sentence that goes on in another. */
function plain(said: string): string {
  return said.replace(/[.\s]+$/, "") || "it did not say why";
}

export function refusalTrouble(refused: Refused): Trouble {
  const field = refused.field ? ` (${refused.field})` : "";
  return { what: `Something was not accepted: ${refused.message}${field}.`, next: "The conversation goes on." };
}
