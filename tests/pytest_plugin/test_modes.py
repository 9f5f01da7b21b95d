"""Which of command line, environment, marker, fixture and ini decides on the mode."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import Project
from trace_ops.double import Turn

SHOW = """
    {config}

    {marker}
    def test_mode(cassette):
        print(f"mode={{cassette.mode.name}}")
"""
CONFIG = """
    @pytest.fixture
    def trace_ops_config():
        return {"mode": "update"}
"""
MARKER = "@pytest.mark.cassette(mode='all')"

SOURCES = ["option", "environment", "marker", "fixture", "ini"]
"""From the strongest to the weakest."""

MODES = {
    "option": "rewrite",
    "environment": "new_episodes",
    "marker": "all",
    "fixture": "update",
    "ini": "none",
}


@pytest.mark.parametrize("strongest", SOURCES)
def test_precedence(project: Project, monkeypatch: pytest.MonkeyPatch, strongest: str) -> None:
    given = SOURCES[SOURCES.index(strongest) :]
    config, marker = CONFIG if "fixture" in given else "", MARKER if "marker" in given else ""
    project.write(SHOW.format(config=config, marker=marker))
    if "environment" in given:
        monkeypatch.setenv("TRACE_OPS_RECORD_MODE", MODES["environment"])
    if "ini" in given:
        project.ini(f"trace_record_mode = {MODES['ini']}")
    options = [f"--record-mode={MODES['option']}"] if "option" in given else []

    project.run("-s", *options, passed=1).stdout.fnmatch_lines([f"*mode={MODES[strongest]}*"])


@pytest.mark.parametrize(
    ("ci", "mode"), [("", "once"), ("0", "once"), ("False", "once"), ("true", "none"), ("1", "none")]
)
def test_default(project: Project, monkeypatch: pytest.MonkeyPatch, ci: str, mode: str) -> None:
    project.write(SHOW.format(config="", marker=""))
    monkeypatch.setenv("CI", ci)

    project.run("-s", passed=1).stdout.fnmatch_lines([f"*mode={mode}*"])


def test_record_is_a_flag_that_means_update(project: Project) -> None:
    project.write(SHOW.format(config="", marker=""))

    project.run("-s", "--record", "test_app.py", passed=1).stdout.fnmatch_lines(["*mode=update*"])


@pytest.mark.parametrize(
    ("arguments", "variable", "line"),
    [
        (
            ["--record-mode=sometimes"],
            "",
            "ERROR: --record-mode: unknown record mode 'sometimes'; choose one of none, *",
        ),
        ([], "always", "ERROR: TRACE_OPS_RECORD_MODE: unknown record mode 'always'; choose one of none, *"),
        (
            ["--record", "--record-mode=all"],
            "",
            "ERROR: --record means --record-mode=update; give one of the two, *",
        ),
    ],
)
def test_a_mode_there_is_not_ends_the_run_before_it_begins(
    project: Project, monkeypatch: pytest.MonkeyPatch, arguments: list[str], variable: str, line: str
) -> None:
    project.write(SHOW.format(config="", marker=""))
    monkeypatch.setenv("TRACE_OPS_RECORD_MODE", variable)

    result = project.spawn(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([line])


def test_a_mode_there_is_not_in_a_marker_is_an_error_of_the_test(project: Project) -> None:
    project.write("@pytest.mark.cassette(mode='sometimes')\ndef test_one(): pass")

    project.run(errors=1).stdout.fnmatch_lines(["the cassette marker: unknown record mode 'sometimes'; *"])


def test_verify_calls_live_and_tells_a_changed_answer(project: Project) -> None:
    project.write("def test_one(cassette): ask('hello')")
    project.run(passed=1)
    project.run("--record-mode=verify", passed=1)
    assert project.double.hits == 2

    project.double.script(Turn(refusal="No."))
    project.run("--record-mode=verify", failed=1).stdout.fnmatch_lines(
        ["E *VerifyError: *", "1 different*", "DIFFERENT test_app.py::test_one: *"]
    )
