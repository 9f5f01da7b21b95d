"""Which file a test's cassette is."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pytest_plugin.conftest import Project
from trace_ops.pytest_plugin.paths import FORBIDDEN, clean, distinct_names


def test_forbidden_characters_become_dashes() -> None:
    assert clean("test[<a>?%*:|\"'/\\b\n]") == "test[-a----------b-]"
    assert clean("test[gpt-4o mini é]") == "test[gpt-4o mini é]"


@given(st.lists(st.text(string.ascii_letters + FORBIDDEN, max_size=4), unique=True))
def test_names_stay_distinct_where_case_does_not_count(names: list[str]) -> None:
    fit = distinct_names(names)

    assert len({name.casefold() for name in fit.values()}) == len(names)


def test_the_first_of_two_names_that_collide_is_as_it_would_be_alone() -> None:
    names = distinct_names(["test[a/b]", "test[a:b]", "test[A-B]"])

    assert names["test[a/b]"] == "test[a-b]"
    assert names["test[a:b]"].startswith("test[a-b]-")
    assert names["test[A-B]"].startswith("test[A-B]-")


def test_names_do_not_depend_on_which_tests_are_selected(project: Project) -> None:
    project.write(
        """
        @pytest.mark.parametrize("path", ["a/b", "a:b", "A/b"])
        def test_path(cassette, path):
            ask(path)
        """
    )
    project.run(passed=3)
    names = project.cassettes()
    assert len(names) == 3

    project.run("test_app.py::test_path[a:b]", passed=1)
    project.run("-k", "a:b", passed=1, deselected=2)

    assert (project.cassettes(), project.double.hits) == (names, 3)


def test_long_names_are_cut_and_kept_apart(project: Project) -> None:
    project.write(
        """
        @pytest.mark.parametrize("tail", ["x", "y"])
        @pytest.mark.parametrize("head", ["é" * 300], ids=["é" * 300])
        def test_long(cassette, head, tail):
            ask(tail)
        """
    )
    project.ini("disable_test_id_escaping_and_forfeit_all_rights_to_community_support = true")

    project.run(passed=2)
    project.run(passed=2)

    names = [Path(name).name for name in project.cassettes()]
    assert (len(names), project.double.hits) == (2, 2)
    assert all(len(name.encode()) <= 160 for name in names)


def test_modules_of_one_name_have_directories_of_their_own(project: Project) -> None:
    for directory in ("a", "b"):
        project.write("def test_one(cassette): ask('hello')", f"{directory}/test_app.py")
        project.file(f"{directory}/__init__.py", "")

    project.run(passed=2)

    assert project.cassettes() == ["a/test_app/test_one.yaml", "b/test_app/test_one.yaml"]


def test_a_marker_path_is_relative_to_the_cassette_directory(project: Project) -> None:
    project.write(
        """
        @pytest.mark.cassette("talks/first.yaml")
        def test_one(): ask("one")

        @pytest.mark.cassette(path="talks/second")
        def test_two(): ask("two")
        """
    )

    project.run(passed=2)

    assert project.cassettes() == ["talks/first.yaml", "talks/second.yaml"]


@pytest.mark.parametrize(
    ("ini", "options", "expected"),
    [
        ([], ["--trace-cassette-dir=tapes"], "tapes/sub/test_app/test_one.yaml"),
        (["trace_cassette_dir = recorded/llm"], [], "recorded/llm/sub/test_app/test_one.yaml"),
        (
            ["trace_cassette_dir = recorded"],
            ["--trace-cassette-dir=tapes"],
            "tapes/sub/test_app/test_one.yaml",
        ),
        (["trace_cassettes_beside_tests = true"], [], "sub/cassettes/test_app/test_one.yaml"),
        ([], ["--trace-beside-tests", "--trace-cassette-dir=tapes"], "sub/tapes/test_app/test_one.yaml"),
    ],
)
def test_where_cassettes_are_can_be_set(
    project: Project, ini: list[str], options: list[str], expected: str
) -> None:
    project.ini(*ini)
    project.write("def test_one(cassette): ask('hello')", "sub/test_app.py")

    project.run(*options, passed=1)
    project.run(*options, passed=1)

    assert [path.relative_to(project.path).as_posix() for path in project.path.rglob("*.yaml")] == [expected]
    assert project.double.hits == 1
