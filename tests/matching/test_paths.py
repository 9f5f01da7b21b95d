from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.kit import values
from trace_ops.errors import UsageError
from trace_ops.matching.paths import parse, remove, select

BODY: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "a", "content": "x"}, {"role": "b"}, {"role": "c", "content": {"at": 1}}],
    "meta": {"at": 2, "deep": {"at": 3}},
}


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("model", {key: BODY[key] for key in ("messages", "meta")}),
        ("body.model", {key: BODY[key] for key in ("messages", "meta")}),
        ("messages.1", {**BODY, "messages": [BODY["messages"][0], BODY["messages"][2]]}),
        ("messages.-1", {**BODY, "messages": BODY["messages"][:2]}),
        ("messages.*.role", {**BODY, "messages": [{"content": "x"}, {}, {"content": {"at": 1}}]}),
        ("messages.*", {**BODY, "messages": []}),
        (
            "**.at",
            {**BODY, "messages": [*BODY["messages"][:2], {"role": "c", "content": {}}], "meta": {"deep": {}}},
        ),
        ("meta.**.at", {**BODY, "meta": {"deep": {}}}),
        ("meta.nothing", BODY),
        ("model.inside", BODY),
    ],
)
def test_remove(path: str, left: Any) -> None:
    assert remove(BODY, [parse(path)]) == left


@pytest.mark.parametrize(
    ("paths", "selected"),
    [
        (["model"], {"model": "m"}),
        (["messages.0", "messages.-1.role"], {"messages": [BODY["messages"][0], {"role": "c"}]}),
        (["messages.*.content"], {"messages": [{"content": "x"}, {}, {"content": {"at": 1}}]}),
        (["**.at"], {"messages": [{"content": {"at": 1}}], "meta": {"at": 2, "deep": {"at": 3}}}),
        (["nothing", "model.inside"], None),
    ],
)
def test_select(paths: list[str], selected: Any) -> None:
    assert select(BODY, [parse(path) for path in paths]) == selected


@given(values, st.lists(st.sampled_from(["a", "b.*", "**.x", "0", "*.a", "-1.b"]), max_size=3))
def test_remove_and_select_take_any_value_and_never_change_it(value: Any, paths: list[str]) -> None:
    before = repr(value)
    parsed = [parse(path) for path in paths]
    left = remove(value, parsed)
    select(value, parsed)
    assert repr(value) == before
    assert remove(left, [path for path in parsed if "-1" not in path and "0" not in path]) == left


@pytest.mark.parametrize("path", ["", ".", "a..b", " ", "*", "**", "*.**", "a.**", "a[0]", "$.a", 3, None])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(UsageError, match="body path"):
        parse(path)
