"""Markdown cut to a length stays whole."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest

from tests.action.kit import SCRIPTS

NOTE = "_cut_"


@pytest.fixture(scope="module")
def cut() -> Callable[[str, int, str], str]:
    spec = importlib.util.spec_from_file_location("traceops_action_markdown", SCRIPTS / "markdown.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[str, int, str], str] = module.cut
    return function


def test_what_fits_stays_as_it_is(cut: Callable[[str, int, str], str]) -> None:
    assert cut("a\n" * 100, 200, NOTE) == "a\n" * 100


@pytest.mark.parametrize("line", ["plain", "ü" * 30, "\ud800"])
def test_what_does_not_is_cut_at_a_line(cut: Callable[[str, int, str], str], line: str) -> None:
    text = cut(f"{line}\n" * 1000, 1000, NOTE)
    *kept, empty, note = text.splitlines()

    assert len(text.encode("utf-8", "replace")) <= 1000
    assert set(kept) == {line}
    assert len(kept) > 5
    assert (empty, note) == ("", NOTE)


def test_blocks_that_are_open_are_closed(cut: Callable[[str, int, str], str]) -> None:
    text = cut("<details>\n\n````diff\n```\n<details>\n" + "+ x\n" * 1000, 1000, NOTE)

    assert text.endswith("+ x\n````\n</details>\n\n_cut_\n")


def test_blocks_that_are_closed_stay_so(cut: Callable[[str, int, str], str]) -> None:
    text = cut("<details>\n```\nx\n```\n</details>\n" + "x\n" * 1000, 1000, NOTE)

    assert text.endswith("x\n\n_cut_\n")
