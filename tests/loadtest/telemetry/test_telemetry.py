"""A storm told by OpenTelemetry to a real receiver of OTLP: a small HTTP server that decodes the protobuf."""

from __future__ import annotations

import copy
import gzip
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from loadtest.record.error_example import ErrorExample
from loadtest.record.exit_codes import BadInput
from loadtest.record.real_browsers import Browsers
from loadtest.record.record import Record
from loadtest.telemetry.endpoint import wanted, within
from tests.loadtest.conftest import ROOT, TOKEN, clean_environment
from tests.loadtest.storming import limits_for_a_busy_machine

PHASES = ["--warm-up", "1", "--before", "2", "--opening", "1.5", "--open", "1.5", "--recovery", "1.5"]
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass
class Receiver:
    """What came to a receiver, decoded; ``status`` is what it answers, and 404 to what is no path of its own.

    To a ``silent`` path it says nothing until the test is over.
    """

    url: str = ""
    status: int = 200
    paths: tuple[str, ...] = ("/v1/metrics", "/v1/traces")
    silent: tuple[str, ...] = ()
    metrics: list[Any] = field(default_factory=list)
    spans: list[Any] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)

    def take(self, path: str, body: bytes) -> None:
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        if path == "/v1/metrics":
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                self.metrics.append(
                    {metric.name: metric for scope in resource.scope_metrics for metric in scope.metrics}
                )
                self.resources.append(attributes(resource.resource))
        elif path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]


def attributes(holder: Any) -> dict[str, Any]:
    """Return the attributes of a span, an event, a point or a resource."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in holder.attributes}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver, over = Receiver(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path in receiver.silent:
                over.wait()
            status = receiver.status if self.path in receiver.paths else 404
            if status == 200:
                receiver.take(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        over.set()
        server.shutdown()


def tell(receiver: Receiver, record: Record, answer: str = "PASS", reasons: tuple[str, ...] = ()) -> None:
    """Tell a receiver of a record, as the command does when the verdict is known."""
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    from loadtest.telemetry import translation

    OTLPMetricExporter(f"{receiver.url}/v1/metrics").export(translation.metrics(record, 2_000_000_000_000_000_000))
    OTLPSpanExporter(f"{receiver.url}/v1/traces").export(translation.spans(record, answer, reasons))


def test_counts_and_waits_of_each_phase_arrive_as_they_are(receiver: Receiver, record: Record) -> None:
    record.measurements.phases["opening"].counts.update({"errors": 3, "error-http-502": 3})
    record.browsers = Browsers(planned=1)
    record.browsers.measurements.phase("opening").duration("layout-shift").add(0.02)
    record.environment = {"region": "eu-central-1"}
    tell(receiver, record)
    [metrics] = receiver.metrics
    waits = {attributes(point)["phase"]: point for point in metrics["floodgate.storm.wait"].histogram.data_points}
    histogram = record.measurements.phases["opening"].durations["wait"]
    opening = waits["opening"]
    assert set(waits) == set(record.parameters.phases)
    assert (opening.count, opening.sum) == (histogram.count, pytest.approx(histogram.total))
    assert sum(opening.bucket_counts) == histogram.count
    assert opening.bucket_counts[list(opening.explicit_bounds).index(0.1)] == histogram.count, "each waited 0.1 s"
    requests = metrics["floodgate.storm.requests"].sum
    assert requests.is_monotonic and sum(point.as_int for point in requests.data_points) == 60 * 5
    [errors] = metrics["floodgate.storm.errors_by_kind"].sum.data_points
    assert (attributes(errors), errors.as_int) == ({"phase": "opening", "error.type": "http-502"}, 3)
    states = {attributes(point)["state"] for point in metrics["floodgate.storm.pages"].sum.data_points}
    assert states == {"open", "confirmed", "sold-out"}
    assert metrics["floodgate.storm.browser.layout_shift"].unit == "1"
    assert metrics["floodgate.storm.wait"].unit == "s"
    assert receiver.resources[0]["service.name"] == "floodgate-storm"
    assert receiver.resources[0]["floodgate.commit"] == "c0ffee"
    assert receiver.resources[0]["floodgate.environment.region"] == "eu-central-1"


def test_the_variables_say_who_tells(receiver: Receiver, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "floodgate.host=dev.example.org,team=web")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "nightly")
    tell(receiver, record)
    [resource] = receiver.resources
    assert (resource["service.name"], resource["floodgate.host"]) == ("nightly", "dev.example.org")
    assert (resource["team"], resource["floodgate.commit"]) == ("web", "c0ffee")


def test_a_storm_is_a_trace_with_its_phases_its_errors_and_its_verdict(receiver: Receiver, record: Record) -> None:
    assert record.course is not None
    record.examples = [ErrorExample("reset", 0.3, "http://localhost/", None, "the connection was reset")]
    tell(receiver, record, "FAIL", ("opening: wait p95 is 4 s",))
    spans = {span.name: span for span in receiver.spans}
    assert set(spans) == {"storm", *record.parameters.phases}
    storm, opening = spans["storm"], spans["opening"]
    assert attributes(storm)["floodgate.verdict"] == "FAIL"
    assert storm.status.message == "opening: wait p95 is 4 s"
    assert {span.trace_id for span in spans.values()} == {storm.trace_id}
    assert all(span.parent_span_id == storm.span_id for name, span in spans.items() if name != "storm")
    assert opening.start_time_unix_nano == record.course.opens_at * 1e9
    assert (opening.end_time_unix_nano - opening.start_time_unix_nano) / 1e9 == pytest.approx(10)
    assert attributes(opening)["floodgate.wait.p95"] == pytest.approx(0.1)
    [error] = opening.events
    assert attributes(error) == {
        "error.type": "reset",
        "url.full": "http://localhost/",
        "floodgate.what": "the connection was reset",
    }
    assert (error.time_unix_nano - opening.start_time_unix_nano) / 1e9 == pytest.approx(0.3)


def test_a_storm_that_never_began_is_a_trace_too(receiver: Receiver, record: Record) -> None:
    nothing = Record(record.host, record.commit, record.started_at, copy.copy(record.parameters))
    tell(receiver, nothing, "VOID", ("the site did not answer",))
    [storm] = receiver.spans
    assert attributes(storm)["floodgate.verdict"] == "VOID"
    assert storm.end_time_unix_nano == storm.start_time_unix_nano


def test_a_collector_of_spans_alone_has_them(
    receiver: Receiver, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loadtest.telemetry.exporting import Telemetry

    receiver.paths = ("/v1/traces",)
    monkeypatch.setenv(ENDPOINT, receiver.url)
    assert "telemetry: 1 of 2 reports were not delivered" in Telemetry().finish([(record, "PASS", ())])
    assert [span.name for span in receiver.spans if not span.parent_span_id] == ["storm"]


def test_what_was_not_tried_once_more_was_not_delivered(
    receiver: Receiver, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loadtest.telemetry.exporting import Telemetry

    receiver.paths = ("/v1/traces",)
    monkeypatch.setenv(ENDPOINT, receiver.url)
    runs = [(record, "PASS", ()), (copy.deepcopy(record), "PASS", ())]
    assert "telemetry: 2 of 4 reports were not delivered" in Telemetry().finish(runs)


# gevent, in whose greenlets a storm tells, is for processes of its own.
GIVEN_UP = """
from gevent import monkey
monkey.patch_all()
from loadtest.telemetry import exporting
from tests.loadtest.conftest import good_record
exporting.WITHIN = 0.1
telemetry = exporting.Telemetry()
telemetry.look(good_record(), 0.0)
print(telemetry.finish([]))
"""


def test_a_report_without_an_answer_is_given_up_and_counted(receiver: Receiver) -> None:
    """The variables let a report take longer than the end of a storm waits."""
    receiver.silent = ("/v1/metrics",)
    endpoint = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{receiver.url}/v1/metrics"}
    environment = clean_environment(**endpoint, OTEL_EXPORTER_OTLP_METRICS_TIMEOUT="60000")
    ended = subprocess.run(
        [sys.executable, "-c", GIVEN_UP], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert ended.stdout == "telemetry: 1 of 1 reports were not delivered; see storm.log\n"


def test_where_spans_alone_are_asked_for_nothing_else_is_sent(
    receiver: Receiver, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loadtest.telemetry.exporting import Telemetry

    monkeypatch.delenv(ENDPOINT, raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{receiver.url}/v1/traces")
    telemetry = Telemetry()
    telemetry.look(record, 0.0)
    assert telemetry.finish([(record, "PASS", ())]) == "telemetry: 1 reports sent"
    assert receiver.spans and not receiver.metrics


@pytest.mark.parametrize(
    ("environment", "tells"),
    [
        pytest.param({}, False, id="nothing is set"),
        pytest.param({ENDPOINT: ""}, False, id="set and empty"),
        pytest.param({ENDPOINT: "http://localhost:4318"}, True, id="an endpoint"),
        pytest.param({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost/v1/traces"}, True, id="of spans alone"),
        pytest.param({ENDPOINT: "http://localhost:4318", "OTEL_SDK_DISABLED": "true"}, False, id="switched off"),
    ],
)
def test_an_endpoint_asks_for_it(environment: dict[str, str], tells: bool) -> None:
    assert wanted(environment) is tells


def test_a_protocol_that_a_storm_does_not_speak_is_refused() -> None:
    with pytest.raises(BadInput, match="OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc': a storm is told by http/protobuf alone"):
        wanted({ENDPOINT: "http://localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("localhost:4318", id="no scheme"),
        pytest.param("collector", id="a host alone"),
        pytest.param("grpc://localhost:4317", id="another scheme"),
        pytest.param("http://", id="no host"),
        pytest.param("http://localhost:port", id="a port that is no number"),
    ],
)
def test_an_endpoint_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match=r"OTEL_EXPORTER_OTLP_ENDPOINT: .* an address such as http://localhost:4318"):
        wanted({ENDPOINT: address})


@pytest.mark.parametrize(
    ("environment", "metrics", "traces"),
    [
        pytest.param({}, 5.0, 5.0, id="nothing is set"),
        pytest.param({"OTEL_EXPORTER_OTLP_TIMEOUT": "1500"}, 1.5, 1.5, id="of both"),
        pytest.param({"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "1000"}, 1.0, 5.0, id="of one"),
    ],
)
def test_how_long_a_report_may_take_is_what_the_variables_say(
    environment: dict[str, str], metrics: float, traces: float
) -> None:
    """They say it in milliseconds; what would read them as seconds waits a thousand times as long."""
    assert (within(environment, "METRICS"), within(environment, "TRACES")) == (metrics, traces)


@pytest.mark.parametrize("value", [pytest.param("10s", id="a unit"), pytest.param("0", id="nothing")])
def test_a_time_that_a_report_cannot_take_is_refused(value: str) -> None:
    name = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"
    with pytest.raises(BadInput, match=f"{name}: '{value}': not that; allowed: milliseconds"):
        wanted({ENDPOINT: "http://localhost:4318", name: value})


def test_a_silent_collector_is_waited_for_no_longer_than_the_variables_say(
    receiver: Receiver, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loadtest.telemetry.exporting import Telemetry

    receiver.silent = ("/v1/metrics",)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", f"{receiver.url}/v1/metrics")
    monkeypatch.delenv(ENDPOINT, raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "50")
    assert "telemetry: 1 of 1 reports were not delivered" in Telemetry().finish([(record, "PASS", ())])


def test_nothing_of_it_is_imported_where_nobody_asks() -> None:
    script = (
        "import sys, loadtest.commands.run, loadtest.generator.storm; print([m for m in sys.modules if 'tele' in m])"
    )
    output = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert output.strip() == "['loadtest.telemetry', 'loadtest.telemetry.endpoint']"


@dataclass
class Storm:
    """How a storm ended, and what it said."""

    code: int
    output: str


@pytest.fixture
def storm(
    receiver: Receiver,
    serving: Callable[[dict[str, Any]], Any],
    command: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
) -> Callable[[], Storm]:
    """Runs a small storm that tells the receiver."""

    def run() -> Storm:
        crowd = ["--people", "20", "--seats", "5", "--form-median", "0.5", "--out", str(tmp_path / "out")]
        limits = limits_for_a_busy_machine(tmp_path / "limits.toml")
        with serving({}) as site:
            arguments = ["--host", site, "--token", TOKEN, "--limits", str(limits), *crowd, *PHASES]
            with command("run", *arguments, **{ENDPOINT: receiver.url}) as process:
                output, _ = process.communicate(timeout=120)
        return Storm(process.returncode, output)

    return run


@pytest.mark.realtime
@pytest.mark.parametrize(
    ("status", "words"),
    [
        pytest.param(200, r"telemetry: \d+ reports sent", id="to a collector"),
        pytest.param(400, r"telemetry: \d+ of \d+ reports were not delivered; see storm.log", id="to one that refuses"),
    ],
)
def test_a_storm_tells_as_it_goes_on_and_its_verdict_is_its_own(
    receiver: Receiver, storm: Callable[[], Storm], status: int, words: str
) -> None:
    receiver.status = status
    ended = storm()
    assert ended.code == 0, ended.output
    assert re.search(words, ended.output)
    if status == 200:
        assert len(receiver.metrics) >= 2, "while it ran, and at its end"
        assert {span.name for span in receiver.spans} == {"storm", "warm-up", "before", "opening", "open", "recovery"}
        arrived = [point.as_int for point in receiver.metrics[-1]["floodgate.storm.came"].sum.data_points]
        assert sum(arrived) == 20
