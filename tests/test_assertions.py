"""``trace_ops.assertions``: each passes, fails by the text people will see, refuses what makes no sense."""

from __future__ import annotations

import builtins
import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.checks.kit import run, step
from tests.cli.samples import chat, refused, streamed, tool, write
from trace_ops import Recorder, assertions
from trace_ops.assertions import (
    AgentLoopError,
    BudgetExceededError,
    TraceAssertionError,
    TrajectoryError,
    assert_answer_contains,
    assert_answer_json,
    assert_answer_matches,
    assert_cache_prefix_stable,
    assert_cost_under,
    assert_duration_under,
    assert_first_token_under,
    assert_max_llm_calls,
    assert_max_tool_calls,
    assert_max_tool_errors,
    assert_no_errors,
    assert_no_loops,
    assert_tokens_under,
    assert_trajectory,
)
from trace_ops.errors import CassetteMissingError, UsageError
from trace_ops.exchange import Failure
from trace_ops.trace import Span, Trace

AGENT = run("llm:gpt-5", "tool:search x5", "llm:gpt-5")


def test_all_that_holds() -> None:
    assert_cost_under(AGENT, max_usd=0.02)
    assert_tokens_under(AGENT, max_tokens=220)
    assert_max_llm_calls(AGENT, max_calls=2)
    assert_max_tool_calls(AGENT, max_calls=5)
    assert_duration_under(AGENT, max_seconds=1)
    assert_first_token_under(AGENT, max_seconds=1)
    assert_no_errors(AGENT)
    assert_max_tool_errors(AGENT)
    assert_no_loops(AGENT, max_consecutive_same_tool=5)
    assert_trajectory(AGENT, ["search"] * 5)
    assert_cache_prefix_stable(AGENT)


@pytest.mark.parametrize(
    ("assertion", "limit", "text"),
    [
        (assert_cost_under, {"max_usd": 0.01}, "max_usd: $0.02, $0.01 over the limit of $0.01 (+100%)"),
        (assert_tokens_under, {"max_tokens": 200}, "max_tokens: 220 tokens, 20 over the limit of 200 (+10%)"),
        (assert_max_llm_calls, {"max_calls": 1}, "max_llm_calls: 2 LLM calls, 1 over the limit of 1 (+100%)"),
        (assert_max_tool_calls, {"max_calls": 0}, "max_tool_calls: 5 tool calls, 5 over the limit of 0"),
        (assert_duration_under, {"max_seconds": 0}, "max_seconds: 0.065 s, 0.065 s over the limit of 0 s"),
    ],
)
def test_budgets(assertion: Any, limit: dict[str, float], text: str) -> None:
    with pytest.raises(BudgetExceededError) as caught:
        assertion(AGENT, **limit)

    assert str(caught.value).splitlines()[0] == text
    assert "\ntrajectory: " in str(caught.value)
    assert caught.value.trace is AGENT


def test_loops() -> None:
    with pytest.raises(AgentLoopError) as caught:
        assert_no_loops(AGENT)

    assert str(caught.value) == (
        "max_consecutive_same_tool: tool 'search' was called 5 times in a row, 2 over the limit of 3\n"
        "trajectory: llm:gpt-5 -> [tool:search x5] -> llm:gpt-5"
    )


def test_trajectories() -> None:
    with pytest.raises(TrajectoryError) as caught:
        assert_trajectory(run("tool:plan", "tool:answer"), ["plan", {"search", "read"}, "answer"])

    assert str(caught.value) == (
        "not the expected trajectory (strict): 2 missing\n"
        "    expected  actual\n"
        "    plan      tool:plan  (span 1)\n"
        "  - read\n"
        "  - search\n"
        "    answer    tool:answer  (span 2)\n"
        "trajectory: tool:plan -> tool:answer"
    )


def test_errors() -> None:
    trace = Trace(spans=[chat(1), refused(2, 429), tool(3, "read", {}, None)])
    trace.spans[2].error = Failure("builtins.OSError", "gone")
    with pytest.raises(TraceAssertionError) as caught:
        assert_no_errors(trace)

    assert str(caught.value) == (
        "max_errors: 2 errors, 2 over the limit of 0\n"
        "  span 2 (llm:gpt-5): status 429\n"
        "  span 3 (tool:read): builtins.OSError: gone\n"
        "trajectory: llm:gpt-5 -> [llm:gpt-5] -> [tool:read]"
    )
    with pytest.raises(BudgetExceededError, match="max_tool_errors: 1 tool error, 1 over the limit of 0"):
        assert_max_tool_errors(trace)
    assert_max_tool_errors(trace, max_errors=1)


def test_every_error_is_an_assertion_error() -> None:
    names = [name for name in assertions.__all__ if name.endswith("Error")]

    assert all(issubclass(getattr(assertions, name), AssertionError) for name in names)
    assert sorted(assertions.__all__) == assertions.__all__


def test_an_error_can_be_copied_and_sent_to_another_process() -> None:
    with pytest.raises(AgentLoopError) as caught:
        assert_no_loops(AGENT)

    for again in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert str(again) == str(caught.value)
        assert again.violations == caught.value.violations


# --- what an assertion is about


def test_a_cassette_by_its_path(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", chat(1), chat(2))

    assert_max_llm_calls(path, max_calls=2)
    with pytest.raises(BudgetExceededError):
        assert_max_llm_calls(str(path), max_calls=1)
    with pytest.raises(CassetteMissingError):
        assert_no_errors(tmp_path / "none.yaml")


def any_of(value: Any) -> Any:
    return value


def test_a_recorder_and_its_recording(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", chat(1), chat(2))
    with Recorder(path, mode="none", allow_unplayed=True) as recorder:
        assert_max_llm_calls(recorder, max_calls=0)
        assert_tokens_under(recorder, max_tokens="-100%")
        assert_tokens_under(recorder, max_tokens="+10%", recorded=AGENT)


def test_a_first_recording_has_nothing_to_compare_with(tmp_path: Path) -> None:
    with Recorder(tmp_path / "new.yaml", mode="once") as recorder:
        assert_tokens_under(recorder, max_tokens="+10%")


def test_relative_limits() -> None:
    recorded = run("llm:gpt-5")

    assert_tokens_under(AGENT, max_tokens="+100%", recorded=recorded)
    with pytest.raises(BudgetExceededError) as caught:
        assert_max_llm_calls(AGENT, max_calls="+10%", recorded=recorded)
    assert str(caught.value).splitlines()[0] == (
        "max_llm_calls: 2 LLM calls, 1 over the limit of 1, +10% on the recorded 1 (+100%)"
    )


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: assert_no_errors(any_of(5)),
            "'int' is no run: give a trace, a recorder or the path of a cassette",
        ),
        (lambda: assert_max_llm_calls(AGENT, max_calls="5"), "max_calls='5': a limit is a number, without"),
        (lambda: assert_cost_under(AGENT, max_usd=-1), "max_usd=-1: a limit is a number from 0 on"),
        (lambda: assert_tokens_under(AGENT, max_tokens="+5%"), "max_tokens='+5%' needs recorded=, the run"),
        (lambda: assert_no_loops(AGENT, max_cycles=0), "max_cycles=0: a whole number from 1 on"),
        (lambda: assert_answer_contains(AGENT, ""), "'' is no text that an answer could contain"),
        (lambda: assert_answer_contains(AGENT, []), "[] is no text that an answer could contain"),
        (lambda: assert_answer_matches(AGENT, "("), "'(' is no regular expression: "),
        (lambda: assert_answer_json(AGENT, {"type": "nothing"}), "this is no JSON Schema: 'nothing' is not"),
        (lambda: assert_answer_json(AGENT, 5), "5 is no JSON Schema"),
        (lambda: assert_answer_contains(AGENT, "x", span=99), "span=99: the run has no such span"),
    ],
)
def test_what_cannot_be_is_refused(call: Any, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        call()

    assert str(caught.value).startswith(text)


# --- answers


def said(text: str) -> Trace:
    return Trace(spans=[chat(1, "An earlier answer"), chat(2, text)])


def problem(call: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(TraceAssertionError) as caught:
        call(*args, **options)
    return str(caught.value)


def test_the_last_answer_counts_unless_another_is_picked() -> None:
    assert_answer_contains(said("It is 4 °C in Oslo"), "Oslo")
    assert_answer_contains(said("It is 4 °C in Oslo"), ["4", "Oslo"])
    assert_answer_contains(said("It is 4 °C in Oslo"), "OSLO", ignore_case=True)
    assert_answer_contains(said("x"), "earlier", span=1)
    assert_answer_contains(Trace(spans=[chat(1, "Oslo"), refused(2, 500)]), "Oslo")
    assert_answer_contains(Trace(spans=[streamed(1, ["Os", "lo"])]), "Oslo")
    assert problem(assert_answer_contains, said("It is 4 °C"), ["Oslo", "4"]) == (
        'the answer of span 2 (llm:gpt-5) does not contain "Oslo"\n'
        '  answer: "It is 4 °C"\n'
        "trajectory: llm:gpt-5 -> [llm:gpt-5]"
    )


def test_patterns() -> None:
    assert_answer_matches(said("It is -4 °C"), r"-?\d+ °C$")
    assert "does not match '^Oslo'" in problem(assert_answer_matches, said("It is"), "^Oslo")


def test_no_answer() -> None:
    assert problem(assert_answer_contains, Trace(spans=[refused(1, 500)]), "x").startswith(
        "there is no answer: the run has no LLM call that did not fail"
    )
    asks = Trace(spans=[Span(1, "llm", "x", model="gpt-5", tools=["search"])])
    assert problem(assert_answer_contains, asks, "x").startswith(
        "the answer of span 1 (llm:gpt-5) has no text; it asks for search"
    )


SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "array", "items": {"type": "integer"}}},
    "required": ["city"],
}


def test_json_of_a_schema() -> None:
    assert_answer_json(said('{"city": "Oslo", "days": [1, 2]}'), SCHEMA)
    assert_answer_json(said("[1]"))
    assert problem(assert_answer_json, said('{"days": [1, "two"]}'), SCHEMA) == (
        "the answer of span 2 (llm:gpt-5) does not fit the schema: 2 errors\n"
        "  the whole answer: 'city' is a required property\n"
        "  days.1: 'two' is not of type 'integer'\n"
        '  answer: "{\\"days\\": [1, \\"two\\"]}"\n'
        "trajectory: llm:gpt-5 -> [llm:gpt-5]"
    )


def test_a_pydantic_model_is_a_schema() -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("City", city=(str, ...))

    assert_answer_json(said('{"city": "Oslo"}'), model)
    assert "does not fit the schema: 1 error" in problem(assert_answer_json, said("{}"), model)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sure!", "is no JSON (Expecting value: line 1 column 1 (char 0))"),
        ('```json\n{"a": 1}\n```', "; it stands in a code block"),
        ("NaN", "is no JSON (NaN is not in JSON)"),
        ("[" * 100_000, "is no JSON ("),
    ],
)
def test_what_is_no_json(text: str, expected: str) -> None:
    assert expected in problem(assert_answer_json, said(text)).splitlines()[0]


def test_a_missing_library_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.startswith("jsonschema"):
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"takes the library jsonschema: pip install 'TraceOps\[schema\]'"):
        assert_answer_json(AGENT, SCHEMA)


def test_cache_prefixes() -> None:
    first, second = chat(1, asked="Hi"), chat(2, asked="Hi")
    assert_cache_prefix_stable(Trace(spans=[first, second]))
    assert second.exchange is not None
    assert second.exchange.request.body is not None
    second.exchange.request.body.json["tools"] = [{"name": "search"}]

    assert problem(assert_cache_prefix_stable, Trace(spans=[first, second])) == (
        "cache prefix: span 2 (llm:gpt-5) does not begin as span 1 does: messages.0.content is gone, "
        "tools.0 stands there\n"
        "  up to 12 input tokens of span 1 could have been read from the cache\n"
        "trajectory: llm:gpt-5 -> [llm:gpt-5]"
    )


def test_names_of_a_run_cannot_steer_the_terminal() -> None:
    trace = run(step("tool:a"), step("llm:b"))
    trace.spans[0].name = trace.spans[1].model = "\x1b[2J\n\r\x00{}%s"
    for call in (assert_max_tool_calls, assert_max_llm_calls):
        text = problem(call, trace, max_calls=0)
        assert text.replace("\n", "").isprintable()
        assert len(text.splitlines()) <= 3
