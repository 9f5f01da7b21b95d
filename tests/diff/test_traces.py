"""Comparing two runs as a user calls it: what is ignored, what is the same meaning, what fails."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.diff.kit import chat, step, trace
from trace_ops.diff import Change, TraceChangedError, TraceDiff, assert_trace_unchanged, diff_traces
from trace_ops.errors import UsageError
from trace_ops.exchange import Failure
from trace_ops.trace import Usage


def test_kinds_are_ignored() -> None:
    diff = diff_traces(trace(chat("a")), trace(chat("b", model="o4")), ignore=["model"])

    assert [(change.kind, change.root) for change in diff.changes] == [("response", None)]


def test_paths_of_requests_are_ignored_as_recorders_do() -> None:
    old, new = chat(messages=[{"role": "user", "content": "It is 10:01."}]), chat(seed=7)

    assert not diff_traces(trace(old), trace(new), ignore=["messages.*.content", "seed"]).changes
    assert len(diff_traces(trace(old), trace(new), ignore=["seed"]).changes) == 1


def test_what_is_no_kind_and_no_path_is_an_error() -> None:
    with pytest.raises(UsageError, match="empty step"):
        diff_traces(trace(), trace(), ignore=["messages..content"])
    with pytest.raises(UsageError, match="takes a list"):
        diff_traces(trace(), trace(), ignore="latency")


def test_a_misspelt_kind_is_not_taken_for_a_path() -> None:
    with pytest.raises(UsageError, match="no request has a field 'mdoel'; is the kind 'model' meant"):
        diff_traces(trace(chat("a")), trace(chat("b")), ignore=["mdoel"])


def test_a_field_that_is_called_nearly_as_a_kind_is_a_path() -> None:
    assert not diff_traces(trace(chat(models=1)), trace(chat(models=2)), ignore=["models"]).changes


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"ignore": None}, "ignore takes a list of kinds or body paths, not None"),
        ({"threshold": 2}, "threshold is a number from 0 to 1, not 2"),
        ({"threshold": -0.1}, "threshold is a number from 0 to 1, not -0.1"),
        ({"threshold": float("nan")}, "threshold is a number from 0 to 1, not nan"),
        ({"threshold": "0.8"}, "threshold is a number from 0 to 1, not '0.8'"),
        ({"similarity": "meaning"}, "similarity is a function of two texts, not 'meaning'"),
        ({"similarity": lambda one, other: None}, "similarity gives a number from 0 to 1, not None"),
    ],
)
def test_options_of_another_kind_are_an_error(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=re.escape(problem)):
        diff_traces(trace(chat("a")), trace(chat("b")), **options)


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        ("a.yaml", "'a.yaml' is no trace: load_cassette() reads one"),
        (Path("a.yaml"), "'a.yaml' is no trace: load_cassette() reads one"),
        (None, "'NoneType' is no trace"),
        (SimpleNamespace(trace=trace()), "'SimpleNamespace' is no trace; give its .trace"),
        ([{"span": 1}], "a trace is made of spans, not of 'dict'"),
    ],
)
def test_what_is_no_run_is_an_error(run: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=re.escape(problem)):
        diff_traces(run, trace())
    with pytest.raises(UsageError, match=re.escape(problem)):
        assert_trace_unchanged(trace(), run)


def test_other_words_above_the_threshold_mean_the_same() -> None:
    old, new = trace(chat("It is mild in Oslo today.")), trace(chat("It is mild in Oslo now."))

    [strict] = diff_traces(old, new).changes
    [lenient] = diff_traces(old, new, threshold=0.7).changes

    assert (strict.severity, lenient.severity) == ("minor", "info")
    assert_trace_unchanged(old, new, threshold=0.7)


def test_a_measure_of_meaning_can_be_given() -> None:
    asked = []

    def meaning(one: str, other: str) -> float:
        asked.append((one, other))
        return 0.9

    [change] = diff_traces(
        trace(chat("yes")), trace(chat("indeed")), similarity=meaning, threshold=0.9
    ).changes

    assert asked == [("yes", "indeed")]
    assert (change.similarity, change.severity) == (0.9, "info")


def test_a_run_that_changed_fails_with_what_changed() -> None:
    with pytest.raises(TraceChangedError) as caught:
        assert_trace_unchanged(trace(chat("a")), trace(chat("b")))

    assert caught.value.diff.has_changes
    assert str(caught.value) == caught.value.diff.summary()
    assert "provider's answer" in str(caught.value)


def test_tokens_cost_and_time_fail_only_if_asked_for() -> None:
    old, new = trace(chat("a")), trace(chat("a"))
    new.spans[0].ms = 500.0
    new.spans[0].usage = Usage(10, 10)
    new.spans[0].cost_usd = 0.5

    assert_trace_unchanged(old, new)
    with pytest.raises(TraceChangedError):
        assert_trace_unchanged(old, new, ignore=["usage", "cost"])


def test_totals_are_there_whether_they_differ_or_not() -> None:
    diff = diff_traces(trace(chat("a"), step("tool", "t")), trace(chat("a"), step("tool", "t")))

    assert not diff.changes
    assert diff.metric("llm_calls")[1:] == (1, 1)
    assert diff.metric("tool_calls")[1:] == (1, 1)
    assert diff.metric("cost_usd")[1:] == (0, 0)


def test_what_a_call_took_that_does_not_tell_is_unknown_and_not_nothing() -> None:
    silent, failed = chat("a"), chat(Failure("ReadTimeout", "late"))
    silent.usage = silent.cost_usd = None
    told = diff_traces(trace(chat("a")), trace(chat("a"), silent))
    broken = diff_traces(trace(chat("a")), trace(chat("a"), failed))

    for name in ("input_tokens", "output_tokens", "cached_tokens", "tokens", "cost_usd"):
        assert told.metric(name)[1:] == (0, None)
        assert broken.metric(name)[1:] == (0, 0)
    assert [change.kind for change in told.changes if change.path == "cost_usd"] == ["cost"]
    assert told.new.total_tokens == 0


def test_spans_are_taken_as_well_as_traces() -> None:
    assert diff_traces(iter(trace(chat("a")).spans), [chat("b")]).has_changes


def test_the_first_divergence_is_no_rewording_where_anything_else_changed() -> None:
    old = trace(chat("It is mild in Oslo today."), chat("b"))
    reworded = trace(chat("It is mild in Oslo now."), chat("b"))
    changed = trace(chat("It is mild in Oslo now."), chat("b", model="o4"))

    only, both = (diff_traces(old, new, threshold=0.7) for new in (reworded, changed))

    assert [root.severity for root in both.roots] == ["info", "major"]
    assert both.first_divergence is both.roots[1]
    assert only.first_divergence is only.roots[0]
    assert diff_traces(old, old).first_divergence is None


def test_what_follows_is_told_of_the_very_change() -> None:
    def change(root: int | None = None) -> Change:
        return Change("response", "provider's answer", "minor", 1, 1, root=root)

    diff = TraceDiff(trace(), trace(), changes=(change(), change(), change(1)))

    assert diff.following(diff.changes[0]) == []
    assert diff.following(diff.changes[1]) == [diff.changes[2]]
    with pytest.raises(ValueError):
        diff.following(Change("model", "model", "major", 1, 1))


def test_what_followed_from_an_ignored_change_follows_from_the_first_of_it() -> None:
    old = trace(*(chat(f"{n}", model="gpt-5") for n in "abc"))
    new = trace(*(chat(f"{n} now", model="gpt-5-mini") for n in "abc"))
    told = diff_traces(old, new)
    diff = diff_traces(old, new, ignore=["model"])

    assert len(told.roots) == 1
    assert [change.root for change in diff.changes if change.kind == "response"] == [None, 0, 0]
