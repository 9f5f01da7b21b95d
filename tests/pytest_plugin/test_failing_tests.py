"""What fails a test, what it says, and what it leaves behind."""

from __future__ import annotations

import sys

import pytest

from tests.pytest_plugin.conftest import Project

CHANGING = """
    WORDS = {words!r}

    def test_agent(cassette):
        for word in WORDS:
            ask(word)
"""


def words(*words: str) -> str:
    return CHANGING.format(words=list(words))


def test_an_unknown_call_fails_the_test_and_says_what_to_run(project: Project) -> None:
    project.write(words("one"))
    project.run(passed=1)
    project.write(words("other"))

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *UnrecordedCallError: no recorded call for openai POST /chat/completions (model gpt-5)",
            'E * messages.0.content: "one" -> "other"',
            "E * cassette: *test_agent.yaml",
            "E * test: test_app.py::test_agent",
            "E * record it: pytest test_app.py::test_agent --record",
            (
                "MISSED test_app.py::test_agent: 1 call not in cassettes/test_app/test_agent.yaml; "
                "pytest test_app.py::test_agent --record"
            ),
        ]
    )
    assert "site-packages" not in result.stdout.str().partition("FAILURES")[2]
    assert project.double.hits == 1


def test_a_swallowed_miss_fails_the_test(project: Project) -> None:
    project.write(words("one"))
    project.run(passed=1)
    project.write(
        """
        def test_agent(cassette):
            ask("one")
            try:
                ask("other")
            except Exception:
                pass
        """
    )

    project.run(failed=1).stdout.fnmatch_lines(["E *UnrecordedCallError: no recorded call for openai POST *"])


def test_an_error_of_the_test_is_not_hidden_by_a_miss(project: Project) -> None:
    project.write(words("one"))
    project.run(passed=1)
    project.write(
        """
        def test_agent(cassette):
            text = ""
            try:
                text = ask("other")
            except Exception:
                pass
            assert text == "the answer"
        """
    )

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *assert '' == 'the answer'",
            "*- TraceOps: what the test asked for that is not recorded -*",
            "no recorded call for openai POST /chat/completions (model gpt-5)",
        ]
    )


def test_a_swallowed_miss_fails_a_unittest_test_too(project: Project) -> None:
    source = """
        import unittest

        @pytest.mark.cassette
        class AgentCase(unittest.TestCase):
            def test_agent(self):
                try:
                    ask({word!r})
                except Exception:
                    pass
    """
    project.write(source.format(word="one"))
    project.run(passed=1)
    project.write(source.format(word="other"))

    project.run(failed=1).stdout.fnmatch_lines(["E *UnrecordedCallError: *"])


def test_calls_not_made_fail_the_test_by_name(project: Project) -> None:
    project.write(words("one", "two", "three"))
    project.run(passed=1)
    project.write(words("two"))

    project.run(failed=1).stdout.fnmatch_lines(
        [
            "E *UnplayedCallsError: 2 of 3 recorded calls were not made this time",
            "E * span 1: openai chat.completions gpt-5*",
            "1 unplayed, saved *",
            (
                "UNPLAYED test_app.py::test_agent: span 1 openai chat.completions gpt-5*, span 3 openai "
                "chat.completions gpt-5*; pytest test_app.py::test_agent --record"
            ),
        ]
    )
    project.run("--record", passed=1)
    assert len(project.cassette("test_app/test_agent.yaml")) == 1


@pytest.mark.parametrize("how", ["marker", "fixture", "ini"])
def test_calls_not_made_can_be_accepted(project: Project, how: str) -> None:
    project.write(words("one", "two"))
    project.run(passed=1)
    if how == "ini":
        project.ini("trace_allow_unplayed = true")
    more = {
        "marker": "    pytestmark = pytest.mark.cassette(allow_unplayed=True)\n",
        "fixture": """
    @pytest.fixture(scope="module")
    def trace_ops_config():
        return {"allow_unplayed": True}
    """,
    }
    project.write(more.get(how, "") + words("two"))

    project.run(passed=1)

    assert len(project.cassette("test_app/test_agent.yaml")) == 2


def test_a_call_missing_in_teardown_fails_there(project: Project) -> None:
    source = """
        @pytest.fixture
        def agent():
            yield ask
            {after}

        def test_agent(cassette, agent):
            agent("go")
    """
    project.write(source.format(after="ask('bye')"))
    project.run(passed=1)
    project.write(source.format(after="pass"))

    project.run(passed=1, errors=1).stdout.fnmatch_lines(["E *UnplayedCallsError: 1 of 2 recorded calls *"])


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        ("assert False", {"failed": 1}),
        ("pytest.skip('no')", {"skipped": 1}),
        ("pytest.xfail('no')", {"xfailed": 1}),
    ],
)
def test_what_does_not_pass_leaves_the_cassette_as_it_was(
    project: Project, ending: str, outcome: dict[str, int]
) -> None:
    project.write(words("one"))
    project.run(passed=1)
    before = (project.path / "cassettes/test_app/test_agent.yaml").read_bytes()
    project.write(f"def test_agent(cassette):\n    ask('two')\n    {ending}")

    result = project.run("--record-mode=all", **outcome)

    assert (project.path / "cassettes/test_app/test_agent.yaml").read_bytes() == before
    result.stdout.fnmatch_lines(
        [
            "1 unkept, spent *",
            "UNKEPT test_app.py::test_agent: failed after 1 call, *; pytest test_app.py::*",
        ]
    )


def test_a_failing_first_run_leaves_no_cassette_and_the_next_goes_on_from_it(project: Project) -> None:
    project.write(words("one", "two") + "            assert word == 'one'")
    project.run(failed=1)
    assert project.cassettes() == []
    project.write(words("one", "two"))

    project.run("-W", "ignore::trace_ops.errors.TraceOpsWarning", passed=1)

    assert project.double.hits == 2
    assert (project.cassettes(), project.leftovers()) == (["test_app/test_agent.yaml"], [])


def test_an_xfail_test_may_miss(project: Project) -> None:
    project.write(words("one"))
    project.run(passed=1)
    project.write("@pytest.mark.xfail\ndef test_agent(cassette):\n    ask('other')")

    project.run(xfailed=1)


def test_an_unexpected_pass_that_is_strict_is_a_failure(project: Project) -> None:
    project.write("@pytest.mark.xfail(strict=True)\ndef test_agent(cassette):\n    ask('other')")

    project.run(failed=1)

    assert project.cassettes() == []


def test_a_missing_cassette_in_ci_says_which_and_what_to_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "@pytest.mark.parametrize('city', ['Oslo'])\ndef test_agent(cassette, city):\n    ask(city)"
    )
    monkeypatch.setenv("CI", "true")

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *UnrecordedCallError: no recorded call for openai POST /chat/completions (model gpt-5)",
            "E * cassette: *test_agent[[]Oslo].yaml",
            "E * there is no such cassette, and mode 'none' records none",
            "E * test: test_app.py::test_agent[[]Oslo]",
            "E * mode none, since CI is set",
            "E * record it: pytest 'test_app.py::test_agent[[]Oslo]' --record",
            "1 missing",
            (
                "MISSING test_app.py::test_agent[[]Oslo]: no cassette cassettes/*test_agent[[]Oslo].yaml; "
                "pytest 'test_app.py::test_agent[[]Oslo]' --record"
            ),
        ]
    )
    assert project.double.hits == 0


def test_a_broken_cassette_is_told_without_a_traceback(project: Project) -> None:
    project.write(words("one"))
    project.run(passed=1)
    (project.path / "cassettes/test_app/test_agent.yaml").write_text("version: 1\nspans: 12\n")

    result = project.run(errors=1)

    result.stdout.fnmatch_lines(["*test_agent.yaml:2: *", "*test: test_app.py::test_agent", "BROKEN *"])
    assert "site-packages" not in result.stdout.str().partition("ERRORS")[2]


def test_the_command_is_relative_to_where_pytest_was_started(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(words("one"), "sub/test_app.py")
    monkeypatch.setenv("CI", "1")
    monkeypatch.chdir(project.path / "sub")

    project.run(failed=1).stdout.fnmatch_lines(["E * record it: pytest test_app.py::test_agent --record"])


def test_an_interrupted_test_keeps_its_old_cassette(project: Project) -> None:
    project.write(words("one"))
    project.run(passed=1)
    before = (project.path / "cassettes/test_app/test_agent.yaml").read_bytes()
    project.write("def test_agent(cassette):\n    ask('two')\n    raise KeyboardInterrupt")

    result = project.spawn("--record")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert (project.path / "cassettes/test_app/test_agent.yaml").read_bytes() == before


def test_a_fixture_that_fails_in_set_up_leaves_no_cassette(project: Project) -> None:
    project.write(
        """
        @pytest.fixture
        def agent():
            ask("one")
            raise ValueError("broken")

        def test_agent(cassette, agent):
            pass
        """
    )

    project.run(errors=1)

    assert project.cassettes() == []


@pytest.mark.skipif(sys.version_info >= (3, 11), reason="errors take notes from Python 3.11 on")
def test_before_notes_a_miss_beside_an_error_warns_nobody_twice(project: Project) -> None:
    project.write(words("one"))
    project.run(passed=1)
    project.write(words("other") + "        assert 0")

    project.run("-W", "error", failed=1)
