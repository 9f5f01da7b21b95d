"""Documents of a retrieval that came, went or stand elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.kit import run, step
from trace_ops import diff_traces
from trace_ops.checks.documents import shifts


def doc(key: str, score: float | None, **fields: Any) -> dict[str, Any]:
    return {"id": key, "text": f"text {key}", "metadata": {"page": 1}, "score": score, **fields}


A, B, C = doc("a", 0.9), doc("b", 0.8), doc("c", 0.7)

TOLD: dict[str, tuple[list[Any], str]] = {
    "removed": (
        [A, C],
        'documents changed (1 removed)\n  - 2. b (score 0.8): "text b"',
    ),
    "added": (
        [A, doc("d", 0.85), B, C],
        'documents changed (1 added)\n  + 2. d (score 0.85): "text d"',
    ),
    "re-ranked": (
        [doc("b", 0.95), A, C],
        "documents changed (1 re-ranked)\n    b: re-ranked 2 -> 1 (score 0.8 -> 0.95)",
    ),
    "exchanged": (
        [A, B, doc("e", 0.75)],
        "documents changed (1 removed, 1 added)\n"
        '  - 3. c (score 0.7): "text c"\n'
        '  + 3. e (score 0.75): "text e"',
    ),
    "another score": (
        [doc("a", 0.91), B, C],
        "documents changed (1 changed)\n    a:\n      score: 0.9 -> 0.91",
    ),
    "another text": (
        [doc("a", 0.9, text="other"), B, C],
        'documents changed (1 changed)\n    a:\n      text: "text a" -> "other"',
    ),
    "all gone": (
        [],
        "documents changed (3 removed)\n"
        '  - 1. a (score 0.9): "text a"\n'
        '  - 2. b (score 0.8): "text b"\n'
        '  - 3. c (score 0.7): "text c"',
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_documents_are_told_by_their_ids(name: str) -> None:
    now, text = TOLD[name]
    old = run(step("retrieval:docs", input={"query": "q"}, output=[A, B, C]))
    new = run(step("retrieval:docs", input={"query": "q"}, output=now))

    assert diff_traces(old, new).summary() == f"first difference: step 1, retrieval docs: {text}"


def test_a_score_that_differs_by_rounding_is_the_same() -> None:
    assert shifts([A, B], [doc("a", 0.9 + 1e-9), B]) == []
    assert [shift.kind for shift in shifts([A, B], [doc("a", 0.9 + 1e-4), B])] == ["changed"]
    assert [shift.kind for shift in shifts([A], [doc("a", None)])] == ["changed"]


def test_only_what_passed_others_is_re_ranked() -> None:
    """One document that comes first pushes the others down, and these are not told."""
    many = [doc(str(number), 0.5) for number in range(20)]
    found = shifts(many, [many[19], *many[:19]])

    assert [(shift.kind, shift.old_rank, shift.new_rank) for shift in found] == [("re-ranked", 20, 1)]


def test_documents_without_an_id_are_known_by_what_they_hold() -> None:
    before = [{"page_content": "x", "score": 0.5}, {"page_content": "x", "score": 0.4}, "plain"]

    assert shifts(before, [{"page_content": "x", "score": 0.5}, "plain"])[0].old_rank == 2
    assert [shift.kind for shift in shifts(before, [*before[:2], "other"])] == ["removed", "added"]


def test_the_same_documents_make_no_difference() -> None:
    old = run(step("retrieval:docs", input={"query": "q"}, output=[A, B]))
    new = run(step("retrieval:docs", input={"query": "q"}, output=[A, doc("b", 0.8 + 1e-9)]))

    assert not diff_traces(old, new).has_changes
