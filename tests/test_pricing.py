"""Costs by listed prices and by one's own; what is not known is None."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from trace_ops import pricing
from trace_ops.errors import TraceOpsWarning, UsageError
from trace_ops.trace import Usage

listed = pytest.mark.skipif(sys.version_info < (3, 11), reason="genai-prices needs Python 3.11")


@pytest.fixture(autouse=True)
def no_own_prices(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pricing, "_own", {})
    monkeypatch.setattr(pricing, "_told", set())
    pricing._from_file.cache_clear()
    yield
    pricing._from_file.cache_clear()


@listed
@pytest.mark.parametrize(
    ("provider", "model", "usd"),
    [
        # At prices of 2025, which genai-prices keeps by date: in, cached, out, each per million tokens.
        ("openai", "gpt-4o-2024-08-06", (900 * 2.5 + 100 * 1.25 + 200 * 10) / 1e6),
        ("azure", "gpt-4o", (900 * 2.5 + 100 * 1.25 + 200 * 10) / 1e6),
        ("azure_openai", "gpt-4o", (900 * 2.5 + 100 * 1.25 + 200 * 10) / 1e6),
        ("anthropic", "claude-sonnet-4-5-20250929", (900 * 3 + 100 * 0.3 + 200 * 15) / 1e6),
        ("anthropic", "claude-sonnet-4@20250514", (900 * 3 + 100 * 0.3 + 200 * 15) / 1e6),
        ("anthropic", "anthropic.claude-3-5-sonnet-20241022-v2:0", (900 * 3 + 100 * 0.3 + 200 * 15) / 1e6),
        ("bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", (900 * 3 + 100 * 0.3 + 200 * 15) / 1e6),
    ],
)
def test_cached_tokens_cost_less(provider: str, model: str, usd: float) -> None:
    usage = Usage(1000, 200, cache_read=100)

    assert pricing.cost(provider, model, usage, datetime(2025, 11, 1, tzinfo=timezone.utc)) == pytest.approx(
        usd
    )


@listed
def test_written_cache_tokens_cost_more() -> None:
    fresh = pricing.cost("anthropic", "claude-sonnet-5-5", Usage(1000, 0))
    written = pricing.cost("anthropic", "claude-sonnet-5-5", Usage(1000, 0, cache_write=1000))

    assert fresh is not None
    assert written is not None
    assert written > fresh


@listed
def test_embeddings_have_a_price() -> None:
    assert pricing.cost("openai", "text-embedding-3-small", Usage(1_000_000)) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("provider", "model", "usage"),
    [
        ("openai", "no-such-model", Usage(1, 1)),
        ("no-such-provider", "gpt-4o", Usage(1, 1)),
        ("openai", None, Usage(1, 1)),
        ("openai", "gpt-4o", None),
        ("openai", "gpt-4o", Usage()),
        ("openai", "gpt-4o", Usage(10, 1, cache_read=5000)),
        ("openai", "", Usage(1, 1)),
        ("openai", "gpt-4o", Usage(-5, 1)),
    ],
)
def test_what_is_not_known_is_none(provider: str, model: str | None, usage: Usage | None) -> None:
    assert pricing.cost(provider, model, usage) is None


def test_a_price_of_ones_own_goes_first() -> None:
    pricing.set_price("gpt-4o", input=1, output=2, cache_read=0.5, cache_write=4)
    usage = Usage(1000, 200, cache_read=100, cache_write=50)

    assert pricing.cost("openai", "gpt-4o", usage) == pytest.approx(
        (850 + 100 * 0.5 + 50 * 4 + 200 * 2) / 1e6
    )


def test_cached_tokens_cost_as_input_where_nothing_else_is_said() -> None:
    pricing.set_price("house-model", input=3)

    assert pricing.cost("anything", "house-model", Usage(1000, 500, cache_read=400)) == pytest.approx(
        3000 / 1e6
    )


def test_a_free_model_costs_nothing_rather_than_something_unknown() -> None:
    pricing.set_price("local", input=0, output=0)

    assert pricing.cost("ollama", "local", Usage(1000, 500)) == 0.0


def test_a_price_below_zero_is_refused() -> None:
    with pytest.raises(UsageError, match="the price of 'x': a price is below 0"):
        pricing.set_price("x", input=-1)


def test_what_is_no_number_is_no_price() -> None:
    with pytest.raises(UsageError, match="the price of 'x': nan is no price"):
        pricing.set_price("x", input=1, output=float("nan"))


def test_prices_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"house-model": {"input": 2, "output": 8}}))
    monkeypatch.setenv("TRACE_OPS_PRICES", str(file))

    assert pricing.cost("anything", "house-model", Usage(1000, 100)) == pytest.approx(2800 / 1e6)
    assert "own prices" in str(pricing.price_version())


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"a": 1}', '{"a": {"inptu": 1}}', '{"a": {"input": "1"}}', '{"a": {"input": NaN}}', None],
)
def test_a_file_that_holds_no_prices_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    file = tmp_path / "prices.json"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("TRACE_OPS_PRICES", str(file))

    with pytest.raises(UsageError, match=r"TRACE_OPS_PRICES: .*prices\.json does not hold prices .*unset"):
        pricing.check()


def test_no_file_and_a_good_file_pass_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACE_OPS_PRICES", raising=False)
    pricing.check()
    file = tmp_path / "prices.json"
    file.write_text('{"a": {"input": 1}}')
    monkeypatch.setenv("TRACE_OPS_PRICES", str(file))
    pricing.check()


def test_with_a_broken_file_nothing_has_a_price_and_that_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE_OPS_PRICES", str(tmp_path / "none.json"))
    pricing.set_price("house-model", input=1)

    with pytest.warns(TraceOpsWarning, match="costs are not known") as told:
        assert pricing.cost("openai", "gpt-4o", Usage(1, 1)) is None
        assert pricing.cost("openai", "gpt-4o", Usage(1, 1)) is None

    assert len(told) == 1
    assert pricing.cost("openai", "house-model", Usage(1_000_000)) == 1.0


def test_a_cost_that_cannot_be_reckoned_is_not_known() -> None:
    pricing.set_price("house-model", input=0.5)

    with pytest.warns(TraceOpsWarning, match="the cost of 'house-model' cannot be told"):
        assert pricing.cost("openai", "house-model", Usage(10**400)) is None


@listed
def test_the_version_of_the_price_data_is_told() -> None:
    assert str(pricing.price_version()).startswith("genai-prices ")
    pricing.set_price("x", input=1)
    assert str(pricing.price_version()).endswith(", own prices")


def test_without_genai_prices_nothing_has_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)

    assert pricing.cost("openai", "gpt-4o", Usage(1, 1)) is None


def test_asking_for_the_version_loads_no_prices() -> None:
    code = "import sys, trace_ops.pricing as p; p.price_version(); print('genai_prices' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
