// The one conversation that every client here holds, and what must have come of it; python/story.py is its twin.
// Runs in node and in a page.

export const RATE = 24_000; // Hz of the sound both ways: 16-bit, mono
const WEATHER = 'It is sunny in Paris, and twenty degrees.';
// What the function gives. Without a language model the agent says it as it stands.
export const FUNCTION = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather in a city, now.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Its name.' } },
    required: ['city'],
    additionalProperties: false,
  },
};
const LOOKED_UP_MS = 700; // that the function takes: longer than agents like to be silent
const CHUNK_MS = 20;
const PATIENCE_MS = 25_000; // in which each step must have happened: answers take about one second
const BEFORE_INTERRUPTING_S = 1.5; // of an answer that are heard before somebody speaks over it

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = () => performance.now() / 1000;

// What get_weather does.
export async function weather() {
  await sleep(LOOKED_UP_MS);
  return WEATHER;
}

// 20 ms of sound after the other, in real time: what is being said, else silence.
export class Microphone {
  // `sounds`: recordings by name, Int16Array. `send` is given each piece, an ArrayBuffer.
  constructor(sounds, send) {
    this.sounds = sounds;
    this.send = send;
    this.saying = [];
  }

  say(name) {
    const size = (RATE * CHUNK_MS) / 1000;
    const sound = this.sounds[name];
    for (let at = 0; at < sound.length; at += size) {
      const chunk = new Int16Array(size);
      chunk.set(sound.subarray(at, at + size));
      this.saying.push(chunk);
    }
  }

  start() {
    let due = performance.now();
    this.timer = setInterval(() => {
      for (; due <= performance.now(); due += CHUNK_MS) {
        this.send((this.saying.shift() ?? new Int16Array((RATE * CHUNK_MS) / 1000)).buffer);
      }
    }, CHUNK_MS / 2);
  }

  stop() {
    clearInterval(this.timer);
  }
}

class Answer {
  text = '';
  seconds = 0;
  began = 0; // when its first sound came
  isOver = false;
  wasCut = false;

  // Seconds of it that a player which began at once has played.
  get heard() {
    return this.began ? Math.min(this.seconds, seconds() - this.began) : 0;
  }
}

// One client's conversation. The methods up to `failed` are for what its library tells.
export class Talk {
  heard = [];
  answers = [new Answer()];
  called_ = {};
  truncations = [];
  errors = [];

  constructor(client, version) {
    this.client = client;
    this.version = version;
    this.gaveWay = 0;
    this.greeting = this.reply = this.interrupted = this.afterwards = this.weather = new Answer();
  }

  get answer() {
    return this.answers.at(-1);
  }

  userSaid(text) {
    this.heard.push(text.trim());
  }

  // A piece of the words of the answer.
  answerText(text) {
    this.open().text += text;
  }

  // So many seconds more of its sound.
  answerSound(length) {
    const answer = this.open();
    answer.began ||= seconds();
    answer.seconds += length;
  }

  // The answer is over; `wasCut`: because somebody spoke over it.
  answerOver(wasCut) {
    this.answer.isOver = true;
    this.answer.wasCut = wasCut;
  }

  called(name, given) {
    this.called_ = { name, arguments: given };
  }

  // The server has taken note that no more of an answer was heard, and says so.
  truncated(told) {
    this.truncations.push(told);
  }

  failed(error) {
    this.errors.push(error instanceof Error ? error.message : JSON.stringify(error));
  }

  open() {
    if (this.answer.isOver) this.answers.push(new Answer());
    return this.answer;
  }

  // Greeting, question, interruption, function. `say` speaks a recording, `greet` asks for a first answer; from
  // `mustCall` on the agent has to call get_weather.
  async hold({ say, greet, mustCall }) {
    let since = this.next;
    await greet();
    this.greeting = await this.answered('the greeting', since);
    since = this.next;
    say('question');
    this.reply = await this.answered('the answer to a question', since);
    say('long');
    await this.until(() => this.answer.heard > BEFORE_INTERRUPTING_S && !this.answer.isOver, 'a long answer');
    this.interrupted = this.answer;
    since = this.next + 1;
    say('interruption');
    const spoke = seconds();
    await this.until(() => this.interrupted.isOver, 'the end of the answer spoken over');
    this.gaveWay = seconds() - spoke; // seconds from the first sound spoken over the answer to its end
    this.afterwards = await this.answered('the answer to the interruption', since);
    since = this.next;
    await mustCall();
    say('weather');
    await this.until(() => this.called_.name, 'the function call');
    // Before the call the agent may have said that it takes a moment.
    this.weather = await this.answered('the answer with the weather', since, 'sunny');
  }

  // The number of the first answer that is not over.
  get next() {
    return this.answers.length - (this.answer.isOver ? 0 : 1);
  }

  // The first answer from number `since` on with words, and these, when it was said and heard to its end.
  async answered(what, since, having = '') {
    const isIt = ({ isOver, text }) => isOver && text && text.includes(having);
    const found = () => this.answers.slice(since).find(isIt);
    await this.until(found, what);
    const answer = found();
    await sleep(Math.max(0, answer.began + answer.seconds - seconds()) * 1000 + 300);
    return answer;
  }

  async until(isSo, what) {
    for (const since = performance.now(); !isSo(); await sleep(20)) {
      if (performance.now() - since > PATIENCE_MS) throw new Error(`${what} did not come in time`);
    }
  }

  // What should have come and did not.
  missing() {
    const checks = {
      greeting: this.greeting.text && this.greeting.seconds > 0.5,
      turn:
        this.heard.some((text) => /80|eighty/.test(text)) &&
        /20|twenty/.test(this.reply.text) &&
        this.reply.seconds > 0.5,
      function:
        this.called_.name === 'get_weather' &&
        /paris/i.test(this.called_.arguments) &&
        /sunny/.test(this.weather.text),
      'barge-in': this.interrupted.wasCut && this.truncations.length && /56/.test(this.afterwards.text),
      'no errors': !this.errors.length,
    };
    return Object.keys(checks).filter((name) => !checks[name]);
  }

  report() {
    const audio = this.answers.reduce((sum, answer) => sum + answer.seconds, 0);
    return {
      client: this.client,
      version: this.version,
      greeting_text: this.greeting.text.trim(),
      heard_text: this.heard,
      reply_text: this.reply.text.trim(),
      audio_seconds: Number(audio.toFixed(2)),
      function: { ...this.called_, said: this.weather.text.trim() },
      barge_in: {
        cancelled: this.interrupted.wasCut,
        truncated: this.truncations,
        gave_way_s: Number(this.gaveWay.toFixed(2)),
        said: this.afterwards.text.trim(),
      },
      answers: this.answers.map(({ text }) => text.trim()),
      errors: this.errors,
      missing: this.missing(),
    };
  }
}
