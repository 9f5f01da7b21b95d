"""The fixture ``trace_snapshot``."""

from __future__ import annotations

import json

from tests.pytest_plugin.conftest import Project
from trace_ops.cli import _files

AGENT = """
    WORDS = {words!r}

    def test_agent(cassette, trace_snapshot):
        for word in WORDS:
            ask(word)
        assert cassette.trace == trace_snapshot{options}
"""


def agent(*words: str, options: str = "") -> str:
    return AGENT.format(words=list(words), options=options)


def snapshots(project: Project, name: str = "test_app/test_agent") -> dict[str, object]:
    return json.loads((project.path / f"cassettes/{name}.snapshot.json").read_text(encoding="utf-8"))


def test_a_snapshot_that_is_not_there_fails_and_says_what_writes_it(project: Project) -> None:
    project.write(agent("one"))

    result = project.run(failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *assert there is no snapshot 1 in cassettes/test_app/test_agent.snapshot.json",
            "E * + llm:gpt-5",
            "E * write it: pytest test_app.py::test_agent --trace-update-snapshots",
        ]
    )
    assert not (project.path / "cassettes/test_app/test_agent.snapshot.json").exists()


def test_it_is_written_once_and_compared_from_then_on(project: Project) -> None:
    project.write(agent("one", "two"))
    project.run("--trace-update-snapshots", passed=1).stdout.fnmatch_lines(
        ["1 recorded, 1 snapshot written, *"]
    )
    assert snapshots(project) == {"version": 1, "snapshots": {"1": ["llm:gpt-5", "llm:gpt-5"]}}

    project.run(passed=1)
    project.write(agent("one"))
    result = project.run("--record", failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *assert the run is not as snapshot 1 in cassettes/test_app/test_agent.snapshot.json",
            "E *   llm:gpt-5",
            "E * - llm:gpt-5",
            "E * accept it: pytest test_app.py::test_agent --trace-update-snapshots",
        ]
    )


def test_a_snapshot_is_accepted_by_the_command_that_is_told(project: Project) -> None:
    project.write(agent("one", "two"))
    project.run("--trace-update-snapshots", passed=1)
    project.write(agent("one"))
    project.run("--record", "--trace-update-snapshots", passed=1)

    assert snapshots(project) == {"version": 1, "snapshots": {"1": ["llm:gpt-5"]}}
    project.run(passed=1)


DETAILED = """
    CITY, ANSWER = {city!r}, {answer!r}

    def test_agent(cassette, trace_snapshot):
        ask("hello")
        cassette.record_tool_call("search", {{"days": 2, "city": CITY}}, "12 degrees")
        cassette.record_decision("stop", ANSWER)
        assert cassette.trace == trace_snapshot(arguments=True, answers=True)
"""


def test_arguments_of_tools_and_answers_of_models_are_kept_on_request(project: Project) -> None:
    project.write(DETAILED.format(city="Oslo", answer="yes"))
    project.run("--trace-update-snapshots", passed=1)

    file = project.path / "cassettes/test_app/test_agent.snapshot.json"
    assert file.read_text(encoding="utf-8") == (
        "{\n"
        ' "version": 1,\n'
        ' "snapshots": {\n'
        '  "1": [\n'
        "   {\n"
        '    "step": "llm:gpt-5",\n'
        '    "answer": [\n'
        '     "You asked: \\"hello\\" This is what gpt-5 has to say about it."\n'
        "    ]\n"
        "   },\n"
        "   {\n"
        '    "step": "tool:search",\n'
        '    "arguments": {\n'
        '     "city": "Oslo",\n'
        '     "days": 2\n'
        "    }\n"
        "   },\n"
        '   "decision:stop"\n'
        "  ]\n"
        " }\n"
        "}\n"
    )

    project.write(DETAILED.format(city="Bergen", answer="yes"))
    project.run(failed=1).stdout.fnmatch_lines(
        [
            "E *assert the run is not as snapshot 1 in cassettes/test_app/test_agent.snapshot.json",
            "E *   llm:gpt-5",
            'E *       You asked: "hello" This is what gpt-5 has to say about it.',
            'E * - tool:search {"city": "Oslo", "days": 2}',
            'E * + tool:search {"city": "Bergen", "days": 2}',
            "E *   decision:stop",
        ]
    )


def test_several_comparisons_are_numbered_or_named(project: Project) -> None:
    project.write(
        """
        def test_agent(cassette, trace_snapshot):
            ask("one")
            assert trace_snapshot == cassette
            assert cassette.trace == trace_snapshot("after one")
            ask("two")
            assert cassette == trace_snapshot
        """
    )
    project.run("--trace-update-snapshots", passed=1).stdout.fnmatch_lines(
        ["1 recorded, 3 snapshots written, *"]
    )
    one, two = ["llm:gpt-5"], ["llm:gpt-5", "llm:gpt-5"]
    assert snapshots(project)["snapshots"] == {"1": one, "after one": one, "2": two}
    project.run(passed=1)


def test_snapshots_that_a_test_compares_no_more_are_told_of_and_dropped(project: Project) -> None:
    project.write(agent("one", options='("old")'))
    project.run("--trace-update-snapshots", passed=1)
    project.write(agent("one", options='("new")'))
    project.run(failed=1)
    project.write(
        agent("one", options='("old")') + "        assert cassette.trace == trace_snapshot('new')\n"
    )
    project.run("--trace-update-snapshots", passed=1)
    project.write(agent("one", options='("new")'))

    project.run(passed=1).stdout.fnmatch_lines(
        [
            "1 replayed, 1 snapshot unused, saved *",
            (
                "UNUSED test_app.py::test_agent: snapshot old in cassettes/test_app/test_agent.snapshot.json"
                "; "
                "pytest test_app.py::test_agent --trace-update-snapshots"
            ),
        ]
    )
    project.run("--trace-update-snapshots", passed=1)
    assert snapshots(project)["snapshots"] == {"new": ["llm:gpt-5"]}


def test_a_file_of_snapshots_is_not_taken_for_a_cassette(project: Project) -> None:
    project.write(agent("one"))
    project.run("--trace-update-snapshots", passed=1)

    assert [path.name for path in _files.cassettes([str(project.path / "cassettes")])] == ["test_agent.yaml"]


def test_a_file_nobody_uses_is_told_of_on_complete_runs(project: Project) -> None:
    project.write(agent("one"))
    project.run("--trace-update-snapshots", passed=1)
    old = project.path / "cassettes/test_app/test_old.snapshot.json"
    old.write_bytes((project.path / "cassettes/test_app/test_agent.snapshot.json").read_bytes())

    project.run(passed=1).stdout.fnmatch_lines(
        [
            "1 replayed, 1 snapshot unused, saved *",
            "UNUSED cassettes/test_app/test_old.snapshot.json: no test uses it; rm */test_old.snapshot.json",
        ]
    )
    assert "UNUSED" not in project.run("test_app.py", passed=1).stdout.str()
    project.write("@pytest.mark.skip\ndef test_agent(cassette, trace_snapshot): pass")
    assert "test_agent.snapshot" not in project.run(skipped=1).stdout.str()


def test_a_test_that_fails_writes_no_snapshot(project: Project) -> None:
    project.write(agent("one") + "        assert 0\n")
    project.run("--trace-update-snapshots", failed=1)

    assert not (project.path / "cassettes/test_app/test_agent.snapshot.json").exists()


def test_a_file_that_is_none_of_ours_is_one_clear_error(project: Project) -> None:
    project.write(agent("one"))
    project.run("--trace-update-snapshots", passed=1)
    file = project.path / "cassettes/test_app/test_agent.snapshot.json"

    for text, problem in [
        ("<<<<<<< HEAD", "Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, "nested too deep"),
        ('{"version": 2, "snapshots": {}}', "version 2, and this TraceOps reads version 1"),
        ('{"version": 1, "snapshots": {"1": [3]}}', "'1' is no list of steps"),
    ]:
        file.write_text(text, encoding="utf-8")
        result = project.run(errors=1)
        result.stdout.fnmatch_lines(
            [
                f"cassettes/test_app/test_agent.snapshot.json is no file of snapshots: {problem}",
                "  Restore it from version control, or write it anew: pytest * --trace-update-snapshots",
            ]
        )
        assert "site-packages" not in result.stdout.str()
    project.run("--trace-update-snapshots", passed=1)
    project.run(passed=1)


def test_what_is_no_run_cannot_be_compared(project: Project) -> None:
    project.write("def test_agent(trace_snapshot): assert 'text' == trace_snapshot")

    project.run(failed=1).stdout.fnmatch_lines(
        ["E *TypeError: trace_snapshot compares with a trace, such as cassette.trace, not str"]
    )


def test_what_cannot_be_printed_or_encoded_is_escaped(project: Project) -> None:
    project.write(
        r"""
        def test_agent(cassette, trace_snapshot):
            cassette.record_tool_call("evil", {"text": "\x1b[31m \udcff \x00", "n": float("nan")})
            assert cassette.trace == trace_snapshot(arguments=True)
        """
    )
    result = project.run(failed=1)
    result.stdout.fnmatch_lines([r'E * + tool:evil {"n": "nan", "text": "\u001b[[]31m \udcff \u0000"}'])
    project.run("--trace-update-snapshots", passed=1)
    project.run(passed=1)


def test_long_runs_show_what_is_near_the_difference(project: Project) -> None:
    source = """
        def test_agent(cassette, trace_snapshot):
            for number in range(40):
                cassette.record_tool_call({name}, {{}})
            assert cassette.trace == trace_snapshot
    """
    project.write(source.format(name="f'tool{number}'"))
    project.run("--trace-update-snapshots", passed=1)
    project.write(source.format(name="f'tool{number}' if number != 20 else 'other'"))

    result = project.run(failed=1)

    what = "the run is not as snapshot 1 in cassettes/test_app/test_agent.snapshot.json"
    result.stdout.fnmatch_lines(
        [
            f"E *assert {what}",
            "E * accept it: pytest test_app.py::test_agent --trace-update-snapshots",
            f"*- TraceOps: {what} -*",
        ]
    )
    result.stdout.fnmatch_lines(
        [
            "  ... 17 lines as before ...",
            "  tool:tool17",
            "  tool:tool18",
            "  tool:tool19",
            "- tool:tool20",
            "+ tool:other",
            "  tool:tool21",
            "  tool:tool22",
            "  tool:tool23",
            "  ... 16 lines as before ...",
        ],
        consecutive=True,
    )


def test_snapshots_under_xdist(project: Project) -> None:
    project.write(
        """
        @pytest.mark.parametrize("number", range(6))
        def test_ask(cassette, trace_snapshot, number):
            for _ in range(number):
                ask(str(number))
            assert cassette.trace == trace_snapshot
        """
    )
    project.spawn("-n", "2", "--trace-update-snapshots").stdout.fnmatch_lines(
        ["5 recorded, 6 snapshots written, spent $*"]
    )
    assert snapshots(project, "test_app/test_ask[3]")["snapshots"] == {"1": ["llm:gpt-5"] * 3}

    result = project.spawn("-n", "2")
    assert result.ret == 0
    assert "UNUSED" not in result.stdout.str()
