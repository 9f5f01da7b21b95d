"""``docs/cli.md`` shows each verb's help as it is.

To bring it up to date: ``python -m tests.cli.test_docs``.
"""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from trace_ops.cli import cli
from trace_ops.cli._main import VERBS

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
BLOCK = re.compile(r"(?<=<!-- help: )(replay ?(\w*)) -->\n```\n(.*?)```", re.DOTALL)


def help_of(verb: str) -> str:
    """The help text at 80 columns."""
    args = [verb, "--help"] if verb else ["--help"]
    return CliRunner().invoke(cli, args, prog_name="replay", terminal_width=80).output


def current(page: str) -> str:
    """The page with the help of now."""
    return BLOCK.sub(lambda match: f"{match[1]} -->\n```\n{help_of(match[2])}```", page)


def test_help_in_the_docs_is_what_the_command_says() -> None:
    page = PAGE.read_text("utf-8")

    assert page == current(page)


def test_every_verb_is_documented() -> None:
    verbs = [match[2] for match in BLOCK.finditer(PAGE.read_text("utf-8"))]

    assert sorted(verbs) == sorted(["", *VERBS])


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text("utf-8")), "utf-8")
