"""``replay ui``: what it needs, what it says, and that it only looks."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.samples import replay_process
from tests.test_import_cost import modules_after
from tests.ui.conftest import running


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_in_a_line_how_to_get_it(missing: str, folder: Path) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None\nfrom trace_ops.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "ui", folder], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr == 'replay: ui needs Starlette and uvicorn: pip install "TraceOps[ui]"\n'


@pytest.mark.parametrize("arguments", [["none"], ["--port", "65536", "."], ["--port", "x", "."]])
def test_what_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    done = replay_process("ui", "--no-open", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_command_loads_no_server_before_it_runs() -> None:
    assert modules_after("import trace_ops.cli.ui") & {"starlette", "uvicorn", "anyio"} == set()


@pytest.fixture
def untouched(folder: Path) -> Iterator[Path]:
    """A folder of which every file is as it was in the end."""

    def told() -> dict[str, tuple[int, int, bytes]]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes()) for path in files}

    before = told()
    yield folder
    assert told() == before


def test_it_only_looks(untouched: Path) -> None:
    with running(untouched) as address:
        for path in ("", "api/bundle", "api/search?q=rome", "api/runs/test_hello.yaml", "api/changes"):
            with urllib.request.urlopen(address + path, timeout=30) as answer:
                assert answer.status == 200
