"""What a program hands over becomes plain data, whatever it is and does."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum
from typing import Any, NamedTuple, NoReturn
from unittest.mock import MagicMock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from trace_ops._plain import failure, plain, read


class Point(NamedTuple):
    x: int
    y: int


class Color(str, Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Text(str):
    __slots__ = ()


class City(BaseModel):
    name: str


@dataclass
class Place:
    city: City
    at: tuple[float, float]


class Mute:
    """Answers nothing but errors."""

    def __repr__(self) -> str:
        raise ValueError("no")

    def __getattr__(self, name: str) -> NoReturn:
        raise KeyError(name)

    def __eq__(self, other: object) -> bool:
        raise TypeError("no")

    __hash__ = None  # type: ignore[assignment]


class HalfModel:
    def model_dump(self, mode: str) -> dict[str, Any]:
        raise AttributeError("no fields yet")

    def __repr__(self) -> str:
        return "HalfModel()"


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Color.RED, "red"),
        (Level.HIGH, 3),
        (Text("a"), "a"),
        ((1, 2), [1, 2]),
        (Point(1, 2), [1, 2]),
        ({"b", "a"}, ["a", "b"]),
        (OrderedDict(a=1), {"a": 1}),
        ({1: "a", Color.RED: "b", (2, 3): "c"}, {"1": "a", "red": "b", "(2, 3)": "c"}),
        ({1: "a", "1": "b"}, "{1: 'a', '1': 'b'}"),
        (float("nan"), "nan"),
        ([float("-inf")], ["-inf"]),
        (10**5000, hex(10**5000)),
        (date(2025, 11, 20), "2025-11-20"),
        (b"raw", "b'raw'"),
        (City, repr(City)),
        (Place(City(name="Rome"), (1.5, 2.0)), {"city": {"name": "Rome"}, "at": [1.5, 2.0]}),
        (Mute(), "<Mute>"),
        ({"a": [Mute()]}, {"a": ["<Mute>"]}),
        (HalfModel(), "HalfModel()"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_hold_is_kept_as_what_it_can_and_known_for_it(value: Any, expected: Any) -> None:
    assert read(value) == (expected, False)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_plain_data_is_exactly_itself_and_a_copy(value: Any) -> None:
    copy, exact = read(value)

    assert exact
    assert json.dumps(copy) == json.dumps(value)
    assert copy is not value or not isinstance(value, (list, dict))


def test_a_value_that_holds_itself_ends() -> None:
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = [loop]

    assert read(loop) == ({"a": 1, "self": ["<dict>"]}, False)


def test_what_is_nested_too_deep_for_a_cassette_is_cut_off() -> None:
    assert read(nested(90)) == (nested(90), True)
    cut, exact = read(nested(100_000))

    assert not exact
    assert json.dumps(cut).count("[") == 100


def test_what_stands_twice_but_not_in_itself_is_kept_twice() -> None:
    same = [1]

    assert read([same, same]) == ([[1], [1]], True)


def test_a_mock_is_not_called() -> None:
    mock = MagicMock(name="client")

    assert str(plain(mock)).startswith("<MagicMock name='client'")
    assert mock.mock_calls == []


def test_an_error_without_a_text_is_kept_by_its_class() -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert failure(Broken()).message == "<Broken>"
    assert failure(ValueError("x")) == failure(ValueError("x"))
    assert failure("declined").type == "error"
