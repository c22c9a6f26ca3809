// An agent of @openai/agents-realtime, and what its session tells. Runs in node and in a page.
import { RealtimeAgent, tool } from '@openai/agents-realtime';
import { FUNCTION, weather as lookUp } from './story.mjs';

export function pupil() {
  const weather = tool({ ...FUNCTION, strict: false, execute: lookUp });
  return new RealtimeAgent({ name: 'Pupil', instructions: 'Be brief.', tools: [weather] });
}

// The talk learns what happens. `isPlayedByBrowser`: over WebRTC an answer is over when its sound is.
export function watch(session, talk, { isPlayedByBrowser = false } = {}) {
  let isPlaying = false;
  let wasCut = false;
  session.on('agent_tool_start', (_context, _agent, _tool, { toolCall }) => talk.called(toolCall.name, toolCall.arguments));
  session.on('error', ({ error }) => talk.failed(error));
  session.transport.on('audio_transcript_delta', ({ delta }) => talk.answerText(delta));
  session.transport.on('*', (event) => {
    if (event.type === 'conversation.item.input_audio_transcription.completed') talk.userSaid(event.transcript);
    if (event.type === 'conversation.item.truncated') talk.truncated(`${event.audio_end_ms} ms`);
    if (event.type === 'output_audio_buffer.started') isPlaying = true;
    if (event.type === 'response.done') wasCut = event.response.status_details?.reason === 'turn_detected';
    const stopped = event.type === 'output_audio_buffer.stopped' || event.type === 'output_audio_buffer.cleared';
    if (stopped) isPlaying = false;
    if (isPlayedByBrowser ? stopped || (event.type === 'response.done' && !isPlaying) : event.type === 'response.done')
      talk.answerOver(wasCut);
  });
}

export const greet = (session) => session.transport.sendEvent({ type: 'response.create' });
export const mustCall = (session) =>
  session.transport.sendEvent({ type: 'session.update', session: { type: 'realtime', tool_choice: 'required' } });
