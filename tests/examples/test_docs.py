"""Every example has a cassette, a test and a line in the docs, and its cassette reads well."""

from __future__ import annotations

import pytest

from tests.examples.kit import CASSETTES, EXAMPLES, NEEDS, ROOT, cassette
from trace_ops import load_cassette

NO_AGENTS = {"mcp_server", "test_orders"}
AGENTS = sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem not in NO_AGENTS)


def test_the_docs_name_every_example() -> None:
    page = (ROOT / "docs" / "examples.md").read_text("utf-8")

    assert [name for name in AGENTS if f"`{name}.py`" not in page] == []


@pytest.mark.parametrize("name", AGENTS)
def test_every_example_has_a_cassette_and_a_test(name: str) -> None:
    assert cassette(name).exists()
    assert (ROOT / "tests" / "examples" / f"test_{name}.py").exists()
    assert name in NEEDS


def test_every_cassette_is_of_an_example() -> None:
    assert sorted(path.stem for path in CASSETTES.glob("*.yaml")) == AGENTS


@pytest.mark.parametrize("name", AGENTS)
def test_a_cassette_is_whole(name: str) -> None:
    trace = load_cassette(cassette(name))

    assert trace.errors == []
    assert trace.uncaptured == []
    assert trace.total_cost_usd
    assert trace.captured["calls"]
    # What stands in for a model answers as one would.
    assert "You asked" not in cassette(name).read_text("utf-8")
