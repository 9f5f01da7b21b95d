"""How many documents retrievals give back, how near they are, and whether they are those recorded."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from tests.checks.kit import run, step
from trace_ops import Recorder
from trace_ops.assertions import (
    RetrievalError,
    assert_max_chunks,
    assert_max_distance,
    assert_min_chunks,
    assert_min_score,
    assert_no_retrieval_drift,
)
from trace_ops.errors import UsageError
from trace_ops.trace import Trace


def doc(key: str, score: float | None = 0.5, **fields: Any) -> dict[str, Any]:
    return {"id": key, "text": f"text {key}", "metadata": None, "score": score, **fields}


def found(*documents: Any, name: str = "docs", query: str = "q") -> Trace:
    return run(step(f"retrieval:{name}", input={"query": query}, output=list(documents)))


def told(check: Any) -> list[str]:
    with pytest.raises(RetrievalError) as raised:
        check()
    return str(raised.value).splitlines()


TWO = found(doc("a", 0.9), doc("b", 0.4))


def test_counts_that_are_kept() -> None:
    assert_min_chunks(TWO, 2)
    assert_max_chunks(TWO, 2)
    assert_min_chunks(found(), 0)


def test_too_few_and_too_many() -> None:
    assert told(lambda: assert_min_chunks(TWO, 3)) == [
        "span 1 (retrieval:docs) gave back 2 documents, at least 3 expected (min_chunks=3)",
        '  asked: {"query": "q"}',
        "trajectory: [retrieval:docs]",
    ]
    assert told(lambda: assert_max_chunks(TWO, 1))[0] == (
        "span 1 (retrieval:docs) gave back 2 documents, at most 1 expected (max_chunks=1)"
    )


def test_every_retrieval_counts_and_a_name_picks() -> None:
    both = run(step("retrieval:docs", output=[doc("a")]), step("retrieval:wiki", output=[doc("b"), doc("c")]))

    assert_min_chunks(both, 2, name="wiki")
    assert told(lambda: assert_min_chunks(both, 2))[0].startswith(
        "span 1 (retrieval:docs) gave back 1 document,"
    )


def test_a_run_without_a_retrieval_says_nothing_of_documents() -> None:
    assert told(lambda: assert_min_chunks(run("llm:gpt-5"), 1))[0] == (
        "the run has no retrieval, so nothing can be said of its documents"
    )
    assert told(lambda: assert_min_score(TWO, 0.1, name="wiki"))[0] == (
        "the run has no retrieval wiki, so nothing can be said of its documents"
    )


def test_a_store_within_a_retriever_is_a_part_of_it() -> None:
    outer, chain, inner = (
        step("retrieval:retriever", output=[doc("a")]),
        step("chain:x"),
        step("retrieval:docs", output=[]),
    )
    trace = run(outer, chain, inner)
    chain.parent, inner.parent = outer.id, chain.id

    assert_min_chunks(trace, 1)
    assert told(lambda: assert_min_chunks(trace, 2))[0].startswith("span 1 (retrieval:retriever)")


def test_scores_and_distances() -> None:
    assert_min_score(TWO, 0.4)
    assert_max_distance(found(doc("a", None, distance=0.2)), 0.2)

    assert told(lambda: assert_min_score(TWO, 0.5))[:2] == [
        "span 1 (retrieval:docs) gave back 1 document with a score below min_score=0.5",
        "  2. b: 0.4",
    ]
    assert told(lambda: assert_max_distance(found(doc("a", None, distance=0.2)), 0.1))[:2] == [
        "span 1 (retrieval:docs) gave back 1 document with a distance above max_distance=0.1",
        "  1. a: 0.2",
    ]


@pytest.mark.parametrize(
    "document", [doc("a", None), "a", {"id": "a", "score": "0.9"}, {"id": "a", "score": True}]
)
def test_a_document_without_a_score_is_not_taken_for_near(document: Any) -> None:
    assert told(lambda: assert_min_score(found(document), 0.1))[:2] == [
        "span 1 (retrieval:docs) gave back 1 document without a score",
        "  1. a",
    ]


def test_no_drift() -> None:
    again = found(doc("a", 0.8), doc("b", 0.3, text="other"))

    assert_no_retrieval_drift(again, TWO)


def test_drift_against_a_snapshot() -> None:
    assert told(lambda: assert_no_retrieval_drift(found(doc("a"), doc("c")), TWO))[:3] == [
        "span 1 (retrieval:docs) gave back other documents than recorded (1 removed, 1 added): "
        "33% are the same, min_overlap=1",
        "  removed 2. b",
        "  added 2. c",
    ]
    assert_no_retrieval_drift(found(doc("a"), doc("c")), TWO, min_overlap=0.3)


def test_another_order_is_drift_unless_ranks_do_not_matter() -> None:
    turned = found(doc("b"), doc("a"))

    assert told(lambda: assert_no_retrieval_drift(turned, TWO))[:2] == [
        "span 1 (retrieval:docs) gave back other documents than recorded (1 re-ranked)",
        "  re-ranked 2 -> 1: b",
    ]
    assert_no_retrieval_drift(turned, TWO, ranked=False)


def test_retrievals_correspond_by_query_in_whatever_order() -> None:
    one = step("retrieval:docs", input={"query": "x"}, output=[doc("a")])
    two = step("retrieval:docs", input={"query": "y"}, output=[doc("b")])
    before = run(one, two)
    after = run(
        step("retrieval:docs", input={"query": "y"}, output=[doc("b")]),
        step("retrieval:docs", input={"query": "x"}, output=[doc("a")]),
    )

    assert_no_retrieval_drift(after, before)


def test_retrievals_that_came_or_went_are_drift() -> None:
    assert told(lambda: assert_no_retrieval_drift(run("llm:gpt-5"), TWO))[0] == (
        "span 1 (retrieval:docs) was recorded, and is not made any more"
    )
    assert told(lambda: assert_no_retrieval_drift(TWO, run("llm:gpt-5")))[0] == (
        "span 1 (retrieval:docs) was not recorded"
    )
    assert "neither run has" in told(lambda: assert_no_retrieval_drift(run("llm:x"), run("llm:x")))[0]


def test_a_recorder_knows_its_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path, mode="once") as first:
        first.record_retrieval("q", [doc("a")])
        assert_no_retrieval_drift(first)
    with Recorder(path, mode="once") as again:
        again.record_retrieval("q", [doc("b")])
        assert told(lambda: assert_no_retrieval_drift(again))[1:3] == ["  removed 1. a", "  added 1. b"]
    with pytest.raises(UsageError, match="needs recorded="):
        assert_no_retrieval_drift(again.trace)


@pytest.mark.parametrize("limit", [-1, 1.5, True, "2", float("nan")])
def test_a_limit_that_is_none_is_refused(limit: Any) -> None:
    with pytest.raises(UsageError, match="min_chunks"):
        assert_min_chunks(TWO, limit)
    if not isinstance(limit, float) and limit != -1:
        with pytest.raises(UsageError, match="min_score"):
            assert_min_score(TWO, limit)
        with pytest.raises(UsageError, match="min_overlap"):
            assert_no_retrieval_drift(TWO, TWO, min_overlap=limit)


def test_the_page_shows_what_its_script_prints() -> None:
    page = (Path(__file__).parents[2] / "docs" / "retrieval.md").read_text("utf-8")
    ((script, output),) = re.findall(
        r"<!-- runs: script -->\n```python\n(.*?)```.*?<!-- output of the script -->\n```\n(.*?)```",
        page,
        re.DOTALL,
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(script, {})

    assert printed.getvalue() == output
