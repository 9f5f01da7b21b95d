"""What an MCP client asks is recorded, and answered from the cassette with no server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the MCP client is not installed")

from mcp import ClientSession, StdioServerParameters
from mcp.client import streamable_http
from mcp.client.stdio import stdio_client

from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, tool
from trace_ops.errors import UnrecordedCallError

SERVER = Path(__file__).with_name("mcp_server.py")
Connect = Callable[[], Any]


class Server:
    """The server of a test, started for each connection, and what reached it."""

    def __init__(self, folder: Path, name: str = "weather") -> None:
        self.count = folder / f"{name}.txt"
        self.name = name

    @asynccontextmanager
    async def session(self) -> Any:
        arguments = [str(SERVER), str(self.count), "stdio", self.name]
        async with stdio_client(StdioServerParameters(command=sys.executable, args=arguments)) as streams:
            async with ClientSession(*streams) as session:
                await session.initialize()
                yield session

    @property
    def arrived(self) -> list[str]:
        return self.count.read_text(encoding="utf-8").splitlines() if self.count.exists() else []


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"


async def attempt(asked: Any) -> Any:
    try:
        return await asked
    except Exception as error:
        return type(error), str(error), getattr(error, "error", None)


async def everything(session: ClientSession) -> list[Any]:
    return [
        await session.list_tools(),
        await session.call_tool("forecast", {"city": "Paris", "days": 2}),
        await session.call_tool("measured", {"city": "Rome"}),
        await session.call_tool("broken", {"city": "Rome"}),
        await session.list_resources(),
        await session.read_resource("station://Oslo"),  # type: ignore[arg-type]
        await session.list_prompts(),
        await session.get_prompt("ask", {"city": "Rome"}),
        await attempt(session.get_prompt("none")),
    ]


EVERYTHING = """\
custom mcp initialize
custom mcp tools/list
tool forecast
tool measured
tool broken !
custom mcp resources/list
retrieval mcp resources/read
custom mcp prompts/list
custom mcp prompts/get
custom mcp prompts/get !"""


async def test_everything_a_session_asks_is_recorded_and_replays_with_no_server(
    server: Server, kept: Path
) -> None:
    async with server.session() as session:
        direct = await everything(session)
    async with Recorder(kept) as recorder, server.session() as session:
        recorded = await everything(session)
    asked = server.arrived
    async with Replayer(kept, freeze_tools=True) as replayer, server.session() as session:
        replayed = await everything(session)

    assert recorded == direct
    assert replayed == recorded
    assert [type(answer) for answer in replayed] == [type(answer) for answer in recorded]
    assert asked.count("started") == 2
    assert server.arrived == asked
    assert tree(recorder.trace) == EVERYTHING
    assert tree(replayer.trace) == EVERYTHING


async def test_the_steps_hold_arguments_results_and_errors(server: Server, kept: Path) -> None:
    async with Recorder(kept) as recorder, server.session() as session:
        await everything(session)
    steps = {span.name: span for span in recorder.trace}

    assert steps["forecast"].input == {"city": "Paris", "days": 2}
    assert steps["forecast"].output["content"] == [
        {"type": "text", "text": "weather says sunny in Paris for 2 days"}
    ]
    assert steps["forecast"].attributes == {"mcp": "tools/call", "server": "weather"}
    assert steps["broken"].output["isError"] is True
    assert steps["broken"].error is not None
    assert steps["broken"].error.message.startswith("Error executing tool broken")
    read = steps["mcp resources/read"]
    assert read.input == "station://Oslo"
    assert [document["text"] for document in read.output] == ["Station of Oslo"]
    assert steps["mcp prompts/get"].error is not None
    assert steps["mcp prompts/get"].attributes["error"]["message"] == "Unknown prompt: none"


async def test_only_the_named_tools_are_frozen(server: Server, kept: Path) -> None:
    async def both(session: ClientSession) -> list[Any]:
        return [
            await session.call_tool("forecast", {"city": "Paris"}),
            await session.call_tool("measured", {"city": "Rome"}),
        ]

    async with Recorder(kept), server.session() as session:
        recorded = await both(session)
    server.count.unlink()
    async with Replayer(kept, freeze_tools=["forecast"]), server.session() as session:
        assert await both(session) == recorded

    assert server.arrived == ["started", "measured Rome"]


async def test_nothing_is_frozen_unless_it_is_asked_for(server: Server, kept: Path) -> None:
    for recorder in (Recorder(kept), Replayer(kept)):
        async with recorder, server.session() as session:
            await session.call_tool("forecast", {"city": "Paris"})

    assert server.arrived.count("forecast Paris") == 2


async def test_the_same_call_made_again_gets_the_next_answer(server: Server, kept: Path) -> None:
    async def twice(session: ClientSession) -> list[Any]:
        return [await session.call_tool("forecast", {"city": "Paris"}) for _ in range(2)]

    async with Recorder(kept), server.session() as session:
        await twice(session)
    with pytest.raises(UnrecordedCallError, match="no answer .* to tools/call 'forecast'"):
        async with Replayer(kept, freeze_tools=True), server.session() as session:
            await twice(session)
            await attempt(session.call_tool("forecast", {"city": "Paris"}))


async def test_a_request_that_is_not_recorded_fails_at_once_and_the_run_with_it(
    server: Server, kept: Path
) -> None:
    async with Recorder(kept), server.session() as session:
        await session.call_tool("forecast", {"city": "Paris"})
    asked = server.arrived
    with pytest.raises(UnrecordedCallError, match="freeze tools by name"):
        async with Replayer(kept, freeze_tools=True), server.session() as session:
            _, text, _ = await asyncio.wait_for(attempt(session.call_tool("forecast", {"city": "Oslo"})), 5)

    assert text == "Connection closed"
    assert server.arrived == asked


async def test_nothing_that_is_not_recorded_runs_where_tools_are_frozen_strictly(
    server: Server, kept: Path
) -> None:
    async with Recorder(kept), server.session() as session:
        await session.call_tool("forecast", {"city": "Paris"})
    server.count.unlink()
    with pytest.raises(UnrecordedCallError, match="Oslo"):
        async with Replayer(kept, freeze={"llm", "tools"}, live={"measured"}), server.session() as session:
            await session.call_tool("measured", {"city": "Rome"})
            await session.call_tool("forecast", {"city": "Paris"})
            kind, *_ = await attempt(session.call_tool("forecast", {"city": "Oslo"}))

    assert kind is UnrecordedCallError
    assert server.arrived == ["started", "measured Rome"]


async def test_a_recording_without_servers_leaves_connections_alone(server: Server, kept: Path) -> None:
    with Recorder(kept):
        pass
    async with Replayer(kept, freeze_tools=True), server.session() as session:
        await session.call_tool("forecast", {"city": "Paris"})

    assert server.arrived == ["started", "forecast Paris"]


async def test_two_servers_that_are_asked_the_same_at_once_give_their_own_answers(
    tmp_path: Path, kept: Path
) -> None:
    servers = [Server(tmp_path, "north"), Server(tmp_path, "south")]

    async def ask(order: list[int]) -> list[Any]:
        async with servers[0].session() as north, servers[1].session() as south:
            sessions = [north, south]
            answers = {at: sessions[at].call_tool("forecast", {"city": "Paris"}) for at in order}
            done = dict(zip(order, await asyncio.gather(*answers.values())))
            return [done[at].content[0].text for at in (0, 1)]

    async with Recorder(kept):
        recorded = await ask([0, 1])
    asked = [server.arrived for server in servers]
    async with Replayer(kept, freeze_tools=True):
        replayed = await ask([1, 0])

    assert recorded == ["north says sunny in Paris for 1 days", "south says sunny in Paris for 1 days"]
    assert replayed == recorded
    assert [server.arrived for server in servers] == asked


async def test_parallel_calls_hang_under_the_steps_that_made_them(server: Server, kept: Path) -> None:
    async with server.session() as session:
        await session.list_tools()

        @tool
        async def look_up(city: str) -> str:
            await asyncio.sleep(0.01)
            return (await session.call_tool("forecast", {"city": city})).content[0].text

        async with Recorder(kept) as recorder:
            await asyncio.gather(look_up("Paris"), look_up("Rome"))

    assert tree(recorder.trace) == "tool look_up\n  tool forecast\ntool look_up\n  tool forecast"
    by_id = {span.id: span for span in recorder.trace}
    for span in recorder.trace.of_kind("tool"):
        assert span.parent is None or by_id[span.parent].input == span.input


async def test_a_tool_step_of_the_same_name_is_not_counted_twice(server: Server, kept: Path) -> None:
    async with server.session() as session:
        await session.list_tools()

        @tool(name="forecast")
        async def lent(city: str) -> str:
            return (await session.call_tool("forecast", {"city": city})).content[0].text

        async with Recorder(kept) as recorder:
            recorded = await lent("Paris")
        async with Replayer(kept, freeze_tools=True):
            replayed = await lent("Paris")

    assert tree(recorder.trace) == "tool forecast\n  custom forecast"
    assert recorder.trace.total_tool_calls == 1
    assert replayed == recorded


async def test_a_recorder_can_be_told_not_to_look(server: Server, kept: Path) -> None:
    async with Recorder(kept, intercept_mcp=False) as recorder, server.session() as session:
        await session.call_tool("forecast", {"city": "Paris"})

    assert len(recorder.trace) == 0


async def test_a_cancelled_call_is_recorded_and_never_served(server: Server, kept: Path) -> None:
    async with Recorder(kept) as recorder, server.session() as session:
        call = asyncio.ensure_future(session.call_tool("forecast", {"city": "Paris"}))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    step = recorder.trace.spans[-1]

    assert step.name == "forecast"
    assert step.error is not None
    assert step.attributes["inexact"] is True


@pytest.fixture
def http_server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The server over streamable HTTP: its address, and the file it counts in."""
    count = tmp_path / "http.txt"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number, port = listening.fileno(), listening.getsockname()[1]
        command = [sys.executable, str(SERVER), str(count), f"http:{number}", "web"]
        process = subprocess.Popen(command, pass_fds=[number])
    try:  # the process has the socket alone now: should it die, connections are refused
        yield f"http://127.0.0.1:{port}/mcp", count
    finally:
        process.kill()
        process.wait()


async def test_streamable_http_is_recorded_and_replays_with_no_server(
    http_server: tuple[str, Path], kept: Path
) -> None:
    url, count = http_server
    connect = streamable_http.streamable_http_client

    async def ask() -> list[Any]:
        async with connect(url) as streams, ClientSession(streams[0], streams[1]) as session:
            await session.initialize()
            return await everything(session)

    direct = await ask()
    async with Recorder(kept) as recorder:
        recorded = await ask()
    asked = count.read_text(encoding="utf-8")
    async with Replayer(kept, freeze_tools=True):
        replayed = await ask()

    assert recorded == direct
    assert replayed == recorded
    assert count.read_text(encoding="utf-8") == asked
    assert tree(recorder.trace) == EVERYTHING


async def test_the_high_level_client_negotiates_and_replays_with_no_server(
    server: Server, kept: Path
) -> None:
    client = pytest.importorskip("mcp.client.client", reason="before mcp 2.0 there is no Client").Client
    arguments = [str(SERVER), str(server.count), "stdio", "weather"]
    parameters = StdioServerParameters(command=sys.executable, args=arguments)

    async def ask() -> list[Any]:
        async with client(parameters) as connected:
            return [await connected.list_tools(), await connected.call_tool("forecast", {"city": "Paris"})]

    async with Recorder(kept) as recorder:
        recorded = await ask()
    asked = server.arrived
    async with Replayer(kept, freeze_tools=True):
        replayed = await ask()

    assert replayed == recorded
    assert server.arrived == asked
    assert tree(recorder.trace) == "custom mcp server/discover\ncustom mcp tools/list\ntool forecast"
