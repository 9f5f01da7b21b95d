"""A comparison as the page has it."""

from __future__ import annotations

import json

from tests.diff.kit import calls, chat, step, trace
from tests.viewer.kit import CONTRACT
from trace_ops.diff import diff_traces
from trace_ops.exporters import json_text
from trace_ops.viewer.comparisons import comparison


def test_steps_are_paired_and_changes_told_with_what_they_follow_from() -> None:
    old = trace(chat(calls(("look", {"at": "Oslo"}))), step("tool", "look", {"at": "Oslo"}, "rainy weather"))
    new = trace(
        chat(calls(("look", {"at": "Rome"}))),
        step("tool", "look", {"at": "Rome"}, "rainy weather"),
        step("tool", "stop"),
    )
    diff = diff_traces(old, new)

    told = json.loads(json_text(comparison(diff, "key", "old", "new")))

    assert CONTRACT.problems("Comparison", told) == []
    assert told["pairs"] == [[1, 1], [2, 2], [None, 3]]
    assert told["head"] == {
        "key": "key",
        "old": "old",
        "new": "new",
        "severity": "major",
        "first": diff.summary().partition("\n")[0],
        "roots": len(diff.roots),
        "downstream": len(diff.downstream),
    }
    first = told["changes"][told["first"]]
    assert (first["kind"], first["before"], first["after"]) == ("arguments", "Oslo", "Rome")
    assert first["inline"]
    assert first["what"].endswith('"Oslo" -> "Rome"')
    assert [change["root"] for change in told["changes"]] == [change.root for change in diff.changes]
    assert [change["what"] for change in told["changes"] if change["kind"] == "trajectory"] == ["step added"]
    assert told["metrics"]["tool_calls"] == {"before": 1, "after": 2, "ratio": 1.0}
    assert (told["added_tools"], told["removed_tools"]) == (["stop"], [])


def test_equal_runs_have_no_first_difference() -> None:
    told = comparison(diff_traces(trace(chat()), trace(chat())), "key", "a", "b")

    assert (told["first"], told["changes"], told["head"]["first"], told["head"]["severity"]) == (
        None,
        [],
        None,
        None,
    )


def test_values_that_no_browser_reads_alike_are_text() -> None:
    diff = diff_traces(trace(step("tool", input={"n": 2**60})), trace(step("tool", input={"n": 2**61})))
    (change,) = comparison(diff, "key", "a", "b")["changes"]

    assert (change["before"], change["after"]) == (str(2**60), str(2**61))
