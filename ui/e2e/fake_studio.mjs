/** What a server tells the landing, by script. */
const AGENTS = [
  { name: "tutor", title: "Tutor", suggestions: ["What is 25% of 80?"] },
  { name: "support", title: "Support desk", suggestions: ["Which plan am I on?"] },
  { name: "booking", title: "Appointments", suggestions: ["Something next week, in the afternoon."] },
];
const figure = (p50, p95) => ({ n: 20, p50, p95, at: "2026-11-22T03:00:00Z", from: "bench turn", machine: "scripted machine" });

export class FakeStudio {
  /** What `/readyz` says; a story may change all of these. */
  health = { status: "ready" };
  agents = AGENTS;
  ways = {
    orchestrate: { obstacle: "" },
    realtime: { obstacle: "" },
    direct: { obstacle: "", provider: "" },
    livekit: { obstacle: "", server: "", is_open: false },
  };
  measured = { ways: { orchestrate: null, realtime: null, webrtc: null, direct: null, livekit: null } };
  /** How often it was asked how it is. */
  asked = 0;

  /** Somebody has measured two of the three, and one of them wholly. */
  measure() {
    this.measured = {
      ways: {
        ...this.measured.ways,
        orchestrate: { response_ms: figure(443, 447), yield_ms: figure(588, 604), join_ms: figure(41.6, 58), cost_per_turn_usd: figure(0, 0) },
        livekit: { response_ms: figure(627, 650), yield_ms: null, join_ms: figure(965, 1190) },
      },
    };
  }

  takes(path) {
    return ["/readyz", "/healthz", "/api/agents", "/api/ways", "/api/measured", "/api/livekit/prepare"].includes(path);
  }

  answer(path, response) {
    this.asked += path === "/readyz" ? 1 : 0;
    const told = {
      "/readyz": this.health,
      "/healthz": { status: "ok", version: "0.0.0" },
      "/api/agents": this.agents,
      "/api/ways": this.ways,
      "/api/measured": this.measured,
      "/api/livekit/prepare": { is_open: this.ways.livekit.is_open },
    }[path];
    response.writeHead(path === "/readyz" && told.status !== "ready" ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(told));
  }
}
