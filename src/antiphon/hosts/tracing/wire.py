"""Spans as OTLP over HTTP, sent by a thread of its own: acknowledged or counted as failed, and never waited for."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence

import requests
import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.util.types import AttributeValue

from antiphon import __version__
from antiphon.hosts.tracing.ids import span_id, trace_id
from antiphon.hosts.tracing.sink import Finished, Sent

log = structlog.get_logger(__name__)

MOST_WAITING = 8192
"Spans for one collector: about ten minutes of a hundred calls' turns. What comes beyond them is given up."
BATCH = 256
"Spans of one request."
EVERY = 2.0
"Seconds that a span waits for others at most: each request takes processor time of its own."
LAST_WORD = 3.0
"Seconds for the collector to take what is left when the server stops."
_SCOPE = InstrumentationScope("antiphon", __version__)


class Collector:
    """One OTLP endpoint, and the thread that sends to it. `put` may be called from any thread."""

    def __init__(
        self,
        endpoint: str,
        headers: Mapping[str, str],
        resource: Mapping[str, str],
        *,
        name: str = "otlp",
        drops: Sequence[str] = (),
    ) -> None:
        """`drops`: headers that the SDK takes from the environment and that are another collector's."""
        self._name = name
        self._wire = _Wire(drops)
        # It tells of each failure by itself, and a collector that is away would fill the log.
        logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").setLevel(logging.CRITICAL)
        self._exporter = OTLPSpanExporter(endpoint, headers=dict(headers), session=self._wire)
        self._resource = _named(Resource.create(dict(resource)))
        self._waiting: deque[Finished] = deque()
        self._come = threading.Condition()
        self._is_over = False
        self._acknowledged = self._failed = 0
        self._under_way = 0
        self._last_error = ""
        self._thread = threading.Thread(target=self._run, name=f"tracing: {name}", daemon=True)
        self._thread.start()

    def put(self, span: Finished) -> None:
        """The span will be sent, or count as failed."""
        with self._come:
            if len(self._waiting) >= MOST_WAITING:
                self._failed += 1
                self._last_error = self._last_error or "more spans wait than are kept"
                return
            self._waiting.append(span)
            if len(self._waiting) >= BATCH:
                self._come.notify()

    @property
    def sent(self) -> Sent:
        with self._come:
            waiting = len(self._waiting) + self._under_way
            return Sent(self._name, self._acknowledged, self._failed, waiting, self._last_error)

    def close(self) -> None:
        """What was put has been acknowledged, or has failed, or has had `LAST_WORD`. Blocks."""
        with self._come:
            self._is_over = True
            self._come.notify()
        self._thread.join(LAST_WORD)
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _run(self) -> None:
        while True:
            with self._come:
                if not self._is_over and len(self._waiting) < BATCH:
                    self._come.wait(EVERY)
                taken = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                self._under_way = len(taken)
                if not taken and self._is_over:
                    return
            if taken:
                self._send(taken)

    def _send(self, taken: Sequence[Finished]) -> None:
        self._wire.begin()
        try:
            result = self._exporter.export([_readable(one, self._resource) for one in taken])
            error = "" if result is SpanExportResult.SUCCESS else self._wire.told or "not acknowledged"
        except Exception as failure:  # noqa: BLE001  the thread must outlive whatever a span holds
            error = repr(failure)
        rejected = len(taken) if error or not self._wire.is_acknowledged else self._wire.rejected
        error = error or (self._wire.told if rejected else "")
        with self._come:
            before, self._last_error = self._last_error, error
            self._acknowledged += len(taken) - rejected
            self._failed += rejected
            self._under_way = 0
        if bool(before) != bool(error):
            if error:
                log.warning("spans are not acknowledged", collector=self._name, error=error)
            else:
                log.info("spans are acknowledged again", collector=self._name)


class _Wire(requests.Session):
    """The connection that the exporter sends by. It keeps what was answered, of which the exporter tells yes or no."""

    def __init__(self, drops: Sequence[str]) -> None:
        super().__init__()
        self.trust_env = False  # a .netrc would put its password in the place of ours
        self._drops = frozenset(drops)
        self.begin()

    def begin(self) -> None:
        """Another batch is sent."""
        self.told = ""
        self.rejected = 0
        self.is_acknowledged = False

    def request(self, method, url, *more, **options):  # type: ignore[no-untyped-def]
        """As `requests.Session.request`."""
        headers = options.get("headers") or {}
        options["headers"] = {name: value for name, value in headers.items() if name not in self._drops}
        try:
            response = super().request(method, url, *more, **options)
        except requests.RequestException as error:
            self.told = f"{type(error).__name__}: {_cause(error)}"[:200]
            raise
        # The exporter takes a redirect for success, and nobody has taken the spans then.
        self.is_acknowledged = 200 <= response.status_code < 300
        if not self.is_acknowledged:
            self.told = f"HTTP {response.status_code} {response.reason}"[:200]
            return response
        self.told, answer = "", ExportTraceServiceResponse()
        if "protobuf" in response.headers.get("content-type", ""):
            answer.ParseFromString(response.content)
            self.rejected = answer.partial_success.rejected_spans
            if self.rejected:
                self.told = f"rejected: {answer.partial_success.error_message}"[:200]
        return response


def _named(resource: Resource) -> Resource:
    """With our name, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES gave it another."""
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "antiphon"}))
    return _Settled(dict(resource.attributes or {}), resource.schema_url)


class _Settled(Resource):
    """A resource that does not change: each span asks for its hash, and the library writes JSON for each."""

    def __init__(self, attributes: dict[str, AttributeValue], schema_url: str) -> None:
        super().__init__(attributes, schema_url)
        self._hash = super().__hash__()

    def __hash__(self) -> int:
        return self._hash


def _cause(error: BaseException) -> str:
    """What the network said, without the library's wrapping of it."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error)


def _readable(one: Finished, resource: Resource) -> ReadableSpan:
    span, session = one.span, one.session
    trace = trace_id(session)

    def context(key: str) -> SpanContext:
        return SpanContext(trace, span_id(session, key), is_remote=False, trace_flags=TraceFlags(1))

    def at(t: float) -> int:
        return round((one.began_at + t) * 1e9)

    return ReadableSpan(
        span.name,
        context(span.key),
        context(span.parent) if span.parent else None,
        resource,
        {**one.common, **span.attributes, **({"error.type": span.error} if span.error else {})},
        [Event(moment.name, moment.attributes, at(moment.t)) for moment in span.moments],
        kind=SpanKind.CLIENT if span.is_request else SpanKind.INTERNAL,
        status=Status(StatusCode.ERROR if span.error else StatusCode.UNSET),
        start_time=at(span.start),
        end_time=at(span.end),
        instrumentation_scope=_SCOPE,
    )
