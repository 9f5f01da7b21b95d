"""Every recorded exchange of Bedrock's runtime: recorded and replayed, the outcome is the direct one."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.sdk.outcome import Raised, describe, differences
from trace_ops import Recorder, Replayer

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
DATA = CORPUS / "dev.jsonl.zst"
APIS = ("bedrock.converse", "bedrock.invoke")
OPERATIONS = {
    "converse": "converse",
    "converse-stream": "converse_stream",
    "invoke": "invoke_model",
    "invoke-with-response-stream": "invoke_model_with_response_stream",
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]

Context = Callable[[str], Any]
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"}
# Old and new requests alike: the installed version need not know every field.
CONFIG: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "parameter_validation": False}


@pytest.fixture(scope="module")
def drive() -> Iterator[Any]:
    pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    sys.path.insert(0, str(CORPUS))
    try:
        import drive

        yield drive
    finally:
        sys.path.remove(str(CORPUS))


@pytest.mark.parametrize("sdk", ["boto3", "aiobotocore"])
def test_replay_cannot_be_told_from_live(sdk: str, drive: Any, tmp_path: Path) -> None:
    pytest.importorskip(sdk, reason=f"{sdk} is not installed")

    def cassette(group: str) -> Path:
        return tmp_path / f"{hashlib.sha256(group.encode()).hexdigest()[:24]}.yaml"

    groups = drive.select(str(DATA), APIS)
    play = _played if sdk == "boto3" else _played_async
    with drive.Upstream(str(DATA)) as upstream:
        direct = play(groups, upstream.base, lambda _: nullcontext())
        sent = upstream.get("/__stats")
        upstream.reset()
        recorded = play(groups, upstream.base, lambda group: Recorder(cassette(group)))
        upstream.reset()
        replayed = play(groups, upstream.base, lambda group: Replayer(cassette(group)))
        requests = upstream.get("/__stats")["total"]

    assert len(direct) == sent["total"] > 350
    # What is sent is what was sent then.
    assert sent["by_match"].get("id", 0) < 0.05 * len(direct), sent["by_match"]
    assert {key: found for key in direct if (found := _undated(direct[key], recorded[key]))} == {}
    assert {key: found for key in direct if (found := differences(recorded[key], replayed[key]))} == {}
    assert requests == 0


def _undated(direct: Any, recorded: Any) -> list[str]:
    """What differs between two live calls, but for the time that the server says it is."""
    return [
        line for line in differences(direct, recorded) if not re.search(r"GMT['\"] -> .* GMT['\"]$", line)
    ]


def _played(groups: list[Any], url: str, context: Context) -> dict[str, Any]:
    from botocore.config import Config

    client = _client(boto3.session.Session().client, url, Config(**CONFIG))
    outcomes = {}
    for group, records in groups:
        with context(group):
            for record in records:
                with _identified(client, record):
                    outcomes[record["id"]] = describe(_outcome(client, record))
    return outcomes


def _played_async(groups: list[Any], url: str, context: Context) -> dict[str, Any]:
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session

    async def run() -> dict[str, Any]:
        outcomes = {}
        async with _client(get_session().create_client, url, AioConfig(**CONFIG)) as client:
            for group, records in groups:
                async with context(group):
                    for record in records:
                        with _identified(client, record):
                            outcomes[record["id"]] = describe(await _async_outcome(client, record))
        return outcomes

    return asyncio.run(run())


def _client(make: Callable[..., Any], url: str, config: Any) -> Any:
    return make("bedrock-runtime", region_name="us-east-1", endpoint_url=url, config=config, **KEYS)


@contextmanager
def _identified(client: Any, record: dict[str, Any]) -> Iterator[None]:
    def identify(request: Any, **_: Any) -> None:
        request.headers["x-corpus-id"] = record["id"]

    client.meta.events.register("request-created.*", identify, unique_id="identify")
    try:
        yield
    finally:
        client.meta.events.unregister("request-created.*", unique_id="identify")


def _call(client: Any, record: dict[str, Any]) -> Any:
    _, _, address = urlsplit(record["url"]).path.partition("/model/")
    model, _, verb = address.rpartition("/")
    name = OPERATIONS[verb]
    body = record["request_body"]
    if name.startswith("invoke"):
        given: dict[str, Any] = {"body": json.dumps(body)}
    else:
        given = _parameters(client, "".join(word.title() for word in name.split("_")), body)
    return getattr(client, name)(modelId=unquote(model), **given)


def _parameters(client: Any, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a program gives so that this body is sent: blobs as bytes."""
    from botocore.parsers import RestJSONParser

    shape = client.meta.service_model.operation_model(operation).input_shape
    return RestJSONParser()._parse_shape(shape, body)  # type: ignore[no-any-return]


def _outcome(client: Any, record: dict[str, Any]) -> Any:
    try:
        answer = _call(client, record)
    except Exception as error:
        return Raised(error)
    body = answer.pop("stream", None) or answer.pop("body", None)
    events: list[Any] = []
    try:
        events.extend([body.read()] if hasattr(body, "read") else body or ())
    except Exception as error:
        return [answer, Raised(error, events)]
    return [answer, events]


async def _async_outcome(client: Any, record: dict[str, Any]) -> Any:
    try:
        answer = await _call(client, record)
    except Exception as error:
        return Raised(error)
    body = answer.pop("stream", None) or answer.pop("body", None)
    events: list[Any] = []
    try:
        if hasattr(body, "read"):
            events.append(await body.read())
        elif body is not None:
            async for event in body:
                events.append(event)
    except Exception as error:
        return [answer, Raised(error, events)]
    return [answer, events]
