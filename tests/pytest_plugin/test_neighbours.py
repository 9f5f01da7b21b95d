"""Beside other recorders: the real packages, each as its users run it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.pytest_plugin.conftest import PLUGIN, Project

HAVE_RECORDING = find_spec("pytest_recording") is not None
HAVE_CASSETTER = find_spec("cassetter") is not None

BESIDE_RECORDING = ("-p", "no:cassetter")
BESIDE_CASSETTER = ("-p", "no:recording")

BOTH = """
    import urllib.request

    def test_ours(cassette):
        ask("hello")

    @pytest.mark.vcr
    def test_theirs():
        urllib.request.urlopen({url!r}).read()
"""


@pytest.fixture
def neighbours(project: Project) -> Project:
    """Their plugins patch HTTP for good, so that each run gets a process of its own."""
    project.write(BOTH.format(url=project.double.url + "/v1/models"))
    return project


def run(project: Project, *args: str) -> pytest.RunResult:
    return project.pytester.runpytest_subprocess(*PLUGIN, *args)


@pytest.mark.skipif(not HAVE_RECORDING, reason="pytest-recording is not installed")
def test_beside_pytest_recording_both_record_and_its_record_mode_is_ours_too(neighbours: Project) -> None:
    first = run(neighbours, *BESIDE_RECORDING, "--record-mode=once")
    first.assert_outcomes(passed=2)
    first.stdout.fnmatch_lines(["1 recorded, spent $*"])
    hits = neighbours.double.hits

    second = run(neighbours, *BESIDE_RECORDING, "--record-mode=none")
    second.assert_outcomes(passed=2)
    second.stdout.fnmatch_lines(["1 replayed, saved $*"])
    assert neighbours.double.hits == hits == 2


@pytest.mark.skipif(not HAVE_RECORDING, reason="pytest-recording is not installed")
def test_beside_pytest_recording_record_is_a_flag(neighbours: Project) -> None:
    run(neighbours, *BESIDE_RECORDING, "--record", "-k", "ours").stdout.fnmatch_lines(
        ["1 recorded, spent $*"]
    )
    run(neighbours, *BESIDE_RECORDING, "-k", "ours").stdout.fnmatch_lines(["1 replayed, saved $*"])


@pytest.mark.skipif(not HAVE_CASSETTER, reason="cassetter is not installed")
def test_beside_cassetter_its_fixture_is_left_alone_and_a_mix_up_is_told(neighbours: Project) -> None:
    result = run(neighbours, *BESIDE_CASSETTER, "--record-mode=once")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "fixture 'cassette' is cassetter.pytest_plugin's here, since two plugins provide it.",
            "  for TraceOps: ask for the fixture 'trace_cassette', or run pytest -p no:cassetter",
            "  for cassetter.pytest_plugin: mark the test with pytest.mark.vcr",
        ]
    )


@pytest.mark.skipif(not HAVE_CASSETTER, reason="cassetter is not installed")
def test_beside_cassetter_markers_and_the_other_name_work(project: Project) -> None:
    project.write(
        """
        @pytest.mark.cassette
        def test_marked():
            ask("hello")

        def test_fixture(trace_cassette):
            ask("hello again")

        @pytest.mark.vcr
        def test_theirs(cassette):
            assert type(cassette).__module__.startswith("cassetter")

        def test_plain():
            pass
        """
    )
    mode = "--record-mode=once"
    run(project, *BESIDE_CASSETTER, mode).assert_outcomes(passed=4)
    result = run(project, *BESIDE_CASSETTER, "--record-mode=none")

    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["2 replayed, saved $*"])
    assert project.double.hits == 2


def test_a_conftest_may_have_record_mode_or_record_of_its_own(project: Project) -> None:
    project.file(
        "conftest.py",
        """
        def pytest_addoption(parser):
            parser.addoption("--record-mode", default="none")
            parser.addoption("--record", default=None)
        """,
    )
    project.write("def test_one(cassette):\n    print(f'mode={cassette.mode.name}')\n    ask('hello')")

    result = project.run("-s", "--record-mode=update", passed=1)

    result.stdout.fnmatch_lines(["*mode=update*"])
    (project.path / "cassettes/test_app/test_one.yaml").unlink()
    project.run("--record-mode=none", failed=1).stdout.fnmatch_lines(
        ["E * record it: TRACE_OPS_RECORD_MODE=update pytest test_app.py::test_one"]
    )


def test_a_project_may_extend_the_fixture(project: Project) -> None:
    project.file(
        "conftest.py",
        """
        import pytest

        @pytest.fixture
        def cassette(cassette):
            cassette.extended = True
            return cassette
        """,
    )
    project.write("def test_one(cassette):\n    assert cassette.extended\n    ask('hello')")

    project.run(passed=1)
    project.run(passed=1)

    assert project.double.hits == 1
