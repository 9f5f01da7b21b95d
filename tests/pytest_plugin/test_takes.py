"""Several takes of one test: recorded, replayed, counted, and reported as one."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from tests.pytest_plugin.conftest import Project
from trace_ops.double import Status, Turn
from trace_ops.pytest_plugin.reliability import pass_hat, spread

ONE = """
    @pytest.mark.takes({arguments})
    def test_agent():
        assert "wrong" not in ask("what is right?")
"""
NAMES = ["test_app/test_agent.yaml", *(f"test_app/test_agent.take-{number}.yaml" for number in range(2, 6))]


def say(project: Project, *texts: str) -> None:
    """Have the model say these, one a call."""
    project.double.script(*(Turn(text=text) for text in texts))


def failed(project: Project, name: str) -> object:
    """How a cassette's take failed, by the metadata of its trace."""
    return project.cassette(name).metadata["take"].get("failed")


@pytest.mark.parametrize("number", range(1, 8))
def test_pass_hat_is_the_share_of_the_subsets_without_a_failure(number: int) -> None:
    for passed in range(number + 1):
        takes = [True] * passed + [False] * (number - passed)
        for k in range(1, number + 1):
            subsets = list(combinations(takes, k))
            assert pass_hat(passed, number, k) == pytest.approx(sum(map(all, subsets)) / len(subsets))


@pytest.mark.parametrize(("passed", "taken", "k"), [(1, 2, 0), (1, 2, 3), (3, 2, 1), (-1, 2, 1)])
def test_pass_hat_of_what_cannot_be(passed: int, taken: int, k: int) -> None:
    with pytest.raises(ValueError, match="no pass"):
        pass_hat(passed, taken, k)


def test_spread() -> None:
    assert spread([]) is None
    assert spread([3]) == (3, 3, 3, 0)
    assert spread([2, 4, 6]) == (2, 4, 6, 2)


def test_each_take_has_a_cassette_and_all_are_replayed(project: Project) -> None:
    project.write(ONE.format(arguments=5))

    project.run("-v", passed=1).stdout.fnmatch_lines(
        ["5 recorded, *", "TAKES test_app.py::test_agent: 5 of 5 takes passed (pass^5 1.00), 1 trajectory, *"]
    )
    assert project.double.hits == 5
    assert project.cassettes() == sorted(NAMES)

    project.run("-v", passed=1).stdout.fnmatch_lines(
        [
            "5 replayed, *",
            "TAKES *",
            "  take 1 passed, * tokens, $*",
            "  take 5 passed, *",
            "  5 of 5: llm:gpt-5",
        ]
    )
    assert project.double.hits == 5
    assert project.leftovers() == []


def test_failed_takes_that_are_allowed_are_kept_and_fail_again(project: Project) -> None:
    project.write(ONE.format(arguments="5, at_least=3"))
    say(project, "right", "wrong", "right", "wrong again", "right")
    line = (
        "TAKES test_app.py::test_agent: 3 of 5 takes passed "
        "(pass^1 0.60, pass^2 0.30, pass^3 0.10, pass^4 0.00), 1 trajectory, *"
    )

    for _ in range(2):
        project.run(passed=1).stdout.fnmatch_lines([line])

    assert project.double.hits == 5
    assert [failed(project, name) for name in NAMES] == [None, "AssertionError", None, "AssertionError", None]


def test_too_many_failed_takes_fail_the_test_now_and_in_every_replay(project: Project) -> None:
    project.write(ONE.format(arguments=3))
    say(project, "right", "wrong", "wrong too")
    lines = [
        "*AssertionError: assert 'wrong' not in 'wrong'",
        "*TraceOps: 1 of 3 takes passed, 3 had to*",
        "take 2 failed: AssertionError: * (shown above)",
        "take 3 failed: AssertionError: assert 'wrong' not in 'wrong too'",
        "TAKES *: 1 of 3 takes passed (*; pytest test_app.py::test_agent --record-mode=all",
        "FAILED test_app.py::test_agent - *",
    ]

    for _ in range(2):
        project.run(failed=1).stdout.fnmatch_lines(lines)
    assert project.double.hits == 3

    say(project, "right", "right", "right")
    project.run("--record-mode=all", passed=1)
    assert [failed(project, name) for name in NAMES[:3]] == [None] * 3


def test_a_failing_test_never_replaces_a_good_take(project: Project) -> None:
    project.write(ONE.format(arguments=2))
    say(project, "right", "fine")
    project.run(passed=1)
    before = [(project.path / "cassettes" / name).read_bytes() for name in NAMES[:2]]

    say(project, "right", "wrong")
    project.run("--record-mode=all", failed=1).stdout.fnmatch_lines(["UNKEPT *test_agent (take 2): *"])

    assert (project.path / "cassettes" / NAMES[1]).read_bytes() == before[1]
    project.run(passed=1)


def test_a_failed_take_that_is_allowed_replaces_a_good_one(project: Project) -> None:
    project.write(ONE.format(arguments="2, at_least=1"))
    say(project, "right", "fine")
    project.run(passed=1)

    say(project, "wrong", "right")
    project.run("--record-mode=all", passed=1)

    project.run(passed=1).stdout.fnmatch_lines(["TAKES *: 1 of 2 takes passed *"])
    assert failed(project, NAMES[0]) == "AssertionError"


def test_a_take_that_failed_with_the_provider_is_no_data(project: Project) -> None:
    project.write(ONE.format(arguments="2, at_least=1"))
    project.double.fail(Status(503))

    project.run(passed=1).stdout.fnmatch_lines(["UNKEPT *(take 1): *"])
    assert project.cassettes() == [NAMES[1]]


def test_without_the_cassette_of_a_take_mode_none_says_which(project: Project) -> None:
    project.write(ONE.format(arguments="3, at_least=0"))
    project.run(passed=1)
    (project.path / "cassettes" / NAMES[1]).unlink()

    result = project.run("--record-mode=none", failed=1)

    result.stdout.fnmatch_lines(
        [
            "*test: test_app.py::test_agent (take 2 of 3)",
            "MISSING test_app.py::test_agent (take 2): no cassette *test_agent.take-2.yaml; pytest *--record",
            "TAKES test_app.py::test_agent: 2 of 3 takes passed, take 2 cannot be judged",
        ]
    )
    project.run("--record", passed=1)
    assert project.double.hits == 4


def test_fewer_takes_leave_orphans(project: Project) -> None:
    project.write(ONE.format(arguments=3))
    project.run(passed=1).stdout.no_fnmatch_line("ORPHAN *")
    project.write(ONE.format(arguments="2, at_least=1"))

    project.run(passed=1).stdout.fnmatch_lines(["ORPHAN cassettes/test_app/test_agent.take-3.yaml: *"])


def test_fixtures_of_the_test_are_new_for_each_take_and_wider_ones_are_not(project: Project) -> None:
    project.write("""
        made = []

        @pytest.fixture(scope="module")
        def wide():
            made.append("wide")
            yield
            made.append("wide gone")

        @pytest.fixture
        def narrow(wide, tmp_path):
            made.append("narrow")
            yield tmp_path
            made.append("narrow gone")

        class TestAgent:
            seen = None

            @pytest.mark.takes(2)
            @pytest.mark.parametrize("city", ["Oslo", "Rome"])
            def test_one(self, narrow, city):
                assert self.seen is None
                self.seen = ask(city)
                assert not list(narrow.iterdir())
                (narrow / "file").touch()

        def test_after():
            assert made == ["wide", *["narrow", "narrow gone"] * 4]
    """)

    project.run(passed=3)
    project.run(passed=3)
    assert project.double.hits == 4
    assert len(project.cassettes()) == 4


@pytest.mark.parametrize("marks", ["asyncio", "anyio"])
def test_async_tests(project: Project, marks: str) -> None:
    backend = "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n"
    project.file("conftest.py", f"import pytest\n{backend}")
    project.write(f"""
        @pytest.mark.{marks}
        @pytest.mark.takes(3)
        async def test_agent():
            assert await ask_async("hello")
    """)

    project.run(passed=1)
    project.run(passed=1).stdout.fnmatch_lines(["3 replayed, *", "TAKES *: 3 of 3 takes passed *"])
    assert project.double.hits == 3


def test_unittest(project: Project) -> None:
    project.write("""
        import unittest

        class TestAgent(unittest.TestCase):
            @pytest.mark.takes(2)
            def test_agent(self):
                assert not hasattr(self, "said")
                self.said = ask("hello")
    """)

    project.run(passed=1)
    assert len(project.cassettes()) == 2


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("", "the takes marker is takes(n, *, at_least=None), not takes()"),
        ("0", "the takes marker's n is a number of takes from 1, not 0"),
        ("True", "the takes marker's n is a number of takes from 1, not True"),
        ("2, at_least=3", "the takes marker's at_least is a number from 0 to 2, not 3"),
        ("2, atleast=1", "the takes marker is takes(n, *, at_least=None), not takes(2, atleast=1)"),
    ],
)
def test_a_marker_that_cannot_be(project: Project, arguments: str, problem: str) -> None:
    project.write(ONE.format(arguments=arguments))

    project.run(errors=1).stdout.fnmatch_lines([f"*{problem}", "*  test: test_app.py::test_agent"])
    assert project.double.hits == 0


def test_takes_without_a_call_have_no_line(project: Project) -> None:
    project.write("""
        @pytest.mark.takes(2)
        def test_agent(): pass
    """)

    project.run("-v", passed=1).stdout.no_fnmatch_line("TAKES *")


def test_skipped_and_expected_to_fail(project: Project) -> None:
    project.write("""
        @pytest.mark.takes(2)
        @pytest.mark.skip
        def test_skipped(): ask("one")

        @pytest.mark.takes(2)
        def test_skips(): pytest.skip("no")

        @pytest.mark.takes(2)
        @pytest.mark.xfail(strict=True)
        def test_xfails(): assert not ask("two")
    """)

    project.run(skipped=2, xfailed=1)


def test_an_error_of_a_fixture_is_one(project: Project) -> None:
    project.write("""
        takes = iter([1, 2])

        @pytest.fixture
        def agent():
            assert next(takes) == 1

        @pytest.mark.takes(2)
        def test_agent(agent): pass
    """)

    project.run(errors=1).stdout.fnmatch_lines(
        ["*TraceOps: 1 of 2 takes passed, 2 had to*", "take 2 failed: *"]
    )


def test_stopping_at_the_first_failure_and_running_it_again(project: Project) -> None:
    project.write(ONE.format(arguments=2) + "\n    def test_after(): pass")
    say(project, "wrong", "right")

    project.run("-x", failed=1).stdout.fnmatch_lines(["take 1 failed: *"])
    result = project.spawn("--lf")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*run-last-failure: rerun previous 1 failure*", "2 replayed, *"])


def test_junit_has_one_case_with_the_time_of_all_takes(project: Project) -> None:
    project.write("""
        import time

        @pytest.mark.takes(3)
        def test_agent(): time.sleep(0.02)
    """)

    project.run("--junitxml=out.xml", passed=1)

    cases = list(ET.parse(project.path / "out.xml").iter("testcase"))
    assert [case.get("name") for case in cases] == ["test_agent"]
    assert float(cases[0].get("time", 0)) >= 0.06


@pytest.mark.parametrize("distribution", ["load", "each"])
def test_xdist(project: Project, distribution: str) -> None:
    project.write(ONE.format(arguments="3, at_least=1") + "\n    def test_other(cassette): ask('other')")
    say(project, "right", "wrong", "right")

    project.spawn("-n1", f"--dist={distribution}").assert_outcomes(passed=2)
    result = project.spawn("-n2", "--dist=load")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["4 replayed, *", "TAKES test_app.py::test_agent: * of 3 takes passed *"])
    assert project.double.hits == 4


def test_other_trajectories_are_counted(project: Project) -> None:
    project.write("""
        @pytest.mark.takes(3)
        def test_agent():
            if "twice" in ask("one"):
                ask("two")
    """)
    say(project, "once", "twice", "and done", "once")
    lines = [
        "TAKES *: 3 of 3 takes passed (pass^3 1.00), 2 trajectories, *",
        "  2 of 3: llm:gpt-5",
        "  1 of 3: llm:gpt-5 > llm:gpt-5",
    ]

    project.run("-v", passed=1)
    project.run("-v", passed=1).stdout.fnmatch_lines(lines)


def test_the_report_holds_all_figures(project: Project) -> None:
    project.write(ONE.format(arguments="2, at_least=1"))
    say(project, "right", "wrong")

    project.run("--trace-report=json:report.json", passed=1)

    (takes,) = json.loads((project.path / "report.json").read_text())["takes"]
    assert (takes["passed"], takes["taken"], takes["at_least"]) == (1, 2, 1)
    assert takes["pass_hat"] == {"1": 0.5, "2": 0.0}
    assert takes["trajectories"] == [{"steps": ["llm:gpt-5"], "takes": 2}]
    assert [take["result"] for take in takes["takes"]] == ["passed", "failed"]
    assert takes["tokens"]["min"] <= takes["tokens"]["mean"] <= takes["tokens"]["max"]
