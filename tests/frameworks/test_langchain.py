"""LangChain's chains, tools and retrievers as steps, with the calls of the SDKs beneath them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain_openai", reason="needs langchain-openai")
pytest.importorskip("langchain_anthropic", reason="needs langchain-anthropic")

from langchain_anthropic import ChatAnthropic
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from langchain_core.tools import ToolException, tool
from langchain_openai import ChatOpenAI

from trace_ops import Recorder, Replayer, diff_traces, load_cassette, tracing
from trace_ops.double import ProviderDouble, Status
from trace_ops.errors import UnrecordedCallError
from trace_ops.trace import Span, Trace


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


# Nothing closes the clients that LangChain makes: each connection is to serve one call.
ONE_CALL = {"Connection": "close"}


def openai(double: ProviderDouble) -> ChatOpenAI:
    return ChatOpenAI(base_url=double.openai_url, api_key="unused", model="gpt-5", default_headers=ONE_CALL)  # type: ignore[arg-type]


def tree(trace: Trace) -> list[str]:
    """Each step as ``kind:name``, indented beneath the one it belongs to."""
    depth: dict[int | None, int] = {None: -1}
    lines = []
    for span in trace:
        depth[span.id] = depth[span.parent] + 1
        lines.append("  " * depth[span.id] + f"{span.kind}:{span.model or span.name}")
    return lines


def only(trace: Trace, name: str) -> Span:
    (span,) = [span for span in trace if span.name == name]
    return span


def pipeline(double: ProviderDouble) -> Runnable[Any, Any]:
    def shout(text: str) -> str:
        return text.upper()

    prompt = ChatPromptTemplate.from_template("Say {word}")
    return prompt | openai(double) | StrOutputParser() | shout


def test_a_chain_is_a_step_and_its_plumbing_is_not(double: ProviderDouble) -> None:
    with Recorder() as rec:
        said = pipeline(double).invoke({"word": "hello"})
    assert tree(rec.trace) == ["chain:RunnableSequence", "  llm:gpt-5", "  chain:shout"]
    chain = rec.trace.spans[0]
    assert (chain.input, chain.output) == ({"word": "hello"}, said)


WAYS = ["invoke", "stream", "batch", "ainvoke", "astream", "abatch", "astream_events"]


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_run_a_chain_gives_its_tree(double: ProviderDouble, way: str, path: Path) -> None:
    async def run() -> Any:
        chain = pipeline(double)
        if way == "stream":
            return list(chain.stream({"word": "a"}))
        if way in ("batch", "abatch"):
            both = [{"word": "a"}, {"word": "b"}]
            return chain.batch(both) if way == "batch" else await chain.abatch(both)
        if way == "astream":
            return [piece async for piece in chain.astream({"word": "a"})]
        if way == "astream_events":
            events = [event async for event in chain.astream_events({"word": "a"}, version="v2")]
            return events[-1]["data"]["output"]
        return await chain.ainvoke({"word": "a"}) if way == "ainvoke" else chain.invoke({"word": "a"})

    with Recorder(path) as rec:
        live = await run()
    hits = double.hits
    with Replayer(path) as rep:
        assert await run() == live
    assert double.hits == hits
    runs = 2 if way.endswith("batch") else 1
    for trace in (rec.trace, rep.trace):
        by_id = {span.id: span for span in trace}
        calls = trace.llm_calls
        assert len(calls) == hits == runs
        assert sorted(by_id[call.parent or 0].name for call in calls) == ["RunnableSequence"] * runs
        assert len({call.parent for call in calls}) == runs
    assert not diff_traces(rec.trace, rep.trace)


def test_the_second_recording_is_the_first_one(double: ProviderDouble, tmp_path: Path) -> None:
    paths = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for path in paths:
        with Recorder(path):
            pipeline(double).batch([{"word": word} for word in "abcd"])
    one, two = map(load_cassette, paths)
    assert not diff_traces(one, two)
    assert tree(one)[0] == "chain:RunnableSequence"


def test_anthropic_hangs_under_the_named_chain(double: ProviderDouble) -> None:
    known: dict[str, Any] = {"model": "claude-haiku-4-5", "base_url": double.url, "api_key": "unused"}
    model = ChatAnthropic(default_headers=ONE_CALL, **known)
    with Recorder() as rec:
        (ChatPromptTemplate.from_template("{x}") | model).with_config(run_name="ask").invoke({"x": "hi"})
    assert tree(rec.trace) == ["chain:ask", "  llm:claude-haiku-4-5"]


async def test_parallel_runs_keep_their_calls_apart(double: ProviderDouble) -> None:
    async def one(word: str) -> Any:
        return await pipeline(double).with_config(run_name=word).ainvoke({"word": word})

    with Recorder() as rec:
        await asyncio.gather(*(one(f"word{number}") for number in range(8)))
    names = {span.id: span.name for span in rec.trace}
    for call in rec.trace.llm_calls:
        assert call.exchange is not None
        assert call.exchange.request.body is not None
        assert names[call.parent or 0] in str(call.exchange.request.body.raw)
    assert rec.trace.total_llm_calls == 8


def test_steps_of_the_program_keep_their_place_within(double: ProviderDouble) -> None:
    def work(word: str) -> Any:
        with tracing.span("agent", "inner"):
            return openai(double).invoke(word).content

    with Recorder() as rec, tracing.span("agent", "outer"):
        RunnableLambda(work).invoke("hi")
    assert tree(rec.trace) == ["agent:outer", "  chain:work", "    agent:inner", "      llm:gpt-5"]


searched: list[str] = []


class Shelf(BaseRetriever):  # type: ignore[misc]
    def _get_relevant_documents(self, query: str, **_: Any) -> list[Document]:
        searched.append(query)
        if query == "nothing":
            raise LookupError("an empty shelf")
        return [
            Document(f"about {query}", metadata={"source": "a.txt", "score": 0.5}),
            Document("more", id="kept"),
        ]


def test_a_retriever_is_a_retrieval(double: ProviderDouble) -> None:
    prompt = ChatPromptTemplate.from_template("{context} {question}")
    chain = {"context": Shelf(), "question": RunnablePassthrough()} | prompt | openai(double)
    with Recorder() as rec:
        chain.invoke("cats")
        with pytest.raises(LookupError):
            Shelf().invoke("nothing")
    found, failed = rec.trace.of_kind("retrieval")
    assert tree(rec.trace)[:3] == ["chain:RunnableSequence", "  retrieval:Shelf", "  llm:gpt-5"]
    assert found.input == "cats"
    assert found.output == [
        {"text": "about cats", "metadata": {"source": "a.txt", "score": 0.5}, "score": 0.5},
        {"id": "kept", "text": "more", "metadata": {}},
    ]
    assert failed.error is not None
    assert failed.error.message == "an empty shelf"


ran: list[str] = []


@tool
def look_up(word: str, times: int = 1) -> str:
    """Look a word up."""
    ran.append(word)
    if word == "fault":
        raise ToolException("no such word")
    if word == "crash":
        raise ValueError("broken")
    return f"{word} is found" * times


@tool(response_format="content_and_artifact")
async def measure(word: str) -> tuple[str, dict[str, int]]:
    """Measure a word."""
    ran.append(word)
    return f"{len(word)} letters", {"letters": len(word)}


def call(name: str, word: str, number: str = "call_1") -> Any:
    return {"type": "tool_call", "id": number, "name": name, "args": {"word": word}}


async def tools() -> list[Any]:
    forgiving = look_up.model_copy(update={"handle_tool_error": True})
    with pytest.raises(ValueError, match="^broken$"):
        look_up.invoke(call("look_up", "crash"))
    with pytest.raises(ToolException, match="^no such word$"):
        look_up.invoke(call("look_up", "fault"))
    return [
        look_up.invoke(call("look_up", "cat")),
        look_up.invoke({"word": "dog", "times": 2}),
        forgiving.invoke(call("look_up", "fault")),
        await look_up.ainvoke(call("look_up", "cow")),
        await measure.ainvoke(call("measure", "cat")),
    ]


async def test_tools_are_steps_and_run_on_replay_unless_frozen(path: Path) -> None:
    ran.clear()
    with Recorder(path) as rec:
        live = await tools()
    assert [span.name for span in rec.trace] == ["look_up"] * 6 + ["measure"]
    assert rec.trace.spans[2].input == {"word": "cat"}
    assert rec.trace.spans[2].output == "cat is found"
    failed = [span.error.message for span in rec.trace.errors if span.error]
    assert failed == ["broken", "no such word", "no such word"]
    times = len(ran)
    with Replayer(path):
        assert await tools() == live
    assert len(ran) == 2 * times
    with Replayer(path, freeze_tools=True) as rep:
        assert await tools() == live
    assert len(ran) == 2 * times
    assert not diff_traces(rec.trace, rep.trace)
    with Replayer(path, freeze_tools=["measure"]):
        assert await tools() == live
    assert len(ran) == 3 * times - 1


def test_a_frozen_tool_is_given_the_id_of_the_call_of_now(path: Path) -> None:
    ran.clear()
    with Recorder(path):
        look_up.invoke(call("look_up", "cat", "call_then"))
    with Replayer(path, freeze_tools=True):
        message = look_up.invoke(call("look_up", "cat", "call_now"))
    assert (message.tool_call_id, message.content, ran) == ("call_now", "cat is found", ["cat"])


def test_langchain_can_be_left_alone(double: ProviderDouble) -> None:
    with Recorder(intercept_langchain=False) as rec:
        pipeline(double).invoke({"word": "hello"})
    assert tree(rec.trace) == ["llm:gpt-5"]


def test_a_stream_that_is_left_early_is_no_parent_of_what_comes_after(double: ProviderDouble) -> None:
    with Recorder() as rec:
        pieces: Any = pipeline(double).stream({"word": "hello"})
        next(pieces)
        pieces.close()
        openai(double).invoke("after")
    assert tree(rec.trace)[-1] == "llm:gpt-5"
    assert not rec.trace.spans[0].failed


def test_a_frozen_tool_that_is_not_recorded_is_refused(path: Path) -> None:
    ran.clear()
    with Recorder(path):
        look_up.invoke(call("look_up", "cat"))
    with pytest.raises(UnrecordedCallError, match="look_up"), Replayer(path, freeze={"llm", "tools"}):
        look_up.invoke(call("look_up", "dog"))
    assert ran == ["cat"]


async def test_a_frozen_retriever_serves_its_documents(path: Path) -> None:
    async def search() -> list[Any]:
        with pytest.raises(LookupError, match="an empty shelf"):
            Shelf().invoke("nothing")
        return [Shelf().invoke("cats"), await Shelf().ainvoke("dogs")]

    searched.clear()
    with Recorder(path) as rec:
        live = await search()
    assert searched == ["nothing", "cats", "dogs"]
    with Replayer(path, freeze={"llm", "retrieval"}) as rep:
        assert await search() == live
    assert len(searched) == 3
    assert not diff_traces(rec.trace, rep.trace)
    with pytest.raises(UnrecordedCallError, match="Shelf"), Replayer(path, freeze={"llm", "retrieval"}):
        Shelf().invoke("birds")


def test_a_model_without_an_sdk_is_a_step_and_others_are_not_told_twice(double: ProviderDouble) -> None:
    own = FakeListChatModel(responses=["one", "two"])
    with Recorder() as rec:
        mine: Any = RunnableLambda(lambda word: own.invoke(word).content)
        mine.with_config(run_name="mine").invoke("hi")
        "".join(str(piece.content) for piece in own.stream("hi"))
        openai(double).invoke("hi")
    assert tree(rec.trace) == [
        "chain:mine",
        "  llm:FakeListChatModel",
        "llm:FakeListChatModel",
        "llm:gpt-5",
    ]
    assert rec.trace.total_llm_calls == 3


def test_a_call_that_fails_is_told_once(double: ProviderDouble) -> None:
    double.fail(Status(400))
    with Recorder() as rec, pytest.raises(Exception, match="400"):
        pipeline(double).invoke({"word": "hello"})
    assert tree(rec.trace) == ["chain:RunnableSequence", "  llm:gpt-5"]
    assert [span.failed for span in rec.trace] == [True, True]


def test_threads_of_the_program_find_the_recorder(double: ProviderDouble) -> None:
    with Recorder() as rec, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda word: pipeline(double).invoke({"word": word}), "abcd"))
    assert sorted(tree(rec.trace)) == sorted(["chain:RunnableSequence", "  llm:gpt-5", "  chain:shout"] * 4)
    assert len({span.parent for span in rec.trace.llm_calls}) == 4
