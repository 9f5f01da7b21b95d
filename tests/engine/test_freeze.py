"""What is served on replay and what runs, by ``freeze`` and ``live``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from trace_ops import Recorder, Replayer, tool
from trace_ops._freeze import Freeze
from trace_ops.errors import UnrecordedCallError, UsageError

RAN: list[str] = []


def _named(value: object) -> str:
    """Sets read otherwise in every process, and workers must agree on names."""
    return re.sub(
        r"{([^{}:]*)}", lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", str(value)
    )


@tool
def search(query: str) -> str:
    RAN.append(f"search {query}")
    return f"found {query}"


@tool
def send(to: str) -> str:
    RAN.append(f"send {to}")
    return "sent"


@tool
def outer(query: str) -> str:
    RAN.append("outer")
    return search(query)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        search("Oslo")
        send("me")
    RAN.clear()
    return path


@pytest.mark.parametrize(
    ("options", "ran"),
    [
        ({}, ["search Oslo", "send me"]),
        ({"freeze": {"llm"}}, ["search Oslo", "send me"]),
        ({"freeze": ["llm", "retrieval"]}, ["search Oslo", "send me"]),
        ({"freeze": {"llm", "tools"}}, []),
        ({"freeze": "llm, tools"}, []),
        ({"freeze": {"llm", "tools"}, "live": {"search"}}, ["search Oslo"]),
        ({"freeze_tools": True}, []),
        ({"freeze_tools": ["send"]}, ["search Oslo"]),
        ({"freeze_tools": True, "live": ["send"]}, ["send me"]),
    ],
    ids=_named,
)
def test_what_runs(recorded: Path, options: dict[str, Any], ran: list[str]) -> None:
    with Replayer(recorded, **options):
        assert (search("Oslo"), send("me")) == ("found Oslo", "sent")

    assert ran == RAN


def test_nothing_runs_that_is_frozen_and_not_recorded(recorded: Path) -> None:
    with pytest.raises(UnrecordedCallError) as raised, Replayer(recorded, freeze={"llm", "tools"}):
        try:
            send("all")
        except UnrecordedCallError:
            pass  # as an agent may that tells the model of each error

    assert RAN == []
    assert str(raised.value).splitlines()[:5] == [
        "no recorded tool send is left to serve, and it is frozen",
        "  nearest: span 2, 1 difference (recorded -> now):",
        '    to: "me" -> "all"',
        '  with: {"to": "all"}',
        "  let it run: live={'send'}",
    ]


def test_more_calls_than_recorded_are_refused_and_freeze_tools_lets_them_run(recorded: Path) -> None:
    with pytest.raises(UnrecordedCallError, match="served already as often as it was recorded"):
        with Replayer(recorded, freeze={"llm", "tools"}):
            send("me")
            send("me")
    assert RAN == []
    with Replayer(recorded, freeze_tools=True):
        send("me")
        send("me")
    assert RAN == ["send me"]


def test_a_mode_that_records_runs_what_is_not_recorded(recorded: Path) -> None:
    with Recorder(recorded, mode="update", freeze={"llm", "tools"}):
        search("Oslo")
        send("all")

    assert RAN == ["send all"]


def test_what_ran_within_a_frozen_tool_stays_in_the_trace_and_in_the_cassette(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        outer("Oslo")
    RAN.clear()
    with Recorder(path, mode="update", freeze={"llm", "tools"}) as rec:
        outer("Oslo")
        send("me")
    with Replayer(path, freeze={"llm", "tools"}) as rep:
        outer("Oslo")
        send("me")

    assert RAN == ["send me"]
    for run in (rec, rep):
        assert [(span.name, span.parent) for span in run.trace] == [
            ("outer", None),
            ("search", 1),
            ("send", None),
        ]
    assert rep.diff() is not None
    assert not rep.diff().has_changes  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"freeze": {"llm", "models"}}, "freeze has no 'models'; it takes llm, tools, retrieval"),
        ({"freeze": {"tools"}}, "freeze always has 'llm'"),
        ({"freeze": 3}, "freeze takes names, not 3"),
        ({"live": [3]}, "live takes names, not 3"),
    ],
    ids=_named,
)
def test_what_cannot_be_frozen_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        Recorder(**options)


@pytest.mark.parametrize("name", ["Get Weather", "get_weather"])
def test_a_tool_of_two_names_may_be_named_by_either(name: str) -> None:
    frozen = Freeze.of(freeze_tools=[name])
    live = Freeze.of({"llm", "tools"}, live={name})

    assert frozen.holds("tool", "get_weather", "Get Weather")
    assert not live.holds("tool", "get_weather", "Get Weather")
    assert not frozen.holds("tool", "search")
    assert live.holds("tool", "search")
