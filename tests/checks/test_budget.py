"""Budgets: what is limited, by how much it is exceeded, and what is no limit."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.checks.kit import run, step
from tests.cli.samples import chat, streamed
from trace_ops import pricing
from trace_ops.checks import Budget, explained
from trace_ops.errors import UsageError
from trace_ops.exchange import Failure
from trace_ops.trace import Trace, Usage

AGENT = run("llm:gpt-5", "tool:search x12", "llm:gpt-5")


def texts(trace: Trace, recorded: Trace | None = None, **limits: Any) -> list[str]:
    return [violation.text for violation in Budget.of(**limits).check(trace, recorded)]


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"max_usd": 0.015}, "max_usd: $0.02, $0.005 over the limit of $0.015 (+33%)"),
        ({"max_tokens": 200}, "max_tokens: 220 tokens, 20 over the limit of 200 (+10%)"),
        ({"max_input_tokens": 0}, "max_input_tokens: 200 input tokens, 200 over the limit of 0"),
        ({"max_output_tokens": 19}, "max_output_tokens: 20 output tokens, 1 over the limit of 19 (+5.3%)"),
        ({"max_llm_calls": 1}, "max_llm_calls: 2 LLM calls, 1 over the limit of 1 (+100%)"),
        ({"max_tool_calls": 5}, "max_tool_calls: 12 tool calls, 7 over the limit of 5 (+140%)"),
        ({"max_seconds": 0.1}, "max_seconds: 0.135 s, 0.035 s over the limit of 0.1 s (+35%)"),
    ],
)
def test_over_the_limit(limits: dict[str, Any], text: str) -> None:
    assert texts(AGENT, **limits) == [text]


def test_the_limit_itself_is_kept() -> None:
    assert texts(AGENT, max_usd=0.02, max_tokens=220, max_llm_calls=2, max_tool_calls=12) == []


def test_rounding_of_sums_is_no_violation() -> None:
    trace = run(*[step("llm:gpt-5", cost_usd=0.1) for _ in range(3)])

    assert texts(trace, max_usd=0.3) == []
    assert texts(trace, max_usd=0.29999) != []


def test_a_failure_says_where_and_shows_the_trajectory() -> None:
    trace = run("llm:gpt-5", "tool:search x2", step("llm:gpt-5", usage=Usage(5000, 1200)))

    assert explained(trace, Budget.of(max_tokens=1000, max_tool_calls=1).check(trace)) == (
        "max_tokens: 6,310 tokens, 5,310 over the limit of 1,000 (+531%)\n"
        "  span 4 (llm:gpt-5): 6,200 tokens\n"
        "  span 1 (llm:gpt-5): 110 tokens\n"
        "max_tool_calls: 2 tool calls, 1 over the limit of 1 (+100%)\n"
        "trajectory: [llm:gpt-5] -> tool:search -> [tool:search] -> [llm:gpt-5]"
    )


def test_a_budget_of_nothing_is_none() -> None:
    assert not Budget.of()
    assert not Budget.of(max_usd=None, no_loops=False)
    assert Budget.of(max_llm_calls=0)
    assert Budget.of().check(AGENT) == []


# --- relative to the recording


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("+10%", []),
        ("+0%", ["max_tokens: 220 tokens, 20 over the limit of 200, +0% on the recorded 200 (+10%)"]),
        ("+9.5%", ["max_tokens: 220 tokens, 1 over the limit of 219, +9.5% on the recorded 200 (+0.46%)"]),
        ("-5%", ["max_tokens: 220 tokens, 30 over the limit of 190, -5% on the recorded 200 (+16%)"]),
    ],
)
def test_relative_limits(limit: str, expected: list[str]) -> None:
    recorded = run(step("llm:gpt-5", usage=Usage(190, 10)))

    assert texts(AGENT, recorded, max_tokens=limit) == expected


def test_a_relative_limit_without_a_recording_is_not_checked_and_says_so() -> None:
    budget = Budget.of(max_tokens="+10%", max_llm_calls=1)

    assert [violation.what for violation in budget.check(AGENT)] == ["max_llm_calls"]
    assert budget.is_relative
    assert budget.notes(None) == [
        "max_tokens=+10% was not checked: there is no recording yet to compare with"
    ]
    assert budget.notes(AGENT) == []


def test_a_relative_cost_needs_the_recorded_cost() -> None:
    recorded = run(step("llm:mine", cost_usd=None))

    assert texts(AGENT, recorded, max_usd="+10%") == [
        "max_usd=+10% cannot be checked against the recording: the cost is not known: there is no price for "
        "'mine'; set one by trace_ops.set_price('mine', input=..., output=...), "
        "or in the file that TRACE_OPS_PRICES names"
    ]


# --- what is not known


def test_an_unknown_price_fails_a_cost_budget_and_says_why() -> None:
    trace = run("llm:gpt-5", step("llm:mine", cost_usd=None))
    (violation,) = Budget.of(max_usd=1).check(trace)

    assert violation.text == (
        "max_usd: the cost is not known: there is no price for 'mine'; "
        "set one by trace_ops.set_price('mine', input=..., output=...), "
        "or in the file that TRACE_OPS_PRICES names"
    )
    assert violation.where == (2,)
    assert violation.actual is None


def test_a_price_that_is_set_later_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a message tells people to do must help, though the recording was made without a price."""
    trace = run(step("llm:mine", usage=Usage(1_000_000, 100_000), cost_usd=None))
    monkeypatch.setattr(pricing, "_own", {})
    pricing.set_price("mine", input=1.0, output=10.0)

    assert texts(trace, max_usd=2) == []
    assert texts(trace, max_usd=1) == ["max_usd: $2.00, $1.00 over the limit of $1.00 (+100%)"]


def test_a_price_that_is_no_number_is_not_known() -> None:
    assert len(texts(run(step("llm:gpt-5", cost_usd=math.nan)), max_usd=1)) == 1
    assert len(texts(run(step("llm:gpt-5", cost_usd=math.inf)), max_usd=1)) == 1


def test_what_is_known_can_be_too_much_already() -> None:
    trace = run("llm:gpt-5", step("llm:mine", cost_usd=None))

    assert texts(trace, max_usd=0.005) == ["max_usd: $0.01, $0.005 over the limit of $0.005 (+100%)"]


def test_an_answer_without_usage_fails_a_token_budget() -> None:
    trace = Trace(spans=[streamed(1, ["Hi"], usage=None, cost_usd=None)])

    assert texts(trace, max_tokens=1000) == [
        "max_tokens: the tokens are not known: the answer of span 1 (llm:gpt-5) does not tell its usage; "
        "OpenAI streams tell it with stream_options={'include_usage': True}"
    ]
    assert len(texts(trace, max_usd=1)) == 1
    assert texts(trace, max_llm_calls=1) == []


# --- errors


def test_errors_are_counted_where_they_arose() -> None:
    broken = Failure("builtins.ValueError", "no such city")
    trace = run(step("agent:planner", error=broken), step("tool:search", error=broken), "llm:gpt-5")
    trace.spans[1].parent = 1

    assert explained(trace, Budget.of(max_errors=0).check(trace)) == (
        "max_errors: 1 error, 1 over the limit of 0\n"
        "  span 2 (tool:search): builtins.ValueError: no such city\n"
        "trajectory: agent:planner -> [tool:search] -> llm:gpt-5"
    )
    assert texts(trace, max_tool_errors=0) == ["max_tool_errors: 1 tool error, 1 over the limit of 0"]
    assert texts(trace, max_errors=1) == []


def test_different_errors_are_each_counted() -> None:
    spans = [step("agent:a", error=Failure("A", "x")), step("tool:b", error=Failure("B", "y"))]
    trace = run(*spans)
    trace.spans[1].parent = 1

    assert texts(trace, max_errors=1) == ["max_errors: 2 errors, 1 over the limit of 1 (+100%)"]


# --- what people write


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"max_dollars": 1}, "there is no limit 'max_dollars'; there are max_usd, max_tokens, "),
        (
            {"max_usd": "10"},
            "max_usd='10': a limit is a number, without quotes, or relative to the recording ",
        ),
        ({"max_tokens": "10%"}, "max_tokens='10%': a limit is a number, without quotes, or relative "),
        ({"max_tokens": "-101%"}, "max_tokens='-101%': not less than -100% of the recording"),
        (
            {"max_tokens": True},
            "max_tokens=True: a limit is a number, or relative to the recording as '+10%'",
        ),
        ({"max_usd": -1}, "max_usd=-1: a limit is a number from 0 on"),
        ({"max_usd": math.nan}, "max_usd=nan: a limit is a number from 0 on"),
        ({"max_seconds": math.inf}, "max_seconds=inf: a limit is a number from 0 on"),
        ({"max_llm_calls": 1.5}, "max_llm_calls=1.5: what is counted is limited by a whole number"),
        ({"max_usd": [1]}, "max_usd=[1]: a limit is a number, or relative to the recording as '+10%'"),
        ({"no_loops": "yes"}, "no_loops='yes': True, a whole number, or a mapping with max_consecutive_same"),
        ({"no_loops": 0}, "max_consecutive_same_tool=0: a whole number from 1 on"),
        ({"no_loops": {"max": 1}}, "there is no loop limit 'max'; there are max_consecutive_same_tool, "),
    ],
)
def test_what_is_no_limit_is_refused(limits: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Budget.of(**limits)

    assert str(caught.value).startswith(text)


def test_loops_are_part_of_a_budget() -> None:
    row = "max_consecutive_same_tool: tool 'search' was called 12 times in a row, {} over the limit of {}"

    assert texts(AGENT, no_loops=True) == [row.format(9, 3)]
    assert texts(AGENT, no_loops=4) == [row.format(8, 4)]
    assert texts(AGENT, no_loops={"max_consecutive_same_tool": 12}) == []


# --- a first call to a cassette that was recorded


def test_a_recorded_call_counts_as_recorded() -> None:
    trace = Trace(spans=[chat(1), chat(2)])

    assert texts(trace, max_tokens=34, max_usd=0.00025) == []
    assert texts(trace, max_usd=0.0002) == ["max_usd: $0.00025, $0.00005 over the limit of $0.0002 (+25%)"]
