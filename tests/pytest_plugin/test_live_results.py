"""A tool or retrieval that runs in a replay, and comes out otherwise than recorded."""

from __future__ import annotations

from tests.pytest_plugin.conftest import Project

APP = """
    from trace_ops import tool

    @tool
    def search(query): return {found!r}

    {marker}
    def test_agent(cassette):
        ask("one")
        search("Oslo")
        cassette.record_retrieval("q", {documents!r})
"""


def app(found: str = "rain", documents: tuple[str, ...] = ("a", "b"), marker: str = "") -> str:
    return APP.format(found=found, documents=list(documents), marker=marker)


def test_a_tool_that_comes_out_otherwise_is_told_in_the_summary(project: Project) -> None:
    project.write(app())
    project.run(passed=1)
    project.write(app("sun"))

    project.run(passed=1).stdout.fnmatch_lines(
        [
            "CHANGED test_app.py::test_agent: first difference: step 2, tool search: "
            'tool result: "rain" -> "sun"*'
        ]
    )


def test_a_retrieval_that_gives_other_documents_is_told(project: Project) -> None:
    project.write(app())
    project.run(passed=1)
    project.write(app(documents=("a", "c")))

    project.run(passed=1).stdout.fnmatch_lines(
        [
            "CHANGED test_app.py::test_agent: first difference: step 3, retrieval retrieval: "
            "documents changed (1 removed, 1 added)"
        ]
    )


def test_what_comes_out_as_recorded_is_not_told(project: Project) -> None:
    project.write(app())

    for _ in range(2):
        assert "CHANGED" not in project.run(passed=1).stdout.str()


def test_a_frozen_tool_is_served_and_has_nothing_to_tell(project: Project) -> None:
    marker = '@pytest.mark.cassette(freeze={"llm", "tools"})'
    project.write(app(marker=marker))
    project.run(passed=1)
    project.write(app("sun", marker=marker))

    assert "CHANGED" not in project.run(passed=1).stdout.str()


def test_freezing_is_an_ini_option_too(project: Project) -> None:
    project.write(app())
    project.run(passed=1)
    project.write(app("sun"))
    project.ini("trace_freeze = llm tools")
    assert "CHANGED" not in project.run(passed=1).stdout.str()

    project.ini("trace_freeze = llm tools", "trace_live = search")
    project.run(passed=1).stdout.fnmatch_lines(["CHANGED *tool search*"])
