"""Every use of LiteLLM looks the same to its caller live, recorded and replayed."""

from __future__ import annotations

import gc
import os
import re
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
from tests.sdk.kit import Scenario  # noqa: E402
from tests.sdk.outcome import differences  # noqa: E402
from tests.sdk.rounds import NOW, SECRETS, play_three_ways  # noqa: E402
from trace_ops import load_cassette  # noqa: E402

# LiteLLM leaves sessions open, awaits nothing it logs, and its models are not what their types say.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
    pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning"),
]
_INVENTED = re.compile(r"(chatcmpl-)?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_MEASURED = re.compile(r"(Timeout passed=\S+, time taken=)[\d.]+")


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
    """An outcome less what LiteLLM invents for each call: ids and times that are not the provider's."""
    if isinstance(seen, dict):
        return {key: comparable(value) for key, value in seen.items()}
    if isinstance(seen, list):
        if len(seen) == 2 and seen[0] == "created" and seen[1] != f"int {int(NOW)}":
            return ["created", "invented"]
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
    if rounds.recorded_hits != rounds.direct_hits:
        problems.append(f"recording made {rounds.recorded_hits} request(s), not {rounds.direct_hits}")
    kept = [span.exchange for span in load_cassette(tmp_path / "cassette.yaml") if span.exchange is not None]
    attempts = sum(len(exchange.retried) + 1 for exchange in kept)
    if attempts != rounds.recorded_hits:
        problems.append(f"{rounds.recorded_hits} request(s) were recorded as {attempts}")
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
