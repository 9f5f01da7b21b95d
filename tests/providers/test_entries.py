"""mistralai, cohere, ollama, google-genai: retries, waits, keys, whose a client is, lines of JSON."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.kit import Kit
from tests.sdk.rounds import environment
from tests.sdk.scenarios import cohere, google, mistral, ollama
from tests.support.waits import waits
from trace_ops import Recorder, Replayer, load_cassette
from trace_ops.double import Fault, HangUp, ProviderDouble, Status, Turn
from trace_ops.errors import ReplayError, TraceOpsWarning, UnrecordedCallError
from trace_ops.exchange import Response, Stream

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
MODULES = {
    "cohere": "cohere",
    "google": "google.genai",
    "mistral": "mistralai",
    "ollama": "ollama",
}
ASK: dict[str, Callable[[Any], Any]] = {
    "cohere": lambda client: client.chat(**cohere.CHAT),
    "google": lambda client: client.models.generate_content(**google.ASKED),
    "mistral": lambda client: client.chat.complete(**mistral.CHAT),
    "ollama": lambda client: client.chat(**ollama.CHAT),
}
ASK_STREAM: dict[str, Callable[[Any], Any]] = {
    "cohere": lambda client: client.chat_stream(**cohere.CHAT),
    "google": lambda client: client.models.generate_content_stream(**google.ASKED),
    "mistral": lambda client: client.chat.stream(**mistral.CHAT),
    "ollama": lambda client: client.chat(**ollama.CHAT, stream=True),
}
KEYS = {
    "cohere": "CO_API_KEY",
    "google": "GEMINI_API_KEY",
    "mistral": "MISTRAL_API_KEY",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with environment(), ProviderDouble() as running:
        yield running


@pytest.fixture(params=sorted(MODULES))
def sdk(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    pytest.importorskip(MODULES[name], reason=f"the SDK of {name} is not installed")
    return name


def needs(sdk: str) -> Any:
    return pytest.importorskip(MODULES[sdk], reason=f"the SDK of {sdk} is not installed")


# --- retries


def _with_cohere(kit: Kit) -> Any:
    return kit.client("cohere").chat(**cohere.CHAT, request_options={"max_retries": 4})


def _with_google(kit: Kit) -> Any:
    retry = {"attempts": 3, "initial_delay": 0.3, "max_delay": 0.3, "jitter": 0.0}
    return kit.client("google", http={"retry_options": retry}).models.generate_content(**google.ASKED)


def _with_mistral(kit: Kit) -> Any:
    found = mistral._module(".utils.retries")
    retries = found.RetryConfig("backoff", found.BackoffStrategy(300, 300, 1.0, 60_000), True)
    return kit.client("mistral").chat.complete(**mistral.CHAT, retries=retries)


async def _with_async_cohere(kit: Kit) -> Any:
    return await kit.client("async_cohere").chat(**cohere.CHAT, request_options={"max_retries": 4})


async def _with_async_google(kit: Kit) -> Any:
    retry = {"attempts": 3, "initial_delay": 0.3, "max_delay": 0.3, "jitter": 0.0}
    client = kit.client("async_google", http={"retry_options": retry})
    return await client.models.generate_content(**google.ASKED)


async def _with_async_mistral(kit: Kit) -> Any:
    found = mistral._module(".utils.retries")
    retries = found.RetryConfig("backoff", found.BackoffStrategy(300, 300, 1.0, 60_000), True)
    return await kit.client("async_mistral").chat.complete(**mistral.CHAT, retries=retries)


RETRIES: list[tuple[str, Callable[[Kit], Any]]] = [
    ("cohere", _with_cohere),
    ("cohere", _with_async_cohere),
    ("google", _with_google),
    ("google", _with_async_google),
    ("mistral", _with_mistral),
    ("mistral", _with_async_mistral),
]
WAITS = {"retry-after": "1", "retry-after-ms": "300"}


def _run(call: Callable[[Kit], Any], kit: Kit) -> Any:
    async def closing() -> Any:
        try:
            return await call(kit)
        finally:
            await kit.aclose()

    if asyncio.iscoroutinefunction(call):
        return asyncio.run(closing())
    try:
        return call(kit)
    finally:
        kit.close()


@pytest.mark.parametrize(("name", "call"), RETRIES, ids=lambda value: getattr(value, "__name__", value))
def test_retries_are_attempts_of_one_call_and_are_not_waited_for(
    name: str, call: Callable[[Kit], Any], double: ProviderDouble, path: Path
) -> None:
    needs(name)
    double.fail(Status(503, headers=WAITS), Status(429, headers=WAITS), None)
    with Recorder(save_to=path), waits() as live:
        recorded = _run(call, Kit(double.url))
    assert double.hits == 3
    assert sum(live) > 0.3, "the waits of the SDK are not seen"
    (span,) = load_cassette(path)
    assert span.exchange is not None
    assert [one.status for one in span.exchange.retried if isinstance(one, Response)] == [503, 429]
    assert isinstance(span.exchange.outcome, Response)
    assert span.exchange.outcome.status == 200

    double.stop()
    with Replayer(path) as replayer, waits() as served:
        replayed = _run(call, Kit(double.url, replaying=True))
    assert replayed == recorded
    assert served == []
    (again,) = replayer.trace
    assert again.exchange is not None
    assert len(again.exchange.retried) == 2


@pytest.mark.parametrize("asynchronous", [False, True])
def test_mistral_gives_up_at_the_attempt_at_which_it_did(
    asynchronous: bool, double: ProviderDouble, path: Path
) -> None:
    """Live its patience ends by the clock, which a replay does not wait for."""
    needs("mistral")
    found = mistral._module(".utils.retries")
    retries = found.RetryConfig("backoff", found.BackoffStrategy(20, 60, 1.0, 150), True)

    def call(kit: Kit) -> Any:
        return kit.client("mistral").chat.complete(**mistral.CHAT, retries=retries)

    async def acall(kit: Kit) -> Any:
        return await kit.client("async_mistral").chat.complete(**mistral.CHAT, retries=retries)

    def fail(kit: Kit) -> str:
        with pytest.raises(Exception, match="429") as failed:
            _run(acall if asynchronous else call, kit)
        return str(failed.value)

    double.fail(*[Status(429, message=f"attempt {number}") for number in range(100)])
    with Recorder(save_to=path):
        recorded = fail(Kit(double.url))
    assert 3 <= double.hits < 50
    with Replayer(path) as replayer:
        assert fail(Kit("http://127.0.0.1:9", replaying=True)) == recorded
    (span,) = replayer.trace
    assert span.exchange is not None
    assert len(span.exchange.retried) == double.hits - 1


def test_waits_are_as_long_as_ever_when_nothing_is_served(double: ProviderDouble, path: Path) -> None:
    needs("cohere")
    double.fail(Status(503, headers={"retry-after-ms": "200"}), None)
    with Recorder(save_to=path), waits() as live:
        _run(_with_cohere, Kit(double.url))
    (waited,) = live
    assert waited >= 0.2


# --- keys


def test_a_replay_needs_no_key(sdk: str, double: ProviderDouble, path: Path) -> None:
    kit = Kit(double.url)
    with Recorder(save_to=path):
        recorded = ASK[sdk](kit.client(sdk))
    kit.close()
    double.stop()
    replaying = Kit("http://127.0.0.1:9", replaying=True)
    with Replayer(path):
        if sdk in KEYS:
            assert os.environ[KEYS[sdk]] == "replay"
        assert ASK[sdk](replaying.client(sdk)) == recorded
    replaying.close()
    assert not set(KEYS.values()) & os.environ.keys()


def test_google_does_not_warn_of_two_stand_ins(
    double: ProviderDouble, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    needs("google")
    kit = Kit(double.url)
    with Recorder(save_to=path):
        ASK["google"](kit.client("google"))
    with caplog.at_level(logging.WARNING), Replayer(path):
        replaying = Kit(double.url, replaying=True)
        ASK["google"](replaying.client("google"))
    assert caplog.text == ""
    kit.close()
    replaying.close()


def test_vertex_is_replayed_without_a_token(double: ProviderDouble, path: Path) -> None:
    needs("google")
    credentials = pytest.importorskip("google.oauth2.credentials")

    def ask(**options: Any) -> Any:
        made = {"vertexai": True, "project": "a-project", "location": "europe-west1"}
        with importlib.import_module("google.genai").Client(
            **made, http_options={"base_url": double.url, "timeout": 5000}, **options
        ) as client:
            return client.models.generate_content(**google.ASKED)

    token = "ya29.Tr4ceOpsVertexTokenThatMustNeverBeStored"
    with Recorder(save_to=path):
        recorded = ask(credentials=credentials.Credentials(token))
    double.stop()
    with Replayer(path):
        assert ask() == recorded
    assert token not in path.read_text(encoding="utf-8")


# --- whose client it is


def test_an_unrecorded_call_is_refused(sdk: str, double: ProviderDouble, path: Path) -> None:
    kit = Kit(double.url)
    with Recorder(save_to=path):
        ASK[sdk](kit.client(sdk))
    kit.close()
    double.reset()
    for ask in (ASK, ASK_STREAM):
        replaying = Kit(double.url, replaying=True)
        with pytest.raises(UnrecordedCallError), Replayer(path):
            client = replaying.client(sdk)
            ASK[sdk](client)
            with pytest.raises(UnrecordedCallError):
                list(ask[sdk](client))
        replaying.close()
    assert double.hits == 0


def test_clients_made_before_the_recorder_are_recorded(sdk: str, double: ProviderDouble, path: Path) -> None:
    kit = Kit(double.url)
    client = kit.client(sdk)
    ASK[sdk](client)
    with Recorder(save_to=path):
        ASK[sdk](client)
        list(ASK_STREAM[sdk](client))
    ASK[sdk](client)
    kit.close()
    assert double.hits == 4
    assert len(load_cassette(path)) == 2


def test_other_requests_of_the_library_pass(sdk: str, double: ProviderDouble, path: Path) -> None:
    kit = Kit(double.url)
    with Recorder(save_to=path):
        ASK[sdk](kit.client(sdk))
        for library in ("httpx", "httpx2"):
            with importlib.import_module(library).Client() as own:
                assert own.post(f"{double.url}/api/embed", json={"input": "one"}).status_code == 200
    kit.close()
    assert len(load_cassette(path)) == 1


# --- google-genai through aiohttp


def _aiohttp_client(url: str) -> Any:
    genai = importlib.import_module("google.genai")
    return genai.Client(api_key="none", http_options={"base_url": url, "timeout": 5000}).aio


def test_aiohttp_is_passed_over_while_a_tape_is_active(double: ProviderDouble, path: Path) -> None:
    needs("google")
    pytest.importorskip("aiohttp", reason="google-genai uses aiohttp only where it is installed")

    async def ask(*recorders: Any) -> list[Any]:
        """With one client made in the first recorder, which must do without it as well."""
        answers: list[Any] = []
        client: Any = None
        for recorder in recorders:
            if recorder is None:
                answers.append(await client.models.generate_content(**google.ASKED))
                continue
            with recorder:
                client = client or _aiohttp_client(double.url)
                answers.append(await client.models.generate_content(**google.ASKED))
                stream = await client.models.generate_content_stream(**google.ASKED)
                answers.append([piece async for piece in stream])
                answers.append([await client.files.download(file="files/abc")])
        await client.aclose()
        return [_text(each) if not isinstance(each, list) else list(map(_text, each)) for each in answers]

    recorded = asyncio.run(ask(Recorder(save_to=path), None))
    assert recorded[3] == recorded[0]
    assert double.hits == 4
    assert len(load_cassette(path)) == 3
    double.stop()
    assert asyncio.run(ask(Replayer(path))) == recorded[:3]


def _text(answer: Any) -> Any:
    return getattr(answer, "text", answer)


# --- JSON a line


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_lines_of_a_stream_keep_their_times_and_their_bytes(packed: bool, path: Path) -> None:
    needs("ollama")
    with ProviderDouble(gzip=packed, event_delay=0.02) as double:
        kit = Kit(double.url)
        with Recorder(save_to=path) as recorder:
            pieces = list(ASK_STREAM["ollama"](kit.client("ollama")))
        kit.close()
    (live,), (span,) = recorder.trace, load_cassette(path)
    assert live.exchange is not None
    assert span.exchange is not None
    kept, read = live.exchange.outcome.body, span.exchange.outcome.body  # type: ignore[union-attr]
    assert isinstance(read, Stream)
    assert len(read.events) == len(pieces)
    assert read == kept
    gaps = [after - before for before, after in zip(read.at_ms, read.at_ms[1:], strict=False)]
    assert all(gap >= 10 for gap in gaps)
    assert "framing: lines" in path.read_text(encoding="utf-8")


def test_a_secret_in_pieces_is_scrubbed_from_lines(path: Path) -> None:
    needs("ollama")
    secret = "sk-ant-api03-Tr4ceOpsTestKeyThatMustNeverBeStored0123456789abcdef-AA"
    with ProviderDouble() as double:
        double.script(Turn(text=f"The key is {secret} as you know"))
        kit = Kit(double.url)
        with Recorder(save_to=path):
            live = list(ASK_STREAM["ollama"](kit.client("ollama")))
        kit.close()
    assert secret in "".join(piece.message.content for piece in live)
    (span,) = load_cassette(path)
    assert span.exchange is not None
    read = span.exchange.outcome.body  # type: ignore[union-attr]
    assert isinstance(read, Stream)
    assert len(read.events) == len(live)
    text = path.read_text(encoding="utf-8")
    assert not any(secret[at : at + 8] in text for at in range(12, len(secret) - 8, 4))


def test_a_fault_of_the_connection_is_the_same_class(double: ProviderDouble, path: Path) -> None:
    needs("ollama")
    fault: Fault = HangUp()
    double.fail(fault)
    kit = Kit(double.url)
    with Recorder(save_to=path), pytest.raises(Exception, match="disconnected") as live:
        ASK["ollama"](kit.client("ollama"))
    with Replayer(path), pytest.raises(type(live.value), match="disconnected"):
        ASK["ollama"](kit.client("ollama"))
    kit.close()


def test_a_call_through_another_library_is_named_or_refused(double: ProviderDouble, path: Path) -> None:
    """As google-genai does with a client certificate, and its first versions did throughout."""
    needs("google")
    kit = Kit(double.url)
    client = kit.client("google")
    with Recorder(save_to=path):
        ASK["google"](client)
    http = client._api_client._httpx_client
    client._api_client._httpx_client = None
    again = path.with_name("again.yaml")
    with pytest.warns(TraceOpsWarning, match="google calls .* cannot be recorded"), Recorder(save_to=again):
        with pytest.raises(AttributeError):
            ASK["google"](client)
    with pytest.raises(ReplayError, match="google calls .* cannot be replayed"), Replayer(path):
        ASK["google"](client)
    client._api_client._httpx_client = http
    kit.close()
    assert double.hits == 1


def test_an_sdk_that_is_not_understood_still_works(
    double: ProviderDouble, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("mistral")
    kit = Kit(double.url)
    client = kit.client("mistral")
    with Recorder(save_to=path):
        recorded = ASK["mistral"](client)

    def moved(_: Any) -> Any:
        raise AttributeError("it is elsewhere now")

    seen = type(client.chat.sdk_configuration)
    monkeypatch.setattr(seen, "get_server_details", _failing_below_entries(seen.get_server_details, moved))
    double.reset()
    again = path.with_name("again.yaml")
    with pytest.warns(TraceOpsWarning, match="mistral calls .*elsewhere now"), Recorder(save_to=again):
        assert ASK["mistral"](client) == recorded
    with pytest.raises(ReplayError, match="mistral calls .*elsewhere now"), Replayer(path):
        ASK["mistral"](client)
    assert double.hits == 1
    kit.close()


def _failing_below_entries(real: Callable[[Any], Any], fails: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A method that fails for TraceOps, and works for the SDK itself."""

    def method(self: Any) -> Any:
        caller = sys._getframe(1).f_globals["__name__"]
        return (fails if caller.startswith("trace_ops") else real)(self)

    return method
