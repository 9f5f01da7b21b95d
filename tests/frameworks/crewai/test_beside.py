"""CrewAI and the program around it are left as they are."""

from __future__ import annotations

import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import tests.frameworks.crewai.quiet  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from crewai import LLM
from crewai.events import crewai_event_bus
from crewai.events.types.tool_usage_events import ToolUsageFinishedEvent
from crewai.hooks import (
    register_after_tool_call_hook,
    register_before_tool_call_hook,
    unregister_after_tool_call_hook,
    unregister_before_tool_call_hook,
)

from tests.frameworks.crewai.kit import (
    LLMS,
    ONE_TOOL,
    PARIS,
    QUIET,
    Played,
    asks,
    comparable,
    crew_of,
    model,
    weather_man,
)
from tests.frameworks.trees import tree
from trace_ops import Recorder, load_cassette, tracing
from trace_ops.double import ProviderDouble, Status

pytestmark = QUIET


def test_handlers_and_hooks_of_the_program_are_called_as_ever(double: ProviderDouble, kept: Path) -> None:
    def run() -> Any:
        heard: list[Any] = []

        def before(context: Any) -> None:
            heard.append(("before", context.tool_name, dict(context.tool_input)))

        def after(context: Any) -> str:
            heard.append(("after", context.tool_result))
            return f"{context.tool_result} Or so."

        with crewai_event_bus.scoped_handlers():

            @crewai_event_bus.on(ToolUsageFinishedEvent)
            def finished(source: Any, event: Any) -> None:
                heard.append(("finished", event.output))

            register_before_tool_call_hook(before)
            register_after_tool_call_hook(after)
            try:
                out = crew_of(weather_man(model(double))).kickoff(PARIS)
            finally:
                unregister_before_tool_call_hook(before)
                unregister_after_tool_call_hook(after)
            crewai_event_bus.flush()
        return out, heard

    played = Played(double, kept, run, asks(), freeze={"llm", "tools"})

    assert played.is_faithful() == ONE_TOOL.format(call=LLMS["chat"])
    assert played.outcomes[2][1] == [
        ("before", "forecast", {"city": "Paris"}),
        ("after", "Sunny in Paris."),
        ("finished", "Sunny in Paris. Or so."),
    ]
    assert played.ran[2] == []


def test_a_replay_does_not_wait_for_limits_and_attempts(
    double: ProviderDouble, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    retry: Any = import_module("crewai.llms.retry") if find_spec("crewai.llms.retry") else None
    if retry is not None:  # since 1.15
        monkeypatch.setitem(retry.run_with_rate_limit_retry.__kwdefaults__, "sleep", waited.append)

    def run() -> Any:
        double.fail(Status(429))
        done = crew_of(weather_man(model(double, max_retries=0)), max_rpm=1).kickoff(PARIS)
        long = {round(seconds) for seconds in waited if seconds > 0.5}
        waited.clear()
        return done, long

    (plain, live), (_, recording), (replayed, replaying) = Played(double, kept, run, asks()).outcomes

    assert live == recording == ({1, 60} if retry is not None else {60})
    assert replaying == set()
    assert comparable(replayed) == comparable(plain)


def test_only_calls_to_models_are_kept_and_no_telemetry(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept):
        crew_of(weather_man(model(double))).kickoff(PARIS)

    kinds = [span.kind for span in load_cassette(kept) if span.exchange is not None]
    assert kinds == ["llm", "llm"]


def test_a_recorder_can_be_told_not_to_look(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept, intercept_crewai=False) as recorder:
        crew_of(weather_man(model(double))).kickoff(PARIS)

    assert tree(recorder.trace) == "llm openai chat.completions\nllm openai chat.completions"


def test_a_step_of_the_program_keeps_its_place(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept) as recorder, tracing.span("agent", "outer"):
        crew_of(weather_man(model(double))).kickoff(PARIS)

    beneath = "\n".join(f"  {line}" for line in ONE_TOOL.format(call=LLMS["chat"]).splitlines())
    assert tree(recorder.trace) == f"agent outer\n{beneath}"


def test_litellm_behind_a_crew(double: ProviderDouble, kept: Path) -> None:
    pytest.importorskip("litellm", reason="LiteLLM is not installed, CrewAI's way to other providers")

    def run() -> Any:
        llm = LLM(
            model="mistral/mistral-small", base_url=double.openai_url, api_key="unused", is_litellm=True
        )
        return crew_of(weather_man(llm)).kickoff(PARIS)

    played = Played(double, kept, run, asks())

    assert played.is_faithful() == ONE_TOOL.format(call="mistral chat.completions")
