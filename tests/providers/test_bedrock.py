"""Calls of boto3's ``bedrock-runtime`` look the same to their caller live, recorded and replayed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.providers.bedrock_server import BedrockServer, Fault
from tests.sdk.outcome import Raised, describe, differences
from tests.sdk.rounds import counted_connections
from trace_ops import Recorder, Replayer
from trace_ops.errors import StreamTruncatedError, UnrecordedCallError
from trace_ops.exchange import Response, Stream

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
Config = pytest.importorskip("botocore.config").Config
exceptions = pytest.importorskip("botocore.exceptions")

MODEL = "us.amazon.nova-lite-v1:0"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMITr4ceOpsbPxRfiCYEXAMPLEKEY0"
TOOLS = {"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}}]}

# Streams that nobody closes are part of the scenarios.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def asked(text: str = "Hello, Größe") -> dict[str, Any]:
    return {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": text}]}]}


SESSION = boto3.session.Session()  # reads the models of a service once
INVOKED = {"modelId": MODEL, "body": json.dumps({"prompt": "ä"}), "contentType": "application/json"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_PROFILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    # The waits between attempts, of the legacy mode and the others.
    monkeypatch.setattr("random.random", lambda: 0.01)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.01)


@pytest.fixture
def server() -> Iterator[BedrockServer]:
    with BedrockServer() as serving:
        yield serving


def client(url: str, *, keys: bool = True, service: str = "bedrock-runtime", **config: Any) -> Any:
    given = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET} if keys else {}
    return SESSION.client(
        service, region_name="us-east-1", endpoint_url=url, config=Config(**config), **given
    )


# --- what is done with a client


def drained(answer: dict[str, Any]) -> Any:
    """An answer with all of its stream, and what broke it off."""
    rest = {key: value for key, value in answer.items() if key not in ("stream", "body")}
    stream = answer["stream"] if "stream" in answer else answer["body"]
    events: list[Any] = []
    try:
        events.extend(stream)
    except Exception as error:
        return [rest, Raised(error, events)]
    return [rest, events]


def converse(bedrock: Any) -> Any:
    return [bedrock.converse(**asked()), bedrock.converse(**asked(), toolConfig=TOOLS)]


def the_same_twice(bedrock: Any) -> Any:
    return [bedrock.converse(**asked()), bedrock.converse(**asked())]


def converse_stream(bedrock: Any) -> Any:
    return [drained(bedrock.converse_stream(**asked())), drained(bedrock.converse_stream(**asked("again")))]


def closed_early(bedrock: Any) -> Any:
    answer = bedrock.converse_stream(**asked())
    events = iter(answer["stream"])
    seen = [next(events), next(events)]
    answer["stream"].close()
    return [seen, bedrock.converse(**asked())]


def left_early(bedrock: Any) -> Any:
    seen = []
    for event in bedrock.converse_stream(**asked())["stream"]:
        seen.append(event)
        if len(seen) == 3:
            break
    return seen


def invoke(bedrock: Any) -> Any:
    whole = bedrock.invoke_model(**INVOKED)
    body = whole.pop("body")
    body.set_socket_timeout(5)
    parts = bedrock.invoke_model(**INVOKED)["body"]
    lines = bedrock.invoke_model(**INVOKED)["body"]
    with bedrock.invoke_model(**INVOKED)["body"] as raw:
        entered = raw.read()
    return [
        [whole, body.read(), body.read(), body.tell()],
        [parts.read(7), parts.read(20), parts.tell(), parts.read(), parts.read(3)],
        list(lines.iter_lines(chunk_size=10)),
        list(bedrock.invoke_model(**INVOKED)["body"]),
        list(bedrock.invoke_model(**INVOKED)["body"].iter_chunks(16)),
        bedrock.invoke_model(**INVOKED)["body"].readlines(),
        io.BufferedReader(bedrock.invoke_model(**INVOKED)["body"]).read(),
        entered,
    ]


def invoke_partly(bedrock: Any) -> Any:
    body = bedrock.invoke_model(**INVOKED)["body"]
    seen = body.read(5)
    body.close()
    return seen


def invoke_stream(bedrock: Any) -> Any:
    return drained(bedrock.invoke_model_with_response_stream(**INVOKED))


def invoke_file(bedrock: Any) -> Any:
    return bedrock.invoke_model(modelId=MODEL, body=io.BytesIO(b'{"from": "a file"}'))["body"].read()


def an_arn(bedrock: Any) -> Any:
    arn = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0"
    return bedrock.converse(**{**asked(), "modelId": arn})


def attempted(act: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The result of what is done, or its exception."""

    def run(bedrock: Any) -> Any:
        try:
            return act(bedrock)
        except Exception as error:
            return Raised(error)

    return run


def caught_by_type(bedrock: Any) -> Any:
    try:
        return bedrock.converse(**asked())
    except bedrock.exceptions.ThrottlingException as error:
        return ["throttled", error.response]


class Scenario(NamedTuple):
    run: Callable[[Any], Any]
    faults: Sequence[Fault | None] = ()
    config: dict[str, Any] = {}
    requests: int = 1


ONCE: dict[str, Any] = {"retries": {"total_max_attempts": 1}}
THROTTLED = Fault(429, "ThrottlingException")
BROKEN = Fault(500, "InternalServerException")


def retrying(mode: str, attempts: int = 3) -> dict[str, Any]:
    return {"retries": {"mode": mode, "total_max_attempts": attempts}}


SCENARIOS = {
    "converse": Scenario(converse, requests=2),
    "converse-same-twice": Scenario(the_same_twice, requests=2),
    "converse-arn": Scenario(an_arn),
    "converse-stream": Scenario(converse_stream, requests=2),
    "converse-stream-closed-early": Scenario(closed_early, requests=2),
    "converse-stream-left-early": Scenario(left_early),
    "invoke": Scenario(invoke, requests=8),
    "invoke-partly": Scenario(invoke_partly),
    "invoke-stream": Scenario(invoke_stream),
    "invoke-file": Scenario(invoke_file),
    "validation": Scenario(attempted(converse), [Fault(400, "ValidationException")]),
    "denied": Scenario(attempted(converse), [Fault(403, "AccessDeniedException")]),
    "unknown-error": Scenario(attempted(converse), [Fault(418, "TeapotException")]),
    "stream-refused": Scenario(attempted(converse_stream), [Fault(400, "ValidationException")]),
    "throttled-legacy": Scenario(converse, [THROTTLED, None], retrying("legacy"), 3),
    "throttled-standard": Scenario(converse, [THROTTLED, THROTTLED, None], retrying("standard"), 4),
    "throttled-adaptive": Scenario(converse, [THROTTLED, None], retrying("adaptive"), 3),
    "throttled-stream": Scenario(converse_stream, [THROTTLED, None], retrying("standard"), 3),
    "throttled-to-the-end": Scenario(caught_by_type, [THROTTLED] * 3, retrying("standard"), 3),
    "broken-then-fine": Scenario(converse, [BROKEN, None], retrying("standard"), 3),
    "broken": Scenario(attempted(converse), [BROKEN] * 2, retrying("standard", 2), 2),
    "stream-fails": Scenario(converse_stream, [Fault(fails_with="modelStreamErrorException"), None], ONCE, 2),
    "invoke-stream-fails": Scenario(invoke_stream, [Fault(fails_with="throttlingException")], ONCE),
    "stream-cut": Scenario(converse_stream, [Fault(cut_after=400), None], ONCE, 2),
    "stream-cut-between": Scenario(converse_stream, [Fault(cut_after=0), None], ONCE, 2),
    "invoke-cut": Scenario(attempted(invoke), [Fault(cut_after=10)], ONCE, 4),
    "converse-cut": Scenario(attempted(converse), [Fault(cut_after=10)], ONCE, 2),
    "stream-stalls": Scenario(
        converse_stream, [Fault(stall=1.0), None], {**ONCE, "read_timeout": 0.3}, requests=2
    ),
    "timeout": Scenario(attempted(converse), [Fault(wait=1.0)], {**ONCE, "read_timeout": 0.2}),
    "timeout-then-fine": Scenario(
        converse, [Fault(wait=1.0), None], {**retrying("standard"), "read_timeout": 0.2}, 3
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_outcome_is_the_same_live_recorded_and_replayed(
    name: str, server: BedrockServer, tmp_path: Path
) -> None:
    scenario = SCENARIOS[name]
    cassette = tmp_path / "cassette.yaml"
    server.reset(*scenario.faults)
    direct = describe(scenario.run(client(server.url, **scenario.config)))
    asked_for = list(server.requests)

    server.reset(*scenario.faults)
    with Recorder(cassette, mode="all") as recorder:
        recorded = describe(scenario.run(client(server.url, **scenario.config)))
    assert server.requests == asked_for
    assert len(asked_for) == scenario.requests

    with counted_connections() as connections, Replayer(cassette) as replayer:
        replayed = describe(scenario.run(client(server.url, keys=False, **scenario.config)))

    assert differences(direct, recorded) == []
    assert differences(direct, replayed) == []
    assert connections == []
    assert [span.name for span in replayer.trace] == [span.name for span in recorder.trace]
    text = cassette.read_text(encoding="utf-8")
    assert KEY not in text
    assert SECRET not in text


def test_attempts_are_one_call_and_replaying_them_takes_no_time(
    server: BedrockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    server.reset(THROTTLED, THROTTLED, None)
    with Recorder(tmp_path / "c.yaml") as recorder:
        client(server.url, **retrying("standard")).converse(**asked())
    assert len([seconds for seconds in waited if seconds]) == 2
    (span,) = recorder.trace
    assert span.exchange is not None
    assert [getattr(outcome, "status", None) for outcome in span.exchange.retried] == [429, 429]

    waited.clear()
    with Replayer(tmp_path / "c.yaml"):
        client(server.url, keys=False, **retrying("standard")).converse(**asked())
    assert [seconds for seconds in waited if seconds] == []


def test_adaptive_mode_does_not_hold_a_replay_back(
    server: BedrockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[str] = []
    limiter = pytest.importorskip("botocore.retries.bucket").TokenBucket
    acquire = limiter.acquire

    def noting(*args: Any, **kwargs: Any) -> Any:
        asked_for.append("leave to send")
        return acquire(*args, **kwargs)

    monkeypatch.setattr(limiter, "acquire", noting)
    server.reset(THROTTLED, None)
    with Recorder(tmp_path / "c.yaml"):
        converse(client(server.url, **retrying("adaptive")))
    assert asked_for
    asked_for.clear()
    with Replayer(tmp_path / "c.yaml"):
        converse(client(server.url, keys=False, **retrying("adaptive")))
    assert asked_for == []


def test_endpoint_that_is_not_there(tmp_path: Path) -> None:
    with BedrockServer() as server:
        url = server.url
    outcomes = []
    for recorder in (Recorder(tmp_path / "c.yaml"), Replayer(tmp_path / "c.yaml")):
        with recorder, pytest.raises(exceptions.EndpointConnectionError) as raised:
            client(url, **ONCE).converse(**asked())
        outcomes.append([str(raised.value), raised.value.kwargs["endpoint_url"]])
    assert outcomes[0] == outcomes[1]


def test_call_is_seen_though_boto3_is_imported_later(server: BedrockServer, tmp_path: Path) -> None:
    program = f"""
from trace_ops import Recorder
with Recorder({str(tmp_path / "c.yaml")!r}) as recorder:
    import boto3
    keys = dict(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    bedrock = boto3.client("bedrock-runtime", endpoint_url={server.url!r}, **keys)
    bedrock.converse(**{asked()!r})
print(len(recorder.trace))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "1\n"


def test_span_tells_model_usage_and_tools(server: BedrockServer, tmp_path: Path) -> None:
    with Recorder(tmp_path / "c.yaml") as recorder:
        bedrock = client(server.url)
        bedrock.converse(**asked(), toolConfig=TOOLS)
        list(bedrock.converse_stream(**asked())["stream"])
    for span in recorder.trace:
        assert (span.kind, span.name, span.model) == ("llm", "bedrock converse", MODEL)
        assert span.usage is not None
        assert (span.usage.input, span.usage.output) == (12, 7)
    assert [span.tools for span in recorder.trace] == [["weather"], []]


def test_call_that_was_not_recorded_is_refused_even_if_the_program_goes_on(
    server: BedrockServer, tmp_path: Path
) -> None:
    with Recorder(tmp_path / "c.yaml"):
        client(server.url).converse(**asked())
    server.reset()
    replayer = Replayer(tmp_path / "c.yaml")
    with pytest.raises(UnrecordedCallError), replayer:
        bedrock = client(server.url, keys=False)
        bedrock.converse(**asked())
        with suppress(Exception):  # as a program may do
            bedrock.converse(**asked("something else"))
    assert server.requests == []


def test_guardrail_is_part_of_what_is_asked(server: BedrockServer, tmp_path: Path) -> None:
    guarded = {"guardrailIdentifier": "gr-1234567", "guardrailVersion": "1"}
    with Recorder(tmp_path / "c.yaml"):
        client(server.url).invoke_model(**INVOKED, **guarded)["body"].read()
    with Replayer(tmp_path / "c.yaml"):
        client(server.url, keys=False).invoke_model(**INVOKED, **guarded)["body"].read()
    with pytest.raises(UnrecordedCallError), Replayer(tmp_path / "c.yaml"):
        client(server.url, keys=False).invoke_model(**INVOKED)


def test_reading_on_where_the_recording_ends_is_told(server: BedrockServer, tmp_path: Path) -> None:
    with Recorder(tmp_path / "c.yaml"):
        closed_early(client(server.url))
    with pytest.raises(StreamTruncatedError), Replayer(tmp_path / "c.yaml"):
        list(client(server.url, keys=False).converse_stream(**asked())["stream"])


def test_stream_is_kept_with_the_times_of_its_events(server: BedrockServer, tmp_path: Path) -> None:
    server.delay = 0.03
    with Recorder(tmp_path / "c.yaml") as recorder:
        stream = client(server.url).converse_stream(**asked())["stream"]
        assert len(list(stream)) == 8
    (span,) = recorder.trace
    assert span.exchange is not None
    assert isinstance(span.exchange.outcome, Response)
    body = span.exchange.outcome.body
    assert isinstance(body, Stream)
    assert len(body.at_ms) == len(body.events) == 8
    assert body.at_ms[-1] - body.at_ms[0] >= 7 * 25


def test_unrecorded_call_without_credentials_fails_as_it_does_live(
    server: BedrockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with Recorder(tmp_path / "c.yaml"):
        client(server.url).converse(**asked())
    server.reset()
    with Recorder(tmp_path / "c.yaml", mode="new_episodes"):
        bedrock = client(server.url, keys=False)
        bedrock.converse(**asked())
        with pytest.raises(exceptions.NoCredentialsError):
            bedrock.converse(**asked("something else"))
    assert server.requests == []


def test_client_is_made_on_replay_without_region_or_credentials(
    server: BedrockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Recorder(tmp_path / "c.yaml"):
        client(server.url).converse(**asked())
    monkeypatch.setattr("botocore.utils.IMDSFetcher._get_request", lambda *_, **__: pytest.fail("asked"))
    with Replayer(tmp_path / "c.yaml"):
        bedrock = boto3.session.Session().client("bedrock-runtime", endpoint_url=server.url)
        assert bedrock.converse(**asked())["stopReason"] == "end_turn"


def test_other_services_are_left_alone(server: BedrockServer, tmp_path: Path) -> None:
    with Recorder(tmp_path / "c.yaml") as recorder:
        client(server.url).converse(**asked())
        client(server.url, service="dynamodb").list_tables()
    assert len(recorder.trace) == 1
    server.reset()
    with Replayer(tmp_path / "c.yaml"):
        client(server.url, keys=False).converse(**asked())
        client(server.url, service="dynamodb").list_tables()
    assert [path for path, _ in server.requests] == ["/"]


def test_threads_share_a_client(server: BedrockServer, tmp_path: Path) -> None:
    def play(bedrock: Any) -> dict[int, Any]:
        seen: dict[int, Any] = {}

        def work(number: int) -> None:
            answer = bedrock.converse_stream(**asked(f"thread {number}"))["stream"]
            said = [
                each["contentBlockDelta"]["delta"]["text"] for each in answer if "contentBlockDelta" in each
            ]
            seen[number] = ["".join(said), bedrock.converse(**asked(f"thread {number}"))["usage"]]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return seen

    with Recorder(tmp_path / "c.yaml"):
        recorded = play(client(server.url))
    server.reset()
    with Replayer(tmp_path / "c.yaml"):
        replayed = play(client(server.url, keys=False))
    assert recorded == replayed
    assert recorded[3][0] == "You said thread 3 äöü"
    assert len(recorded) == 8
    assert server.requests == []


def test_event_of_a_fault_keeps_its_type(server: BedrockServer, tmp_path: Path) -> None:
    server.reset(Fault(fails_with="throttlingException"))
    with Recorder(tmp_path / "c.yaml"), pytest.raises(exceptions.EventStreamError):
        list(client(server.url).converse_stream(**asked())["stream"])
    with (
        Replayer(tmp_path / "c.yaml"),
        pytest.raises(exceptions.EventStreamError, match="throttlingException"),
    ):
        list(client(server.url, keys=False).converse_stream(**asked())["stream"])
