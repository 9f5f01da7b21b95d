"""Steps and their parents across tasks, threads and pools, of the program's own and of frameworks."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from openai import OpenAI

from tests.frameworks.trees import tree
from trace_ops import Recorder, tracing
from trace_ops.double import ProviderDouble, ToolUse, Turn

WORDS = ("a", "b", "c")


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@tracing.tool
def look_up(word: str) -> str:
    return f"{word} is found"


def work(word: str) -> str:
    with tracing.span("agent", word):
        return look_up(word)


class Own(threading.Thread):
    """A thread with a way to run of its own."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word, self.found = word, ""

    def run(self) -> None:
        self.found = work(self.word)


def in_threads() -> list[str]:
    found: dict[str, str] = {}

    def keep(word: str, *, times: int) -> None:
        found[word] = work(word) * times

    threads = [threading.Thread(target=keep, args=(word,), kwargs={"times": 1}) for word in WORDS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[word] for word in WORDS]


def in_own_threads() -> list[str]:
    threads = [Own(word) for word in WORDS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [thread.found for thread in threads]


def in_timers() -> list[str]:
    found: list[str] = []
    for word in WORDS:
        timer = threading.Timer(0, lambda word=word: found.append(work(word)))  # type: ignore[misc]
        timer.start()
        timer.join()
    return found


def in_pool() -> list[str]:
    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(work, word) for word in WORDS]]


def by_map() -> list[str]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, WORDS))


def in_executor() -> list[str]:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(loop.run_in_executor(None, work, word) for word in WORDS))

    return asyncio.run(main())


def in_tasks() -> list[str]:
    async def one(word: str) -> str:
        await asyncio.sleep(0)
        return work(word)

    async def main() -> list[str]:
        return await asyncio.gather(*map(one, WORDS))

    return asyncio.run(main())


def to_threads() -> list[str]:
    async def main() -> list[str]:
        return await asyncio.gather(*(asyncio.to_thread(work, word) for word in WORDS))

    return asyncio.run(main())


def from_another_thread() -> list[str]:
    """Coroutines that are handed to a loop which runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def one(word: str) -> str:
        return work(word)

    try:
        return [asyncio.run_coroutine_threadsafe(one(word), loop).result(10) for word in WORDS]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


WAYS: list[Callable[[], list[str]]] = [
    in_threads,
    in_own_threads,
    in_timers,
    in_pool,
    by_map,
    in_executor,
    in_tasks,
    to_threads,
    from_another_thread,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_runs_elsewhere_is_beneath_the_step_that_started_it(way: Callable[[], list[str]]) -> None:
    with Recorder() as rec, tracing.span("agent", "outer"):
        found = way()
    assert found == [look_up(word) for word in WORDS]
    lines = tree(rec.trace).splitlines()
    assert lines[0] == "agent outer"
    assert sorted(lines[1::2]) == [f"  agent {word}" for word in WORDS]
    assert lines[2::2] == ["    tool look_up"] * 3


def test_calls_of_an_sdk_in_threads_are_beneath_the_step(double: ProviderDouble) -> None:
    def ask(client: OpenAI, word: str) -> Any:
        return client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": word}])

    with OpenAI(base_url=double.openai_url, api_key="unused") as client, Recorder() as rec:
        with tracing.span("agent", "outer"), ThreadPoolExecutor(3) as pool:
            list(pool.map(functools.partial(ask, client), WORDS))
    assert tree(rec.trace).splitlines() == ["agent outer", *["  llm openai chat.completions"] * 3]


def test_a_pool_that_several_steps_share_keeps_their_work_apart() -> None:
    """Its threads belong to none of them, also where one started them."""
    with ThreadPoolExecutor(1) as pool, Recorder() as rec:
        with tracing.span("agent", "one"):
            pool.submit(look_up, "a").result()
        pool.submit(look_up, "b").result()
        with tracing.span("agent", "two"):
            pool.submit(look_up, "c").result()
    lines = ["agent one", "  tool look_up", "tool look_up", "agent two", "  tool look_up"]
    assert tree(rec.trace).splitlines() == lines


def test_a_thread_that_outlives_its_step_goes_on_beneath_what_is_around_it() -> None:
    ended, done = threading.Event(), threading.Event()

    def background() -> None:
        look_up("during")
        done.set()
        ended.wait(10)
        look_up("after")

    with Recorder() as rec, tracing.span("agent", "outer"):
        with tracing.span("agent", "inner"):
            thread = threading.Thread(target=background)
            thread.start()
            done.wait(10)
        ended.set()
        thread.join()
    lines = ["agent outer", "  agent inner", "    tool look_up", "  tool look_up"]
    assert tree(rec.trace).splitlines() == lines


def test_a_thread_outlives_its_recorder(double: ProviderDouble) -> None:
    ended, first = threading.Event(), threading.Event()

    def background() -> None:
        look_up("first")
        first.set()
        ended.wait(10)
        look_up("second")

    with Recorder() as one, tracing.span("agent", "outer"):
        thread = threading.Thread(target=background)
        thread.start()
        first.wait(10)
    with Recorder() as two:
        ended.set()
        thread.join()
    assert tree(one.trace).splitlines() == ["agent outer", "  tool look_up"]
    assert tree(two.trace) == "tool look_up"


def test_only_the_place_travels(double: ProviderDouble) -> None:
    """A recorder that is confined to its context is not reached by plain threads."""
    with Recorder(scope="context") as rec, tracing.span("agent", "outer"):
        in_threads()
        in_pool()
    assert tree(rec.trace) == "agent outer"


def test_threads_can_be_left_alone() -> None:
    with Recorder(intercept_threads=False) as rec, tracing.span("agent", "outer"):
        in_threads()
        in_pool()
    lines = tree(rec.trace).splitlines()
    assert (lines[0], len([line for line in lines if line.startswith("agent ")])) == ("agent outer", 7)


def test_errors_and_results_of_threads_are_those_of_the_program() -> None:
    def broken(word: str) -> None:
        raise LookupError(word)

    seen: list[Any] = []
    before, threading.excepthook = threading.excepthook, seen.append
    try:
        with Recorder(), tracing.span("agent", "outer"), ThreadPoolExecutor(1) as pool:
            with pytest.raises(LookupError, match="pool"):
                pool.submit(broken, "pool").result()
            with pytest.raises(TypeError):
                pool.submit()  # type: ignore[call-arg]
            thread = threading.Thread(target=broken, args=("thread",))
            thread.start()
            thread.join()
            with pytest.raises(RuntimeError, match="once"):
                thread.start()
    finally:
        threading.excepthook = before
    assert [str(args.exc_value) for args in seen] == ["thread"]
    assert "run" not in vars(thread)


def test_a_model_that_asks_an_sdk_in_a_thread_of_its_own_is_recorded_once(double: ProviderDouble) -> None:
    pytest.importorskip("langchain_core", reason="needs langchain-core")
    from langchain_core.language_models import SimpleChatModel

    class Threaded(SimpleChatModel):
        client: Any

        @property
        def _llm_type(self) -> str:
            return "threaded"

        def _call(self, messages: Any, *_: Any, **__: Any) -> str:
            asked = [{"role": "user", "content": str(messages[-1].content)}]
            with ThreadPoolExecutor(1) as pool:
                create = self.client.chat.completions.create
                found = pool.submit(create, model="gpt-5", messages=asked).result()
            return str(found.choices[0].message.content)

    with OpenAI(base_url=double.openai_url, api_key="unused") as client, Recorder() as rec:
        with tracing.span("agent", "outer"):
            Threaded(client=client).invoke("hi")
    assert tree(rec.trace).splitlines() == ["agent outer", "  llm openai chat.completions"]


def test_chains_of_langchain_in_threads_have_their_own_trees(double: ProviderDouble) -> None:
    pytest.importorskip("langchain_openai", reason="needs langchain-openai")
    from langchain_core.runnables import RunnableLambda, RunnableParallel
    from langchain_openai import ChatOpenAI

    headers = {"Connection": "close"}
    url: Any = double.openai_url
    model = ChatOpenAI(base_url=url, api_key="unused", model="gpt-5", default_headers=headers)  # type: ignore[arg-type]

    def several(word: str) -> list[Any]:
        with ThreadPoolExecutor(2) as pool:
            return [message.content for message in pool.map(model.invoke, [word, word])]

    chain = RunnableLambda(several)
    with Recorder() as rec, tracing.span("agent", "outer"), ThreadPoolExecutor(2) as pool:
        list(pool.map(chain.invoke, WORDS))
        RunnableParallel(one=chain, two=chain).invoke("d")
    lines = tree(rec.trace).splitlines()
    assert lines[0] == "agent outer"
    assert [line for line in lines if not line.startswith(" ")] == ["agent outer"]
    parents = {span.id: span.name for span in rec.trace}
    assert [parents[span.parent or 0] for span in rec.trace.llm_calls] == ["several"] * 10
    assert len({span.parent for span in rec.trace.llm_calls}) == 5


def test_agents_of_pydantic_ai_in_threads_have_their_own_trees(double: ProviderDouble) -> None:
    pytest.importorskip("pydantic_ai", reason="needs pydantic-ai-slim")
    from openai import AsyncOpenAI
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    def forecast(city: str) -> str:
        """Tell the weather."""
        return f"sunny in {city}"

    def run(word: str) -> str:
        client = AsyncOpenAI(
            base_url=double.openai_url, api_key="unused", default_headers={"Connection": "close"}
        )
        model = OpenAIChatModel("gpt-5", provider=OpenAIProvider(openai_client=client))
        agent = Agent(model, name=word, tools=[forecast])
        return str(asyncio.run(agent.run(f"How is it in {word}?")).output)

    with Recorder() as rec, tracing.span("agent", "outer"), ThreadPoolExecutor(2) as pool:
        list(pool.map(run, WORDS))
    of_each = ["    llm openai chat.completions", "    tool forecast", "    llm openai chat.completions"]
    lines = tree(rec.trace).splitlines()
    assert lines[0] == "agent outer"
    assert sorted(lines[1::4]) == [f"  agent {word}" for word in WORDS]
    assert [lines[at + 1 : at + 4] for at in (1, 5, 9)] == [of_each] * 3


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_agents_of_openai_in_threads_have_their_own_trees(double: ProviderDouble) -> None:
    agents: Any = pytest.importorskip("agents", reason="needs openai-agents")
    if not hasattr(agents, "Runner"):
        pytest.skip("needs openai-agents")
    from openai import AsyncOpenAI

    @agents.function_tool
    def forecast(city: str) -> str:
        """Tell the weather."""
        return f"sunny in {city}"

    def run(word: str) -> str:
        async def main() -> str:
            async with AsyncOpenAI(base_url=double.openai_url, api_key="unused") as client:
                model = agents.OpenAIResponsesModel("gpt-5", openai_client=client)
                agent = agents.Agent(name=word, model=model, tools=[forecast])
                return str((await agents.Runner.run(agent, f"How is it in {word}?")).final_output)

        return asyncio.run(main())

    agents.set_trace_processors([])
    with Recorder() as rec, tracing.span("agent", "outer"), ThreadPoolExecutor(2) as pool:
        list(pool.map(run, WORDS))
    lines = tree(rec.trace).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["agent outer"]
    assert [line for line in lines if line.startswith("  chain")] == ["  chain Agent workflow"] * 3
    assert sorted(line for line in lines if line.startswith("    agent")) == [
        f"    agent {word}" for word in WORDS
    ]
    assert len([line for line in lines if line == "      tool forecast"]) == 3


def test_tools_that_a_runner_calls_in_threads_are_beneath_the_step(double: ProviderDouble) -> None:
    try:
        from openai.lib.responses_tool_runner import RegisteredFunction, ResponsesToolRunner
    except ImportError:
        pytest.skip("needs an openai with tool runners")
    tool: Any = {"type": "function", "name": "look_up", "parameters": {"type": "object"}, "strict": False}
    function = RegisteredFunction(tool, lambda arguments: "found", independent=True)
    double.script(Turn(calls=(ToolUse("look_up", {"a": 1}), ToolUse("look_up", {"a": 2}))), Turn(text="done"))
    asked: Any = {"model": "gpt-5", "input": "How is it?", "store": False}
    with OpenAI(base_url=double.openai_url, api_key="unused") as client, Recorder() as rec:
        with tracing.span("agent", "outer"):
            runner = ResponsesToolRunner(functions=[function])
            runner.run(client, asked, stream=True, eager=True)
    assert sorted(tree(rec.trace).splitlines()) == sorted(
        ["agent outer", *["  llm openai responses"] * 2, *["  tool look_up"] * 2]
    )
