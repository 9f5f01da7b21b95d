"""The option ``--trace-report``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pytest_plugin.conftest import ALONE, PLUGIN, Project

TESTS = """
    def test_replayed(cassette):
        ask("one")

    @pytest.mark.budget(max_llm_calls={limit})
    def test_budget():
        ask("one")
        ask("two")

    def test_changing(cassette):
        ask({word!r})

    def test_no_cassette(): pass
"""


@pytest.fixture
def changed(project: Project) -> Project:
    """A project of which one test keeps to nothing, and one asks for something else."""
    project.write(TESTS.format(limit=2, word="one"))
    project.run(passed=4)
    project.write(TESTS.format(limit=1, word="other"))
    return project


def test_reports_tell_why_a_test_failed_without_secrets(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "a-secret-of-somebody-12345")
    project.write("""
        def test_agent(cassette):
            ask("one")
            raise ValueError("not with a-secret-of-somebody-12345\\nnor with another line")
    """)

    project.run("--trace-report=json:report.json", "--trace-report=md:report.md", failed=1)

    (test,) = report(project)["tests"]
    assert test["reason"].startswith("ValueError: not with ")
    told = (project.path / "report.md").read_text()
    assert "- `test_app.py::test_agent`: `ValueError: not with " in told
    assert "a-secret-of-somebody" not in told + test["reason"]
    assert "another line" not in told + test["reason"]


def report(project: Project, name: str = "report.json") -> dict[str, Any]:
    read = json.loads((project.path / name).read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def check(read: dict[str, Any]) -> None:
    assert (read["version"], read["exit_status"], read["base"], read["takes"]) == (1, 1, None, [])
    totals = read["totals"]
    assert totals["tests"] == 3
    assert totals["results"] == {"passed": 1, "failed": 2}
    assert totals["verdicts"] == {"replayed": 2, "missed": 1}
    assert totals["calls"] == {"replayed": 3, "recorded": 0, "missed": 1}
    assert totals["tokens"] == {"spent": 0, "saved": 48}
    assert totals["cost_usd"]["spent"] == 0
    assert totals["cost_usd"]["saved"] == pytest.approx(0.000375)
    assert totals["violations"] == 1
    tests = {test["test"]: test for test in read["tests"]}
    replayed, budget, changing = (
        tests[f"test_app.py::test_{name}"] for name in ("replayed", "budget", "changing")
    )
    assert (replayed["result"], replayed["verdict"], replayed["mode"]) == ("passed", "replayed", "once")
    assert replayed["cassette"] == "cassettes/test_app/test_replayed.yaml"
    assert replayed["diff"] is replayed["change"] is replayed["take"] is None
    assert replayed["seconds"] > 0
    assert budget["violations"] == ["max_llm_calls: 2 LLM calls, 1 over the limit of 1 (+100%)"]
    assert (budget["llm_calls"], budget["tokens"]) == (2, {"spent": 0, "saved": 32})
    assert budget["result"] == "failed"
    assert changing["misses"][0].startswith("no recorded call for openai POST /chat/completions")
    assert changing["change"].startswith("first difference: step 1, openai chat.completions")
    assert changing["diff"] is not None
    assert changing["command"] == "pytest test_app.py::test_changing --record"


def test_the_json_tells_of_each_test_and_of_all(changed: Project) -> None:
    changed.run("--trace-report=json:report.json", passed=2, failed=2)

    check(report(changed))


def test_it_is_the_same_under_xdist(changed: Project) -> None:
    changed.spawn("-n", "2", "-W", "error", "--trace-report=json:report.json").assert_outcomes(
        passed=2, failed=2
    )

    check(report(changed))


def test_the_markdown_has_what_failed_first_and_the_rest_folded(changed: Project) -> None:
    changed.run("--trace-report=md:out/deep/report.md", passed=2, failed=2)

    text = (changed.path / "out/deep/report.md").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[:2] == ["## TraceOps", ""]
    assert lines[2].startswith("2 replayed, 1 missed, saved $")
    assert lines[4:6] == [
        "| test | result | cassette | calls | tokens | spent | saved | time |",
        "|---|---|---|--:|--:|--:|--:|--:|",
    ]
    assert lines[6].startswith("| `test_app.py::test_budget` | failed | replayed | 2 | 32 |  | $0.00025 |")
    assert lines[7].startswith("| `test_app.py::test_changing` | failed | missed | 1 | 0 |  |  |")
    assert (
        "- `test_app.py::test_budget`: `max_llm_calls: 2 LLM calls, 1 over the limit of 1 (+100%)`" in lines
    )
    assert "<details><summary><code>test_app.py::test_changing</code>: what changed</summary>" in lines
    folded = lines.index("<details><summary>1 test passed and replayed</summary>")
    assert lines[folded + 4].startswith("| `test_app.py::test_replayed` | passed | replayed |")
    assert lines[folded + 6] == "</details>"


def test_markup_in_names_stands_for_itself(project: Project) -> None:
    project.write(
        """
        @pytest.mark.parametrize("text", ["a|b`c <img> @somebody"])
        def test_odd(cassette, text):
            ask("one")
            assert 0
        """
    )
    project.run("--trace-report=md:report.md", failed=1)

    text = (project.path / "report.md").read_text(encoding="utf-8")
    assert r"| ``test_app.py::test_odd[a\|b`c <img> @somebody]`` | failed |" in text


def test_several_reports_are_written_with_the_comparison_in_them(changed: Project) -> None:
    (changed.path / "base/test_app").mkdir(parents=True)

    changed.run(
        "--trace-report=json:report.json",
        "--trace-report=md:report.md",
        "--trace-diff=base",
        passed=2,
        failed=2,
    )

    base = report(changed)["base"]
    assert base["directory"] == "base"
    assert base["added"] == [f"test_app/test_{name}.yaml" for name in ("replayed", "budget", "changing")]
    assert "### Compared with `base`" in (changed.path / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ("pytest.skip('no')", "skipped"),
        ("pytest.xfail('known')", "xfailed"),
        ("pass", "passed"),
        ("assert 0", "failed"),
    ],
)
def test_results_are_pytests_words(project: Project, body: str, result: str) -> None:
    project.write(f"def test_one(cassette):\n    {body}")

    project.pytester.runpytest_inprocess(*PLUGIN, *ALONE, "--trace-report=json:report.json")

    assert [test["result"] for test in report(project)["tests"]] == [result]


def test_errors_of_setup_and_teardown_are_errors(project: Project) -> None:
    project.write(
        """
        @pytest.fixture
        def breaks(): 1 / 0

        @pytest.fixture
        def breaks_later():
            yield
            1 / 0

        def test_setup(cassette, breaks): pass
        def test_teardown(cassette, breaks_later): pass
        """
    )

    project.run("--trace-report=json:report.json", passed=1, errors=2)

    assert [test["result"] for test in report(project)["tests"]] == ["error", "error"]


def test_a_run_without_cassettes_writes_an_empty_report(project: Project) -> None:
    project.write("def test_one(): pass")

    project.run("--trace-report=json:report.json", "--trace-report=md:report.md", passed=1)

    assert report(project)["tests"] == []
    assert (project.path / "report.md").read_text(encoding="utf-8") == "## TraceOps\n\nNo test made a call.\n"


def test_a_run_that_only_collects_leaves_a_report_as_it_is(project: Project) -> None:
    project.write("def test_one(cassette): pass")
    project.file("report.json", "of the last run")

    project.run("--trace-report=json:report.json", "--collect-only")

    assert (project.path / "report.json").read_text(encoding="utf-8") == "of the last run"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("report.json", "give json:PATH, md:PATH or html:PATH"),
        ("xml:report.xml", "give json:PATH, md:PATH or html:PATH"),
        ("json:", "give json:PATH, md:PATH or html:PATH"),
        ("html:.", ". cannot be written"),
        ("json:.", ". cannot be written"),
        ("md:pytest.ini/report.md", "pytest.ini/report.md cannot be written"),
    ],
)
def test_what_cannot_be_written_is_a_usage_error_at_the_start(
    project: Project, given: str, told: str
) -> None:
    project.write("def test_one(): pass")

    result = project.spawn(f"--trace-report={given}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --trace-report={given}: {told}"])
    assert "Traceback" not in result.stderr.str()


def test_a_report_that_cannot_be_written_at_the_end_fails_the_run(project: Project) -> None:
    project.write(
        """
        from pathlib import Path

        def test_one(cassette):
            ask("one")
            Path("out").write_text("a file where a directory is to be")
        """
    )

    result = project.run("--trace-report=json:out/report.json", passed=1)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["UNWRITTEN out/report.json: *; pytest --trace-report=json:*report.json"])


def test_a_file_that_was_there_is_replaced_as_a_whole(project: Project) -> None:
    project.write("def test_one(): pass")
    project.file("report.json", "x" * 100_000)

    project.run("--trace-report=json:report.json", passed=1)

    assert report(project)["tests"] == []
    assert [path.name for path in Path(project.path).glob(".report*")] == []


def test_takes_are_in_it(project: Project) -> None:
    project.write("@pytest.mark.takes(2)\ndef test_one(): ask('one')")

    project.run("--trace-report=json:report.json", "--trace-report=md:report.md", passed=1)

    read = report(project)
    assert [test["take"]["number"] for test in read["tests"]] == [1, 2]
    assert [(takes["test"], takes["passed"], takes["taken"]) for takes in read["takes"]] == [
        ("test_app.py::test_one", 2, 2)
    ]
