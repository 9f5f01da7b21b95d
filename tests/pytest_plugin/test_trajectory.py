"""The marker ``trajectory``."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import Project

AGENT = """
    @pytest.mark.trajectory({mark})
    def test_agent(cassette):
        ask("hello")
        for tool in {tools!r}:
            cassette.record_tool_call(tool, {{"city": "Oslo"}}, "done")
"""


def agent(*tools: str, mark: str) -> str:
    return AGENT.format(tools=list(tools), mark=mark)


def test_a_run_that_takes_the_steps_passes(project: Project) -> None:
    project.write(agent("plan", "read", "search", "answer", mark='["plan", {"search", "read"}, "answer"]'))

    project.run(passed=1)
    project.run(passed=1)


def test_other_steps_fail_with_both_beside_each_other(project: Project) -> None:
    project.write(agent("plan", "answer", mark='["plan", "search", "answer"]'))

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(
        ["E   trace_ops.assertions.TrajectoryError: *", "E *search*", "E *trajectory: *"]
    )
    assert "trace_ops/" not in result.stdout.str().partition("FAILURES")[2]
    assert project.cassettes() == []


def test_the_mode_is_given_by_name(project: Project) -> None:
    project.write(agent("plan", "look", "answer", mark='["plan", "answer"], mode="in_order"'))
    project.run(passed=1)
    project.write(agent("plan", "look", "answer", mark='["plan", "answer"], mode="strict"'))
    project.run(failed=1)


def test_the_closest_marker_wins_as_a_whole(project: Project) -> None:
    project.write(
        """
        pytestmark = pytest.mark.trajectory(["plan"], mode="superset")

        def test_module(cassette):
            ask("hello")

        @pytest.mark.trajectory([])
        def test_own(cassette):
            ask("hello")
        """
    )

    project.run(passed=1, failed=1).stdout.fnmatch_lines(["FAILED test_app.py::test_module*"])


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (
            '["plan"], mode="loose"',
            "the trajectory marker: unknown trajectory mode 'loose'; choose strict, *",
        ),
        ('"plan"', "the trajectory marker: the expected trajectory is a list of steps, not 'plan'"),
        ("", "the trajectory marker is trajectory(expected, *, mode='strict', kinds=None), not trajectory()"),
        ("[], order=1", "the trajectory marker is trajectory(expected, *, mode='strict', kinds=None), not *"),
    ],
)
def test_a_wrong_option_is_one_clear_error(project: Project, mark: str, told: str) -> None:
    project.write(agent("plan", mark=mark))

    result = project.run(errors=1)

    result.stdout.fnmatch_lines([told, "  test: test_app.py::test_agent"])
    assert "site-packages" not in result.stdout.str()


def test_a_budget_and_a_trajectory_are_told_together(project: Project) -> None:
    project.write(
        """
        @pytest.mark.budget(max_llm_calls=0)
        @pytest.mark.trajectory(["plan"])
        def test_agent(cassette):
            ask("hello")
        """
    )

    project.run(failed=1).stdout.fnmatch_lines(["E *BudgetExceededError: *LLM call*", "E *plan*"])


def test_trajectories_under_xdist(project: Project) -> None:
    project.write(
        agent("plan", mark='["plan", "search"]') + agent("plan", mark='["plan"]').replace("agent", "ok")
    )

    result = project.spawn("-n", "2", "-W", "error")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["E   trace_ops.assertions.TrajectoryError: *"])
