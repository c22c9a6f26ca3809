import { ConnectionError, DisconnectReason } from "livekit-client";
import { describe, expect, test } from "vitest";
import { guestOf, nameOf, readGrant } from "../src/connections/grant";
import { News } from "../src/connections/news";
import { NO_MEDIA, NOBODY, REFUSED } from "../src/connections/connection";
import { ELSEWHERE } from "../src/connections/resuming";
import { closingFor, refusal } from "../src/connections/room";
import { type RoomNews, Told } from "../src/connections/told";
import { Http } from "../src/http";
import { type Lines, withRemembered, withSentence } from "../src/lines";
import { Score } from "../src/score";
import { initialState, reduce, type TalkState } from "../src/state";
import { closingTrouble } from "../src/trouble";
import type { Remembered, ServerMessage } from "../src/wire";

const words = (who: "student" | "agent" | "person", segment: string, text: string, isFinal = false): RoomNews => ({
  of: "words",
  who,
  segment,
  text,
  isFinal,
});

describe("a room that tells the conversation itself", () => {
  function folded(...news: RoomNews[]): TalkState {
    const told = new Told();
    const messages: ServerMessage[] = news.flatMap((each) => told.messages(each));
    return messages.reduce((state, message) => reduce(state, { did: "hear", message }), initialState("tutor", "livekit"));
  }
  const texts = (state: TalkState) =>
    state.lines.map((line) => (line.who === "agent" ? line.sentences.map(({ text }) => text).join(" ") : line.text));

  test("shows what the caller says while it is said, and once it is settled", () => {
    expect(folded(words("student", "a", "what is")).lines).toMatchObject([{ text: "what is", isFinal: false }]);
    const settled = folded(words("student", "a", "what is"), words("student", "a", "What is two?", true), words("student", "b", "and"));
    expect(settled.lines).toMatchObject([{ text: "What is two?", isRemembered: true }, { text: "and", isFinal: false }]);
  });

  test("shows the agent's words as they are heard, never half of one", () => {
    const half = folded(words("agent", "a", "Two and "), words("agent", "a", "Two and tw"));
    expect(texts(half)).toEqual(["Two and"]);
    const whole = folded(words("agent", "a", "Two and "), words("agent", "a", "Two and two. ", true), words("agent", "b", "More.", true));
    expect(texts(whole)).toEqual(["Two and two.", "More."]);
    expect(whole.lines).toMatchObject([{ turn: 1, isRemembered: true, isCut: false, heardWords: 3 }, { turn: 2, isRemembered: true }]);
  });

  test("shows a person's words once they are whole, and what the agent does", () => {
    const state = folded(words("person", "a", "Let me"), words("person", "a", "Let me help.", true), { of: "state", state: "thinking" });
    expect(state.lines).toMatchObject([{ who: "supervisor", text: "Let me help." }]);
    expect(state.phase).toBe("thinking");
    expect(folded({ of: "state", state: "initializing" }).phase).toBe("idle");
    expect(folded(words("agent", "a", " ", true), words("student", "b", "", true), words("person", "c", "", true)).lines).toEqual([]);
  });
});

describe("a room", () => {
  test("is granted by the server", () => {
    const told = { url: "ws://h/livekit", token: "t", room: "s_1", session: "s_1", is_dev_room: true };
    expect(readGrant(told)).toEqual({ url: "ws://h/livekit", token: "t", session: "s_1", isDevRoom: true });
    expect(() => readGrant({ url: "ws://h" })).toThrow("token");
  });

  test("has guests of three kinds", () => {
    expect(guestOf("agent-AJ_1", true)).toBe("agent");
    expect(guestOf("teacher-finch", false)).toBe("person");
    expect(guestOf("student-teacher-x", false)).toBe("student");
    expect(nameOf("teacher-finch", "Ms Finch")).toBe("Ms Finch");
    expect(nameOf("teacher-finch", "")).toBe("finch");
  });

  test.each([
    [DisconnectReason.CLIENT_INITIATED, 1000],
    [DisconnectReason.DUPLICATE_IDENTITY, ELSEWHERE],
    [DisconnectReason.SERVER_SHUTDOWN, 1012],
    [DisconnectReason.ROOM_DELETED, 4402],
    [DisconnectReason.SIGNAL_CLOSE, 1006],
    [undefined, 1006],
  ])("that is left for LiveKit's reason %s is closed with %i", (reason, code) => expect(closingFor(reason).code).toBe(code));

  test.each([
    [ConnectionError.notAllowed("invalid token", 401), REFUSED],
    [ConnectionError.serverUnreachable("gone"), 1006],
    [ConnectionError.internal("could not establish pc connection"), NO_MEDIA],
    [new Error("else"), REFUSED],
  ])("that cannot be entered says why: %s", (error, code) => expect(refusal(error)).toMatchObject({ code, reason: error.message }));

  test("without an agent is told as trouble", () => {
    expect(closingTrouble({ code: NOBODY, reason: "" }, { agent: "tutor", link: "connecting" })?.what).toBe("No agent came into the room.");
  });

  test("tells what is to be known of it until another conversation begins", () => {
    const told = reduce(initialState("tutor", "livekit"), { did: "notice", text: "development room" });
    expect(told).toMatchObject({ notice: "development room", announcement: "development room" });
    expect(reduce(told, { did: "connect" }).notice).toBe("");
  });
});

describe("news of a call", () => {
  const stream = (...messages: object[]) =>
    new Response(messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join(""), { headers: { "content-type": "text/event-stream" } });
  const refused = (status: number) => new Response(JSON.stringify({ code: "unknown_session", detail: "not on air" }), { status });
  const phase = { type: "phase", phase: "speaking", turn: 2 };

  function news(...answers: Response[]): { news: News; told: string[]; listener: Parameters<News["tell"]>[0] } {
    const told: string[] = [];
    const http = new Http(async () => answers.shift()!);
    const listener = { message: (message: ServerMessage) => told.push(message.type), again: () => told.push("again") };
    return { news: new News(http, "s_1", new AbortController().signal), told, listener };
  }

  test("are asked for until they are there, and again when they break off", async () => {
    const { news: found, told, listener } = news(refused(404), refused(404), stream(phase), refused(404), stream(phase, { type: "ended", reason: "" }));
    await found.open(5000);
    await found.tell(listener, 5000);
    expect(told).toEqual(["phase", "again", "phase", "ended"]);
    expect(found.isOver).toBe(true);
  });

  test("are not waited for by nobody", async () => {
    const { news: found } = news(refused(404));
    await expect(found.open(5000, () => false)).rejects.toMatchObject({ status: 404 });
  });

  test("leave out what is no message", async () => {
    const { news: found, told, listener } = news(stream({ type: "novelty" }, phase, { type: "ended", reason: "" }));
    await found.open(0);
    await found.tell(listener, 0);
    expect(told).toEqual(["phase", "ended"]);
  });
});

describe("what a far end plays", () => {
  test("is cut where it is first known that it was", () => {
    const score = new Score(24000);
    score.streamSounds(1000, 0.1, 1);
    score.cut(1100, 3);
    expect(score.cuts).toEqual([{ at: 1100 }]);
    score.streamSounds(1200, 0.1, 1);
    score.cut(1210, 3);
    expect(score.cuts).toHaveLength(1);
  });

  test("is the answer to what was asked before it, though that is settled later", () => {
    const remembered = (turn: number, text: string): Remembered => ({ type: "remembered", turn, role: "user", text, isCut: false, isPast: false, by: "" });
    const answer = withSentence([], { type: "sentence", turn: 2, sentence: 0, text: "Twenty.", purpose: "answer", isRewritten: false });
    const lines: Lines = withRemembered(answer, remembered(2, "What is 25% of 80?"), "");
    expect(lines.map(({ who }) => who)).toEqual(["caller", "agent"]);
    expect(withRemembered(answer, remembered(3, "And?"), "").map(({ who }) => who)).toEqual(["agent", "caller"]);
  });
});
