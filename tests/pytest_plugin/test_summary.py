"""The section at the end of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.pytest_plugin.conftest import Project
from trace_ops.pytest_plugin.closing import LooseEnd
from trace_ops.pytest_plugin.outcome import Outcome, Unplayed
from trace_ops.pytest_plugin.summary import lines, money

REPLAYED = Outcome(
    "t.py::test_a", "pytest t.py::test_a --record", "c/a.yaml", "once", passed=True, replayed=2, saved=0.5
)


def section(*outcomes: Outcome, loose: tuple[LooseEnd, ...] = (), quiet: bool = False) -> list[str]:
    return [line.text for line in lines(outcomes, loose, quiet=quiet)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["1 replayed, saved $0.5"]),
        ({"replayed": 0, "recorded": 1, "spent": 1.234}, ["1 recorded, spent $1.23"]),
        ({"replayed": 0, "recorded": 1, "spent": None}, ["1 recorded, spent unknown"]),
        (
            {"recorded": 3, "spent": 0.25},
            [
                "1 partial, spent $0.25, saved $0.5",
                "PARTIAL t.py::test_a: 3 calls recorded, 2 replayed",
            ],
        ),
        (
            {"missed": 1, "passed": False},
            [
                "1 missed, saved $0.5",
                "MISSED t.py::test_a: 1 call not in c/a.yaml; pytest t.py::test_a --record",
            ],
        ),
        (
            {"missed": 1, "missing": True, "replayed": 0},
            ["1 missing", "MISSING t.py::test_a: no cassette c/a.yaml; pytest t.py::test_a --record"],
        ),
        (
            {"unplayed": [Unplayed(4, "span 4 openai embeddings")], "problem": "UnplayedCallsError"},
            [
                "1 unplayed, saved $0.5",
                "UNPLAYED t.py::test_a: span 4 openai embeddings; pytest t.py::test_a --record",
            ],
        ),
        (
            {"replayed": 0, "recorded": 2, "passed": False, "spent": 0.0},
            [
                "1 unkept, spent $0.00",
                (
                    "UNKEPT t.py::test_a: failed after 2 calls, which the next run goes on from; "
                    "pytest t.py::test_a"
                ),
            ],
        ),
        (
            {"blocked": ["example.com:443 (3 times)"]},
            [
                "1 replayed, saved $0.5",
                "BLOCKED t.py::test_a: example.com:443 (3 times); pytest -o trace_allowed_hosts=example.com",
            ],
        ),
    ],
)
def test_one_test(changes: dict[str, object], expected: list[str]) -> None:
    assert section(replace(REPLAYED, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"mode": "update"}, "which the next run goes on from; pytest t.py::test_a --record"),
        (
            {"mode": "new_episodes"},
            "which the next run goes on from; pytest t.py::test_a --record-mode=new_episodes",
        ),
        ({"mode": "all"}, "which are to be made again; pytest t.py::test_a --record-mode=all"),
        (
            {"mode": "new_episodes", "command": "TRACE_OPS_RECORD_MODE=update pytest t.py::test_a"},
            "which the next run goes on from; TRACE_OPS_RECORD_MODE=new_episodes pytest t.py::test_a",
        ),
        ({"mode": "update", "mode_asked": False}, "which the next run goes on from; pytest t.py::test_a"),
    ],
)
def test_what_was_not_kept_is_gone_on_from_in_the_same_mode(changes: dict[str, Any], expected: str) -> None:
    unkept = replace(REPLAYED, recorded=2, passed=False, mode_asked=True)

    assert section(replace(unkept, **changes))[1] == f"UNKEPT t.py::test_a: failed after 2 calls, {expected}"


def test_quiet_tells_only_what_is_not_a_replay() -> None:
    assert section(REPLAYED, quiet=True) == []
    assert section(REPLAYED, replace(REPLAYED, test="b", recorded=1, replayed=0), quiet=True) != []
    assert section(
        REPLAYED, loose=(LooseEnd("orphan", "c/x.yaml", "no test uses it", "rm c/x.yaml"),), quiet=True
    ) == [
        "1 replayed, 1 orphan cassette, saved $0.5",
        "ORPHAN c/x.yaml: no test uses it; rm c/x.yaml",
    ]


def test_tests_without_calls_are_not_told_of() -> None:
    assert section(replace(REPLAYED, replayed=0)) == []


@pytest.mark.parametrize(
    ("amounts", "text"),
    [
        ([], "unknown"),
        ([None], "unknown"),
        ([0.1, None], "$0.1 + unknown"),
        ([0.000012], "$0.000012"),
        ([1000, 234.5], "$1,234.50"),
        ([0.0], "$0.00"),
    ],
)
def test_money(amounts: list[float | None], text: str) -> None:
    assert money(amounts) == text


ONE = "def test_one(cassette): ask('hello')"


def test_orphans_are_told_on_complete_runs_only(project: Project) -> None:
    project.write(ONE)
    project.run(passed=1)
    orphan = project.path / "cassettes/test_app/test_gone.yaml"
    orphan.write_bytes((project.path / "cassettes/test_app/test_one.yaml").read_bytes())
    project.file("cassettes/other.yaml", "interactions: []\nversion: 1\n")

    complete = [[], ["."], [str(project.path)]]
    partial = [
        ["test_app.py"],
        ["test_app.py::test_one"],
        ["-k", "one"],
        ["-m", "not slow"],
        ["--lf"],
        ["--ignore=x"],
    ]

    for arguments in complete:
        project.run(*arguments, passed=1).stdout.fnmatch_lines(
            [
                "1 replayed, 1 orphan cassette, saved *",
                "ORPHAN cassettes/test_app/test_gone.yaml: no test uses it; rm */test_gone.yaml",
            ]
        )
    for arguments in partial:
        assert "ORPHAN" not in project.run(*arguments, passed=1).stdout.str()


def test_cassettes_of_skipped_tests_and_modules_are_no_orphans(project: Project) -> None:
    project.write(ONE)
    project.write(ONE, "test_other.py")
    project.run(passed=2)
    project.write("@pytest.mark.skip\n" + ONE)
    project.write("pytest.importorskip('not_there_at_all')\n" + ONE, "test_other.py")

    assert "ORPHAN" not in project.run(skipped=2).stdout.str()


def test_a_run_with_collection_errors_or_cut_short_tells_of_no_orphans(project: Project) -> None:
    project.write(ONE)
    project.write("def test_z(cassette): ask('z')", "test_z.py")
    project.run(passed=2)
    project.write("1 / 0", "test_app.py")
    assert "ORPHAN" not in project.run("--continue-on-collection-errors", passed=1, errors=1).stdout.str()

    project.write("def test_fail(): assert 0")
    assert "ORPHAN" not in project.run("-x", failed=1).stdout.str()


def test_tests_taken_out_by_a_plugin_make_a_run_partial(project: Project) -> None:
    project.write(ONE + "\ndef test_two(cassette): ask('two')")
    project.run(passed=2)
    project.file("conftest.py", "def pytest_collection_modifyitems(items): del items[1:]")

    assert "ORPHAN" not in project.run(passed=1).stdout.str()


def test_orphans_and_counts_under_xdist(project: Project) -> None:
    project.write(
        """
        @pytest.mark.parametrize("number", range(6))
        def test_ask(cassette, number):
            ask(str(number))

        def test_plain(): pass
        """
    )
    project.spawn("-n", "2").stdout.fnmatch_lines(["6 recorded, spent $*"])
    (project.path / "cassettes/test_app/test_ask[5].yaml").rename(
        project.path / "cassettes/test_app/test_old.yaml"
    )

    result = project.spawn("-n", "2")

    result.stdout.fnmatch_lines(
        [
            "5 replayed, 1 recorded, 1 orphan cassette, spent $*, saved $*",
            "ORPHAN cassettes/test_app/test_old.yaml: *",
        ]
    )
    quiet = project.spawn("-n", "2", "-q", "-k", "ask")
    assert "= TraceOps =" not in quiet.stdout.str()


def test_quiet_runs_that_only_replay_say_nothing(project: Project) -> None:
    project.write(ONE)
    project.run(passed=1)

    assert "= TraceOps =" in project.run(passed=1).stdout.str()
    assert "= TraceOps =" not in project.run("-q", passed=1).stdout.str()


def test_an_outcome_travels_as_plain_data() -> None:
    """Other types end a worker of xdist with an internal error."""
    outcome = replace(REPLAYED, unplayed=[Unplayed(4, "span 4 openai embeddings")])

    assert json.loads(json.dumps(outcome.values())) == outcome.values()
    assert type(outcome.values()["unplayed"][0]) is list
    assert Outcome(**outcome.values()) == outcome


@pytest.mark.parametrize(
    ("number", "verbose", "last"),
    [(30, False, "  29"), (31, False, "  2 more lines, with -v"), (31, True, "  30")],
)
def test_a_long_difference_is_cut(number: int, verbose: bool, last: str) -> None:
    told = replace(REPLAYED, change="first", change_lines=[str(at) for at in range(number)])

    section = [line.text for line in lines([told], verbose=verbose)]

    assert section[1] == "CHANGED t.py::test_a: first"
    assert (len(section), section[-1]) == (2 + (31 if verbose else 30), last)
