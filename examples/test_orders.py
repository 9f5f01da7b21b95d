"""The support agent under test: recorded on the first run, replayed from then on.

::

    pytest examples/test_orders.py             # records, without a key from a double on this machine
    pytest examples/test_orders.py             # replays
    pytest examples/test_orders.py --record    # records what changed
"""

# ruff: noqa: D103

from __future__ import annotations

from typing import Any

from openai_tools import answer, connected


def test_an_answer_comes_from_the_order(cassette: Any) -> None:
    with connected() as client:
        assert "tomorrow" in answer(client, "Where is order 1042?")

    assert cassette.trace.trajectory == ["llm:gpt-5-mini", "tool:find_order", "llm:gpt-5-mini"]


def test_an_order_is_looked_up_by_its_number(cassette: Any) -> None:
    with connected() as client:
        answer(client, "Has order 77 left?")

    assert [span.input for span in cassette.trace.of_kind("tool")] == [{"number": 77}]
