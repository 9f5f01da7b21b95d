"""What is said in all runs is found, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.samples import chat, conversation, streamed, tool, write
from tests.ui.conftest import read
from tests.viewer.contract import Contract
from trace_ops.filters import FilterError
from trace_ops.ui.index import Index
from trace_ops.ui.search import Search
from trace_ops.viewer import data

CONTRACT = Contract()


def found(index: Index, text: str) -> dict[str, data.Found]:
    """All that is found, part by part."""
    search = Search(index)
    hits: dict[str, data.Found] = {}
    start: int | None = 0
    while start is not None:
        told = search.find(text, start)
        assert CONTRACT.problems("Findings", told) == []
        hits |= {each["key"]: each for each in told["found"]}
        start = told["next"]
    assert told["searched"] == told["of"] == len(index.bundle()["runs"])
    return hits


def test_messages_and_results_of_tools_are_searched(index: Index) -> None:
    assert {key: each["steps"] for key, each in found(index, "rome").items()} == {"trip-test_sunny.yaml": 1}
    (hit,) = found(index, '"and SUN"')["trip-test_sunny.yaml"]["hits"]

    assert (hit["span"], hit["kind"], hit["label"]) == (2, "tool", "get_weather")
    assert (hit["before"], hit["hit"], hit["after"]) == ("18 °C ", "and sun", "")


def test_steps_are_found_by_what_is_known_of_them(index: Index) -> None:
    assert list(found(index, "is:error")) == ["trip-test_busy.yaml"]
    assert list(found(index, "tool:get_*")) == ["trip-test_sunny.yaml"]
    assert found(index, "is:error")["trip-test_busy.yaml"]["hits"][0]["hit"] == ""
    assert list(found(index, "kind:llm -hello")) == ["trip-test_busy.yaml"]
    assert found(index, "nowhere") == {}


def test_what_is_no_filter_is_refused(index: Index) -> None:
    with pytest.raises(FilterError, match='there is no field "foo"'):
        Search(index).find("foo:bar")


def test_nothing_asked_for_is_nothing_found(index: Index) -> None:
    told = Search(index).find("  ")
    assert (told["found"], told["next"]) == ([], None)


def test_a_run_that_changes_is_searched_anew(index: Index, folder: Path) -> None:
    search = Search(index)
    assert search.find("llama")["found"] == []
    write(folder / "test_hello.yaml", chat(1, said="A llama."))
    read(index)
    assert [each["key"] for each in search.find("llama")["found"]] == ["test_hello.yaml"]
    (folder / "test_hello.yaml").unlink()
    read(index)
    assert search.find("llama")["found"] == []


def test_a_search_goes_on_where_it_stopped(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trace_ops.ui.search._WHILE_S", -1.0)
    search = Search(index)
    starts = []
    start: int | None = 0
    while start is not None:
        starts.append(start)
        start = search.find("hi", start)["next"]
    assert starts == [0, 1, 2]
    assert search.find("hi", 99)["next"] is None


def test_what_a_conversation_says_again_is_shown_once(index: Index, folder: Path) -> None:
    asked = {"role": "user", "content": "Where do llamas live?"}
    first = {"role": "assistant", "content": "In the Andes."}
    more = {"role": "user", "content": "And alpacas?"}
    turns = [conversation(1, [asked], first), conversation(2, [asked, first, more], first)]
    write(folder / "test_talk.yaml", *turns)
    read(index)

    talk = found(index, "llamas")["test_talk.yaml"]
    assert (talk["steps"], [hit["span"] for hit in talk["hits"]]) == (2, [1])


def test_letters_that_are_longer_in_lower_case_do_not_shift_the_place(index: Index, folder: Path) -> None:
    write(folder / "test_i.yaml", tool(1, "look", "İİİİ the place İ", None))
    read(index)
    (hit,) = found(index, "place")["test_i.yaml"]["hits"]
    assert hit["hit"] == "place"


def test_what_is_searched_is_held_within_bounds(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trace_ops.ui.search._MOST_CHARACTERS", 10)
    search = Search(index)
    for _ in range(3):
        assert len(search.find("hi")["found"]) == 2
    assert len(search._kept) == 1


def test_a_stream_is_searched_as_what_it_says(index: Index, folder: Path) -> None:
    write(folder / "test_stream.yaml", streamed(1, ["Go to ", "Tri", "este"]))
    read(index)
    assert list(found(index, "trieste")) == ["test_stream.yaml"]
