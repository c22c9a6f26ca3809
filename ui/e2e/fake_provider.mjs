/**
 * The far end of a WebRTC call in the form of OpenAI's Realtime API: a page of the test's own browser, which hums while
 * it is told to, and says on the channel of events what it is told to.
 */

/** In that page. */
function far() {
  const calls = new Map();
  const context = new AudioContext();
  window.answer = async (id, sdp) => {
    const peer = new RTCPeerConnection();
    const hum = new OscillatorNode(context, { frequency: 180 });
    const gain = new GainNode(context, { gain: 0 });
    const out = context.createMediaStreamDestination();
    hum.connect(gain).connect(out);
    hum.start();
    peer.addTrack(out.stream.getAudioTracks()[0], out.stream);
    const call = { peer, gain, channel: null };
    calls.set(id, call);
    peer.ondatachannel = ({ channel }) => {
      call.channel = channel;
      channel.onmessage = ({ data }) => window.heard(id, data);
      channel.onclose = () => window.heard(id, "closed");
      const greet = () => {
        channel.send(JSON.stringify({ type: "session.created", session: {} }));
        window.heard(id, "open");
      };
      if (channel.readyState === "open") greet();
      else channel.onopen = greet;
    };
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription();
    while (peer.iceGatheringState !== "complete") await new Promise((resolve) => setTimeout(resolve, 10));
    return peer.localDescription.sdp;
  };
  window.tell = (id, event) => calls.get(id)?.channel?.send(JSON.stringify(event));
  window.hum = (id, level) => calls.get(id) && (calls.get(id).gain.gain.value = level);
  window.hangUp = (id) => calls.get(id)?.peer.close();
}

export class FakeProvider {
  /** What is done with what a client says on a call's channel. */
  listeners = new Map();
  /** Calls that are connected. */
  open = new Set();

  constructor(page) {
    this.page = page;
  }

  static async open(browser) {
    const page = await browser.newPage();
    const provider = new FakeProvider(page);
    await page.exposeFunction("heard", (id, text) => {
      if (text === "open") provider.open.add(id);
      else provider.listeners.get(id)?.(text);
    });
    await page.evaluate(far);
    return provider;
  }

  answer(id, sdp) {
    return this.page.evaluate(([id, sdp]) => window.answer(id, sdp), [id, sdp]);
  }
  tell(id, event) {
    return this.page.evaluate(([id, event]) => window.tell(id, event), [id, event]).catch(() => undefined);
  }
  hum(id, level) {
    return this.page.evaluate(([id, level]) => window.hum(id, level), [id, level]).catch(() => undefined);
  }
  hangUp(id) {
    return this.page.evaluate((id) => window.hangUp(id), id);
  }
}
