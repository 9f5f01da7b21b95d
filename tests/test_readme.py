"""What README and docs show is true: their code runs, their commands exist, their links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from trace_ops.double import ProviderDouble

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# A fenced block, with the comment before it that says whether it runs.
BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
PICTURE = re.compile(r"""\b(?:src|srcset)="([^"]+)\"""")
CLOSED = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Block:
    """A fenced block; ``mark`` is ``runs: script``, ``runs: pytest`` or ``does not run: why``."""

    page: str
    line: int
    language: str
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        source = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(source):
            line = source.count("\n", 0, match.start("language")) + 1
            name = page.relative_to(ROOT).as_posix()
            yield Block(name, line, match["language"], match["mark"] or "", match["text"])


BLOCKS = list(blocks())


def marked(mark: str) -> list[Block]:
    return [block for block in BLOCKS if block.mark == mark]


def run(arguments: list[str], directory: Path, provider: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a directory, where the SDKs find their provider, and a key, in the environment."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OPENAI_BASE_URL": f"{provider}/v1",
        "ANTHROPIC_BASE_URL": provider,
        "OPENAI_API_KEY": "not-a-key",
        "ANTHROPIC_API_KEY": "not-a-key",
        "PYTEST_ADDOPTS": "-p no:recording -p no:cassetter -p no:asyncio -p no:cacheprovider",
    }
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120
    )


def test_python_blocks_say_whether_they_run() -> None:
    silent = [str(block) for block in BLOCKS if block.language == "python" and not block.mark]

    assert silent == []


@pytest.mark.parametrize("block", marked("runs: script"), ids=str)
def test_script_runs(block: Block, tmp_path: Path) -> None:
    with ProviderDouble() as double:
        done = run(["-W", "error", "-c", block.text], tmp_path, double.url)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", marked("runs: pytest"), ids=str)
def test_tests_record_then_pass_without_a_provider(block: Block, tmp_path: Path) -> None:
    tmp_path.joinpath("test_shown.py").write_text(block.text, encoding="utf-8")
    with ProviderDouble() as double:
        recorded = run(["-m", "pytest", "-W", "error"], tmp_path, double.url)
    replayed = run(["-m", "pytest", "-W", "error"], tmp_path, CLOSED)

    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    dead = [
        target
        for pattern in (LINK, PICTURE)
        for target in pattern.findall(page.read_text("utf-8"))
        if not page.parent.joinpath(target).exists()
    ]

    assert dead == []


def test_every_picture_is_shown() -> None:
    shown = {
        page.parent.joinpath(target).resolve()
        for page in PAGES
        for pattern in (LINK, PICTURE)
        for target in pattern.findall(page.read_text("utf-8"))
    }

    assert {*(ROOT / "docs" / "images").iterdir()} - shown == set()


def test_docs_are_reachable_from_their_index() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {index.parent.joinpath(target).resolve() for target in LINK.findall(index.read_text("utf-8"))}

    assert {page for page in PAGES if page.parent == index.parent} - linked - {index} == set()


def test_ci_runs_the_commands_of_the_readme() -> None:
    """``.ci/run`` takes them from here; a mark that is gone would leave it without."""
    commands = {block.mark: block.text.strip() for block in BLOCKS if block.mark.startswith("ci: ")}
    wanted = re.findall(
        r"in_readme_words \w+ (\w+)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE
    )

    assert sorted(commands) == [f"ci: {name}" for name in sorted(wanted)]
