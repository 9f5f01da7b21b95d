"""Every recorded exchange of Bedrock's runtime through boto3: recorded and replayed, it is the direct one."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
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

Context = Callable[[str], AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def drive() -> Iterator[Any]:
    pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    sys.path.insert(0, str(CORPUS))
    try:
        import drive

        yield drive
    finally:
        sys.path.remove(str(CORPUS))


@pytest.fixture(scope="module")
def client_of() -> Callable[[str], Any]:
    from botocore.config import Config

    session = boto3.session.Session()
    # Old and new requests alike: the installed version need not know every field.
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)

    def make(url: str) -> Any:
        keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"}
        return session.client(
            "bedrock-runtime", region_name="us-east-1", endpoint_url=url, config=config, **keys
        )

    return make


def test_replay_cannot_be_told_from_live(drive: Any, client_of: Any, tmp_path: Path) -> None:
    def cassette(group: str) -> Path:
        return tmp_path / f"{hashlib.sha256(group.encode()).hexdigest()[:24]}.yaml"

    groups = drive.select(str(DATA), APIS)
    with drive.Upstream(str(DATA)) as upstream:
        direct = _played(groups, client_of(upstream.base), lambda _: nullcontext())
        sent = upstream.get("/__stats")
        upstream.reset()
        recorded = _played(groups, client_of(upstream.base), lambda group: Recorder(cassette(group)))
        upstream.reset()
        replayed = _played(groups, client_of(upstream.base), lambda group: Replayer(cassette(group)))
        requests = upstream.get("/__stats")["total"]

    assert len(direct) == sent["total"] > 350
    # boto3 sent what was sent then.
    assert sent["by_match"].get("id", 0) < 0.05 * len(direct), sent["by_match"]
    assert {key: found for key in direct if (found := _undated(direct[key], recorded[key]))} == {}
    assert {key: found for key in direct if (found := differences(recorded[key], replayed[key]))} == {}
    assert requests == 0


def _undated(direct: Any, recorded: Any) -> list[str]:
    """What differs between two live calls, but for the time that the server says it is."""
    return [
        line for line in differences(direct, recorded) if not re.search(r"GMT['\"] -> .* GMT['\"]$", line)
    ]


def _played(groups: list[Any], client: Any, context: Context) -> dict[str, Any]:
    outcomes = {}
    for group, records in groups:
        with context(group):
            for record in records:
                outcomes[record["id"]] = describe(_outcome(client, record))
    return outcomes


def _outcome(client: Any, record: dict[str, Any]) -> Any:
    _, _, address = urlsplit(record["url"]).path.partition("/model/")
    model, _, verb = address.rpartition("/")
    name = OPERATIONS[verb]
    body = record["request_body"]
    if name.startswith("invoke"):
        given: dict[str, Any] = {"body": json.dumps(body)}
    else:
        given = _parameters(client, "".join(word.title() for word in name.split("_")), body)

    def identify(request: Any, **_: Any) -> None:
        request.headers["x-corpus-id"] = record["id"]

    client.meta.events.register("request-created.*", identify, unique_id="identify")
    try:
        answer = getattr(client, name)(modelId=unquote(model), **given)
    except Exception as error:
        return Raised(error)
    finally:
        client.meta.events.unregister("request-created.*", unique_id="identify")
    return _drained(answer)


def _parameters(client: Any, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a program gives boto3 so that it sends this body: blobs as bytes."""
    from botocore.parsers import RestJSONParser

    shape = client.meta.service_model.operation_model(operation).input_shape
    return RestJSONParser()._parse_shape(shape, body)  # type: ignore[no-any-return]


def _drained(answer: dict[str, Any]) -> Any:
    events: list[Any] = []
    try:
        if "stream" in answer:
            events.extend(answer.pop("stream"))
        elif "body" in answer:
            body = answer.pop("body")
            events.extend([body.read()] if hasattr(body, "read") else body)
    except Exception as error:
        return [answer, Raised(error, events)]
    return [answer, events]
