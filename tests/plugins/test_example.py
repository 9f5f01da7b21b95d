"""The example of a plug-in, installed beside made-up SDKs, really records and replays them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.servers import Acme, Radio, served
from trace_ops import load_cassette

ROOT = Path(__file__).parents[2]
EXAMPLE, HERE = ROOT / "examples" / "plugin", Path(__file__).parent
ENTRY = re.compile(r'^(\w+) = "(traceops_acme:\w+)"$', re.MULTILINE)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def install(site: Path, name: str, entries: str = "") -> None:
    """Lay down the metadata of a distribution, as an installer does."""
    metadata = site / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    if entries:
        (metadata / "entry_points.txt").write_text(entries, "utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory of installed packages: the SDKs, and the plug-in as its pyproject.toml declares it."""
    site = tmp_path / "site"
    install(site, "acme-sdk")
    install(site, "radio-sdk")
    declared = ENTRY.findall((EXAMPLE / "pyproject.toml").read_text("utf-8"))
    lines = [f"{name} = {where}\n" for name, where in declared]
    install(site, "traceops-acme", f"[trace_ops.providers]\n{''.join(lines)}")
    return site


@pytest.fixture
def run(site: Path) -> Run:
    def run(how: str, path: Path, *ports: int, key: str | None = None) -> subprocess.CompletedProcess[str]:
        paths = [site, EXAMPLE, HERE / "sdks", ROOT]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        environment |= {} if key is None else {"ACME_API_KEY": key}
        command = [sys.executable, "-W", "error", str(HERE / "program.py"), how, str(path), *map(str, ports)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    return run


def told(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_what_was_recorded_is_replayed_without_a_request_a_key_or_a_wait(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("httpx", reason="httpx is not installed")
    path = tmp_path / "run.yaml"
    with served(Acme) as acme, served(Radio) as radio:
        recorded = told(run("record", path, acme.port, radio.port, key="acme-key-0123456789"))
        requests = acme.asked, radio.asked
    replayed = told(run("replay", path, acme.port, radio.port))

    assert requests == (7, 4)  # of which three to an SDK that tries again
    assert replayed == recorded
    assert recorded["found"] == [
        {"model": "acme-1", "text": "You said hello.", "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        ["AcmeError", "400: the prompt is too long"],
        {"model": "acme-1", "text": "You said busy.", "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        ['{"word": "You"}', '{"word": "said"}', '{"word": "a"}', '{"word": "stream."}'],
        {
            "model": "acme-1",
            "text": "You said hello, later.",
            "usage": {"prompt_tokens": 3, "completion_tokens": 2},
        },
        {"model": "radio-1", "text": "Roger, over."},
        ["Roger,", "out", "and", "over."],
        ["Roger,", "tunnel.", "RadioError", "the signal is lost"],
        ["Roger,"],
    ]


def test_the_cassette_tells_of_both(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("httpx", reason="httpx is not installed")
    path = tmp_path / "run.yaml"
    with served(Acme) as acme, served(Radio) as radio:
        told(run("record", path, acme.port, radio.port, key="acme-key-0123456789"))
    trace = load_cassette(path)

    assert trace.captured == {"calls": {"acme": 5, "radio": 4}}
    assert (trace.libraries["acme-sdk"], trace.libraries["radio-sdk"]) == ("1.0", "1.0")
    assert [(span.kind, span.name, span.model) for span in trace][:2] == [
        ("llm", "acme generate", "acme-1"),
        ("llm", "acme generate", None),
    ]
    assert [len(span.exchange.retried) for span in trace if span.exchange] == [0, 0, 2, 0, 0, 0, 0, 0, 0]
    assert "acme-key" not in path.read_text("utf-8")


def test_the_page_shows_the_example_as_it_is() -> None:
    page = (ROOT / "docs" / "providers.md").read_text("utf-8")

    assert (EXAMPLE / "traceops_acme.py").read_text("utf-8") in page
    for name, where in ENTRY.findall((EXAMPLE / "pyproject.toml").read_text("utf-8")):
        assert f'{name} = "{where}"' in page
