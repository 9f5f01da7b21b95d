"""A test records on its first run and replays after."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import Project

ONE = """
    def test_hello(cassette):
        assert ask("hello")
        assert cassette.trace.total_llm_calls == 1
"""


def test_first_run_records_and_the_next_replays_without_key_or_provider(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(ONE)

    first = project.run(passed=1)
    assert (project.double.hits, project.cassettes()) == (1, ["test_app/test_hello.yaml"])
    first.stdout.fnmatch_lines(["*= TraceOps =*", "1 recorded, spent *"])

    monkeypatch.delenv("OPENAI_API_KEY")
    second = project.run(passed=1)
    assert project.double.hits == 1
    second.stdout.fnmatch_lines(["*= TraceOps =*", "1 replayed, saved *"])


def test_the_fixture_shows_run_and_recording(project: Project) -> None:
    project.write(
        """
        def test_hello(cassette):
            ask("hello")
            assert cassette.path.name == "test_hello.yaml"
            assert cassette.mode.name == "once"
            assert (cassette.misses, cassette.unplayed) == ([], [])
            print("recorded:", cassette.recorded and cassette.recorded.trajectory)
            print("verdict:", cassette.verdict)
        """
    )

    project.run("-s", passed=1).stdout.fnmatch_lines(["*recorded: None", "verdict: RECORDED*"])
    project.run("-s", passed=1).stdout.fnmatch_lines(["*recorded: ?'llm:gpt-5*'?", "verdict: REPLAYED*"])


def test_a_marked_test_is_recorded_without_asking_for_the_fixture(project: Project) -> None:
    project.write(
        """
        @pytest.mark.cassette
        def test_marked():
            ask("hello")

        def test_plain():
            ask("hello")
        """
    )

    project.run(passed=2)
    project.run(passed=2)

    assert project.double.hits == 3  # the plain one is live both times
    assert project.cassettes() == ["test_app/test_marked.yaml"]


def test_markers_added_while_collecting_count(project: Project) -> None:
    project.file(
        "conftest.py",
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.cassette)
        """,
    )
    project.write("def test_one(): ask('hello')")

    project.run(passed=1)

    assert project.cassettes() == ["test_app/test_one.yaml"]


def test_only_the_marked_parameter_is_recorded(project: Project) -> None:
    project.write(
        """
        @pytest.mark.parametrize("text", ["live", pytest.param("kept", marks=pytest.mark.cassette)])
        def test_one(text):
            ask(text)
        """
    )

    project.run(passed=2)

    assert project.cassettes() == ["test_app/test_one[kept].yaml"]


def test_classes_parameters_and_unittest(project: Project) -> None:
    project.write(
        """
        import unittest

        class TestAgent:
            @pytest.mark.parametrize("city", ["Oslo", "Rome"])
            def test_weather(self, cassette, city):
                ask(city)

            class TestInner:
                def test_weather(self, cassette):
                    ask("inner")

        @pytest.mark.cassette
        class AgentCase(unittest.TestCase):
            def test_unit(self):
                ask("unit")
        """
    )

    project.run(passed=4)
    project.run("-W", "error::pytest.PytestWarning", passed=4)

    assert project.double.hits == 4
    assert project.cassettes() == [
        "test_app/AgentCase.test_unit.yaml",
        "test_app/TestAgent.TestInner.test_weather.yaml",
        "test_app/TestAgent.test_weather[Oslo].yaml",
        "test_app/TestAgent.test_weather[Rome].yaml",
    ]


@pytest.mark.parametrize("order", ["cassette, agent", "agent, cassette"])
def test_calls_of_the_tests_own_fixtures_are_recorded_whatever_the_order(
    project: Project, order: str
) -> None:
    project.write(
        f"""
        @pytest.fixture
        def agent():
            ask("set up")
            yield ask
            ask("tear down")

        def test_agent({order}):
            agent("go")
        """
    )

    project.run(passed=1)
    project.run(passed=1)

    assert project.double.hits == 3
    assert len(project.cassette("test_app/test_agent.yaml")) == 3


def test_calls_of_wider_fixtures_are_no_part_of_a_tests_cassette(project: Project) -> None:
    project.write(
        """
        @pytest.fixture(scope="module")
        def warm():
            ask("module set up")
            yield
            ask("module tear down")

        def test_agent(cassette, warm):
            ask("go")
        """
    )

    project.run(passed=1)

    assert len(project.cassette("test_app/test_agent.yaml")) == 1


def test_the_fixture_can_be_asked_for_in_the_test(project: Project) -> None:
    project.write(
        """
        def test_late(request):
            request.getfixturevalue("cassette")
            ask("hello")
        """
    )

    project.run(passed=1)
    project.run(passed=1)

    assert project.double.hits == 1


def test_dummy_keys_are_gone_after_the_test_even_if_a_fixture_sets_the_variable(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        """
        @pytest.fixture
        def key(monkeypatch):
            monkeypatch.setenv("OPENAI_API_KEY", "mine")

        def test_one(cassette, key):
            ask("hello")

        def test_two():
            assert "OPENAI_API_KEY" not in os.environ
        """
    )
    monkeypatch.delenv("OPENAI_API_KEY")

    project.run(passed=2)
    project.run(passed=2)


def test_async_tests_of_pytest_asyncio(project: Project) -> None:
    project.write(
        """
        import asyncio

        pytestmark = pytest.mark.asyncio

        async def test_one(cassette):
            await asyncio.gather(*(ask_async(text) for text in "abc"))

        @pytest.mark.cassette
        async def test_marked():
            await ask_async("hello")
        """
    )

    project.run(passed=2)
    project.run(passed=2)

    assert project.double.hits == 4


def test_async_tests_and_fixtures_of_anyio(project: Project) -> None:
    project.write(
        """
        pytestmark = pytest.mark.anyio

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.fixture
        async def agent():
            await ask_async("set up")
            yield ask_async
            await ask_async("tear down")

        async def test_one(agent, cassette):
            await agent("go")
        """
    )

    project.run(passed=1)
    project.run(passed=1)

    assert project.double.hits == 3


def test_tests_without_calls_need_no_cassette_anywhere(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("def test_nothing(cassette): pass")

    assert "= TraceOps =" not in project.run(passed=1).stdout.str()
    monkeypatch.setenv("CI", "true")
    project.run(passed=1)

    assert project.cassettes() == []


def test_marker_options_reach_the_recorder(project: Project) -> None:
    project.write(
        """
        import random

        @pytest.mark.cassette(tags=["slow"], metadata={"owner": "me"}, ignore=["messages"], name="mine")
        def test_one(cassette):
            ask(f"noise {random.random()}")
        """
    )

    project.run(passed=1)
    project.run(passed=1)

    trace = project.cassette("test_app/test_one.yaml")
    assert (project.double.hits, trace.name, trace.tags, trace.metadata) == (
        1,
        "mine",
        ["slow"],
        {"owner": "me"},
    )


def test_an_unknown_marker_option_is_an_error_that_lists_the_known_ones(project: Project) -> None:
    project.write("@pytest.mark.cassette(modus='all')\ndef test_one(): pass")

    project.run(errors=1).stdout.fnmatch_lines(
        ["the cassette marker has no modus; it takes allow_unplayed, *"]
    )


def test_a_config_fixture_applies_to_what_is_in_its_reach(project: Project) -> None:
    project.write(
        """
        class TestIgnoring:
            @pytest.fixture
            def trace_ops_config(self):
                return {"ignore": ["messages"], "tags": ["config"]}

            def test_one(self, cassette):
                ask(str(os.getpid() if cassette.recorded else 0))
        """
    )

    project.run(passed=1)
    project.run(passed=1)

    assert project.cassette("test_app/TestIgnoring.test_one.yaml").tags == ["config"]
