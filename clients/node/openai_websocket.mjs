// The `openai` package in node: its Realtime connection speaks wss and nothing else.
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { finish, given, version } from './node.mjs';
import { FUNCTION, Microphone, RATE, Talk, weather } from './story.mjs';

const { baseUrl, sounds } = given();
const talk = new Talk('openai (node)', version('openai'));
const client = new OpenAI({ apiKey: 'none', baseURL: baseUrl });
// A certificate of `serve --tls` is the server's own; with one that is trusted, leave `options` out.
const connection = new OpenAIRealtimeWS({ model: 'tutor', options: { rejectUnauthorized: false } }, client);
const microphone = new Microphone(sounds, (chunk) =>
  connection.send({ type: 'input_audio_buffer.append', audio: Buffer.from(chunk).toString('base64') }),
);
const update = (changes) => connection.send({ type: 'session.update', session: { type: 'realtime', ...changes } });

let item;
connection.on('error', (error) => talk.failed(error));
connection.on('conversation.item.input_audio_transcription.completed', (event) => talk.userSaid(event.transcript));
connection.on('response.output_audio_transcript.delta', (event) => talk.answerText(event.delta));
connection.on('response.output_audio.delta', (event) => {
  item = event.item_id;
  talk.answerSound(Buffer.from(event.delta, 'base64').length / 2 / RATE);
});
connection.on('input_audio_buffer.speech_started', () => {
  if (talk.answer.isOver || !item) return;
  // The user speaks over the answer: stop playing, and tell how much of it was heard.
  const heard = Math.round(talk.answer.heard * 1000);
  connection.send({ type: 'conversation.item.truncate', item_id: item, content_index: 0, audio_end_ms: heard });
});
connection.on('conversation.item.truncated', (event) => talk.truncated(`${event.audio_end_ms} ms`));
let found; // what the functions of the response gave, or will
connection.on('response.function_call_arguments.done', (event) => {
  talk.called(event.name, event.arguments);
  found = weather().then((output) => ({ type: 'function_call_output', call_id: event.call_id, output }));
});
connection.on('response.done', async ({ response }) => {
  talk.answerOver(response.status_details?.reason === 'turn_detected');
  if (!response.output.some(({ type }) => type === 'function_call')) return;
  connection.send({ type: 'conversation.item.create', item: await found });
  connection.send({ type: 'response.create' });
});

try {
  await new Promise((resolve) => connection.on('session.created', resolve));
  update({ audio: { input: { transcription: { model: 'whisper-1' } } }, tools: [FUNCTION], tool_choice: 'none' });
  microphone.start();
  await talk.hold({
    say: (name) => microphone.say(name),
    greet: () => connection.send({ type: 'response.create' }),
    mustCall: () => update({ tool_choice: 'required' }),
  });
} catch (error) {
  talk.failed(error);
}
microphone.stop();
connection.close();
finish(talk.report());
