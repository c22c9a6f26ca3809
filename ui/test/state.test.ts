import { describe, expect, test } from "vitest";
import { type AgentLine, heardAndUnheard, soundingSentence } from "../src/lines";
import { type Action, initialState, reduce, type TalkState } from "../src/state";
import { NO_MEDIA, NO_WEBRTC, PROVIDER_REFUSED, REFUSED } from "../src/connections/connection";
import { closingOf, NotConnected } from "../src/connections/rtc";
import { HttpError } from "../src/http";
import { decodeServer } from "../src/wire";

/** Folds messages as they come over the wire, and actions of the caller. */
function after(...happened: (Record<string, unknown> | Action)[]): TalkState {
  return happened.reduce<TalkState>(
    (state, each) =>
      reduce(state, "did" in each ? (each as Action) : { did: "hear", message: decodeServer(JSON.stringify(each)) }),
    initialState("tutor"),
  );
}
const ready = { type: "ready", session: "s_1", agent: "tutor", suggestions: ["What is 25% of 80?"] };
const say = (turn: number, sentence: number, text: string, purpose = "answer") => ({
  type: "sentence",
  turn,
  sentence,
  text,
  purpose,
});
const heard = (turn: number, words: string, rest: string) => ({ type: "heard", turn, heard: words, unheard: rest });
const remembered = (turn: number, role: string, text: string, is_cut = false) => ({
  type: "remembered",
  turn,
  role,
  text,
  is_cut,
});
const agentLine = (state: TalkState) => state.lines.find((line): line is AgentLine => line.who === "agent")!;
const texts = (state: TalkState) =>
  state.lines.map((line) => (line.who === "agent" ? heardAndUnheard(line).heard : line.text));

describe("before a server answers", () => {
  test("another way may be chosen, which holds for the conversations that follow", () => {
    const chosen = after({ did: "fail", trouble: { what: "x", next: "y" } }, { did: "choose", via: "direct" });
    expect(chosen).toMatchObject({ via: "direct", trouble: null, announcement: "Via Realtime direct" });
    expect(reduce(chosen, { did: "connect" }).via).toBe("direct");
    expect(reduce(chosen, { did: "wait" }).via).toBe("direct");
  });

  test("the tutor's newcomers see six questions to try", () => {
    expect(initialState("tutor").suggestions).toHaveLength(6);
    expect(initialState("booking").suggestions).toEqual([]);
  });

  test("the server's questions replace them", () => {
    expect(after(ready).suggestions).toEqual(["What is 25% of 80?"]);
  });
});

describe("what the caller says", () => {
  test("grows in place while it is recognized", () => {
    const state = after(
      ready,
      { type: "transcript", utterance: 1, text: "what is" },
      { type: "transcript", utterance: 1, text: "what is 25% of 80", is_final: true },
    );
    expect(texts(state)).toEqual(["what is 25% of 80"]);
  });

  test("becomes one line when two utterances were one turn", () => {
    const state = after(
      ready,
      { type: "transcript", utterance: 1, text: "What is 25%", is_final: true },
      { type: "transcript", utterance: 2, text: "of 80?", is_final: true },
      remembered(1, "user", "What is 25% of 80?"),
    );
    expect(texts(state)).toEqual(["What is 25% of 80?"]);
  });

  test("is not doubled when it was typed", () => {
    const state = after(ready, { did: "type", text: "Explain a metaphor" }, remembered(1, "user", "Explain a metaphor"));
    expect(texts(state)).toEqual(["Explain a metaphor"]);
  });

  test("names the person who spoke, also where nobody has said who is there", () => {
    const past = { ...remembered(2, "supervisor", "Hello, this is Ms Finch."), is_past: true, by: "Ms Finch" };
    expect(after(ready, past).lines).toMatchObject([{ who: "supervisor", by: "Ms Finch" }]);
    expect(after(ready, { ...past, is_past: false }).announcement).toBe("Ms Finch: Hello, this is Ms Finch.");
  });

  test("leaves a back-channel aside, unremembered", () => {
    const state = after(
      ready,
      { type: "transcript", utterance: 1, text: "mhm", is_final: true },
      { type: "transcript", utterance: 2, text: "Why?", is_final: true },
      remembered(2, "user", "Why?"),
    );
    expect(state.lines).toMatchObject([{ text: "mhm", isRemembered: false }, { text: "Why?", isRemembered: true }]);
  });

  test("shows up even when no transcript came before it", () => {
    expect(texts(after(ready, remembered(1, "user", "Hello")))).toEqual(["Hello"]);
  });
});

describe("what the agent says", () => {
  const story = [ready, say(1, 0, "25% of 80 is 20."), say(1, 1, "Divide by 4.")] as const;

  test("is unheard until it was heard", () => {
    expect(heardAndUnheard(agentLine(after(...story)))).toEqual({ heard: "", unheard: "25% of 80 is 20. Divide by 4." });
  });

  test("is split at the last word heard, and a later sentence adds to what is to come", () => {
    const state = after(ready, story[1], heard(1, "25% of", "80 is 20."), story[2]);
    expect(heardAndUnheard(agentLine(state))).toEqual({ heard: "25% of", unheard: "80 is 20. Divide by 4." });
  });

  test("keeps exactly what was heard when it is cut, and the rest beside it", () => {
    const state = after(...story, heard(1, "25% of 80", "is 20. Divide by 4."), { type: "clear", turn: 1 });
    expect(agentLine(state)).toMatchObject({ isCut: true, isRemembered: false });
    const settled = agentLine(reduceHeard(state, remembered(1, "agent", "25% of 80 is", true)));
    expect(heardAndUnheard(settled)).toEqual({ heard: "25% of 80 is", unheard: "20. Divide by 4." });
    expect(settled).toMatchObject({ isCut: true, isRemembered: true });
  });

  test("is whole when it is remembered whole, whatever was cleared at its end", () => {
    const state = after(...story, { type: "clear", turn: 1 }, remembered(1, "agent", "25% of 80 is 20. Divide by 4."));
    expect(agentLine(state).isCut).toBe(false);
    expect(heardAndUnheard(agentLine(state)).unheard).toBe("");
  });

  test("follows the server where its words differ from the sentences announced", () => {
    const state = after(...story, heard(1, "A quarter", "of 80 is 20."));
    expect(heardAndUnheard(agentLine(state))).toEqual({ heard: "A quarter", unheard: "of 80 is 20." });
  });

  test("knows which sentence sounds, so that a filler can be told from the answer", () => {
    const state = after(ready, say(1, 0, "Let me think.", "filler"), say(1, 1, "It is 20."), heard(1, "Let me", "think. It is 20."));
    expect(soundingSentence(agentLine(state))?.purpose).toBe("filler");
    expect(soundingSentence(agentLine(reduceHeard(state, heard(1, "Let me think.", "It is 20."))))?.purpose).toBe("answer");
  });
});

describe("where the conversation is", () => {
  test("a hold lasts until it is resumed, cleared, or the phase changes", () => {
    const hold = { type: "hold", turn: 1 };
    expect(after(ready, hold).isHeld).toBe(true);
    expect(after(ready, hold, { type: "resume", turn: 1 }).isHeld).toBe(false);
    expect(after(ready, hold, { type: "clear", turn: 1 }).isHeld).toBe(false);
  });

  test("only phases and finished lines are announced", () => {
    const partial = after(ready, { type: "phase", phase: "listening" }, { type: "transcript", utterance: 1, text: "wha" });
    expect(partial.announcement).toBe("Listening");
    expect(reduceHeard(partial, remembered(1, "user", "What?")).announcement).toBe("You: What?");
  });
});

describe("when something goes wrong", () => {
  test("a refused microphone is explained and the conversation goes on", () => {
    const state = after({ did: "connect" }, { did: "miss microphone", trouble: "denied" }, ready);
    expect(state).toMatchObject({ link: "on", ear: "refused" });
    expect(state.trouble?.next).toMatch(/typing/);
  });

  test.each([
    [1000, null],
    [1006, /lost/],
    [1012, /going away/],
    [4404, /no agent called “tutor”/],
    [4408, /too long/],
    [4429, /as many conversations/],
  ])("close code %i is explained", (code, what) => {
    const { trouble, link } = after({ did: "connect" }, ready, { did: "close", closing: { code, reason: "" } });
    expect(link).toBe("over");
    if (what) expect(trouble?.what).toMatch(what);
    else expect(trouble).toBeNull();
  });

  test("a connection never made is told from one that was lost", () => {
    const state = after({ did: "connect" }, { did: "close", closing: { code: 1006, reason: "" } });
    expect(state.trouble?.what).toMatch(/did not answer/);
  });

  test("talking again begins with an empty page and keeps the caller's mute", () => {
    const state = after({ did: "connect" }, ready, { did: "mute", isMuted: true }, say(1, 0, "Hello."), { did: "connect" });
    expect(state).toMatchObject({ lines: [], isMuted: true, link: "connecting", latency: null });
  });
});

function reduceHeard(state: TalkState, message: Record<string, unknown>): TalkState {
  return reduce(state, { did: "hear", message: decodeServer(JSON.stringify(message)) });
}

describe("a call that cannot be made", () => {
  const end = (code: number, reason = "") => after({ did: "connect" }, { did: "close", closing: { code, reason } }).trouble!;

  test.each([
    [NO_MEDIA, "Sound could not be connected", "WebSocket"],
    [NO_WEBRTC, "no WebRTC", "WebSocket"],
    [PROVIDER_REFUSED, "The voice provider refused the call: it did not say why.", "key and the model"],
    [REFUSED, "The server did not open the call", "WebSocket"],
  ])("(%i) says what happened and what to do", (code, what, next) => {
    expect(end(code).what).toContain(what);
    expect(end(code).next).toContain(next);
  });

  test("repeats what a provider said, as one sentence", () => {
    expect(end(PROVIDER_REFUSED, "Incorrect API key.").what).toBe("The voice provider refused the call: Incorrect API key.");
  });

  test.each([
    [new HttpError("no", 0, "unreachable"), 1006],
    [new HttpError("no", 401, "invalid_api_key"), 4401],
    [new HttpError("no", 429, "rate_limit_exceeded"), 4429],
    [new HttpError("no", 404, "unknown_agent"), 4404],
    [new HttpError("no", 503, "server_error"), REFUSED],
    [new NotConnected({ code: NO_MEDIA, reason: "" }), NO_MEDIA],
    [new TypeError("no"), REFUSED],
  ])("by %s ends with %i", (error, code) => expect(closingOf(error).code).toBe(code));
});
