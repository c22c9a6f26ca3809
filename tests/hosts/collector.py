"""A collector of traces on loopback: decodes what OpenTelemetry's exporters post, and answers as it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

Value = str | int | float | bool | list[str]


@dataclass
class Received:
    """A span as it arrived."""

    trace: str
    id: str
    parent: str
    name: str
    start: int
    end: int
    told: dict[str, Value]
    events: list[tuple[str, dict[str, Value]]]
    is_error: bool
    service: str
    node: str
    "Empty: it does not say."

    @property
    def ms(self) -> float:
        return (self.end - self.start) / 1e6


@dataclass
class Receiver:
    address: str
    status: int = 200
    "What it answers from here on."
    rejects: int = 0
    "Of each request, though it answers 200."
    answers: threading.Event = field(default_factory=threading.Event)
    "While it is not set, who posts waits."
    basic: str = ""
    "Who else posts gets 401; empty: anybody may."
    spans: list[Received] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def named(self, start: str) -> list[Received]:
        return [span for span in self.spans if span.name.startswith(start)]


@contextmanager
def collector() -> Iterator[Receiver]:
    """Listening inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.paths.append(self.path)
            receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
            receiver.bodies.append(body)
            receiver.answers.wait()
            answer, status = ExportTraceServiceResponse(), receiver.status
            if receiver.basic and self.headers["authorization"] != f"Basic {receiver.basic}":
                status = 401
            if status == 200:
                receiver.spans.extend(decoded(body))
                answer.partial_success.rejected_spans = receiver.rejects
                answer.partial_success.error_message = "no room" if receiver.rejects else ""
            told = answer.SerializeToString()
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            with suppress(OSError):  # who waited too long has gone
                self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    receiver.answers.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.answers.set()
        server.shutdown()
        server.server_close()
        thread.join()


def decoded(body: bytes) -> list[Received]:
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    return [
        Received(
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            span.name,
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            values(span.attributes),
            [(event.name, values(event.attributes)) for event in span.events],
            span.status.code == 2,
            str(values(resource.resource.attributes)["service.name"]),
            str(values(resource.resource.attributes).get("service.instance.id", "")),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def values(attributes: object) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for one in attributes:  # type: ignore[attr-defined]
        kind = one.value.WhichOneof("value")
        value = getattr(one.value, kind)
        found[one.key] = [item.string_value for item in value.values] if kind == "array_value" else value
    return found


def eventually(claim: object, within: float = 5.0) -> None:
    """Returns once `claim()` holds."""
    until = time.monotonic() + within
    while not claim():  # type: ignore[operator]
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.02)
