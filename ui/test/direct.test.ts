import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Answers } from "../src/connections/answers";
import { dispatched, decodeDirect, readGrant } from "../src/connections/jobs";
import { Reports } from "../src/connections/reports";
import { Spoken } from "../src/connections/spoken";
import type { Latency } from "../src/wire";
import { WireError } from "../src/fields";
import { HttpError } from "../src/http";

describe("what the server says", () => {
  test("is what every screen is told, and of jobs besides", () => {
    const job = '{"type":"job","job_id":"j_1","status":"running","turn":3,"question":"Why?","safe_text":"","tts_ready":true}';
    expect(decodeDirect(job)).toEqual({
      type: "job",
      job: "j_1",
      status: "running",
      turn: 3,
      question: "Why?",
      isVoiced: true,
    });
    expect(decodeDirect('{"type":"clear","turn":3}')).toEqual({ type: "clear", turn: 3 });
    expect(() => decodeDirect('{"type":"job","job_id":"j_1","status":"lost"}')).toThrow(WireError);
  });

  test("to begin with is checked", () => {
    const told = {
      session_id: "s_1",
      token: "t",
      agent: "tutor",
      suggestions: ["Why?"],
      client_secret: { value: "ek_1", expires_at: 1 },
      realtime_url: "/v1/realtime/calls",
    };
    expect(readGrant(told)).toEqual({
      session: "s_1",
      token: "t",
      agent: "tutor",
      suggestions: ["Why?"],
      secret: "ek_1",
      realtimeUrl: "/v1/realtime/calls",
    });
    expect(() => readGrant({ ...told, client_secret: null })).toThrow(WireError);
  });
});

test("a provider hands a question on by one function alone", () => {
  const item = { type: "function_call", name: "dispatch_to_orchestrator", call_id: "call_1", arguments: '{"question":"Why?"}' };
  const event = { type: "response.output_item.done", item };
  expect(dispatched(event)).toEqual({ question: "Why?", call: "call_1" });
  expect(dispatched({ ...event, type: "response.output_item.added" })).toBeNull();
  expect(dispatched({ ...event, item: { ...item, name: "other" } })).toBeNull();
  expect(dispatched({ ...event, item: { ...item, type: "message" } })).toBeNull();
  expect(dispatched({ ...event, item: { ...item, arguments: "{" } })).toBeNull();
  expect(dispatched({ type: "response.output_item.done" })).toBeNull();
});

/** A voice that is sent when the test says so. */
class Voice {
  private to!: ReadableStreamDefaultController<Uint8Array>;
  isCancelled = false;
  readonly answer: Response;
  constructor(turn: number, offset = 0) {
    const body = new ReadableStream<Uint8Array>({
      start: (to) => void (this.to = to),
      cancel: () => void (this.isCancelled = true),
    });
    this.answer = new Response(body, { headers: { "x-turn": String(turn), "x-offset": String(offset) } });
  }
  sends(samples: number): void {
    this.to.enqueue(new Uint8Array(samples * 2));
  }
  ends(): void {
    this.to.close();
  }
  breaks(): void {
    this.to.error(new TypeError("network"));
  }
}

/** Whatever is under way has happened, without the clock's going on. */
const settled = () => vi.advanceTimersByTimeAsync(0);

describe("answers", () => {
  let asked: string[];
  let voices: (Voice | HttpError)[];
  let happened: unknown[];
  let answers: Answers;
  const known = (job: string, status: "running" | "cancelled" | "done", turn: number, isVoiced = false) =>
    ({ type: "job", job, status, turn, question: "", isVoiced }) as const;
  const job = (id: string, isVoiced = false, status: "running" | "cancelled" | "done" = "running", turn = 3) =>
    answers.news([known(id, status, turn, isVoiced)]);

  beforeEach(() => {
    vi.useFakeTimers();
    asked = [];
    voices = [];
    happened = [];
    answers = new Answers(
      async (id) => {
        asked.push(id);
        const voice = voices.shift()!;
        if (voice instanceof HttpError) throw voice;
        return voice.answer;
      },
      { sound: ({ turn, offset, samples }) => happened.push([turn, offset, samples.length]), front: (who) => happened.push(who) },
    );
  });
  afterEach(() => vi.useRealTimers());

  test("are fetched once for each job, and are in front until they have been heard", async () => {
    const voice = new Voice(3);
    voices.push(voice);
    job("j_1");
    job("j_1", true);
    answers.begin("j_1");
    voice.sends(480);
    await settled();
    expect(asked).toEqual(["j_1"]);
    expect(happened).toEqual(["frames", [3, 0, 480]]);
    expect(answers.sounding).toBe(3);
    voice.sends(20);
    voice.ends();
    await settled();
    expect(happened.slice(2)).toEqual(["frames", [3, 480, 20]]);
    answers.played(3, 499);
    expect(answers.sounding).toBe(3);
    answers.played(3, 500);
    expect(answers.sounding).toBeNull();
    expect(happened.at(-1)).toBe("stream");
  });

  test("that wait between two sentences stay in front", async () => {
    const voice = new Voice(3);
    voices.push(voice);
    job("j_1");
    voice.sends(480);
    await settled();
    answers.played(3, 480);
    expect(answers.sounding).toBe(3);
    expect(happened.at(-1)).toEqual([3, 0, 480]);
  });

  test("that are stopped are not fetched any further", async () => {
    const voice = new Voice(3);
    voices.push(voice);
    job("j_1");
    voice.sends(480);
    await settled();
    answers.clear(3);
    expect(answers.sounding).toBeNull();
    expect(happened.at(-1)).toBe("stream");
    voice.sends(480);
    await settled();
    expect(voice.isCancelled).toBe(true);
    expect(happened).toHaveLength(3);
  });

  test("whose voice breaks off are asked for again, and go on where they are", async () => {
    const [first, second] = [new Voice(3), new Voice(3, 480)];
    voices.push(first, second);
    job("j_1");
    first.sends(480);
    await settled();
    first.breaks();
    await vi.advanceTimersByTimeAsync(100);
    second.sends(10);
    await settled();
    expect(asked).toEqual(["j_1", "j_1"]);
    expect(happened.at(-1)).toEqual([3, 480, 10]);
  });

  test("that have no voice yet are asked for once they have one", async () => {
    const voice = new Voice(3);
    voices.push(new HttpError("not yet", 409, "not_ready"), voice);
    job("j_1");
    await settled();
    job("j_1");
    await settled();
    expect(asked).toEqual(["j_1"]);
    job("j_1", true);
    voice.sends(5);
    await settled();
    expect(asked).toEqual(["j_1", "j_1"]);
    expect(answers.sounding).toBe(3);
  });

  test("that were given up are not asked for", async () => {
    job("j_1", true, "cancelled");
    await settled();
    expect(asked).toEqual([]);
  });

  test("that are approved as a whole before anything was heard are asked for all the same", async () => {
    voices.push(new Voice(3));
    job("j_1", true, "done");
    await settled();
    expect(asked).toEqual(["j_1"]);
  });

  test("of before are asked for where something may be left to say", async () => {
    voices.push(new Voice(2), new Voice(4));
    answers.news([known("j_1", "done", 1, true), known("j_2", "running", 2), known("j_3", "cancelled", 3), known("j_4", "done", 4, true)]);
    await settled();
    expect(asked).toEqual(["j_2", "j_4"]);
  });

  test("that go on in another turn are asked for once more", async () => {
    const [first, second] = [new Voice(3), new Voice(4)];
    voices.push(first, second);
    job("j_1");
    first.sends(10);
    first.ends();
    await settled();
    job("j_1", true, "done");
    await settled();
    expect(asked).toEqual(["j_1"]);
    job("j_1", true, "running", 4);
    second.sends(10);
    await settled();
    expect(asked).toEqual(["j_1", "j_1"]);
    expect(happened.at(-1)).toEqual([4, 0, 10]);
  });

  test("one behind the other: the first is stopped, the second sounds", async () => {
    const [first, second] = [new Voice(3), new Voice(4)];
    voices.push(first, second);
    job("j_1");
    first.sends(480);
    await settled();
    job("j_2");
    second.sends(480);
    await settled();
    answers.clear(3);
    expect(answers.sounding).toBe(4);
    expect(happened.at(-1)).toEqual([4, 0, 480]);
  });
});

describe("a person in the agent's place", () => {
  test("is heard as they speak, as no turn, until they hand back", async () => {
    const heard: unknown[] = [];
    const answers = new Answers(
      () => Promise.reject(new Error("no job")),
      { sound: ({ turn, samples }) => heard.push([turn, samples.length]), front: (who) => heard.push(who) },
    );
    const voice = new Voice(0);
    let asked = 0;
    const ask = async () => (asked++, voice.answer);
    answers.live(ask);
    answers.live(ask);
    voice.sends(480);
    await new Promise((resolve) => setTimeout(resolve));
    answers.endLive();
    voice.sends(480);
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked).toBe(1);
    expect(heard).toEqual([[0, 480]]);
  });
});

describe("what the caller says into a provider's ear", () => {
  const event = (type: string, item_id: string, more: object = {}) => ({ type, item_id, ...more });
  const TRANSCRIPTION = "conversation.item.input_audio_transcription";
  const job = (id: string, question: string, turn = 0) =>
    ({ type: "job", job: id, status: "running", turn, question, isVoiced: false }) as const;
  const latency = (turn: number): Latency => ({ type: "latency", turn, responseMs: 400, parts: [{ name: "routing", ms: 400 }] });
  const line = (utterance: number, text: string, isFinal = true) => ({ type: "transcript", utterance, text, isFinal });

  test("is shown as it is made out, and then as it was asked", () => {
    const spoken = new Spoken();
    spoken.told(event("input_audio_buffer.speech_started", "i_1"), 0);
    expect(spoken.told(event(`${TRANSCRIPTION}.delta`, "i_1", { delta: "Why did" }), 1)).toEqual(line(1, "Why did", false));
    expect(spoken.told(event(`${TRANSCRIPTION}.delta`, "i_1", { delta: " it" }), 1)).toEqual(line(1, "Why did it", false));
    expect(spoken.asked(job("j_1", "Why did it start?"), 2)).toEqual(line(1, "Why did it start?"));
    expect(spoken.told(event(`${TRANSCRIPTION}.completed`, "i_1", { transcript: "why did it start" }), 3)).toBeNull();
    expect(spoken.asked(job("j_1", "Why did it start?", 2), 4)).toBeNull();
    spoken.told(event("input_audio_buffer.speech_started", "i_2"), 5);
    expect(spoken.asked(job("j_2", "And then?"), 6)).toEqual(line(2, "And then?"));
  });

  test("is shown also where the provider makes out no words", () => {
    expect(new Spoken().asked(job("j_1", "Why?"), 0)).toEqual(line(1, "Why?"));
  });

  test("is no line where the agent speaks unasked, the line is there already, or the question was given up", () => {
    const spoken = new Spoken();
    expect(spoken.asked(job("j_1", ""), 0)).toBeNull();
    spoken.knows("What is 25% of 80?");
    expect(spoken.asked(job("j_2", "What is 25% of 80?"), 0)).toBeNull();
    expect(spoken.asked(job("j_3", "What is 25% of 80?"), 0)).toEqual(line(1, "What is 25% of 80?"));
    expect(spoken.asked({ ...job("j_4", "What is"), status: "cancelled" }, 0)).toBeNull();
  });

  test("has its time at the provider counted, from the last that was heard", () => {
    const spoken = new Spoken();
    spoken.told(event("input_audio_buffer.speech_started", "i_1"), 100);
    spoken.hears(0.1, 1000);
    spoken.hears(0.001, 1500);
    spoken.told(event("input_audio_buffer.speech_stopped", "i_1"), 1500);
    spoken.hears(0.1, 1600);
    spoken.asked(job("j_1", "Why?"), 2200);
    spoken.asked(job("j_1", "Why?", 4), 2300);
    expect(spoken.whole(latency(4))).toEqual({
      type: "latency",
      turn: 4,
      responseMs: 1600,
      parts: [{ name: "provider", ms: 1200 }, { name: "routing", ms: 400 }],
    });
    expect(spoken.whole(latency(5))).toEqual(latency(5));
  });

  test("has its time counted as well where the job is known before the end of the speech", () => {
    const spoken = new Spoken();
    spoken.told(event("input_audio_buffer.speech_started", "i_1"), 100);
    spoken.hears(0.1, 1000);
    spoken.asked(job("j_1", "Why?", 4), 1700);
    spoken.told(event("input_audio_buffer.speech_stopped", "i_1"), 1710);
    expect(spoken.whole(latency(4)).parts[0]).toEqual({ name: "provider", ms: 700 });
  });
});

describe("reports of what was played", () => {
  let sent: unknown[];
  let arrive: () => void;
  let fail: () => void;
  let reports: Reports;
  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    reports = new Reports((report) => {
      sent.push([report.turn, report.samples, report.cleared]);
      return new Promise((resolve, reject) => {
        arrive = resolve;
        fail = () => reject(new HttpError("away", 0, "unreachable"));
      });
    });
  });
  afterEach(() => vi.useRealTimers());

  test("go one after the other, the newest for all that wait", async () => {
    reports.put({ turn: 1, samples: 100, cleared: false });
    reports.put({ turn: 1, samples: 200, cleared: false });
    reports.put({ turn: 1, samples: 300, cleared: false });
    expect(sent).toEqual([[1, 100, false]]);
    arrive();
    await settled();
    expect(sent).toEqual([[1, 100, false], [1, 300, false]]);
  });

  test("that are final are not passed over, and nothing of the turn follows", async () => {
    reports.put({ turn: 1, samples: 100, cleared: false });
    reports.put({ turn: 1, samples: 150, cleared: true });
    reports.put({ turn: 2, samples: 10, cleared: false });
    reports.put({ turn: 1, samples: 120, cleared: false });
    for (let each = 0; each < 3; each++) {
      arrive();
      await settled();
    }
    expect(sent).toEqual([[1, 100, false], [1, 150, true], [2, 10, false]]);
  });

  test("that are final are sent again when they do not arrive; others are not", async () => {
    reports.put({ turn: 1, samples: 100, cleared: false });
    fail();
    await settled();
    expect(sent).toHaveLength(1);
    reports.put({ turn: 1, samples: 150, cleared: true });
    fail();
    await vi.advanceTimersByTimeAsync(300);
    expect(sent).toEqual([[1, 100, false], [1, 150, true], [1, 150, true]]);
    arrive();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(3);
  });
});
