"""Several tests on one cassette, in one process and in several."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import Project

SHARED = "shared.yaml"
TESTS = """
    pytestmark = pytest.mark.cassette("shared.yaml")

    @pytest.mark.parametrize("number", range({count}))
    def test_ask(number):
        ask(f"question {{number}}{suffix}")
"""


def asking(count: int, suffix: str = "") -> str:
    return TESTS.format(count=count, suffix=suffix)


def prompts(project: Project) -> list[str]:
    found = []
    for span in project.cassette(SHARED):
        assert span.exchange is not None
        assert span.exchange.request.body is not None
        found.append(span.exchange.request.body.json["messages"][0]["content"])
    return sorted(found)


def expected(count: int, suffix: str = "") -> list[str]:
    return sorted(f"question {number}{suffix}" for number in range(count))


@pytest.mark.parametrize("mode", ["once", "new_episodes", "update", "all", "rewrite"])
def test_each_test_adds_what_it_asked(project: Project, mode: str) -> None:
    project.write(asking(4))

    project.run(f"--record-mode={mode}", passed=4)
    assert (prompts(project), project.double.hits) == (expected(4), 4)

    project.run("--record-mode=none", passed=4)
    assert project.double.hits == 4


@pytest.mark.parametrize("mode", ["once", "all"])
def test_forty_calls_from_two_processes_are_all_kept(project: Project, mode: str) -> None:
    project.write(asking(40))
    if mode == "all":
        project.run(passed=40)

    result = project.spawn("-n", "2", f"--record-mode={mode}")

    result.assert_outcomes(passed=40)
    result.stdout.fnmatch_lines(["40 recorded, spent $*"])
    assert prompts(project) == expected(40)
    hits = project.double.hits
    project.spawn("-n", "2").stdout.fnmatch_lines(["40 replayed, saved $*"])
    assert project.double.hits == hits
    assert project.leftovers() == []


def test_recording_again_replaces_all_of_it(project: Project) -> None:
    project.write(asking(3))
    project.run(passed=3)
    before = {span.exchange.outcome.body.json["id"] for span in project.cassette(SHARED)}  # type: ignore[union-attr]

    project.run("--record-mode=all", passed=3)

    after = {span.exchange.outcome.body.json["id"] for span in project.cassette(SHARED)}  # type: ignore[union-attr]
    assert (prompts(project), project.double.hits, before & after) == (expected(3), 6, set())


def test_recording_one_test_again_leaves_the_others_alone(project: Project) -> None:
    project.write(asking(3))
    project.run(passed=3)

    project.run("--record-mode=all", "test_app.py::test_ask[1]", passed=1)
    project.run("--record", "-k", "0", passed=1, deselected=2)

    assert (prompts(project), project.double.hits) == (expected(3), 4)


def test_update_drops_what_no_test_asks_any_more(project: Project) -> None:
    project.write(asking(3))
    project.run(passed=3)
    project.write(asking(2))

    project.run("--record", passed=2)

    assert (prompts(project), project.double.hits) == (expected(2), 3)


def test_a_failing_test_keeps_the_old_calls(project: Project) -> None:
    project.write(asking(2))
    project.run(passed=2)
    project.write(asking(2, " anew") + "        assert number\n")

    project.run("--record-mode=all", passed=1, failed=1)

    assert prompts(project) == sorted([*expected(2), "question 1 anew"])


def test_calls_that_no_test_makes_fail_the_run_but_no_test(project: Project) -> None:
    project.write(asking(3))
    project.run(passed=3)
    project.write(asking(2))

    result = project.run(passed=2)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "2 replayed, 1 shared cassette unplayed, saved *",
            "UNPLAYED cassettes/shared.yaml: no test made span 3 openai chat.completions *; pytest --record",
        ]
    )


def test_calls_that_no_test_makes_fail_the_run_under_xdist(project: Project) -> None:
    project.write(asking(5))
    project.run(passed=5)
    project.write(asking(4))

    result = project.spawn("-n", "2")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["4 replayed, 1 shared cassette unplayed, saved *", "UNPLAYED cassettes/shared.yaml: *"]
    )


def test_a_part_of_the_tests_says_nothing_about_the_rest(project: Project) -> None:
    project.write(asking(3))
    project.run(passed=3)

    assert project.run("test_app.py::test_ask[0]", passed=1).ret == pytest.ExitCode.OK
    assert project.run("-k", "1", passed=1, deselected=2).ret == pytest.ExitCode.OK


def test_an_equal_call_of_two_tests_is_recorded_once_in_one_process(project: Project) -> None:
    project.write(
        """
        pytestmark = pytest.mark.cassette("shared.yaml")

        def test_one(): ask("same")
        def test_two(): ask("same")
        """
    )

    project.run(passed=2)

    assert (prompts(project), project.double.hits) == (["same"], 1)


def test_a_call_recorded_twice_at_once_is_not_called_unplayed(project: Project) -> None:
    project.write(
        """
        import time
        pytestmark = pytest.mark.cassette("shared.yaml")

        def test_one():
            ask("same")
            time.sleep(1)

        def test_two():
            ask("same")
            time.sleep(1)
        """
    )
    project.spawn("-n", "2").assert_outcomes(passed=2)

    assert project.run(passed=2).ret == pytest.ExitCode.OK


def test_a_path_that_one_test_has_to_itself_is_judged_with_the_test(project: Project) -> None:
    source = "@pytest.mark.cassette('own.yaml')\ndef test_one():\n    for word in {!r}: ask(word)"
    project.write(source.format(["a", "b"]))
    project.run(passed=1)
    project.write(source.format(["a"]))

    project.run(failed=1).stdout.fnmatch_lines(["E *UnplayedCallsError: *"])
