"""Every use of LiteLLM looks the same to its caller live, recorded and replayed."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Set before the import: LiteLLM downloads its price map when it is imported.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
litellm = pytest.importorskip("litellm", reason="litellm is not installed: it has an environment of its own")

from tests.sdk import litellm_calls  # noqa: E402 - after the check that it can be played
from tests.sdk.kit import Kit, Scenario  # noqa: E402
from tests.sdk.outcome import differences  # noqa: E402
from tests.sdk.rounds import NOW, SECRETS, environment, play_three_ways  # noqa: E402
from tests.sdk.scenarios.inputs import ASK, asking  # noqa: E402
from tests.support.waits import waits  # noqa: E402
from trace_ops import Recorder, Replayer, load_cassette  # noqa: E402
from trace_ops.double import ProviderDouble, Status  # noqa: E402
from trace_ops.errors import UnrecordedCallError  # noqa: E402
from trace_ops.providers.litellm import base_of, family_of, is_to_model  # noqa: E402

# LiteLLM leaves sessions open, awaits nothing it logs, and its models are not what their types say.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
    pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:.* on TypedDict class:UserWarning"),
]
_INVENTED = re.compile(r"(chatcmpl-)?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_MEASURED = re.compile(r"(time taken=)[\d.]+")


@pytest.fixture(autouse=True, scope="module")
def left_open() -> Iterator[None]:
    """LiteLLM leaves it to the collector to close its connections: not after the last test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(litellm, "suppress_debug_info", True)
    yield
    litellm.in_memory_llm_clients_cache.flush_cache()


def comparable(seen: Any) -> Any:
    """An outcome less what LiteLLM invents or measures: ids and times that are not the provider's."""
    if isinstance(seen, dict):
        return {key: comparable(value) for key, value in seen.items()}
    if isinstance(seen, list):
        if len(seen) == 2 and seen[0] == "created" and seen[1] != f"int {int(NOW)}":
            return ["created", "invented"]
        if len(seen) == 2 and seen[0] == "_response_ms":
            return ["_response_ms", "measured"]
        return [comparable(item) for item in seen]
    if isinstance(seen, str):
        return _MEASURED.sub(r"\1", _ADDRESS.sub("0x", _INVENTED.sub("invented", seen)))
    return seen


@pytest.mark.parametrize("scenario", litellm_calls.SCENARIOS, ids=lambda scenario: scenario.name)
def test_outcome_is_the_same_live_recorded_and_replayed(scenario: Scenario, tmp_path: Path) -> None:
    rounds = play_three_ways(scenario, tmp_path)
    direct, recorded, replayed = map(comparable, (rounds.direct, rounds.recorded, rounds.replayed))
    problems = [
        *(f"recording changed {line}" for line in differences(direct, recorded)),
        *(f"the replay changed {line}" for line in differences(direct, replayed)),
        *(f"the replay made {count} connection(s)" for count in [rounds.replayed_connections] if count),
        *(f"the cassette contains {secret}" for secret in SECRETS if secret in rounds.cassette),
    ]
    if not scenario.faults and "tests.sdk.outcome.Raised" in repr(direct):
        problems.append(f"it failed live: {direct}")
    if rounds.recorded_hits != rounds.direct_hits:
        problems.append(f"recording made {rounds.recorded_hits} request(s), not {rounds.direct_hits}")
    kept = [span.exchange for span in load_cassette(tmp_path / "cassette.yaml") if span.exchange is not None]
    attempts = sum(len(exchange.retried) + 1 for exchange in kept)
    if attempts != rounds.recorded_hits:
        problems.append(f"{rounds.recorded_hits} request(s) were recorded as {attempts}")
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


# --- what is LiteLLM's own


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as running:
        yield running


def ask(url: str, route: str = "anthropic", **more: Any) -> Any:
    model, base = litellm_calls.ROUTES[route]
    asked = {"model": model, "api_base": url + base, "api_key": litellm_calls.KEY, "messages": ASK}
    return litellm.completion(**asked | more)


async def aask(url: str, route: str, **more: Any) -> Any:
    model, base = litellm_calls.ROUTES[route]
    asked = {"model": model, "api_base": url + base, "api_key": litellm_calls.KEY, "messages": ASK}
    async with litellm_calls.clients_of_this_loop():
        return await litellm.acompletion(**asked | more)


@pytest.mark.parametrize("route", litellm_calls.ROUTES)
def test_sync_replays_what_async_recorded(route: str, double: ProviderDouble, tmp_path: Path) -> None:
    with Recorder(save_to=tmp_path / "x.yaml"):
        recorded = asyncio.run(aask(double.url, route))
    with Replayer(tmp_path / "x.yaml"):
        assert ask(double.url, route).choices == recorded.choices


@pytest.mark.parametrize(
    ("route", "family"),
    [
        ("cerebras", "openai"),  # by the openai SDK
        ("deepseek", "litellm"),
        ("fireworks_ai", "litellm"),
        ("mistral", "mistral"),
        ("openrouter", "litellm"),
        ("perplexity", "openai"),
        ("together_ai", "together"),
        ("xai", "litellm"),
    ],
)
def test_no_route_needs_a_key_on_replay(
    route: str, family: str, double: ProviderDouble, tmp_path: Path
) -> None:
    asked = {"model": f"{route}/a-model", "messages": ASK, "api_base": f"{double.url}/v1"}
    with Recorder(save_to=tmp_path / "x.yaml") as recorder:
        recorded = litellm.completion(**asked, api_key=litellm_calls.KEY)
    with environment(), Replayer(tmp_path / "x.yaml"):
        assert litellm.completion(**asked).choices == recorded.choices
    assert [span.exchange and span.exchange.provider for span in recorder.trace.spans] == [family]
    assert double.hits == 1


@pytest.mark.parametrize("route", ["openai", "anthropic"])
def test_a_retry_is_one_call_and_waits_only_when_live(
    route: str, double: ProviderDouble, tmp_path: Path
) -> None:
    double.fail(Status(429), Status(429), None)
    with Recorder(save_to=tmp_path / "x.yaml") as recorder, waits() as live:
        recorded = asyncio.run(aask(double.url, route, max_retries=0, num_retries=3))
    (span,) = recorder.trace.spans
    assert span.exchange is not None
    assert [outcome.status for outcome in span.exchange.retried] == [429, 429]  # type: ignore[union-attr]
    with Replayer(tmp_path / "x.yaml"), waits() as served:
        replayed = asyncio.run(aask(double.url, route, max_retries=0, num_retries=3))
    assert replayed.choices == recorded.choices
    assert sum(live) >= 1
    assert served == []


def test_a_router_waits_only_when_live(double: ProviderDouble, tmp_path: Path) -> None:
    def routed() -> Any:
        router = litellm_calls.router(Kit(double.url), num_retries=1)
        return router.completion("first", messages=ASK)

    double.fail(Status(429, headers={"retry-after": "2"}), None)
    with Recorder(save_to=tmp_path / "x.yaml"), waits() as live:
        recorded = routed()
    with Replayer(tmp_path / "x.yaml"), waits() as served:
        assert routed().choices == recorded.choices
    assert sum(live) >= 2
    assert served == []


@pytest.mark.parametrize("route", ["openai", "anthropic"])
def test_a_miss_reaches_the_caller_at_once(route: str, double: ProviderDouble, tmp_path: Path) -> None:
    with Recorder(save_to=tmp_path / "x.yaml"):
        ask(double.url, route)
    with pytest.raises(UnrecordedCallError), Replayer(tmp_path / "x.yaml", allow_unplayed=True) as replayer:
        ask(double.url, route, messages=asking("something else"), num_retries=3)
    assert len(replayer.misses) == 1
    assert double.hits == 1


def test_a_router_does_not_fall_back_from_a_miss(double: ProviderDouble, tmp_path: Path) -> None:
    with Recorder(save_to=tmp_path / "x.yaml"):
        ask(double.url, "anthropic")
    router = litellm_calls.router(Kit(double.url), num_retries=2, fallbacks=[{"first": ["second"]}])
    with pytest.raises(UnrecordedCallError), Replayer(tmp_path / "x.yaml", allow_unplayed=True) as replayer:
        router.completion("first", messages=ASK)
    assert len(replayer.misses) == 1
    assert double.hits == 1


def test_reports_to_observers_are_no_calls(double: ProviderDouble) -> None:
    handler = litellm.llms.custom_httpx.http_handler.HTTPHandler()
    with Recorder() as recorder, pytest.raises(litellm.llms.custom_httpx.http_handler.httpx.HTTPStatusError):
        handler.post(f"{double.url}/api/public/ingestion", json={"batch": []})
    handler.close()
    assert double.hits == 1
    assert recorder.trace.spans == []


@pytest.mark.parametrize("told", ["program", "environment"])
def test_rust_is_off_while_recording(
    told: str, double: ProviderDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = pytest.importorskip(
        "litellm.rust_bridge.configuration", reason="this litellm has no Rust"
    )
    if told == "program":
        monkeypatch.setattr(configuration._CONFIGURATION, "override", True)
    else:
        monkeypatch.setenv("LITELLM_RUST", "True")
    assert configuration.rust_enabled()

    async def message() -> None:
        model, base = litellm_calls.ROUTES["anthropic"]
        async with litellm_calls.clients_of_this_loop():
            await litellm.anthropic.messages.acreate(
                model=model, api_base=double.url + base, api_key="key", messages=ASK, max_tokens=9
            )

    with Recorder() as recorder:
        assert not configuration.rust_enabled()
        asyncio.run(message())
    assert [span.name for span in recorder.trace.spans] == ["anthropic messages"]
    assert configuration.rust_enabled()


def _read_document(url: str) -> None:
    document = {"type": "document_url", "document_url": f"{url}/a.pdf"}
    litellm.ocr(model="mistral/mistral-ocr-latest", document=document, api_base=f"{url}/v1", api_key="key")


def test_what_runs_in_rust_only_is_told_once(double: ProviderDouble) -> None:
    pytest.importorskip("litellm.rust_bridge.ocr", reason="this litellm reads documents in Python")
    with Recorder() as recorder, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            with pytest.raises(Exception, match="."):  # the double reads no documents
                _read_document(double.url)
    ours = [str(each.message) for each in told if "Rust" in str(each.message)]
    assert len(ours) == 1
    assert "litellm calls of ocr cannot be recorded" in ours[0]
    assert recorder.trace.uncaptured == ["litellm calls of ocr"]


def test_what_runs_in_rust_only_is_refused_on_replay(double: ProviderDouble, tmp_path: Path) -> None:
    pytest.importorskip("litellm.rust_bridge.ocr", reason="this litellm reads documents in Python")
    with Recorder(save_to=tmp_path / "x.yaml"):
        ask(double.url)
    with (
        pytest.raises(UnrecordedCallError, match="run in Rust only"),
        Replayer(tmp_path / "x.yaml", allow_unplayed=True),
    ):
        _read_document(double.url)
    assert double.hits == 1


def test_nothing_is_downloaded_while_a_recorder_is_open() -> None:
    program = """
import httpx
asked = []
def get(url, *args, **kwargs):
    asked.append(str(url))
    raise httpx.ConnectError("no network")
httpx.get = get
from trace_ops import Recorder
with Recorder() as recorder:
    import litellm
    from litellm.anthropic_beta_headers_manager import filter_and_transform_beta_headers
    filter_and_transform_beta_headers(["a-beta"], "anthropic")
assert len(litellm.model_cost) > 1000
assert not recorder.trace.spans
print(asked)
"""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LITELLM_")}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.parametrize(
    ("route", "path", "family", "base"),
    [
        ("anthropic", "/v1/messages", "anthropic", ""),
        ("anthropic", "/proxy/v1/messages", "anthropic", "/proxy"),
        ("azure", "/openai/deployments/mine/chat/completions", "openai", "/openai"),
        ("azure_ai", "/anthropic/v1/messages", "anthropic", "/anthropic"),
        ("bedrock", "/model/anthropic.claude-v2/converse", "bedrock", ""),
        ("cohere_chat", "/v2/chat", "cohere", ""),
        ("gemini", "/v1beta/models/gemini-2.5-flash:generateContent", "google", ""),
        ("groq", "/openai/v1/chat/completions", "groq", ""),
        ("hosted_vllm", "/v1/chat/completions", "litellm", "/v1"),
        ("mistral", "/v1/chat/completions", "mistral", ""),
        ("ollama", "/at/home/api/generate", "ollama", "/at/home"),
        ("openai", "/v1/responses", "openai", "/v1"),
        ("vertex_ai", "/v1/projects/p/locations/l/publishers/google/models/g:generateContent", "google", ""),
        ("vertex_ai", "/v1/projects/p/locations/l/publishers/anthropic/models/c:rawPredict", "anthropic", ""),
        (None, "/v1beta/models/gemini-2.5-flash:streamGenerateContent", "google", ""),
        (None, "/v1/rerank", "litellm", "/v1"),
        (None, "/v1/messages", "anthropic", ""),
    ],
)
def test_the_route_tells_family_and_path(route: str | None, path: str, family: str, base: str) -> None:
    assert family_of(route, path) == family
    assert base_of(family, path) == base
    assert is_to_model(path)


@pytest.mark.parametrize(
    "path",
    ["/api/public/ingestion", "/oauth/token", "/", "/v1/traces", "/v1/files", "/token", "/api/v2/logs"],
)
def test_other_posts_are_not_to_a_model(path: str) -> None:
    assert not is_to_model(path)
