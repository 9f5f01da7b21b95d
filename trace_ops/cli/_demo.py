"""What the demo runs: an agent on a real SDK, a provider that can be taken away, and their environment."""

from __future__ import annotations

import os
import runpy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

import click

from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.recorder import Recorder

ANSWER = (
    "Go to Rome: 18 °C and sun, while Oslo has 4 °C and rain.\n"
    "Take sunglasses, and a light jacket for the evening."
)
# What a machine may say about providers and the way to them; a demo depends on none of it.
_AMBIENT = ("OPENAI_", "ANTHROPIC_", "TRACE_OPS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Agent:
    """The program that is recorded, and the SDK it uses."""

    sdk: str
    source: Path
    travel: Callable[..., str]
    guide: str
    question: str

    @property
    def library(self) -> str:
        """The SDK with its version."""
        return f"{self.sdk} {metadata.version(self.sdk)}"


@dataclass(frozen=True)
class Run:
    """How one run went."""

    recorder: Recorder
    answer: str
    ms: float


def load_agent() -> Agent:
    """The agent for whichever SDK is there; importing it imports the SDK."""
    for sdk in ("openai", "anthropic"):
        if util.find_spec(sdk) is not None:
            source = Path(__file__).with_name("agents") / f"{sdk}_agent.py"
            names = runpy.run_path(str(source), run_name="agent")
            return Agent(sdk, source, names["travel"], names["GUIDE"], names["QUESTION"])
    raise click.ClickException(
        'the demo needs openai or anthropic, and neither is installed: pip install "TraceOps[demo]"'
    )


def provider() -> ProviderDouble:
    """A provider that asks for two tools, then streams its answer at the pace of a fast model."""
    double = ProviderDouble(event_delay=0.015)
    cities = ("Oslo", "Rome")
    double.script(
        Turn(calls=tuple(ToolUse("get_weather", {"city": city}) for city in cities)), Turn(text=ANSWER)
    )
    return double


def play(agent: Agent, recorder: Recorder, **changed: Any) -> Run:
    """Run the agent in a recorder."""
    began = time.perf_counter()
    with recorder:
        answer = agent.travel(**changed)
    return Run(recorder, answer, (time.perf_counter() - began) * 1000)


@contextmanager
def environment(double: ProviderDouble, key: str | None) -> Iterator[None]:
    """Point the SDKs at the double and nowhere else, with this key or none."""
    ours = {"OPENAI_BASE_URL": double.openai_url, "ANTHROPIC_BASE_URL": double.url, "NO_PROXY": "*"}
    if key:
        ours |= {"OPENAI_API_KEY": key, "ANTHROPIC_API_KEY": key}
    before = {name: value for name, value in os.environ.items() if name.upper().startswith(_AMBIENT)}
    for name in before:
        del os.environ[name]
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
        os.environ.update(before)
