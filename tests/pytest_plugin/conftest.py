"""A project under test: its files, a provider double to record from, and pytest runs over it."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import anthropic
import filelock  # noqa: F401  loaded now: a run in this process unloads what it loads
import openai
import pytest
import yaml  # noqa: F401

import trace_ops.cassette
import trace_ops.pytest_plugin.closing
import trace_ops.pytest_plugin.network
import trace_ops.pytest_plugin.run
import trace_ops.pytest_plugin.selection
import trace_ops.pytest_plugin.summary
import trace_ops.recorder
from trace_ops.double import ProviderDouble

INSTALLED = any(entry.name == "trace_ops" for entry in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "trace_ops.pytest_plugin")
ALONE = ("-p", "no:recording", "-p", "no:cassetter")

PRELUDE = """
import os
import pytest
from openai import AsyncOpenAI, OpenAI

def ask(text):
    with OpenAI(max_retries=0) as client:
        answer = client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": text}])
    return answer.choices[0].message.content

async def ask_async(text):
    async with AsyncOpenAI(max_retries=0) as client:
        answer = await client.chat.completions.create(
            model="gpt-5", messages=[{"role": "user", "content": text}]
        )
    return answer.choices[0].message.content
"""


@pytest.fixture(scope="session", autouse=True)
def _everything_is_loaded() -> None:
    """Make the SDKs load what they load late: a run in this process would unload it for the tests after."""

    async def ask() -> None:
        async with openai.AsyncOpenAI(base_url=double.openai_url, api_key="x") as client:
            await client.models.list()
        async with anthropic.AsyncAnthropic(base_url=double.url, api_key="x") as other:
            await other.models.list()

    with ProviderDouble() as double:
        with openai.OpenAI(base_url=double.openai_url, api_key="x") as client:
            client.models.list()
        with anthropic.Anthropic(base_url=double.url, api_key="x") as other:
            other.models.list()
        asyncio.run(ask())


class Project:
    """A directory with tests, run by pytest against a provider double."""

    def __init__(self, pytester: pytest.Pytester, double: ProviderDouble) -> None:
        self.pytester = pytester
        self.double = double
        self.path = pytester.path

    def write(self, source: str, name: str = "test_app.py") -> None:
        """Make a test module whose tests can ``ask(text)`` a model."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PRELUDE + textwrap.dedent(source), encoding="utf-8")

    def file(self, name: str, text: str) -> None:
        """Make any other file."""
        (self.path / name).write_text(textwrap.dedent(text), encoding="utf-8")

    def ini(self, *lines: str) -> None:
        """Set ini options."""
        self.file(
            "pytest.ini", "\n".join(["[pytest]", "asyncio_default_fixture_loop_scope = function", *lines])
        )

    def run(
        self, *args: str, passed: int = 0, failed: int = 0, errors: int = 0, **others: int
    ) -> pytest.RunResult:
        """Run pytest in this process and check how many tests fared how."""
        result = self.pytester.runpytest_inprocess(*PLUGIN, *ALONE, *args)
        result.assert_outcomes(passed=passed, failed=failed, errors=errors, **others)
        return result

    def spawn(self, *args: str, alone: bool = True) -> pytest.RunResult:
        """Run pytest in a process of its own."""
        return self.pytester.runpytest_subprocess(*PLUGIN, *(ALONE if alone else ()), *args)

    def cassettes(self) -> list[str]:
        """The cassettes there are, relative to their directory."""
        root = self.path / "cassettes"
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.yaml"))

    def cassette(self, name: str) -> trace_ops.Trace:
        """What a cassette holds."""
        return trace_ops.load_cassette(self.path / "cassettes" / name)

    def leftovers(self) -> list[Path]:
        """Journals and temporary files that are still there."""
        root = self.path / "cassettes"
        return [path for path in root.rglob("*") if path.is_file() and path.suffix != ".yaml"]


@pytest.fixture(scope="session")
def provider() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def project(
    pytester: pytest.Pytester,
    provider: ProviderDouble,
    monkeypatch: pytest.MonkeyPatch,
    plain_environment: None,
) -> Project:
    provider.reset()
    monkeypatch.setenv("OPENAI_BASE_URL", provider.openai_url)
    monkeypatch.setenv("OPENAI_API_KEY", "test-key-of-the-double")
    project = Project(pytester, provider)
    project.ini()
    return project
