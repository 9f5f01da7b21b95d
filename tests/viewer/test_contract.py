"""The types in Python are those of the page, and what is not as they say is found."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from tests.viewer.kit import CONTRACT
from trace_ops.viewer import data

INLINE = {"Asked", "Answered", "Said", "Metric"}
"""Objects that have no name of their own in TypeScript."""

SPAN: dict[str, Any] = {
    **dict.fromkeys(("parent", "first", "model", "provider", "usage", "cost", "finish", "error")),
    "id": 1,
    "kind": "tool",
    "name": "look",
    "label": "look",
    "lane": 0,
    "start": 0,
    "ms": 1.5,
    "unpriced": False,
    "tools": [],
    "attempts": 1,
    "preview": "",
}


def test_both_name_the_same_fields() -> None:
    ours = {
        name: list(kind.__annotations__)
        for name, kind in vars(data).items()
        if isinstance(kind, type) and issubclass(kind, dict) and name not in INLINE
    }

    theirs = {name: fields for name, fields in CONTRACT.fields.items() if name != "Test"}
    assert ours == theirs
    assert all(get_type_hints(getattr(data, name)) for name in (*ours, *INLINE))


def test_what_keeps_the_contract_has_no_problems() -> None:
    assert CONTRACT.problems("Span", SPAN) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "1"}, "Span.id: number expected, not '1'"),
        ({"id": True}, "Span.id: number expected, not True"),
        ({"kind": "model"}, "Span.kind: 'llm' expected, not 'model'"),
        ({"usage": {"input": 1}}, "Span.usage: output is missing"),
        ({"error": {"type": "x", "message": None}}, "Span.error.message: string expected, not None"),
        ({"tools": ["a", 1]}, "Span.tools.1: string expected, not 1"),
        ({"more": 1}, "Span: more is in no contract"),
    ],
)
def test_what_breaks_it_is_told(change: dict[str, Any], problem: str) -> None:
    assert CONTRACT.problems("Span", {**SPAN, **change})[0] == problem


def test_unions_tuples_and_records_are_checked_inside() -> None:
    part = {"type": "blob", "modality": "image", "mime_type": None, "sha256": "ab", "size": 1, "base64": 2}
    assert CONTRACT.problems("Part", part) == ["Part.base64: string expected, not 2"]
    assert CONTRACT.problems("Part", {**part, "base64": "QQ=="}) == []
    assert CONTRACT.problems("RawBody", {"json": None, "places": {"/a": "1"}}) != []
    assert CONTRACT.problems("Json", {"a": [1, None, {"b": ()}]}) != []
