"""The functions that google-genai calls by itself: steps, and served where they are frozen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.genai", reason="needs google-genai")

from google import genai  # type: ignore[attr-defined]

from trace_ops import Recorder, Replayer, diff_traces, load_cassette
from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.errors import UnrecordedCallError
from trace_ops.trace import Trace

MODEL = "gemini-3.5-flash"
WAYS = ["generate", "stream", "chat", "async generate", "async stream", "async chat"]
CITIES = ["Oslo", "Nowhere"]

ran: list[str] = []


def weather(city: str) -> str:
    """Tell the weather."""
    ran.append(city)
    if city == "Nowhere":
        raise LookupError("no such city")
    return f"sunny in {city}"


async def weather_async(city: str) -> str:
    """Tell the weather."""
    await asyncio.sleep(0)
    return weather(city)


weather_async.__name__ = "weather"
for function in (weather, weather_async):  # google-genai 2 reads no annotations that are texts
    function.__annotations__ = {"city": str, "return": str}


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


def script(double: ProviderDouble, *cities: str) -> None:
    double.script(Turn(calls=tuple(ToolUse("weather", {"city": city}) for city in cities)), Turn(text="done"))


async def run(double: ProviderDouble, way: str, function: Any = weather) -> str:
    client = genai.Client(api_key="unused", http_options={"base_url": double.url})
    config: Any = {"tools": [function]}
    asked: Any = {"model": MODEL, "contents": "How is it?", "config": config}
    try:
        if way == "generate":
            return str(client.models.generate_content(**asked).text)
        if way == "stream":
            pieces = client.models.generate_content_stream(**asked)
            return "".join(piece.text or "" for piece in pieces)
        if way == "chat":
            return str(client.chats.create(model=MODEL, config=config).send_message("How is it?").text)
        if way == "async generate":
            return str((await client.aio.models.generate_content(**asked)).text)
        if way == "async stream":
            found = await client.aio.models.generate_content_stream(**asked)
            return "".join([piece.text or "" async for piece in found])
        chat = client.aio.chats.create(model=MODEL, config=config)
        return str((await chat.send_message("How is it?")).text)
    finally:
        client.close()
        await client.aio.aclose()


def told(trace: Trace) -> Any:
    """What the model was told of its tools."""
    exchange = trace.llm_calls[-1].exchange
    assert exchange is not None
    assert exchange.request.body is not None
    parts = exchange.request.body.json["contents"][-1]["parts"]
    return [part["functionResponse"]["response"] for part in parts]


@pytest.mark.parametrize("way", WAYS)
async def test_each_function_is_a_step_and_none_runs_where_they_are_frozen(
    way: str, double: ProviderDouble, path: Path
) -> None:
    script(double, *CITIES)
    with Recorder(path) as rec:
        assert await run(double, way) == "done"
    with Replayer(path) as live:
        assert await run(double, way) == "done"
    assert ran == CITIES * 2
    with Replayer(path, freeze={"llm", "tools"}) as frozen:
        assert await run(double, way) == "done"
    assert (ran, double.hits) == (CITIES * 2, 2)
    for trace in (rec.trace, live.trace, frozen.trace, load_cassette(path)):
        found, failed = trace.of_kind("tool")
        assert (found.name, found.input, found.output) == ("weather", {"city": "Oslo"}, "sunny in Oslo")
        assert failed.error is not None
        assert "no such city" in failed.error.message
        assert [span.kind for span in trace] == ["llm", "tool", "tool", "llm"]
        assert trace.total_tool_calls == 2
        assert told(trace) == told(rec.trace)
    assert told(rec.trace)[0] == {"result": "sunny in Oslo"}
    assert "no such city" in told(rec.trace)[1]["error"]
    assert not diff_traces(rec.trace, frozen.trace)


async def test_async_functions_are_steps(double: ProviderDouble, path: Path) -> None:
    script(double, *CITIES)
    with Recorder(path) as rec:
        assert await run(double, "async generate", weather_async) == "done"
    with Replayer(path, freeze={"llm", "tools"}) as rep:
        assert await run(double, "async generate", weather_async) == "done"
    assert ran == CITIES
    assert not diff_traces(rec.trace, rep.trace)


async def test_a_frozen_function_that_was_not_called_so_is_refused(
    double: ProviderDouble, path: Path
) -> None:
    script(double, "Oslo")
    with Recorder(path):
        await run(double, "generate")
    change(path)
    with pytest.raises(UnrecordedCallError, match="weather"), Replayer(path, freeze={"llm", "tools"}):
        with pytest.raises(UnrecordedCallError):
            await run(double, "generate")
    assert ran == ["Oslo"]
