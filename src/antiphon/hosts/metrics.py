"""What operators watch, for Prometheus: a fold over every session's stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from antiphon.core import events as e
from antiphon.core.notes import (
    Faulted,
    ModelUsed,
    Note,
    PageReported,
    PersonNeeded,
    ServiceUsed,
    TextJudged,
    ToolUsed,
    TurnMeasured,
)
from antiphon.hosts.tracing.sink import Sent
from antiphon.providers.resilience import CacheHealth, Health
from antiphon.session.prices import price
from antiphon.session.session import Session

BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.2, 1.6, 2.5, 4.0, 8.0)
"Seconds. Finest around the half second at which a conversation begins to feel slow."
LAGS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"Seconds. A frame of sound comes every 0.02."


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("agent",)
        self.sessions = Gauge("antiphon_sessions", "Sessions on air.", labels, registry=self.registry)
        self._turns = Counter("antiphon_turns", "Turns of users.", labels, registry=self.registry)
        self._cuts = Counter(
            "antiphon_interruptions", "Times the agent gave way.", labels, registry=self.registry
        )
        self._asides = Counter(
            "antiphon_backchannels", "Times the user spoke over the agent and it went on.", labels,
            registry=self.registry,
        )  # fmt: skip
        self._failures = Counter(
            "antiphon_reply_failures", "Replies that could not be made.", labels, registry=self.registry
        )
        self._unvoiced = Counter(
            "antiphon_synthesis_failures",
            "Sentences that could not be voiced.",
            labels,
            registry=self.registry,
        )
        self._tools = Histogram(
            "antiphon_tool_seconds", "How long tools took, and what came of it.", ("agent", "tool", "outcome"),
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._phases = Counter(
            "antiphon_phase_changes", "Times conversations came into a phase.", ("agent", "phase"),
            registry=self.registry,
        )  # fmt: skip
        self._faults = Counter("antiphon_faults", "Faults of ours.", labels, registry=self.registry)
        self._people = Counter(
            "antiphon_escalations", "Times a person was asked for.", labels, registry=self.registry
        )
        self._webhooks = Counter(
            "antiphon_webhooks", "Calls for a person that were told, or not taken.", ("result",),
            registry=self.registry,
        )  # fmt: skip
        self.open_escalations = Gauge(
            "antiphon_escalations_open", "Calls for a person that nobody has closed, on all nodes.",
            registry=self.registry,
        )  # fmt: skip
        self._resumed = Counter(
            "antiphon_resumed",
            "Sessions gone on with after a lost connection.",
            labels,
            registry=self.registry,
        )
        self.fenced = Counter(
            "antiphon_fenced",
            "Sessions lost to another node, or erased while on air.",
            registry=self.registry,
        )
        self._verdicts = Counter(
            "antiphon_verdicts", "Texts judged by the guardrail.", ("agent", "side", "action"),
            registry=self.registry,
        )  # fmt: skip
        self._tokens = Counter(
            "antiphon_model_tokens", "Tokens that language models read and wrote.", ("agent", "model", "kind"),
            registry=self.registry,
        )  # fmt: skip
        self._usd = Counter(
            "antiphon_model_usd", "US dollars for language models whose price is known.", ("agent", "model"),
            registry=self.registry,
        )  # fmt: skip
        self._services = Counter(
            "antiphon_service_used", "What hosted voices, recognizers and others did.",
            ("agent", "kind", "service", "unit"), registry=self.registry,
        )  # fmt: skip
        self._services_usd = Counter(
            "antiphon_service_usd", "US dollars for those whose price is known.", ("agent", "kind", "service"),
            registry=self.registry,
        )  # fmt: skip
        self._response = Histogram(
            "antiphon_response_seconds", "End of the user's speech to the first byte of the answer.", labels,
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._parts = Histogram(
            "antiphon_part_seconds", "The same, part by part.", ("agent", "part"),
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip

        self._lag = Histogram(
            "antiphon_loop_lag_seconds", "How long the event loop took to answer.",
            buckets=LAGS, registry=self.registry,
        )  # fmt: skip
        self._stalls = Counter(
            "antiphon_loop_stalls", "Times the event loop was held up, by whose code was at work.", ("where",),
            registry=self.registry,
        )  # fmt: skip
        self._stalled = Counter(
            "antiphon_loop_stalled_seconds", "For how long it was in all.", registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self._reports = Histogram(
            "antiphon_browser_seconds", "What pages report, and how long it took.", ("event",),
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip

    def answered(self, seconds: float) -> None:
        """The event loop took so long to answer."""
        self._lag.observe(seconds)

    def stalled(self, where: str, seconds: float) -> None:
        """The code there held the event loop up."""
        self._stalls.labels(where).inc()
        self._stalled.inc(seconds)

    def watch_phases(self, sessions: Callable[[], Iterable[Session]]) -> None:
        """In which phase each session on air is, is asked when the metrics are."""
        self.registry.register(_Phases(sessions))

    def watch_store(self, waiting: Callable[[], int]) -> None:
        """How many entries are not durable yet is asked when the metrics are."""
        gauge = Gauge("antiphon_store_waiting", "Entries not durable yet.", registry=self.registry)
        gauge.set_function(waiting)

    def watch_providers(self, healths: Callable[[], Sequence[Health | CacheHealth]]) -> None:
        """How the providers have been doing is asked when the metrics are."""
        self.registry.register(_Providers(healths))

    def watch_traces(self, sent: Callable[[], Sequence[Sent]]) -> None:
        """What became of the spans is asked when the metrics are."""
        self.registry.register(_Traces(sent))

    def told(self, has_arrived: bool) -> None:
        """A call for a person was told to the webhook, or was not taken."""
        self._webhooks.labels("arrived" if has_arrived else "failed").inc()

    def note(self, agent: str, item: e.Event | e.Command | Note) -> None:
        """The item of a session of that agent is counted, if it is of a kind that is."""
        if type(item) not in _COUNTED:  # most are not, and there are a hundred a turn
            return
        match item:
            case e.Remember(_, e.Role.USER):
                self._turns.labels(agent).inc()
            case e.ClearPlayout():
                self._cuts.labels(agent).inc()
            case e.ResumePlayout():
                self._asides.labels(agent).inc()
            case e.ReplyFailed():
                self._failures.labels(agent).inc()
            case e.SynthesisFailed():
                self._unvoiced.labels(agent).inc()
            case e.ChangePhase(phase):
                self._phases.labels(agent, phase.value).inc()
            case ToolUsed(_, tool, outcome, ms):
                self._tools.labels(agent, tool, outcome).observe(ms / 1000)
            case e.CallerReturned():
                self._resumed.labels(agent).inc()
            case Faulted():
                self._faults.labels(agent).inc()
            case PersonNeeded():
                self._people.labels(agent).inc()
            case TextJudged(_, side, action):
                self._verdicts.labels(agent, side, action).inc()
            case ModelUsed(_, model, tokens_in, tokens_out, cached, stored):
                for kind, count in (("in", tokens_in + stored), ("cached", cached), ("out", tokens_out)):
                    self._tokens.labels(agent, model, kind).inc(count)
                self._usd.labels(agent, model).inc(price(item) or 0.0)
            case ServiceUsed(_, kind, service):
                for unit in ("requests", "seconds", "characters", "tokens"):
                    self._services.labels(agent, kind, service, unit).inc(getattr(item, unit))
                self._services_usd.labels(agent, kind, service).inc(price(item) or 0.0)
            case PageReported(name, ms):
                self._reports.labels(name).observe(ms / 1000)
            case TurnMeasured(_, response_ms, parts_ms):
                self._response.labels(agent).observe(response_ms / 1000)
                for part, ms in parts_ms.items():
                    self._parts.labels(agent, part).observe(ms / 1000)
            case _:
                pass


_COUNTED = frozenset(
    {
        *(e.Remember, e.ClearPlayout, e.ResumePlayout, e.ReplyFailed, e.SynthesisFailed, e.ChangePhase),
        *(e.CallerReturned, ToolUsed, Faulted, PersonNeeded, TextJudged, ModelUsed, ServiceUsed),
        *(PageReported, TurnMeasured),
    }
)


class _Providers(Collector):
    """Breakers, attempts and caches, as they stand when they are asked for."""

    def __init__(self, healths: Callable[[], Sequence[Health | CacheHealth]]) -> None:
        self._healths = healths

    def describe(self) -> list[Metric]:
        """Nothing: it depends on the providers."""
        return []

    def collect(self) -> Iterator[Metric]:
        told = self._healths()
        labels = ("kind", "provider")
        state = GaugeMetricFamily(
            "antiphon_provider_open", "1: it is left alone after its failures, 0.5: it is being tried.",
            labels=labels,
        )  # fmt: skip
        p95 = GaugeMetricFamily(
            "antiphon_provider_p95_seconds", "To the first piece, of the latest hundred.", labels=labels
        )
        counts = CounterMetricFamily(
            "antiphon_provider_events", "Requests to providers, and what came of them.",
            labels=(*labels, "event"),
        )  # fmt: skip
        cached = CounterMetricFamily(
            "antiphon_cache_events", "What caches were asked for, and had.", labels=("cache", "event")
        )
        size = GaugeMetricFamily("antiphon_cache_bytes", "Bytes that caches hold.", labels=("cache",))
        for one in told:
            if isinstance(one, CacheHealth):
                for event in ("hits", "misses", "shared", "refused"):
                    cached.add_metric((one.name, event), getattr(one, event))
                size.add_metric((one.name,), one.size)
                continue
            names = (one.kind, one.name)
            state.add_metric(names, {"open": 1.0, "half open": 0.5}.get(one.state, 0.0))
            if one.p95_s is not None:
                p95.add_metric(names, one.p95_s)
            for event in ("requests", "failures", "retries", "fallbacks", "seams", "limited"):
                counts.add_metric((*names, event), getattr(one, event))
        yield from (state, p95, counts, cached, size)


class _Phases(Collector):
    """Sessions by phase, as they are when they are asked for."""

    def __init__(self, sessions: Callable[[], Iterable[Session]]) -> None:
        self._sessions = sessions

    def describe(self) -> list[Metric]:
        """Nothing: it depends on the sessions."""
        return []

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "antiphon_sessions_in_phase", "Sessions on air in that phase.", labels=("agent", "phase")
        )
        found: dict[tuple[str, str], int] = {}
        for session in self._sessions():
            agent, now = session.agent.name, session.conversation.phase
            for phase in e.Phase:
                found[agent, phase.value] = found.get((agent, phase.value), 0) + (phase is now)
        for labels, count in found.items():
            family.add_metric(labels, count)
        yield family


class _Traces(Collector):
    """Spans acknowledged, failed and waiting, by collector."""

    def __init__(self, sent: Callable[[], Sequence[Sent]]) -> None:
        self._sent = sent

    def describe(self) -> list[Metric]:
        """Nothing: it depends on the collectors."""
        return []

    def collect(self) -> Iterator[Metric]:
        spans = CounterMetricFamily(
            "antiphon_trace_spans", "Spans, and whether a collector has acknowledged them.",
            labels=("collector", "result"),
        )  # fmt: skip
        waiting = GaugeMetricFamily(
            "antiphon_trace_spans_waiting", "Spans that are not sent yet.", labels=("collector",)
        )
        for one in self._sent():
            spans.add_metric((one.to, "acknowledged"), one.acknowledged)
            spans.add_metric((one.to, "failed"), one.failed)
            waiting.add_metric((one.to,), one.waiting)
        yield from (spans, waiting)
