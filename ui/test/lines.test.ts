import { describe, expect, test } from "vitest";
import { type AgentLine, heardAndUnheard, isOfPerson } from "../src/lines";
import { type Action, initialState, reduce, type TalkState } from "../src/state";
import { decodeServer } from "../src/wire";

type Message = Record<string, unknown>;

/** Folds messages as they come over the wire, and actions of the caller. */
function after(...happened: (Message | Action)[]): TalkState {
  return happened.reduce<TalkState>(
    (state, each) =>
      reduce(state, "did" in each ? (each as Action) : { did: "hear", message: decodeServer(JSON.stringify(each)) }),
    initialState("tutor"),
  );
}
const ready = { type: "ready", session: "s_1", agent: "tutor", resume: "token" };
const again = { ...ready, is_resumed: true };
const lose: Action = { did: "lose" };
const say = (turn: number, text: string, purpose = "answer") => ({ type: "sentence", turn, sentence: 0, text, purpose });
const kept = (turn: number, role: string, text: string, is_cut = false) => ({ type: "remembered", turn, role, text, is_cut });
const past = (...line: Parameters<typeof kept>) => ({ ...kept(...line), is_past: true });
const supervised = (how: string, by = "Ms Finch") => ({ type: "supervised", by, how });
const texts = (state: TalkState) =>
  state.lines.map((line) => `${line.who}: ${line.who === "agent" ? heardAndUnheard(line).heard : line.text}`);

const story = [ready, kept(1, "user", "What is 25% of 80?"), say(1, "It is 20."), kept(1, "agent", "It is 20.")];
const told = [past(1, "user", "What is 25% of 80?"), past(1, "agent", "It is 20.")];
const WHOLE = ["caller: What is 25% of 80?", "agent: It is 20."];

describe("a transcript after a lost connection", () => {
  test("is not doubled by what the server says of the past", () => {
    const state = after(...story, lose, again, ...told, { type: "transcript", utterance: 4, text: "And" });
    expect(texts(state)).toEqual([...WHOLE, "caller: And"]);
  });

  test("is built anew where the page has none, and nobody is told it aloud", () => {
    const state = after({ did: "connect", goesOn: true }, again, ...told);
    expect(texts(state)).toEqual(WHOLE);
    expect(state.announcement).toBe("Connected again");
  });

  test("gets what the page missed, in its place", () => {
    const state = after(...story, lose, again, ...told, past(2, "user", "And of 40?"), past(2, "agent", "It is 10."));
    expect(texts(state)).toEqual([...WHOLE, "caller: And of 40?", "agent: It is 10."]);
  });

  test("ends the broken line at the last word heard, and goes on in another", () => {
    const broken = [ready, kept(1, "user", "Why?"), say(1, "Because it rains."), { type: "heard", turn: 1, heard: "Because it", unheard: "rains." }];
    const state = after(...broken, lose, again, past(1, "user", "Why?"), kept(1, "agent", "Because", true), say(2, "it rains."));
    expect(texts(state)).toEqual(["caller: Why?", "agent: Because", "agent: "]);
    expect(state.lines[1]).toMatchObject({ isCut: true, isRemembered: true });
    expect(heardAndUnheard(state.lines[1] as AgentLine).unheard).toBe("it rains.");
  });

  test("takes two utterances that became one line while the page was away", () => {
    const spoken = { type: "transcript", utterance: 1, text: "What is 25%", is_final: true };
    const state = after(ready, spoken, lose, again, past(1, "user", "What is 25% of 80?"));
    expect(texts(state)).toEqual(["caller: What is 25% of 80?"]);
  });

  test("keeps equal lines apart", () => {
    const yes = kept(1, "user", "Yes.");
    const state = after(ready, yes, kept(2, "user", "Yes."), lose, again, past(1, "user", "Yes."), past(2, "user", "Yes."));
    expect(texts(state)).toEqual(["caller: Yes.", "caller: Yes."]);
  });

  test("has each line once after any number of losses, also a person's", () => {
    const person = [say(2, "Draw it.", "person"), kept(2, "supervisor", "Draw it."), kept(2, "supervisor", "Hello.")];
    const again3 = [again, ...told, past(2, "supervisor", "Draw it."), past(2, "supervisor", "Hello.")];
    const state = after(...story, ...person, lose, ...again3, lose, ...again3);
    expect(texts(state)).toEqual([...WHOLE, "agent: Draw it.", "supervisor: Hello."]);
    expect(new Set(state.lines.map((line) => line.key)).size).toBe(4);
  });

  test("is emptied when the server opens another session instead", () => {
    expect(after(...story, lose, { ...ready, session: "s_2" }).lines).toEqual([]);
  });

  test("stays while connecting again by hand", () => {
    expect(texts(after(...story, { did: "connect", goesOn: true }))).toEqual(WHOLE);
  });
});

describe("people on the line", () => {
  test("come, speak, hand back and go", () => {
    const stance = (...messages: Message[]) => after(ready, ...messages).people.map((person) => `${person.name} ${person.stance}`);
    expect(stance(supervised("joined"))).toEqual(["Ms Finch joined"]);
    expect(stance(supervised("joined"), supervised("taken_over"))).toEqual(["Ms Finch taken_over"]);
    expect(stance(supervised("joined"), supervised("taken_over"), supervised("handed_back"))).toEqual(["Ms Finch handed_back"]);
    expect(stance(supervised("joined"), supervised("joined", "Mr Lee"), supervised("left"))).toEqual(["Mr Lee joined"]);
  });

  test("are announced", () => {
    const asked = { type: "escalated", turn: 1, reason: "a person was asked for" };
    expect(after(ready, asked).announcement).toBe("A teacher has been asked to join");
    expect(after(ready, asked, supervised("joined"))).toMatchObject({ announcement: "Ms Finch has joined", isAsked: false });
    expect(after(ready, supervised("taken_over")).announcement).toBe("Ms Finch is speaking");
    expect(after(ready, supervised("joined"), supervised("left")).announcement).toBe("Ms Finch has left");
  });

  test("say lines of their own under their name", () => {
    const [line] = after(ready, supervised("taken_over"), kept(0, "supervisor", "Hello.")).lines;
    expect(line).toMatchObject({ who: "supervisor", by: "Ms Finch", text: "Hello." });
  });

  test("have the agent say a line, which is theirs and there once", () => {
    const state = after(ready, say(3, "Draw it first.", "person"), kept(3, "supervisor", "Draw it first."));
    expect(texts(state)).toEqual(["agent: Draw it first."]);
    expect(isOfPerson(state.lines[0] as AgentLine)).toBe(true);
  });
});
