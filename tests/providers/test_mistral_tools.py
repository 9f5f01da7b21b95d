"""The functions that mistralai calls in a run: steps, and served where they are frozen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mistralai.extra.run.context", reason="needs mistralai[agents]")

from mistralai.client import Mistral
from mistralai.extra.exceptions import RunException
from mistralai.extra.run.context import RunContext

from trace_ops import Recorder, Replayer, diff_traces, load_cassette
from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.errors import UnrecordedCallError
from trace_ops.trace import Trace

# What reads the docstrings of functions for mistralai has names of Python 3.11 in it.
pytestmark = pytest.mark.filterwarnings("ignore:ast.:DeprecationWarning")

CITIES = ["Oslo", "Nowhere"]

ran: list[str] = []


def weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: Where.
    """
    ran.append(city)
    if city == "Nowhere":
        raise LookupError("no such city")
    return f"sunny in {city}"


async def tide(city: str) -> dict[str, int]:
    """Tell the tide.

    Args:
        city: Where.
    """
    ran.append(city)
    return {"metres": 2}


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ran.clear()
    return tmp_path / "run.yaml"


def change(path: Path) -> None:
    """Have the tool recorded for another city."""
    path.write_text(path.read_text().replace("input: {city: Oslo}", "input: {city: Rome}"))


async def run(double: ProviderDouble, *, goes_on: bool = True) -> str:
    async with Mistral(api_key="unused", server_url=double.url) as client:
        async with RunContext(model="mistral-large-latest", continue_on_fn_error=goes_on) as context:
            context.register_func(weather)
            context.register_func(tide)
            found = await client.beta.conversations.run_async(run_ctx=context, inputs="How is it?")
            return str(found.output_as_text)


def told(trace: Trace) -> Any:
    exchange = [span.exchange for span in trace if span.exchange is not None][-1]
    assert exchange.request.body is not None
    return [entry["result"] for entry in exchange.request.body.json["inputs"]]


async def test_each_function_is_a_step_and_none_runs_where_they_are_frozen(
    double: ProviderDouble, path: Path
) -> None:
    calls = [ToolUse("weather", {"city": city}) for city in CITIES]
    double.script(Turn(calls=(*calls, ToolUse("tide", {"city": "Brest"}))), Turn(text="done"))
    with Recorder(path) as rec:
        assert await run(double) == "done"
    with Replayer(path) as live:
        assert await run(double) == "done"
    assert sorted(ran) == sorted([*CITIES, "Brest"] * 2)
    with Replayer(path, freeze={"llm", "tools"}) as frozen:
        assert await run(double) == "done"
    assert (len(ran), double.hits) == (6, 2)
    for trace in (rec.trace, live.trace, frozen.trace, load_cassette(path)):
        found, failed, more = trace.of_kind("tool")
        assert (found.name, found.input, found.output) == ("weather", {"city": "Oslo"}, "sunny in Oslo")
        assert failed.error is not None
        assert failed.error.message == "no such city"
        assert (more.name, more.output) == ("tide", {"metres": 2})
        assert told(trace) == told(rec.trace)
    assert told(rec.trace)[1] == "Error while executing weather: no such city"
    assert not diff_traces(rec.trace, frozen.trace)


async def test_an_error_ends_the_run_as_ever(double: ProviderDouble, path: Path) -> None:
    async def failing() -> BaseException | None:
        with pytest.raises(RunException, match="Failed to execute tool weather") as ended:
            await run(double, goes_on=False)
        return ended.value.__cause__

    double.script(Turn(calls=(ToolUse("weather", {"city": "Nowhere"}),)))
    with Recorder(path):
        live = await failing()
    with Replayer(path, freeze={"llm", "tools"}):
        again = await failing()
    assert (repr(again), ran) == (repr(live), ["Nowhere"])


async def test_a_frozen_function_that_was_not_called_so_is_refused(
    double: ProviderDouble, path: Path
) -> None:
    double.script(Turn(calls=(ToolUse("weather", {"city": "Oslo"}),)), Turn(text="done"))
    with Recorder(path):
        await run(double)
    change(path)
    with pytest.raises(UnrecordedCallError, match="weather"), Replayer(path, freeze={"llm", "tools"}):
        with pytest.raises(RunException):
            await run(double, goes_on=False)
    assert ran == ["Oslo"]
