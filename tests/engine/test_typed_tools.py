"""A frozen tool that says what it returns is served as that, though JSON cannot hold it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from trace_ops import Recorder, Replayer, load_cassette, tool
from trace_ops.errors import UnrecordedCallError

RAN: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    RAN.clear()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


class Weather(BaseModel):
    city: str
    degrees: float = Field(alias="degreesCelsius")


@dataclass(frozen=True)
class Trip:
    day: date
    weather: Weather


PARIS = Weather(city="Paris", degreesCelsius=21)


@tool
def weather(city: str) -> Weather | None:
    RAN.append(city)
    return PARIS if city == "Paris" else None


@tool
async def trips(city: str) -> list[Trip]:
    RAN.append(city)
    return [Trip(date(2026, 5, 1), PARIS)]


@tool
def place(city: str) -> tuple[float, float]:
    RAN.append(city)
    return 48.9, 2.4


CALLS: dict[str, Callable[[], Any]] = {
    "model": lambda: weather("Paris"),
    "nothing": lambda: weather("Atlantis"),
    "dataclasses": lambda: asyncio.run(trips("Paris")),
    "tuple": lambda: place("Paris"),
}


@pytest.mark.parametrize("name", CALLS)
def test_it_does_not_run_and_gives_the_same(name: str, path: Path) -> None:
    with Recorder(path):
        live = CALLS[name]()
    (city,) = RAN
    with Replayer(path, freeze={"llm", "tools"}) as replayer:
        again = CALLS[name]()

    assert again == live
    assert type(again) is type(live)
    assert [city] == RAN
    assert replayer.diff() is not None
    assert not replayer.diff()


def test_the_cassette_holds_it_as_it_is_read(path: Path) -> None:
    with Recorder(path):
        weather("Paris")
    (step,) = load_cassette(path)

    assert step.output == {"city": "Paris", "degreesCelsius": 21.0}
    assert step.attributes == {"typed": True}


class Other(BaseModel):
    """Not told of by its type."""

    name: str


def keeps_more(city: str) -> Weather:
    return type("Rich", (Weather,), {})(city=city, degreesCelsius=1)


def says_nothing(city: str):  # type: ignore[no-untyped-def]
    return PARIS


def says_too_little(city: str) -> object:
    return Other(name=city)


def says_what_is_not_there(city: str) -> Missing:  # type: ignore[name-defined]  # noqa: F821
    return PARIS


UNKNOWN = [keeps_more, says_nothing, says_too_little, says_what_is_not_there]


@pytest.mark.parametrize("function", UNKNOWN, ids=lambda function: function.__name__)
def test_what_its_type_does_not_make_again_runs_or_is_refused(function: Any, path: Path) -> None:
    @tool
    @functools.wraps(function)
    def run(city: str) -> Any:
        RAN.append(city)
        return function(city)

    with Recorder(path):
        run("Paris")
    with Replayer(path, freeze_tools=True):
        run("Paris")
    assert RAN == ["Paris", "Paris"]
    with pytest.raises(UnrecordedCallError, match="not in a way that can be served"):
        with Replayer(path, freeze={"llm", "tools"}):
            run("Paris")


def test_a_type_that_has_changed_since_is_told(path: Path) -> None:
    def named(function: Any) -> Any:
        return tool(name="look_up")(function)

    @named
    def before(city: str) -> Weather:
        return PARIS

    @named
    def after(city: str) -> Other:
        raise AssertionError("it is frozen")

    with Recorder(path):
        before("Paris")
    with pytest.raises(
        UnrecordedCallError, match=r"tool look_up \(span 1\) was recorded, and cannot be made"
    ):
        with Replayer(path, freeze={"llm", "tools"}):
            after("Paris")
