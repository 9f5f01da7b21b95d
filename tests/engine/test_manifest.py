"""The header of a cassette tells what was captured, what passed through and what could not be seen."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import anthropic
import openai
import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, Replayer, _manifest, load_cassette, span, tool
from trace_ops._imports import when_imported
from trace_ops.double import ProviderDouble
from trace_ops.errors import TraceOpsWarning

HEADER = re.compile(r"^(with|captured|passed_through|uncaptured): .*", re.MULTILINE)
LIMITS = Path(__file__).parents[2] / "docs" / "limits.md"


def header(path: Path) -> list[str]:
    """The lines of a cassette that tell of libraries."""
    return [match[0] for match in HEADER.finditer(path.read_text("utf-8").partition("spans:")[0])]


def greet(double: ProviderDouble) -> None:
    client = anthropic.Anthropic(base_url=double.url, api_key="key", max_retries=0)
    messages = [{"role": "user", "content": "Hello"}]
    with client:
        client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=messages)  # type: ignore[arg-type]


def test_calls_are_counted_by_sdk_and_the_program_s_own_steps_are_not(
    path: Path, ask: Ask, double: ProviderDouble
) -> None:
    @tool
    def look_up() -> str:
        return "found"

    with Recorder(path) as rec, span("agent", "helper"):
        ask("one")
        ask("two")
        look_up()
        greet(double)
    assert rec.trace.captured == {"calls": {"anthropic": 1, "openai": 2}}
    assert load_cassette(path).captured == rec.trace.captured
    assert "captured: {calls: {anthropic: 1, openai: 2}}" in header(path)
    assert load_cassette(path).libraries["openai"] == openai.__version__


def test_what_is_imported_and_does_nothing_is_not_there(path: Path, ask: Ask) -> None:
    """So a test writes the same cassette alone and among tests that import other libraries."""
    with Recorder(path):
        ask("one")
    assert "anthropic" in sys.modules
    assert "anthropic" not in load_cassette(path).libraries


def test_what_was_left_alone_is_told_where_it_did_something(
    path: Path, ask: Ask, double: ProviderDouble
) -> None:
    with Recorder(path, intercept_anthropic=False, intercept_groq=False) as rec:
        ask("one")
        greet(double)
    assert rec.trace.captured == {"calls": {"openai": 1}}
    assert load_cassette(path).passed_through == {"anthropic": "intercept_anthropic=False"}
    assert load_cassette(path).libraries["anthropic"] == anthropic.__version__


def test_a_version_that_is_not_understood_is_told(
    path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(_: str) -> None:
        raise AttributeError("no request")

    monkeypatch.setattr("trace_ops._imports._failed", {})
    with pytest.warns(TraceOpsWarning, match="cohere calls cannot be recorded: json is not as expected"):
        when_imported("cohere", "calls", ["json"], install)
    with Recorder(path):
        ask("one")
    assert load_cassette(path).passed_through == {
        "cohere": "json is not as expected (AttributeError('no request'))"
    }


@pytest.fixture
def voyage(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SDK without a seam, as a program would have imported it."""
    monkeypatch.setitem(sys.modules, "voyageai", types.ModuleType("voyageai"))
    monkeypatch.setattr(_manifest, "_warned", set())


@pytest.mark.usefixtures("voyage")
def test_an_imported_sdk_without_a_seam_is_named_and_warned_of_once(path: Path, ask: Ask) -> None:
    with pytest.warns(TraceOpsWarning) as told:
        for _ in range(2):
            with Recorder(path):
                ask("one")
    assert [str(each.message) for each in told] == [
        "not captured: calls of voyageai (imported); see docs/limits.md"
    ]
    assert load_cassette(path).uncaptured == ["calls of voyageai (imported)"]


@pytest.mark.usefixtures("voyage")
def test_a_replay_does_not_warn_of_it(recorded: Path, ask: Ask) -> None:
    with Replayer(recorded):
        ask("one")
        ask("two")


def test_recording_an_unchanged_run_again_leaves_the_header_as_it_is(
    path: Path, ask: Ask, double: ProviderDouble
) -> None:
    written = []
    for _ in range(2):
        with Recorder(path, intercept_anthropic=False) as rec:
            rec.tape.not_captured("b")
            rec.tape.not_captured("a")
            ask("one")
            greet(double)
        written.append(header(path))
    assert written[0] == written[1]
    assert written[0][-1] == "uncaptured: [a, b]"


def test_a_run_that_adds_keeps_what_the_header_says(path: Path, ask: Ask, double: ProviderDouble) -> None:
    with Recorder(path) as rec:
        rec.tape.not_captured("a")
        ask("one")
    with Recorder(path, mode="new_episodes"):
        greet(double)
    loaded = load_cassette(path)
    assert loaded.captured == {"calls": {"anthropic": 1, "openai": 1}}
    assert {"openai", "anthropic"} <= loaded.libraries.keys()
    assert loaded.uncaptured == ["a"]


def test_a_cassette_from_before_these_fields_loads(path: Path, ask: Ask) -> None:
    with Recorder(path):
        ask("one")
    path.write_text(re.sub(r"(?m)^captured: .*\n", "", path.read_text("utf-8")), "utf-8")
    assert header(path)[0].startswith("with: ")
    assert load_cassette(path).captured == {"calls": {"openai": 1}}


def test_limits_name_what_has_no_seam() -> None:
    page = LIMITS.read_text("utf-8")
    table = page.partition("## Named where they are imported")[2].partition("A seam of your own")[0]
    rows = {
        line.split("|")[2].split(";")[0].strip(): line for line in table.splitlines() if line.count("|") == 4
    }
    for each in _manifest.UNSEEN:
        assert f"`{each.distribution}`" in rows[each.what], each
