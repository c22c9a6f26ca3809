// @openai/agents-realtime in node, over a WebSocket.
import { RealtimeSession } from '@openai/agents-realtime';
import { greet, mustCall, pupil, watch } from './agents.mjs';
import { finish, given, version } from './node.mjs';
import { Microphone, RATE, Talk } from './story.mjs';

const { baseUrl, sounds } = given();
const talk = new Talk('@openai/agents-realtime, node', version('@openai/agents-realtime'));
const session = new RealtimeSession(pupil(), {
  transport: 'websocket',
  model: 'tutor',
  tracingDisabled: true,
  config: { toolChoice: 'none' },
});
const microphone = new Microphone(sounds, (chunk) => session.sendAudio(chunk));
watch(session, talk);
session.on('audio', ({ data }) => talk.answerSound(data.byteLength / 2 / RATE));
try {
  await session.connect({ apiKey: 'none', url: `${baseUrl.replace(/^http/, 'ws')}/realtime?model=tutor` });
  microphone.start();
  await talk.hold({
    say: (name) => microphone.say(name),
    greet: () => greet(session),
    mustCall: () => mustCall(session),
  });
} catch (error) {
  talk.failed(error);
}
microphone.stop();
session.close();
finish(talk.report());
