"""``generate_html_report``, from all that has a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from tests.diff.kit import chat, step, trace
from tests.viewer.kit import Page
from trace_ops import Recorder, Replayer, Trace, cassette, load_cassette, span, tool
from trace_ops.double import ProviderDouble
from trace_ops.errors import CassetteError, UsageError
from trace_ops.reporters.html import generate_html_report

SECRET = "a-secret-of-somebody-12345"


@pytest.fixture(scope="module")
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as provider:
        yield provider


@tool
def look_up(word: str) -> str:
    return f"{word} is a word"


def run(double: ProviderDouble, *questions: str) -> None:
    with OpenAI(base_url=double.openai_url, api_key="sk-x", max_retries=0) as client, span("agent", "reader"):
        for question in questions:
            messages = [{"role": "user", "content": f"{question} {look_up(question)}"}]
            options: Any = {"messages": messages, "stream": True}
            assert [chunk.choices for chunk in client.chat.completions.create(model="gpt-5", **options)]


@pytest.fixture
def recorded(double: ProviderDouble, tmp_path: Path) -> Path:
    path = tmp_path / "cassettes" / "reader.yaml"
    with Recorder(save_to=path):
        run(double, "llama", "alpaca")
    return path


def read(path: Path) -> Page:
    return Page(path).check()


def test_a_recorded_run_is_shown_as_it_was(recorded: Path, tmp_path: Path) -> None:
    written = generate_html_report(recorded, tmp_path / "report.html")

    assert written == tmp_path / "report.html"
    page = read(written)
    (head,) = page.bundle["runs"]
    assert (page.bundle["title"], head["name"]) == ("reader", "reader")
    told = page.run(head["key"])
    assert [span["kind"] for span in told["spans"]] == ["agent", "tool", "llm", "tool", "llm"]
    assert [(link["kind"], link["from"], link["to"]) for link in told["links"]] == [
        ("data", 2, 3),
        ("data", 4, 5),
    ]
    assert told["libraries"].keys() >= {"TraceOps", "openai"}
    stream = page.details(head["key"])["spans"]["3"]["call"]["attempts"][0]["events"]
    answer = page.details(head["key"])["spans"]["3"]["call"]["response"]["messages"][0]
    said = "".join(event["said"]["text"] for event in stream if event["said"])
    assert page.details(head["key"])["messages"][answer]["parts"] == [{"type": "text", "content": said}]


def test_recorders_replayers_traces_and_cassettes_show_the_same(
    recorded: Path, double: ProviderDouble, tmp_path: Path
) -> None:
    with Replayer(recorded) as replayer:
        run(double, "llama", "alpaca")
    sources: list[Any] = [
        replayer,
        replayer.trace,
        load_cassette(recorded),
        cassette.load(recorded),
        recorded,
        str(recorded),
    ]

    page = read(generate_html_report(sources, tmp_path / "report.html"))

    runs = [page.run(head["key"]) for head in page.bundle["runs"]]
    labels = [[span["label"] for span in told["spans"]] for told in runs]
    assert labels == [["reader", "look_up", "gpt-5", "look_up", "gpt-5"]] * 6
    assert page.bundle["title"] == "6 runs"


def test_a_recorder_shows_what_happened_so_far(double: ProviderDouble, tmp_path: Path) -> None:
    with Recorder(save_to=tmp_path / "x.yaml") as recorder:
        with span("agent", "outer", input=f"keep {SECRET}"):
            run(double, "llama")
            page = read(generate_html_report(recorder, tmp_path / "report.html"))

    (head,) = page.bundle["runs"]
    assert head["running"]
    assert page.run(head["key"])["spans"][0]["ms"] is None


def test_each_run_is_compared_with_another(recorded: Path, double: ProviderDouble, tmp_path: Path) -> None:
    with Recorder(save_to=tmp_path / "other.yaml") as recorder:
        run(double, "llama", "vicuña")

    page = read(generate_html_report(recorder, tmp_path / "report.html", compare=recorded))

    (head,) = page.bundle["comparisons"]
    assert head["old"] != head["new"]
    changes = page.comparison(head["key"])["changes"]
    assert changes[page.comparison(head["key"])["first"]]["after"] == "vicuña"


def test_directories_are_compared_by_the_names_of_their_cassettes(
    recorded: Path, double: ProviderDouble, tmp_path: Path
) -> None:
    with Recorder(save_to=tmp_path / "base" / "reader.yaml"):
        run(double, "llama", "guanaco")
    (tmp_path / "cassettes" / "new.yaml").write_bytes(recorded.read_bytes())

    target, base = tmp_path / "report.html", tmp_path / "base"
    page = read(generate_html_report(recorded.parent, target, compare=base, title="Both"))

    assert page.bundle["title"] == "Both"
    assert len(page.bundle["runs"]) == 3
    (head,) = page.bundle["comparisons"]
    assert (head["old"].rpartition("-")[2], head["new"].rpartition("-")[2]) == ("reader.yaml", "reader.yaml")


def test_secrets_of_what_no_recorder_kept_are_taken_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", SECRET)
    steps = [
        chat(SECRET, messages=[{"role": "user", "content": SECRET}]),
        step("tool", SECRET, {"a": SECRET}, [SECRET], attributes={"b": SECRET}),
    ]
    by_hand = replace(trace(*steps), name=SECRET, tags=[SECRET], metadata={"c": SECRET})

    page = read(generate_html_report(by_hand, tmp_path / "report.html", compare=trace(step("tool", "x"))))

    assert SECRET not in repr(page.pieces)


def test_a_recorder_knows_the_secrets_of_its_own_options(double: ProviderDouble, tmp_path: Path) -> None:
    with Recorder(save_to=tmp_path / "x.yaml", scrub=["code-[0-9]+"]) as recorder:
        with span("agent", "outer", input="code-12345"):
            page = read(generate_html_report(recorder, tmp_path / "report.html"))

    assert "code-12345" not in repr(page.pieces)


def test_what_is_wrong_is_one_clear_error_and_leaves_the_file_as_it_was(
    recorded: Path, tmp_path: Path
) -> None:
    target = tmp_path / "report.html"
    target.write_text("of yesterday")
    recorded.write_text("version: 1\nspans: [")

    with pytest.raises(CassetteError, match=r"reader\.yaml"):
        generate_html_report(recorded, target)
    with pytest.raises(UsageError, match="there is no run to report"):
        generate_html_report([], target)
    with pytest.raises(CassetteError, match="there is no such cassette|cannot be read|No such file"):
        generate_html_report(tmp_path / "nowhere.yaml", target)
    assert target.read_text() == "of yesterday"


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(OSError, match="file"):
        generate_html_report(trace(chat()), tmp_path / "file" / "report.html")


def test_an_empty_run_is_a_run(tmp_path: Path) -> None:
    page = read(generate_html_report(Trace(), tmp_path / "deep" / "report.html"))
    assert page.run(page.bundle["runs"][0]["key"])["spans"] == []
