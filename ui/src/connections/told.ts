import type { Phase, ServerMessage } from "../wire";
import type { Guest } from "./grant";

/** What a LiveKit room tells of its own accord: somebody's words as they come, or what an agent does. */
export type RoomNews =
  | { readonly of: "words"; readonly who: Guest; readonly segment: string; readonly text: string; readonly isFinal: boolean }
  | { readonly of: "state"; readonly state: string };

/** LiveKit's words for what an agent does. */
const PHASES: ReadonlyMap<string, Phase> = new Map([
  ["listening", "listening"],
  ["thinking", "thinking"],
  ["speaking", "speaking"],
  ["idle", "idle"],
]);

/**
 * The messages of a conversation whose server does not tell them, made out of what the room tells. What the agent says
 * comes in step with its voice, so all of it that has come was heard. Pure.
 */
export class Told {
  private turn = 0;
  /** Segments of the caller, by LiveKit's names, and their numbers. */
  private readonly utterances = new Map<string, number>();
  /** What has come of each segment of the agent, and the turn it is. */
  private readonly said = new Map<string, { readonly turn: number; text: string; sentences: number }>();

  messages(news: RoomNews): readonly ServerMessage[] {
    if (news.of === "state") {
      const phase = PHASES.get(news.state);
      return phase ? [{ type: "phase", phase, turn: this.turn }] : [];
    }
    const { who, segment, text, isFinal } = news;
    if (who === "student") return this.callers(segment, text.trim(), isFinal);
    if (who === "agent") return this.agents(segment, text, isFinal);
    return isFinal && text.trim() ? [this.remembered("supervisor", this.turn, text.trim())] : [];
  }

  private callers(segment: string, text: string, isFinal: boolean): readonly ServerMessage[] {
    const utterance = this.utterances.get(segment) ?? this.utterances.size + 1;
    this.utterances.set(segment, utterance);
    if (!text) return [];
    const transcript: ServerMessage = { type: "transcript", utterance, text, isFinal };
    return isFinal ? [transcript, this.remembered("user", this.turn, text)] : [transcript];
  }

  /** `text` is all of the segment so far. Words are told when they are whole. */
  private agents(segment: string, text: string, isFinal: boolean): readonly ServerMessage[] {
    let said = this.said.get(segment);
    if (!said) this.said.set(segment, (said = { turn: ++this.turn, text: "", sentences: 0 }));
    const whole = isFinal ? text : text.slice(0, text.search(/\S*$/));
    const fresh = whole.slice(said.text.length);
    const messages: ServerMessage[] = [];
    if (fresh.trim()) {
      said.text = whole;
      const sentence = ++said.sentences;
      messages.push(
        { type: "sentence", turn: said.turn, sentence, text: fresh.trim(), purpose: "answer", isRewritten: false },
        { type: "heard", turn: said.turn, heard: whole.trim(), unheard: "" },
      );
    }
    if (isFinal && said.text.trim()) messages.push(this.remembered("agent", said.turn, said.text.trim()));
    return messages;
  }

  private remembered(role: "user" | "agent" | "supervisor", turn: number, text: string): ServerMessage {
    return { type: "remembered", turn, role, text, isCut: false, isPast: false, by: "" };
  }
}
