"""The option ``--trace-report=html:PATH``: every test with its run, in one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pytest_plugin.conftest import Project
from tests.viewer.kit import Page

TESTS = """
    from trace_ops import tool

    @tool
    def look_up(word):
        return {answer!r}

    def test_replayed(cassette):
        ask("one")

    @pytest.mark.budget(max_llm_calls=1)
    def test_budget():
        ask("one")
        ask("two")

    def test_other_tool(cassette):
        ask("one")
        look_up("llama")

    def test_changing(cassette):
        ask({word!r})

    def test_no_cassette(): pass

    def test_no_call(cassette): pass
"""


@pytest.fixture
def changed(project: Project) -> Project:
    """A project of which one test is over its budget, one asks another thing, one has another tool result."""
    project.write(TESTS.format(word="one", answer="the Andes").replace("max_llm_calls=1", "max_llm_calls=2"))
    project.run(passed=6)
    project.write(TESTS.format(word="other", answer="Peru"))
    return project


def page(project: Project, name: str = "report.html") -> Page:
    return Page(Path(project.path, name)).check()


def check(found: Page) -> None:
    session = found.bundle["session"]
    tests: dict[str, Any] = {test["test"].rpartition("::")[2]: test for test in session["tests"]}
    assert list(session) == ["exit_status", "totals", "tests", "takes", "loose_ends", "base"]
    assert (session["exit_status"], session["totals"]["tests"]) == (1, len(tests))
    assert set(tests) == {"test_replayed", "test_budget", "test_other_tool", "test_changing", "test_no_call"}
    assert tests["test_no_call"]["run"] is None

    replayed = found.run(tests["test_replayed"]["run"])
    assert replayed["head"]["name"] == "test_app.py::test_replayed"
    assert replayed["head"]["path"] == "cassettes/test_app/test_replayed.yaml"
    assert (replayed["head"]["verdict"], replayed["head"]["running"]) == ("replayed", False)
    assert [span["label"] for span in replayed["spans"]] == ["gpt-5"]
    assert tests["test_replayed"]["comparison"] is None
    assert tests["test_budget"]["violations"] != []
    assert "diff" not in tests["test_replayed"]

    compared = found.comparison(tests["test_other_tool"]["comparison"])
    assert compared["head"]["new"] == tests["test_other_tool"]["run"]
    assert compared["head"]["first"].startswith("first difference: step 2, tool look_up: tool result")
    change = compared["changes"][compared["first"]]
    assert (change["before"], change["after"]) == ("the Andes", "Peru")
    assert found.run(compared["head"]["old"])["spans"][1]["preview"] == '{"word": "llama"} → the Andes'

    missed = found.run(tests["test_changing"]["run"])
    assert missed["head"]["verdict"] == "missed"
    assert missed["spans"][0]["error"]["type"] == "trace_ops.errors.UnrecordedCallError"
    assert found.details(tests["test_changing"]["run"])["spans"]["1"]["call"]["attempts"] == []
    assert tests["test_changing"]["comparison"] is not None


def test_each_test_has_its_run_and_the_comparison_with_its_recording(changed: Project) -> None:
    changed.run("--trace-report=html:report.html", passed=4, failed=2)

    check(page(changed))


def test_it_is_the_same_under_xdist(changed: Project) -> None:
    changed.spawn("-n", "2", "-W", "error", "--trace-report=html:report.html").assert_outcomes(
        passed=4, failed=2
    )

    check(page(changed))


def test_runs_do_not_go_through_the_channels_of_xdist(project: Project) -> None:
    project.write('def test_one(cassette): ask("a long question " * 10_000)')
    project.run(passed=1)
    project.file(
        "conftest.py",
        """
        def pytest_runtest_logreport(report):
            for told in getattr(report, "trace_ops", ()):
                print("SIZE", len(repr(told)) < 10_000)
        """,
    )

    result = project.spawn("-n", "1", "-s", "--trace-report=html:report.html")

    result.stdout.fnmatch_lines(["*SIZE True*"])
    found = page(project)
    (test,) = found.bundle["session"]["tests"]
    (part,) = found.details(test["run"])["messages"][0]["parts"]
    assert part["content"] == "a long question " * 10_000


def test_reports_of_all_kinds_are_written_at_once(changed: Project) -> None:
    kinds = ("json:report.json", "md:report.md", "html:report.html")
    changed.run(*(f"--trace-report={kind}" for kind in kinds), passed=4, failed=2)

    check(page(changed))
    assert Path(changed.path, "report.json").exists()
    assert Path(changed.path, "report.md").exists()


def test_takes_have_a_run_each(project: Project) -> None:
    project.write("@pytest.mark.takes(2)\ndef test_one(): ask('one')")

    project.run("--trace-report=html:report.html", passed=1)

    found = page(project)
    runs = [test["run"] for test in found.bundle["session"]["tests"]]
    assert [found.run(key)["head"]["name"] for key in runs] == [
        "test_app.py::test_one (take 1)",
        "test_app.py::test_one (take 2)",
    ]


def test_tests_whose_names_differ_only_in_what_no_address_can_hold_are_told_apart(project: Project) -> None:
    project.write(
        """
        @pytest.mark.parametrize("word", ["a b", "a-b", "a/b"])
        def test_one(cassette, word):
            ask(word)
        """
    )

    project.run("--trace-report=html:report.html", passed=3)

    found = page(project)
    said = {found.run(test["run"])["head"]["name"] for test in found.bundle["session"]["tests"]}
    assert len(said) == 3


def test_secrets_are_not_in_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "a-secret-of-somebody-12345")
    project.write(
        """
        from trace_ops import tool

        @tool
        def look_up(word):
            return word

        def test_agent(cassette):
            ask("is it a-secret-of-somebody-12345?")
            look_up("a-secret-of-somebody-12345")
        """
    )

    project.run("--trace-report=html:report.html", passed=1)

    found = page(project)
    assert "a-secret-of-somebody" not in repr(found.pieces)
    assert "is it " in repr(found.pieces)


def test_a_run_without_cassettes_is_a_page_without_runs(project: Project) -> None:
    project.write("def test_one(): pass")

    project.run("--trace-report=html:report.html", passed=1)

    assert page(project).bundle["session"]["tests"] == []


def test_nothing_is_left_beside_it(changed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(changed.path, "tmp")
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))

    changed.spawn("-n", "2", "--trace-report=html:report.html", "--basetemp=elsewhere")

    assert list(place.glob("trace_ops-*")) == []
    assert [path.name for path in Path(changed.path).glob(".report*")] == []


def test_loose_ends_are_in_it(project: Project) -> None:
    project.write("def test_one(cassette): ask('one')\ndef test_two(cassette): ask('two')")
    project.run(passed=2)
    project.write("def test_one(cassette): ask('one')")

    project.run("--trace-report=html:report.html", passed=1)

    (end,) = page(project).bundle["session"]["loose_ends"]
    assert (end["kind"], end["cassette"]) == ("orphan", "cassettes/test_app/test_two.yaml")
