"""Calls of aiobotocore's ``bedrock-runtime`` look the same to their caller live, recorded and replayed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.providers.bedrock_server import BedrockServer, Fault
from tests.sdk.outcome import Raised, describe, differences
from tests.sdk.rounds import counted_connections
from trace_ops import Recorder, Replayer
from trace_ops.errors import StreamTruncatedError, UnrecordedCallError

sessions = pytest.importorskip("aiobotocore.session", reason="aiobotocore is not installed")
Config = pytest.importorskip("aiobotocore.config").AioConfig

MODEL = "us.amazon.nova-lite-v1:0"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMITr4ceOpsbPxRfiCYEXAMPLEKEY0"

# Streams that nobody closes are part of the scenarios.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def asked(text: str = "Hello, Größe") -> dict[str, Any]:
    return {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": text}]}]}


INVOKED = {"modelId": MODEL, "body": json.dumps({"prompt": "ä"}), "contentType": "application/json"}
SESSION = sessions.get_session()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
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


Act = Callable[[Any], Awaitable[Any]]


def play(act: Act, url: str, recorder: Recorder | None = None, *, keys: bool = True, **config: Any) -> Any:
    given = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET} if keys else {}

    async def run() -> Any:
        async with recorder or nullcontext():
            made = SESSION.create_client(
                "bedrock-runtime",
                region_name="us-east-1",
                endpoint_url=url,
                config=Config(**config),
                **given,
            )
            async with made as bedrock:
                return await act(bedrock)

    return asyncio.run(run())


# --- what is done with a client


async def converse(bedrock: Any) -> Any:
    return [await bedrock.converse(**asked()), await bedrock.converse(**asked())]


async def drained(answer: dict[str, Any]) -> Any:
    rest = {key: value for key, value in answer.items() if key not in ("stream", "body")}
    events: list[Any] = []
    try:
        async for event in answer.get("stream") or answer["body"]:
            events.append(event)
    except Exception as error:
        return [rest, Raised(error, events)]
    return [rest, events]


async def converse_stream(bedrock: Any) -> Any:
    return [
        await drained(await bedrock.converse_stream(**asked())),
        await drained(await bedrock.converse_stream(**asked("again"))),
    ]


async def closed_early(bedrock: Any) -> Any:
    answer = await bedrock.converse_stream(**asked())
    seen = []
    async for event in answer["stream"]:
        seen.append(event)
        if len(seen) == 2:
            break
    answer["stream"].close()
    return [seen, await bedrock.converse(**asked())]


async def invoke(bedrock: Any) -> Any:
    whole = await bedrock.invoke_model(**INVOKED)
    body = whole.pop("body")
    parts = (await bedrock.invoke_model(**INVOKED))["body"]
    lines = (await bedrock.invoke_model(**INVOKED))["body"]
    chunks = (await bedrock.invoke_model(**INVOKED))["body"]
    async with (await bedrock.invoke_model(**INVOKED))["body"] as entered:
        content = await entered.read()
    return [
        [whole, await body.read(), await body.read(), body.tell()],
        [await parts.read(7), await parts.read(20), parts.tell(), await parts.read()],
        [line async for line in lines.iter_lines()],
        [chunk async for chunk in chunks.iter_chunks(16)],
        content,
    ]


async def invoke_stream(bedrock: Any) -> Any:
    return await drained(await bedrock.invoke_model_with_response_stream(**INVOKED))


def attempted(act: Act) -> Act:
    async def run(bedrock: Any) -> Any:
        try:
            return await act(bedrock)
        except Exception as error:
            return Raised(error)

    return run


async def cancelled(bedrock: Any) -> Any:
    try:
        await asyncio.wait_for(bedrock.converse(**asked()), 0.3)
    except asyncio.TimeoutError:
        return "too late"
    return "in time"


async def together(bedrock: Any) -> Any:
    return await asyncio.gather(*(bedrock.converse(**asked(f"task {number}")) for number in range(4)))


class Scenario(NamedTuple):
    run: Act
    faults: Sequence[Fault | None] = ()
    config: dict[str, Any] = {}
    requests: int = 1


ONCE: dict[str, Any] = {"retries": {"total_max_attempts": 1}}
THROTTLED = Fault(429, "ThrottlingException")


def retrying(mode: str) -> dict[str, Any]:
    return {"retries": {"mode": mode, "total_max_attempts": 3}}


SCENARIOS = {
    "converse": Scenario(converse, requests=2),
    "converse-stream": Scenario(converse_stream, requests=2),
    "converse-stream-closed-early": Scenario(closed_early, requests=2),
    "invoke": Scenario(invoke, requests=5),
    "invoke-stream": Scenario(invoke_stream),
    "validation": Scenario(attempted(converse), [Fault(400, "ValidationException")]),
    "stream-refused": Scenario(attempted(converse_stream), [Fault(400, "ValidationException")]),
    "throttled-legacy": Scenario(converse, [THROTTLED, None], retrying("legacy"), 3),
    "throttled-standard": Scenario(converse, [THROTTLED, None], retrying("standard"), 3),
    "throttled-adaptive": Scenario(converse, [THROTTLED, None], retrying("adaptive"), 3),
    "broken": Scenario(
        attempted(converse), [Fault(500, "InternalServerException")] * 3, retrying("standard"), 3
    ),
    "stream-fails": Scenario(converse_stream, [Fault(fails_with="modelStreamErrorException"), None], ONCE, 2),
    "stream-cut": Scenario(converse_stream, [Fault(cut_after=400), None], ONCE, 2),
    "timeout": Scenario(attempted(converse), [Fault(wait=1.0)], {**ONCE, "read_timeout": 0.2}),
    "cancelled": Scenario(cancelled, [Fault(wait=1.0)], ONCE),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_outcome_is_the_same_live_recorded_and_replayed(
    name: str, server: BedrockServer, tmp_path: Path
) -> None:
    scenario = SCENARIOS[name]
    cassette = tmp_path / "cassette.yaml"
    server.reset(*scenario.faults)
    direct = describe(play(scenario.run, server.url, **scenario.config))
    asked_for = list(server.requests)

    server.reset(*scenario.faults)
    recorder = Recorder(cassette, mode="all")
    recorded = describe(play(scenario.run, server.url, recorder, **scenario.config))
    assert server.requests == asked_for
    assert len(asked_for) == scenario.requests

    replayer = Replayer(cassette)
    with counted_connections() as connections:
        replayed = describe(play(scenario.run, server.url, replayer, keys=False, **scenario.config))

    assert differences(direct, recorded) == []
    assert differences(direct, replayed) == []
    assert connections == []
    assert [span.name for span in replayer.trace] == [span.name for span in recorder.trace]
    text = cassette.read_text(encoding="utf-8")
    assert KEY not in text
    assert SECRET not in text


def test_tasks_share_a_client(server: BedrockServer, tmp_path: Path) -> None:
    recorded = play(together, server.url, Recorder(tmp_path / "c.yaml"))
    server.reset()
    assert play(together, server.url, Replayer(tmp_path / "c.yaml"), keys=False) == recorded
    assert server.requests == []


def test_call_that_was_not_recorded_is_refused(server: BedrockServer, tmp_path: Path) -> None:
    play(converse, server.url, Recorder(tmp_path / "c.yaml"))
    server.reset()
    with pytest.raises(UnrecordedCallError):
        play(lambda bedrock: bedrock.converse(**asked("else")), server.url, Replayer(tmp_path / "c.yaml"))
    assert server.requests == []


def test_reading_on_where_the_recording_ends_is_told(server: BedrockServer, tmp_path: Path) -> None:
    server.delay = 0.05
    play(closed_early, server.url, Recorder(tmp_path / "c.yaml"))

    async def to_the_end(bedrock: Any) -> Any:
        return await drained(await bedrock.converse_stream(**asked()))

    with pytest.raises(StreamTruncatedError):
        play(to_the_end, server.url, Replayer(tmp_path / "c.yaml"))


def test_cassette_of_boto3_serves_aiobotocore(server: BedrockServer, tmp_path: Path) -> None:
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
    with Recorder(tmp_path / "c.yaml"):
        bedrock = boto3.client("bedrock-runtime", endpoint_url=server.url, **keys)
        whole = bedrock.converse(**asked())
        events = list(bedrock.converse_stream(**asked())["stream"])

    async def again(client: Any) -> Any:
        answer = await client.converse(**asked())
        return [answer, await drained(await client.converse_stream(**asked()))]

    replayed = play(again, server.url, Replayer(tmp_path / "c.yaml"), keys=False)
    assert replayed[0]["output"] == whole["output"]
    assert replayed[1][1] == events
