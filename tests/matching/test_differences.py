from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.matching.kit import values
from trace_ops.matching import Difference, differences

USER, REPLY = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
LAST = {"role": "user", "content": "What is the weather in Paris?"}
BRIEF = {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("recorded", "now", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Difference("a", 1, 2)]),
        ({"a": 1}, {"a": 1.0}, [Difference("a", 1, 1.0)]),
        ({"a": 1}, {"a": True}, [Difference("a", 1, True)]),
        ({"a": None}, {}, [Difference("a", None, None, "removed")]),
        ({}, {"a": {"b": 1}}, [Difference("a", None, {"b": 1}, "added")]),
        ({"a": {"b": 1}}, {"a": {"b": [1]}}, [Difference("a.b", 1, [1])]),
        ([USER, LAST], [BRIEF, USER, LAST], [Difference("0", None, BRIEF, "added")]),
        ([USER, REPLY, LAST], [USER, LAST], [Difference("1", REPLY, None, "removed")]),
        ([USER, USER, LAST], [USER, LAST], [Difference("1", USER, None, "removed")]),
        ([1, 2, 3], [1, 4, 3], [Difference("1", 2, 4)]),
        (
            [USER, LAST],
            [BRIEF, USER, {**LAST, "content": "What is the weather in Rome?"}],
            [
                Difference("0", None, BRIEF, "added"),
                Difference("2.content", LAST["content"], "What is the weather in Rome?"),
            ],
        ),
        (
            [{**LAST, "content": "What is the weather in Rome?"}],
            [BRIEF, LAST],
            [
                Difference("0", None, BRIEF, "added"),
                Difference("1.content", "What is the weather in Rome?", LAST["content"]),
            ],
        ),
    ],
)
def test_differences(recorded: Any, now: Any, expected: list[Difference]) -> None:
    assert differences(recorded, now) == expected


@given(values, values)
def test_there_is_a_difference_just_where_the_json_differs(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (differences(one, other) == []) == same


def test_long_lists_are_compared_by_position() -> None:
    found = differences(list(range(2000)), list(range(1, 2002)))
    assert len(found) == 2001
    assert found[-1] == Difference("2000", None, 2001, "added")
