"""The option ``--trace-diff``: the cassettes of this run beside a base branch's."""

from __future__ import annotations

import shutil

import pytest

from tests.pytest_plugin.conftest import Project
from tests.viewer.kit import Page

TESTS = """
    def test_same(cassette): ask("same")
    def test_changed(cassette): ask({word!r})
    def test_{name}(cassette): ask("own")
"""

TITLE = "*= TraceOps: compared with ../base =*"


@pytest.fixture
def based(project: Project) -> Project:
    """A project that has changed since the cassettes in the directory ``../base``."""
    project.write(TESTS.format(word="one", name="old"))
    project.run(passed=3)
    base = project.path.parent / "base"
    shutil.rmtree(base, ignore_errors=True)
    shutil.move(project.path / "cassettes", base)
    project.write(TESTS.format(word="other", name="new"))
    # As it is: headers and ids of an answer differ with every recording.
    same = project.path / "cassettes/test_app/test_same.yaml"
    same.parent.mkdir(parents=True)
    shutil.copy(base / "test_app/test_same.yaml", same)
    project.run(passed=3)
    return project


def test_each_cassette_that_differs_is_told_with_what_differs_first(based: Project) -> None:
    result = based.run("--trace-diff=../base", passed=3)

    result.stdout.fnmatch_lines(
        [
            TITLE,
            "1 changed, 1 added, 1 removed, 1 the same",
            (
                "CHANGED test_app/test_changed.yaml: first difference: step 1, openai chat.completions *: "
                'message 1 (user): "one" -> "other"; *; replay diff '
                "../base/test_app/test_changed.yaml cassettes/test_app/test_changed.yaml"
            ),
            "ADDED test_app/test_new.yaml",
            "REMOVED test_app/test_old.yaml",
        ],
        consecutive=True,
    )
    assert result.ret == pytest.ExitCode.OK


def test_the_page_has_what_differs_beside_the_base(based: Project) -> None:
    based.run("--trace-diff=../base", "--trace-report=html:report.html", passed=3)

    found = Page(based.path / "report.html").check()
    (changed,) = found.bundle["session"]["base"]["changed"]
    assert changed["cassette"] == "test_app/test_changed.yaml"
    compared = found.comparison(changed["comparison"])
    change = compared["changes"][compared["first"]]
    assert (change["before"], change["after"]) == ("one", "other")
    assert found.run(compared["head"]["old"])["head"]["path"] == "../base/test_app/test_changed.yaml"
    assert found.run(compared["head"]["new"])["head"]["path"] == "cassettes/test_app/test_changed.yaml"


def test_under_xdist_and_where_nothing_changed(based: Project) -> None:
    based.spawn("-n", "2", "-W", "error", "--trace-diff=../base").stdout.fnmatch_lines(
        [TITLE, "1 changed, 1 added, 1 removed, 1 the same"]
    )
    based.run("--trace-diff=cassettes", passed=3).stdout.fnmatch_lines(
        ["*= TraceOps: compared with cassettes =*", "3 the same"]
    )


def test_a_part_of_the_tests_tells_of_its_own_cassettes_only(based: Project) -> None:
    result = based.run("--trace-diff=../base", "-k", "same or changed", passed=2, deselected=1)

    result.stdout.fnmatch_lines(["1 changed, 1 the same"])
    assert "REMOVED" not in result.stdout.str()


def test_other_words_of_the_same_answer_alone_are_told_too(based: Project) -> None:
    """What differs only in ids, headers and times is the same."""
    (based.path / "cassettes/test_app/test_same.yaml").unlink()
    based.run("-k", "same", passed=1, deselected=2)

    based.run("--trace-diff=../base", "-k", "same", passed=1, deselected=2).stdout.fnmatch_lines(
        [TITLE, "1 the same"]
    )


def test_a_cassette_that_cannot_be_read_is_told(based: Project) -> None:
    (based.path.parent / "base/test_app/test_same.yaml").write_text("version: 1\n- x", encoding="utf-8")

    result = based.run("--trace-diff=../base", passed=3)

    result.stdout.fnmatch_lines(
        ["1 changed, 1 added, 1 removed, 1 broken", "BROKEN test_app/test_same.yaml: *"]
    )
    assert result.ret == pytest.ExitCode.OK


def test_a_fault_of_the_comparison_does_not_end_the_run(
    based: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*args: object, **options: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("trace_ops.pytest_plugin.base.diff_traces", fault)

    result = based.run("--trace-diff=../base", passed=3)

    result.stdout.fnmatch_lines(
        ["BROKEN test_app/test_changed.yaml: could not be compared: ZeroDivisionError('a fault of ours')"]
    )
    assert result.ret == pytest.ExitCode.OK


def test_cassettes_beside_tests_are_found_by_their_place_in_the_project(project: Project) -> None:
    project.write("def test_one(cassette): ask('one')", "sub/test_sub.py")
    project.run("--trace-beside-tests", passed=1)
    base = project.path.parent / "worktree"
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(project.path, base)
    shutil.copy(base / "sub/cassettes/test_sub/test_one.yaml", base / "sub/cassettes/test_sub/test_gone.yaml")
    project.file("other.yaml", "version: 1\n")

    project.run("--trace-beside-tests", "--trace-diff=../worktree", passed=1).stdout.fnmatch_lines(
        ["1 removed, 1 the same", "REMOVED sub/cassettes/test_sub/test_gone.yaml"]
    )


def test_a_cassette_outside_of_the_directory_is_not_compared_and_that_is_told(project: Project) -> None:
    project.write("@pytest.mark.cassette('../elsewhere/one')\ndef test_one(): ask('one')")
    (project.path / "base").mkdir()

    project.run("--trace-diff=base", passed=1).stdout.fnmatch_lines(
        ["1 not compared", "NOT COMPARED *elsewhere/one.yaml: it is outside of cassettes"]
    )


def test_no_such_directory_is_a_usage_error(project: Project) -> None:
    project.write("def test_one(): pass")

    result = project.spawn("--trace-diff=not/there")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --trace-diff: there is no directory not/there"])
    assert "Traceback" not in result.stderr.str()
