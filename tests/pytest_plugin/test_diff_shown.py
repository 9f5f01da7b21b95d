"""What a run did differently from its recording, where a test fails and at the end."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import Project
from trace_ops.diff import diff_traces

AGENT = """
    def agent(*words):
        return [ask(word) for word in words]

    def test_agent(cassette):
        answers = agent({words})
        assert len(answers) == {expected}, "not that many answers"
"""

TITLE = "*- TraceOps: what the run did differently from its recording -*"


def agent(words: str, expected: int) -> str:
    return AGENT.format(words=words, expected=expected)


def test_a_miss_shows_what_was_asked_differently_first(project: Project) -> None:
    project.write(agent("'one', 'two', 'three'", 3))
    project.run(passed=1)
    project.write(agent("'one', 'second', 'three'", 3))

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *UnrecordedCallError: *",
            TITLE,
            "first difference: step 2, openai chat.completions*: message 1 (user): *",
            "the test ended before the last step of the recording",
            "MISSED test_app.py::test_agent: *",
            "CHANGED test_app.py::test_agent: first difference: step 2, openai chat.completions*",
        ]
    )
    # What half a run took beside a whole one says nothing.
    assert "totals:" not in result.stdout.str()


def test_a_test_that_fails_after_the_same_calls_shows_no_difference(project: Project) -> None:
    project.write(agent("'one', 'two'", 2))
    project.run(passed=1)
    project.write(agent("'one', 'two'", 3))

    result = project.run(failed=1)

    assert "differently" not in result.stdout.str()
    assert "CHANGED" not in result.stdout.str()


def test_what_a_failing_test_did_not_come_to_is_no_difference(project: Project) -> None:
    project.write(agent("'one', 'two'", 2))
    project.run(passed=1)
    project.write(agent("'one'", 2))

    assert "differently" not in project.run(failed=1).stdout.str()


def test_calls_that_were_not_made_are_shown_as_removed(project: Project) -> None:
    project.write(agent("'one', 'two'", 2))
    project.run(passed=1)
    project.write(agent("'two'", 1))

    project.run(failed=1).stdout.fnmatch_lines(
        [
            "E *UnplayedCallsError: 1 of 2 recorded calls were not made this time",
            TITLE,
            "first difference: old step 1, openai chat.completions gpt-5: step removed",
        ]
    )


@pytest.mark.parametrize("mode", ["update", "new_episodes"])
def test_a_run_that_recorded_a_part_says_what_changed_first(project: Project, mode: str) -> None:
    project.write(agent("'one', 'two'", 2))
    project.run(passed=1)
    project.write(agent("'one', 'second'", 2))

    project.run(f"--record-mode={mode}", passed=1).stdout.fnmatch_lines(
        [
            "1 partial, spent *, saved *",
            "PARTIAL test_app.py::test_agent: 1 call recorded, 1 replayed",
            (
                "CHANGED test_app.py::test_agent: first difference: step 2, openai chat.completions gpt-5: "
                'message 1 (user): "two" -> "second"; *'
            ),
        ]
    )


CONVERSATION = """
    def test_agent(cassette):
        messages = []
        with OpenAI(max_retries=0) as client:
            for prompt in {prompts}:
                messages.append({{"role": "user", "content": prompt}})
                answer = client.chat.completions.create(model="gpt-5", messages=messages)
                messages.append({{"role": "assistant", "content": answer.choices[0].message.content}})
"""


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_after_an_update_the_difference_to_the_old_recording_is_shown(
    project: Project, processes: tuple[str, ...]
) -> None:
    prompts = [f"Question {number}, to be answered at length." for number in range(1, 11)]
    project.write(CONVERSATION.format(prompts=prompts))
    project.run(passed=1)
    cassette = project.path / "cassettes/test_app/test_agent.yaml"
    before, hits = cassette.read_text(encoding="utf-8").splitlines(), project.double.hits
    project.write(CONVERSATION.format(prompts=[*prompts[:7], "Something else.", *prompts[8:]]))

    result = project.spawn("--record", "--trace-report=md:report.md", *processes)

    assert (project.double.hits - hits, result.ret) == (3, 0)
    after = cassette.read_text(encoding="utf-8").splitlines()
    ends = after.index("- span: 8")
    told = {number for number, line in enumerate(after[:ends]) if line not in before}
    assert all(after[number].startswith(("recorded: ", "  ")) for number in told)
    assert len(told) <= 5, "the totals and the date, and nothing of the calls before the change"
    result.stdout.fnmatch_lines(
        [
            "1 partial, spent $*, saved $*",
            "PARTIAL test_app.py::test_agent: 3 calls recorded, 7 replayed",
            (
                "CHANGED test_app.py::test_agent: first difference: step 8, openai chat.completions gpt-5: "
                "message 15 (user) changed; 5 other changes follow from it"
            ),
            "    - Question 8, to be answered at length.",
            "    + Something else.",
            "    followed from it:",
            "      the same change in 2 later steps (steps 9-10)",
            "      step 8: 1 other answer",
            "",
            "  totals:",
            "    tokens in * -> *",
        ],
        consecutive=True,
    )
    report = (project.path / "report.md").read_text(encoding="utf-8")
    assert report.count("+ Something else.\n") == 1, "the report tells it in Markdown of its own"


def test_first_recordings_and_replays_have_nothing_to_tell(project: Project) -> None:
    project.write(agent("'one'", 1))

    for _ in range(2):
        assert "CHANGED" not in project.run(passed=1).stdout.str()


def test_a_cassette_of_several_tests_is_not_compared_with_one(project: Project) -> None:
    project.write(
        """
        pytestmark = pytest.mark.cassette("shared")

        def test_one(): ask("one")

        def test_two():
            ask("two")
            assert FINE

        FINE = True
        """
    )
    project.run(passed=2)
    project.file(
        "test_app.py", (project.path / "test_app.py").read_text().replace("FINE = True", "FINE = False")
    )

    assert "differently" not in project.run(passed=1, failed=1).stdout.str()


def test_one_test_on_a_named_cassette_is_compared_but_what_may_be_of_others_is_not_removed(
    project: Project,
) -> None:
    source = """
        @pytest.mark.cassette("named")
        def test_agent():
            for word in {words!r}:
                ask(word)
    """
    project.write(source.format(words=["one", "two"]))
    project.run(passed=1)
    project.write(source.format(words=["first"]))

    result = project.run("test_app.py::test_agent", failed=1)

    result.stdout.fnmatch_lines(
        [TITLE, "first difference: step 1, openai chat.completions*: message 1 (user): *"]
    )
    assert "step removed" not in result.stdout.str()
    assert "totals:" not in result.stdout.str()


def test_what_a_test_ignores_is_no_difference(project: Project) -> None:
    source = """
        @pytest.mark.cassette(ignore=["messages.0.content"])
        def test_agent():
            ask({word!r})
            assert {fine}
    """
    project.write(source.format(word="one", fine=True))
    project.run(passed=1)
    project.write(source.format(word="other", fine=False))

    result = project.run("--trace-report=json:report.json", failed=1)

    assert "differently" not in result.stdout.str()
    assert '"diff": null' in (project.path / "report.json").read_text(encoding="utf-8")


def test_a_fault_of_the_comparison_ends_neither_the_test_nor_the_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(agent("'one'", 1))
    project.run(passed=1)
    project.write(agent("'other'", 1))

    def fault(*args: object, **options: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("trace_ops.diff.diff_traces", fault)

    project.run(failed=1).stdout.fnmatch_lines(
        [
            "E *UnrecordedCallError: *",
            TITLE,
            "the run could not be compared with its recording: ZeroDivisionError('a fault of ours')",
        ]
    )


def test_odd_texts_are_shown_and_travel_to_the_controller(project: Project) -> None:
    source = r"""
        def test_agent(cassette):
            cassette.record_tool_call("search", {{}}, {output})
            ask("one")
            assert {fine}
    """
    project.write(source.format(output=r'"fine"', fine=True))
    project.run(passed=1)
    project.write(source.format(output=r'"\x1b[31m \udcff \x00"', fine=False))

    result = project.spawn("-n", "1", "--trace-report=json:report.json", "--trace-report=md:report.md")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([TITLE])
    assert "INTERNALERROR" not in result.stdout.str()
    assert "\x1b[31m \\" not in result.stdout.str()


def test_the_difference_is_shown_under_xdist(project: Project) -> None:
    project.write(agent("'one', 'two'", 2))
    project.run(passed=1)
    project.write(agent("'one', 'second'", 2))

    project.spawn("-n", "2", "-W", "error").stdout.fnmatch_lines(
        [TITLE, "first difference: step 2, *", "CHANGED test_app.py::test_agent: first difference: step 2, *"]
    )


def test_the_comparison_is_the_one_of_the_package(project: Project) -> None:
    project.write(agent("'one', 'two'", 2))
    project.run(passed=1)
    before = project.cassette("test_app/test_agent.yaml")
    project.write(agent("'one', 'second'", 2))
    shown = project.run("--record", passed=1).stdout.str()

    after = project.cassette("test_app/test_agent.yaml")
    assert f"CHANGED test_app.py::test_agent: {diff_traces(before, after).summary().splitlines()[0]}" in shown
