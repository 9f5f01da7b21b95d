"""The marker ``budget``."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import Project

AGENT = """
    WORDS = {words!r}

    {mark}
    def test_agent({fixtures}):
        for word in WORDS:
            ask(word)
"""


def agent(*words: str, mark: str = "", fixtures: str = "") -> str:
    return AGENT.format(words=list(words), mark=mark and f"@pytest.mark.budget({mark})", fixtures=fixtures)


def test_a_run_within_its_budget_passes_with_no_fixture(project: Project) -> None:
    project.write(agent("one", mark="max_llm_calls=1, max_tokens=100, max_usd=0.01, max_seconds=60"))

    project.run(passed=1)
    project.run(passed=1)
    assert project.cassettes() == ["test_app/test_agent.yaml"]
    assert project.double.hits == 1


def test_a_replay_over_budget_fails_with_what_is_too_much_and_no_traceback(project: Project) -> None:
    project.write(agent("one", "two", fixtures="cassette"))
    project.run(passed=1)
    project.write(agent("one", "two", mark="max_llm_calls=1"))

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(
        [
            "*_ test_agent _*",
            "E   *.BudgetExceededError: max_llm_calls: 2 LLM calls, 1 over the limit of 1 (+100%)",
            "E   trajectory: llm:gpt-5 -> [[]llm:gpt-5[]]",
            "*= TraceOps =*",
            "1 replayed, *",
            "FAILED test_app.py::test_agent - *BudgetExceededError: *",
        ]
    )
    shown = result.stdout.str().partition("FAILURES")[2]
    assert "trace_ops/" not in shown
    assert "site-packages" not in shown
    assert "INTERNALERROR" not in shown
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_recording_over_budget_leaves_the_good_cassette_and_keeps_what_it_paid_for(
    project: Project,
) -> None:
    project.write(agent("one", mark="max_llm_calls=1"))
    project.run(passed=1)
    good = (project.path / "cassettes/test_app/test_agent.yaml").read_bytes()
    project.write(agent("one", "two", mark="max_llm_calls=1"))

    project.run("--record", failed=1).stdout.fnmatch_lines(["E *BudgetExceededError: *", "1 unkept, *"])

    assert (project.path / "cassettes/test_app/test_agent.yaml").read_bytes() == good
    assert project.leftovers() != []
    assert project.double.hits == 2
    project.write(agent("one", "two", mark="max_llm_calls=2"))
    resumed = project.run("--record", "-W", "error", passed=1)
    resumed.stdout.fnmatch_lines(
        [
            "WARNING test_app.py::test_agent: going on from an unfinished recording (1 step); "
            "delete cassettes/test_app/test_agent.yaml.*.journal to start over"
        ]
    )
    assert project.double.hits == 2
    assert project.leftovers() == []


def test_a_first_recording_over_budget_leaves_no_cassette(project: Project) -> None:
    project.write(agent("one", "two", mark="max_llm_calls=1"))

    project.run(failed=1)

    assert project.cassettes() == []
    assert project.leftovers() != []


def test_relative_limits_are_held_against_the_recording(project: Project) -> None:
    project.write(agent("one", mark='max_llm_calls="+0%", max_tokens="+10%"'))
    project.run("-v", passed=1).stdout.fnmatch_lines(
        [
            "1 recorded, spent *",
            "NOTE test_app.py::test_agent: max_tokens=+10% was not checked: there is no recording yet to *",
            "NOTE test_app.py::test_agent: max_llm_calls=+0% was not checked: *",
        ]
    )
    assert "NOTE" not in project.run("-v", passed=1).stdout.str()
    project.write(agent("one", "two", mark='max_llm_calls="+0%", max_tokens="+10%"'))

    project.run("--record", failed=1).stdout.fnmatch_lines(
        [
            "E   *.BudgetExceededError: max_tokens: 32 tokens, 15 over the limit of 17, "
            "+10% on the recorded 16 (+88%)",
            "E   max_llm_calls: 2 LLM calls, 1 over the limit of 1, +0% on the recorded 1 (+100%)",
            "*- TraceOps: what the run did differently from its recording -*",
            "first difference: step 2, openai chat.completions gpt-5: step added",
        ]
    )
    project.write(agent("one", "two", mark='max_llm_calls="+100%", max_tokens="+200%"'))
    project.run("--record", passed=1)


def test_a_replay_on_a_slow_machine_keeps_to_a_relative_time(project: Project) -> None:
    project.write(agent("one", "two", mark="max_seconds='+10%'"))
    project.run(passed=1)
    late = "@pytest.fixture(autouse=True)\ndef late(trace_cassette): time.sleep(0.5)\n"
    project.file("conftest.py", f"import time\nimport pytest\n{late}")

    project.run(passed=1)


def test_a_relative_limit_on_a_cassette_of_several_tests_is_refused(project: Project) -> None:
    project.write(
        """
        pytestmark = pytest.mark.cassette("shared")

        @pytest.mark.budget(max_tokens="+10%")
        def test_one(): ask("one")

        @pytest.mark.budget(max_tokens=100)
        def test_two(): ask("two")
        """
    )

    project.run(passed=1, errors=1).stdout.fnmatch_lines(
        ["the budget marker has a limit relative to the recording, and other tests are recorded in the *"]
    )


def test_one_test_on_a_named_cassette_of_its_own_has_relative_limits(project: Project) -> None:
    project.write(
        """
        @pytest.mark.cassette("named")
        @pytest.mark.budget(max_tokens="+10%")
        def test_one(): ask("one")
        """
    )

    project.run(passed=1)
    project.run("test_app.py::test_one", passed=1)


def test_the_closest_marker_wins_limit_by_limit(project: Project) -> None:
    project.write(
        """
        pytestmark = pytest.mark.budget(max_llm_calls=1, max_tokens=1)

        @pytest.mark.budget(max_llm_calls=2)
        class TestAgents:
            def test_inherits(self):
                ask("one")

            @pytest.mark.budget(max_tokens=1000)
            def test_overrides(self):
                ask("one")
                ask("two")

            @pytest.mark.budget(max_tokens=None, max_llm_calls=None)
            def test_lifts(self):
                for word in ("one", "two", "three"):
                    ask(word)
        """
    )

    project.run(passed=2, failed=1).stdout.fnmatch_lines(["FAILED test_app.py::TestAgents::test_inherits*"])


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("max_dollars=1", "the budget marker: there is no limit 'max_dollars'; there are max_usd, *"),
        ("max_tokens='10%'", "the budget marker: max_tokens='10%': *"),
        ("max_usd=-1", "the budget marker: max_usd=-1: *"),
        ("0.01", "the budget marker takes limits by name, such as max_usd=0.01, not (0.01,)"),
    ],
)
def test_a_wrong_option_is_one_clear_error(project: Project, mark: str, told: str) -> None:
    project.write(agent("one", mark=mark))

    result = project.run(errors=1)

    result.stdout.fnmatch_lines(["*ERROR at setup of test_agent*", told, "  test: test_app.py::test_agent"])
    assert "Traceback" not in result.stdout.str()
    assert "site-packages" not in result.stdout.str()
    assert project.double.hits == 0


def test_an_unknown_price_is_told_and_fails(project: Project) -> None:
    project.write(
        """
        @pytest.mark.budget(max_usd=1)
        def test_agent():
            with OpenAI(max_retries=0) as client:
                client.chat.completions.create(
                    model="nobody-knows", messages=[{"role": "user", "content": "x"}]
                )
        """
    )

    project.run(failed=1).stdout.fnmatch_lines(["E *BudgetExceededError: *nobody-knows*"])


def test_expected_failures_may_name_the_error(project: Project) -> None:
    project.write(
        """
        @pytest.mark.xfail(raises=AssertionError, strict=True)
        @pytest.mark.budget(max_llm_calls=0)
        def test_agent(): ask("one")
        """
    )

    project.run(xfailed=1)


def test_a_miss_and_an_error_of_the_test_come_before_the_budget(project: Project) -> None:
    project.write(agent("one", mark="max_llm_calls=5"))
    project.run(passed=1)
    project.write(agent("other", mark="max_llm_calls=0"))
    project.run(failed=1).stdout.fnmatch_lines(["E *UnrecordedCallError: *"])
    project.write(agent("one", mark="max_llm_calls=0") + "        assert 0, 'the test itself'\n")

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(["E *AssertionError: the test itself"])
    assert "BudgetExceeded" not in result.stdout.str()


def test_loops_fail(project: Project) -> None:
    project.write(
        """
        @pytest.mark.budget(no_loops=2)
        def test_agent(cassette):
            ask("one")
            for _ in range(3):
                cassette.record_tool_call("search", {"city": "Oslo"}, "12 degrees")
        """
    )

    project.run(failed=1).stdout.fnmatch_lines(
        ["E   trace_ops.assertions.BudgetExceededError: *search*3 times*"]
    )


def test_unittest_and_async_tests_have_budgets_too(project: Project) -> None:
    project.write(
        """
        import unittest

        @pytest.mark.budget(max_llm_calls=0)
        class AgentCase(unittest.TestCase):
            def test_case(self):
                ask("one")

        @pytest.mark.asyncio
        @pytest.mark.budget(max_llm_calls=0)
        async def test_async():
            await ask_async("one")
        """
    )

    project.run(failed=2).stdout.fnmatch_lines(["E *BudgetExceededError: *", "E *BudgetExceededError: *"])


def test_budgets_under_xdist(project: Project) -> None:
    project.write(
        """
        @pytest.mark.budget(max_llm_calls=1)
        @pytest.mark.parametrize("number", range(4))
        def test_ask(number):
            for turn in range(number):
                ask(f"{number} {turn}")
        """
    )

    result = project.spawn("-n", "2", "-W", "error")

    result.assert_outcomes(passed=2, failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["E   trace_ops.assertions.BudgetExceededError: *", "1 recorded, 2 unkept, *"]
    )
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("mark", ["budget()", "budget(max_money=1)", "cassette(mode='sometimes')"])
def test_a_marker_that_cannot_be_is_told_with_no_command(project: Project, mark: str) -> None:
    project.write(f"""
        @pytest.mark.{mark}
        def test_agent(cassette): ask("one")
    """)

    result = project.run(errors=1)

    result.stdout.fnmatch_lines(["*  test: test_app.py::test_agent", "BROKEN test_app.py::test_agent: *"])
    result.stdout.no_fnmatch_line("BROKEN *; pytest *")
    result.stdout.no_fnmatch_line("BROKEN *.yaml*")
    result.stdout.no_fnmatch_line("BROKEN *UsageError*")
