"""Drift in pytest: ``--record-mode=verify`` in the terminal and in reports, and what ``--record`` changed."""

from __future__ import annotations

import json

import pytest

from tests.pytest_plugin.conftest import Project
from trace_ops.double import Status, ToolUse, Turn

TEST = """
    {marker}
    def test_agent(cassette):
        {body}
"""
SAID = [Turn(text="It is sunny and warm."), Turn(text="It is rainy and warm.")]


@pytest.fixture
def recorded(project: Project) -> Project:
    """A project with one test, whose recording says that it is sunny."""
    project.write(TEST.format(marker="", body="ask('how is it?')"))
    project.double.script(SAID[0])
    project.run(passed=1)
    return project


def content(project: Project) -> bytes:
    return (project.path / "cassettes/test_app/test_agent.yaml").read_bytes()


def test_the_same_answers_are_verified(recorded: Project) -> None:
    recorded.double.script(SAID[0])

    recorded.run("--record-mode=verify", passed=1).stdout.fnmatch_lines(["1 verified, spent $*"])


def test_other_words_are_told_and_pass(recorded: Project) -> None:
    before = content(recorded)
    recorded.double.script(SAID[1])

    result = recorded.run("--record-mode=verify", passed=1)

    result.stdout.fnmatch_lines(
        ["1 verified, spent $*", "DRIFT test_app.py::test_agent: 1 in text: span 1 text 83% alike"]
    )
    assert result.ret == 0
    assert content(recorded) == before
    assert recorded.leftovers() == []


def test_another_schema_fails_with_a_report(recorded: Project) -> None:
    before = content(recorded)
    recorded.double.script(Turn(refusal="No."))

    result = recorded.run("--record-mode=verify", failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *VerifyError: live answers differ from the recorded ones in *.yaml: 1 in schema, 1 in text",
            "E *span 1 (openai chat.completions gpt-5)",
            "E *schema  answers with a refusal, recorded without",
            'E *text    text is gone: "It is sunny and warm."  (does not fail)',
            "1 different, spent $*",
            "DIFFERENT test_app.py::test_agent: live answers differ from cassettes/test_app/test_agent.yaml "
            "(1 in schema, 1 in text: span 1 answers with a refusal, recorded without); "
            "pytest *--record-mode=all",
        ]
    )
    assert result.ret == 1
    assert content(recorded) == before
    assert recorded.leftovers() == []


@pytest.mark.parametrize("where", ["marker", "ini", "fixture"])
def test_texts_fail_where_that_is_asked_for(recorded: Project, where: str) -> None:
    marker = '@pytest.mark.cassette(verify=["text"])' if where == "marker" else ""
    recorded.write(TEST.format(marker=marker, body="ask('how is it?')  # once more"))
    if where == "ini":
        recorded.ini("trace_verify = schema text")
    if where == "fixture":
        config = "import pytest\n@pytest.fixture\ndef trace_ops_config(): return {'verify': 'text'}"
        recorded.file("conftest.py", config)
    recorded.double.script(SAID[1])

    recorded.run("--record-mode=verify", failed=1).stdout.fnmatch_lines(
        ["E *text    text 83% alike", "E *- It is sunny and warm.", "E *+ It is rainy and warm."]
    )


def test_a_threshold_takes_alike_texts_for_the_same(recorded: Project) -> None:
    recorded.ini("trace_verify = text", "trace_verify_threshold = 0.8")
    recorded.double.script(SAID[1])

    recorded.run("--record-mode=verify", passed=1).stdout.no_fnmatch_line("DRIFT *")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("trace_verify = words", "unknown severity 'words' to verify; choose of schema, tools, text"),
        ("trace_verify_threshold = much", "verify's threshold is a number from 0 to 1, not 'much'"),
    ],
)
def test_options_that_cannot_be(recorded: Project, line: str, problem: str) -> None:
    recorded.ini(line)

    assert problem in recorded.run(errors=1).stdout.str()


def test_the_report_holds_the_drift(recorded: Project) -> None:
    recorded.double.script(SAID[1])

    recorded.run("--record-mode=verify", "--trace-report=json:drift.json", passed=1)

    (test,) = json.loads((recorded.path / "drift.json").read_text())["tests"]
    assert test["verdict"] == "verified"
    (drift,) = test["drift"]
    assert (drift["span"], drift["severity"], drift["fails"]) == (1, "text", False)
    assert drift["similarity"] == pytest.approx(5 / 6)
    assert drift["detail"] == ["- It is sunny and warm.", "+ It is rainy and warm."]


def test_the_markdown_shows_the_words_that_drifted_and_paths_as_found_from_here(recorded: Project) -> None:
    recorded.double.script(SAID[1])
    recorded.run("--record-mode=verify", "--trace-report=md:drift.md", passed=1)
    told = (recorded.path / "drift.md").read_text()
    assert "<summary><code>test_app.py::test_agent</code>: how the live answers differ</summary>" in told
    assert "      - It is sunny and warm.\n" in told
    assert "      + It is rainy and warm.\n" in told

    recorded.double.script(Turn(refusal="No."))
    recorded.run("--record-mode=verify", failed=1).stdout.fnmatch_lines(
        ["E * the recorded ones in cassettes/test_app/test_agent.yaml: 1 in schema, *"]
    )


def test_a_test_that_fails_by_itself_shows_its_own_error_and_the_drift(recorded: Project) -> None:
    recorded.write(TEST.format(marker="", body="assert 'sunny' in ask('how is it?')"))
    recorded.double.script(SAID[1])

    recorded.run("--record-mode=verify", failed=1).stdout.fnmatch_lines(
        ["E *AssertionError: assert 'sunny' in 'It is rainy and warm.'", "DRIFT *: 1 in text: span 1 *"]
    )


def test_a_provider_that_is_down_is_drift(recorded: Project) -> None:
    recorded.double.fail(Status(503))

    recorded.run("--record-mode=verify", failed=1).stdout.fnmatch_lines(["*status: 200 -> 503*"])


def test_xdist_carries_the_drift(recorded: Project) -> None:
    recorded.double.script(Turn(text="red \x1b[31m text \x00"))

    result = recorded.spawn("-n1", "--record-mode=verify")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["DRIFT test_app.py::test_agent: 1 in text: *"])


def test_record_shows_what_it_changed(recorded: Project) -> None:
    recorded.write(TEST.format(marker="", body="ask('how is it in Oslo today?')"))

    recorded.run("--record", passed=1).stdout.fnmatch_lines(
        ["1 recorded, *", "CHANGED test_app.py::test_agent: *"]
    )


def test_what_follows_from_a_drift_is_told_with_it(project: Project) -> None:
    """The model asks for another tool argument, and the call that answers it is not recorded."""
    project.write(
        """
        def test_agent(cassette):
            messages = [{"role": "user", "content": "how is it?"}]
            with OpenAI(max_retries=0) as client:
                answer = client.chat.completions.create(model="gpt-5", messages=messages, tools=TOOLS)
                (call,) = answer.choices[0].message.tool_calls
                client.chat.completions.create(
                    model="gpt-5", messages=[{"role": "user", "content": call.function.arguments}]
                )

        TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
        """
    )
    project.double.script(Turn(calls=(ToolUse("weather", {"city": "Oslo"}),)), SAID[0])
    project.run(passed=1)
    project.double.script(Turn(calls=(ToolUse("weather", {"city": "Bergen"}),)), SAID[0])

    result = project.run("--record-mode=verify", failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *UnrecordedCallError: *",
            "E *record it anew: pytest test_app.py::test_agent --record-mode=all",
            "*- TraceOps: how the live answers differ -*",
            "span 1 (openai chat.completions gpt-5)",
            '  tools   weather.city: "Oslo" -> "Bergen"',
            "DIFFERENT *",
        ]
    )
    result.stdout.no_fnmatch_line("*--record")
