"""Models of LangChain that no SDK stands behind: recorded at the model, and served without being asked."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain_openai", reason="needs langchain-openai")

from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel, FakeListChatModel
from langchain_core.language_models.fake import FakeListLLM
from langchain_core.language_models.llms import LLM
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, GenerationChunk
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import Runnable, RunnableParallel
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, diff_traces, load_cassette, tracing, wire
from trace_ops.double import ProviderDouble, Turn
from trace_ops.errors import StreamTruncatedError, TraceOpsWarning, UnplayedCallsError, UnrecordedCallError
from trace_ops.trace import Usage


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


def name_of(tool: Any) -> str:
    return str(getattr(tool, "name", None) or tool.__name__)


class Overload(RuntimeError):
    """What the models here raise."""


class House(BaseChatModel):
    """A model as a company has one: it asks no SDK, and counts how often it is asked."""

    model_name: str = "house-1"
    temperature: float = 0.5
    asked: list[str] = []
    failures: int = 0
    answer: Any = None

    @property
    def _llm_type(self) -> str:
        return "house"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "client": object()}

    def bind_tools(self, tools: Any, **kwargs: Any) -> Runnable[Any, Any]:
        return self.bind(tools=tools, **kwargs)

    def _message(self, messages: list[BaseMessage], **options: Any) -> AIMessage:
        self.asked.append(str(messages[-1].content))
        if self.failures:
            self.failures -= 1
            raise Overload("too busy")
        if self.answer is not None:
            return self.answer
        usage: Any = {
            "input_tokens": 7,
            "output_tokens": 3,
            "total_tokens": 10,
            "input_token_details": {"cache_read": 2},
            "output_token_details": {"reasoning": 1},
        }
        told: Any = {"usage_metadata": usage, "response_metadata": {"finish_reason": "stop"}}
        if options.get("tools") and messages[-1].type != "tool":
            first = options["tools"][0]
            name = first["function"]["name"] if isinstance(first, dict) else name_of(first)
            number = f"call_{len(self.asked)}"
            call = {"name": name, "args": {"word": "cat"}, "id": number, "type": "tool_call"}
            return AIMessage("", tool_calls=[call], **told)
        return AIMessage(f"{messages[-1].content}, said the house", **told)

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        message = self._message(messages, **kwargs)
        return ChatResult(generations=[ChatGeneration(message=message, generation_info={"cached": False})])


class Streaming(House):
    """The same, a word at a time."""

    breaks: bool = False

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        message = self._message(messages, **kwargs)
        for call in message.tool_calls:
            chunk = {"name": call["name"], "args": '{"word": "cat"}', "id": call["id"], "index": 0}
            yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[chunk]))  # type: ignore[list-item]
        for word in str(message.content).split():
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"{word} "))
        if self.breaks:
            raise Overload("in the middle")
        end = AIMessageChunk(
            content="", usage_metadata=message.usage_metadata, response_metadata=message.response_metadata
        )
        yield ChatGenerationChunk(message=end)


class Native(Streaming):
    """The same with an async way of its own."""

    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        await asyncio.sleep(0)
        return self._generate(messages, **kwargs)

    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages, **kwargs):
            await asyncio.sleep(0)
            yield chunk


class Heard(BaseCallbackHandler):
    """What LangChain tells whoever listens, without what differs from run to run."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_chat_model_start(self, serialized: Any, messages: Any, **_: Any) -> None:
        self.heard.append(("start", [message.content for message in messages[0]]))

    def on_llm_start(self, serialized: Any, prompts: Any, **_: Any) -> None:
        self.heard.append(("start", prompts))

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, **_: Any) -> None:
        told = None if chunk is None else (type(chunk), chunk.text)
        self.heard.append(("token", token, told))

    def on_llm_end(self, response: Any, **_: Any) -> None:
        answer = response.generations[0][0]
        message = getattr(answer, "message", None)
        self.heard.append(("end", answer.text, getattr(message, "usage_metadata", None)))

    def on_llm_error(self, error: BaseException, **_: Any) -> None:
        self.heard.append(("error", type(error), str(error)))


def said(message: Any) -> Any:
    """An answer to the type, without the id of the run."""
    if isinstance(message, list):
        return [said(item) for item in message]
    return type(message), message.model_dump(exclude={"id"})


WAYS = ["invoke", "ainvoke", "stream", "astream", "batch", "abatch", "events", "generate"]


async def ask(model: Any, way: str, listener: Heard) -> Any:
    config: Any = {"callbacks": [listener]}
    if way == "stream":
        return said(list(model.stream("hello", config)))
    if way == "astream":
        return said([piece async for piece in model.astream("hello", config)])
    if way == "batch":
        return said(model.batch(["a", "b"], config={**config, "max_concurrency": 1}))
    if way == "abatch":
        return said(await model.abatch(["a", "b"], config={**config, "max_concurrency": 1}))
    if way == "events":
        events = [event async for event in model.astream_events("hello", config, version="v2")]
        return [
            (event["event"], said(event["data"]["output"])) for event in events if "output" in event["data"]
        ]
    if way == "generate":
        found = model.generate([[HumanMessage("a")], [HumanMessage("b")]], callbacks=[listener])
        return [said(one.message) for answers in found.generations for one in answers]
    return said(await model.ainvoke("hello", config) if way == "ainvoke" else model.invoke("hello", config))


@pytest.mark.parametrize("kind", [House, Streaming, Native])
@pytest.mark.parametrize("way", WAYS)
async def test_a_model_is_served_as_it_was_and_is_not_asked(kind: type[House], way: str, path: Path) -> None:
    """Answers, tokens and callbacks are those of the live run; the model does nothing on replay."""
    live = Heard()
    unrecorded = await ask(kind(), way, Heard())
    with Recorder(path) as rec:
        assert await ask(kind(), way, live) == unrecorded
    replayed, model = Heard(), kind(failures=9)
    with Replayer(path) as rep:
        assert await ask(model, way, replayed) == unrecorded
    assert (model.asked, replayed.heard) == ([], live.heard)
    calls = 2 if way in ("batch", "abatch", "generate") else 1
    assert rep.counts == {"replayed": calls, "recorded": 0, "missed": 0, "unplayed": 0}
    assert not diff_traces(rec.trace, rep.trace)
    assert rec.trace.total_tokens == rep.trace.total_tokens == 10 * calls


def test_what_an_answer_took_and_asks_for_counts(path: Path) -> None:
    with Recorder(path) as rec:
        House().bind_tools([{"type": "function", "function": {"name": "look_up"}}]).invoke("hi")
    for trace in (rec.trace, load_cassette(path)):
        (call,) = trace.llm_calls
        assert call.usage == Usage(7, 3, cache_read=2, reasoning=1)
        assert (call.model, call.tools, call.finish) == ("house-1", ["look_up"], "stop")
        assert trace.trajectory == ["llm:house-1", "tool:look_up"]
        assert trace.total_tool_calls == 1
        assert call.exchange is not None
        request, response = wire.read_request(call.exchange), wire.read_response(call.exchange)
        assert request is not None
        assert response is not None
        assert (request.messages[0].role, request.messages[0].text) == ("user", "hi")
        assert [one.name for one in request.tools] == ["look_up"]
        assert response.tool_calls[0].arguments == {"word": "cat"}


def test_a_stream_reads_as_one_answer(path: Path) -> None:
    with Recorder(path):
        list(Streaming().stream("one two three four five six seven eight nine ten"))
        list(Streaming().bind_tools([{"type": "function", "function": {"name": "look_up"}}]).stream("hi"))
    text, tools = load_cassette(path).llm_calls
    assert text.exchange is not None
    assert tools.exchange is not None
    assert (answer := wire.read_response(text.exchange)) is not None
    assert answer.text == "one two three four five six seven eight nine ten, said the house "
    assert (text.usage, text.finish) == (Usage(7, 3, cache_read=2, reasoning=1), "stop")
    assert (asked := wire.read_response(tools.exchange)) is not None
    assert [(call.name, call.arguments) for call in asked.tool_calls] == [("look_up", {"word": "cat"})]


@tool
def look_up(word: str) -> str:
    """Look a word up."""
    return f"{word} is found"


@pytest.mark.parametrize("way", ["invoke", "stream"])
def test_an_agent_on_such_a_model_is_one_tree(way: str, path: Path) -> None:
    def run(model: House) -> Any:
        agent = create_agent(model, [look_up])
        if way == "invoke":
            return said(agent.invoke({"messages": [("user", "hi")]})["messages"][1:])
        return len(list(agent.stream({"messages": [("user", "hi")]}, stream_mode="messages")))

    with Recorder(path) as rec:
        live = run(Streaming())
    model = Streaming(failures=9)
    with Replayer(path) as rep:
        assert run(model) == live
    assert model.asked == []
    assert tree(rec.trace) == tree(rep.trace)
    assert tree(rec.trace).splitlines() == [
        "agent LangGraph",
        "  chain model",
        "    llm langchain Streaming",
        "  chain tools",
        "    tool look_up",
        "  chain model",
        "    llm langchain Streaming",
    ]
    assert rec.trace.total_tool_calls == 1


class Weather(BaseModel):
    """The weather."""

    word: str


def test_structured_output_is_parsed_from_what_was_recorded(path: Path) -> None:
    def ask() -> Any:
        return House(failures=failures).with_structured_output(Weather).invoke("hi")

    failures = 0
    with Recorder(path):
        assert ask() == Weather(word="cat")
    failures = 9
    with Replayer(path):
        assert ask() == Weather(word="cat")


def test_tools_that_are_objects_are_kept_as_their_schema(path: Path) -> None:
    """Their representation in Python has an address in it, which another process does not have."""
    with Recorder(path):
        House().bind(tools=[look_up], helper=Helper()).invoke("hi")
    text = path.read_text()
    assert "Look a word up." in text
    assert "0x" not in text
    with Replayer(path):
        House(failures=9).bind(tools=[look_up], helper=Helper()).invoke("hi")


class Helper:
    """What some models take with a call."""


def test_an_error_is_served_and_tried_again(path: Path) -> None:
    def ask(model: House) -> Any:
        again = model.with_retry(retry_if_exception_type=(Overload,), wait_exponential_jitter=False)
        return said(again.invoke("hi"))

    first = House(failures=1)
    with Recorder(path) as rec:
        live = ask(first)
    assert len(first.asked) == 2
    second = House(failures=9)
    with Replayer(path) as rep:
        assert ask(second) == live
    assert second.asked == []
    assert [span.failed for span in rec.trace.llm_calls] == [True, False]
    assert rec.trace.errors[0].error == rep.trace.errors[0].error
    assert not diff_traces(rec.trace, rep.trace)


def test_fallbacks_go_the_way_they_went(path: Path) -> None:
    def ask(failures: int) -> Any:
        spare = Streaming(failures=failures)
        return said(House(failures=9).with_fallbacks([spare]).invoke("hi"))

    with Recorder(path) as rec:
        live = ask(0)
    with Replayer(path):
        assert ask(9) == live
    assert tree(rec.trace).splitlines() == [
        "chain RunnableWithFallbacks !",
        "  llm langchain House !",
        "  llm langchain Streaming",
    ] or tree(rec.trace).splitlines()[-2:] == ["  llm langchain House !", "  llm langchain Streaming"]


def test_an_unknown_call_is_refused_before_the_model_is_asked(path: Path) -> None:
    with Recorder(path):
        House().invoke("what is a cat?")
    model = House()
    with pytest.raises(UnrecordedCallError) as miss, Replayer(path, allow_unplayed=True):
        model.invoke("what is a dog?")
    assert model.asked == []
    assert str(miss.value).splitlines()[:4] == [
        "no recorded call for langchain CALL /House (model house-1)",
        "  nearest: span 1, not played yet, 1 difference (recorded -> now):",
        '    messages.0.content: "what is a cat?" -> "what is a dog?"',
        f"  cassette: {path}",
    ]


@pytest.mark.parametrize("other", [{"temperature": 0.9}, {"model_name": "house-2"}])
def test_what_identifies_a_model_is_part_of_what_is_asked(other: Any, path: Path) -> None:
    with Recorder(path):
        House().invoke("hi")
    with pytest.raises(UnrecordedCallError, match="house-1|0.5 -> 0.9"), Replayer(path, allow_unplayed=True):
        House(**other).invoke("hi")


def test_a_miss_that_is_swallowed_fails_the_run(path: Path) -> None:
    with Recorder(path):
        House().invoke("known")
    spare = Streaming()
    with pytest.raises(UnrecordedCallError, match="CALL /House"), Replayer(path) as rep:
        with pytest.raises(UnrecordedCallError):
            House().with_fallbacks([spare]).invoke("unknown")
        assert House().invoke("known").content == "known, said the house"
    assert spare.asked == []
    assert rep.verdict == "MISS"


def test_a_model_that_is_new_is_refused_where_no_sdk_was_recorded(path: Path) -> None:
    with Recorder(path):
        House().invoke("hi")
    model = Streaming()
    with pytest.raises(UnrecordedCallError, match="no call to this endpoint"), Replayer(path):
        model.invoke("hi")
    assert model.asked == []


@pytest.mark.parametrize("way", ["invoke", "stream"])
def test_a_model_that_is_new_beside_an_sdk_is_refused_when_it_asked_none(
    way: str, double: ProviderDouble, path: Path
) -> None:
    """It might have been a wrapper of the SDK: that is known once it has answered, and before it is heard."""
    with Recorder(path):
        openai(double).invoke("hi")
    heard: list[Any] = []
    with pytest.raises(UnrecordedCallError, match="CALL /Streaming"), Replayer(path, allow_unplayed=True):
        pieces = Streaming().stream("hi") if way == "stream" else [Streaming().invoke("hi")]
        heard.extend(pieces)
    assert heard == []


def test_a_call_that_is_not_made_fails_the_run(path: Path) -> None:
    with Recorder(path):
        House().invoke("one")
        House().invoke("two")
    with pytest.raises(UnplayedCallsError, match="span 2: langchain House house-1"), Replayer(path):
        House().invoke("one")


def openai(double: ProviderDouble) -> ChatOpenAI:
    headers = {"Connection": "close"}
    return ChatOpenAI(base_url=double.openai_url, api_key="unused", model="gpt-5", default_headers=headers)  # type: ignore[arg-type]


MODES: Any = {
    "none": (["known"], UnrecordedCallError, 0),
    "once": (["known"], UnrecordedCallError, 0),
    "new_episodes": (["known", "dropped", "unknown"], None, 1),
    "update": (["known", "unknown"], None, 1),
    "all": (["known", "unknown"], None, 2),
    "rewrite": (["known", "unknown"], None, 2),
}


@pytest.mark.parametrize("mode", list(MODES))
def test_the_mode_says_what_becomes_of_a_call(mode: Any, path: Path) -> None:
    with Recorder(path):
        House().invoke("known")
        House().invoke("dropped")
    kept, error, times = MODES[mode]
    model = House()

    def run() -> None:
        with Recorder(path, mode=mode, allow_unplayed=True):
            assert model.invoke("known").content == "known, said the house"
            model.invoke("unknown")

    if error is None:
        run()
        assert [asked(span) for span in load_cassette(path)] == kept
    else:
        with pytest.raises(error):
            run()
        assert [asked(span) for span in load_cassette(path)] == ["known", "dropped"]
    assert len(model.asked) == times


def asked(span: Any) -> str:
    return str(span.exchange.request.body.json["messages"][-1]["content"])


def test_verify_asks_and_compares(path: Path) -> None:
    with Recorder(path):
        House().invoke("hi")
    model = House(answer=AIMessage("hi, said another", response_metadata={"finish_reason": "stop"}))
    with Recorder(path, mode="verify") as rec:
        model.invoke("hi")
    assert model.asked == ["hi"]
    assert [(drift.severity, drift.fails) for drift in rec.drift] == [("text", False)]


WRAPPED = ["invoke", "ainvoke", "stream", "astream"]


@pytest.mark.parametrize("way", WRAPPED)
async def test_a_model_on_a_recorded_sdk_is_recorded_once(
    double: ProviderDouble, way: str, path: Path
) -> None:
    async def run() -> Any:
        own = FakeListChatModel(responses=["mine"])
        both = RunnableParallel(mine=own, theirs=openai(double)).with_config(run_name="both")
        if way == "invoke":
            return {name: message.content for name, message in both.invoke("hi").items()}
        if way == "ainvoke":
            return {name: message.content for name, message in (await both.ainvoke("hi")).items()}
        found = list(both.stream("hi")) if way == "stream" else [piece async for piece in both.astream("hi")]
        texts = {"mine": "", "theirs": ""}
        for piece in found:
            for name, message in piece.items():
                texts[name] += message.content
        return texts

    with Recorder(path) as rec:
        live = await run()
    hits = double.hits
    with Replayer(path) as rep:
        assert await run() == live
    assert double.hits == hits == 1
    for trace in (rec.trace, rep.trace):
        assert sorted(span.model or "" for span in trace.llm_calls) == ["FakeListChatModel", "gpt-5"]
        assert {span.parent for span in trace.llm_calls} == {trace.spans[0].id}


class Router(BaseChatModel):
    """A model that passes on to others, or answers from what it remembers."""

    inner: Any
    remembered: dict[str, str] = {}

    @property
    def _llm_type(self) -> str:
        return "router"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        asked = str(messages[-1].content)
        if asked not in self.remembered:
            self.remembered[asked] = str(self.inner.invoke(messages).content)
        message = AIMessage(self.remembered[asked])
        return ChatResult(generations=[ChatGeneration(message=message)])


@pytest.mark.parametrize("first", ["asks", "remembers"])
def test_a_model_that_passes_on_runs_and_what_it_asks_is_served(
    first: str, double: ProviderDouble, path: Path
) -> None:
    """Its own answers, from a cache say, it gives again by itself: they are steps, and not served."""

    def run() -> list[str]:
        remembered = {"old": "from before"}
        router = Router(inner=openai(double), remembered=remembered)
        order = ["hi", "hi", "old"] if first == "asks" else ["old", "hi", "hi"]
        return [str(router.invoke(word).content) for word in order]

    with Recorder(path) as rec:
        live = run()
    with Replayer(path) as rep:
        assert run() == live
    assert double.hits == 1
    assert rep.counts["replayed"] == rec.counts["recorded"] == 1
    assert [span.exchange is not None for span in rec.trace.llm_calls].count(True) == 1
    assert not diff_traces(rec.trace, rep.trace)
    with Recorder(path, mode="update") as again:
        run()
    assert again.counts["recorded"] == 0


def test_a_model_that_passes_on_to_one_without_an_sdk_runs(path: Path) -> None:
    def run(inner: House) -> str:
        return str(Router(inner=inner, remembered={}).invoke("hi").content)

    with Recorder(path) as rec:
        live = run(House())
    assert tree(rec.trace) == "llm langchain House"
    inner = House(failures=9)
    with Replayer(path) as rep:
        assert run(inner) == live
    assert inner.asked == []
    assert not diff_traces(rec.trace, rep.trace)


class Searching(House):
    """A model that looks something up by an SDK for itself before it answers."""

    embeddings: Any

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        with tracing.span("retrieval", "shelf"):
            self.embeddings.embed_query(str(messages[-1].content))
        return super()._generate(messages)


def test_what_a_model_does_for_itself_is_beneath_it_and_served_with_it(
    double: ProviderDouble, path: Path
) -> None:
    def run(failures: int) -> Any:
        embeddings: Embeddings = OpenAIEmbeddings(
            base_url=double.openai_url,
            api_key="unused",  # type: ignore[arg-type]
            check_embedding_ctx_length=False,
            default_headers={"Connection": "close"},
        )
        return said(Searching(embeddings=embeddings, failures=failures).invoke("hi"))

    with Recorder(path) as rec:
        live = run(0)
    hits = double.hits
    with Replayer(path) as rep:
        assert run(9) == live
    assert double.hits == hits
    lines = ["llm langchain Searching", "  retrieval shelf", "    embedding openai embeddings"]
    assert tree(load_cassette(path)).splitlines() == tree(rep.trace).splitlines() == lines
    assert not diff_traces(rec.trace, rep.trace)


def test_an_answer_that_json_cannot_hold_is_a_step_and_made_again(path: Path) -> None:
    def run(model: House) -> Any:
        return model.invoke("hi").additional_kwargs["raw"]

    raw = object()
    model = House(answer=AIMessage("said", additional_kwargs={"raw": raw}))
    with Recorder(path) as rec:
        assert run(model) is raw
    (step,) = rec.trace.llm_calls
    assert (step.name, step.exchange, step.input) == ("House", None, [{"role": "user", "content": "hi"}])
    assert step.attributes == {"inexact": True}
    with Replayer(path) as rep:
        assert run(model) is raw
    assert len(model.asked) == 2
    assert rep.trace.total_llm_calls == 1


def test_what_was_recorded_as_a_step_runs_as_it_did(path: Path) -> None:
    """Cassettes from before models were served hold them so."""
    with Recorder(path), tracing.span("llm", "House", input="hi"):
        pass
    model = House()
    with Replayer(path):
        assert model.invoke("hi").content == "hi, said the house"
    assert model.asked == ["hi"]


def test_a_stream_that_breaks_breaks_again(path: Path) -> None:
    def read(model: Streaming) -> list[str]:
        heard = []
        with pytest.raises(Overload, match="^in the middle$"):
            for piece in model.stream("one two"):
                heard.append(str(piece.content))
        return heard

    with Recorder(path) as rec:
        live = read(Streaming(breaks=True))
    with Replayer(path) as rep:
        assert read(Streaming(failures=9)) == live == ["one ", "two, ", "said ", "the ", "house "]
    assert [span.failed for span in (*rec.trace, *rep.trace)] == [True, True]


def test_a_stream_that_was_left_is_not_read_further(path: Path) -> None:
    with Recorder(path) as rec:
        pieces: Any = Streaming().stream("one two")
        next(pieces)
        next(pieces)
        pieces.close()
    assert not rec.trace.spans[0].failed
    with Replayer(path):
        pieces = Streaming(failures=9).stream("one two")
        assert [next(pieces).content, next(pieces).content] == ["one ", "two, "]
        pieces.close()
    with pytest.raises(StreamTruncatedError), Replayer(path):
        list(Streaming(failures=9).stream("one two"))


async def test_a_stream_that_nobody_closes_is_kept(path: Path) -> None:
    with Recorder(path):
        pieces = Native().astream("one two")
        assert (await anext(pieces)).content == "one "
    await pieces.aclose()  # type: ignore[attr-defined]
    (span,) = load_cassette(path)
    assert span.exchange is not None
    assert span.exchange.outcome.end == "abandoned"  # type: ignore[union-attr]


class Slow(House):
    """A model that never comes to an end."""

    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.asked.append("")
        await asyncio.sleep(60)
        raise AssertionError("cancelled before")


async def test_a_call_that_was_cancelled_is_cancelled_again(path: Path) -> None:
    async def run(model: Slow) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(model.ainvoke("hi"), 0.05)

    with Recorder(path):
        await run(Slow())
    model = Slow()
    with Replayer(path):
        await run(model)
    assert model.asked == []


class Prompted(LLM):
    """A model of before there were chats, which tells of its tokens itself."""

    words: list[str] = ["it ", "is ", "so"]
    asked: list[str] = []

    @property
    def _llm_type(self) -> str:
        return "prompted"

    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
        self.asked.append(prompt)
        for word in self.words if run_manager else ():
            run_manager.on_llm_new_token(word)
        return "".join(self.words)

    def _stream(
        self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[GenerationChunk]:
        self.asked.append(prompt)
        for word in self.words:
            chunk = GenerationChunk(text=word)
            if run_manager:
                run_manager.on_llm_new_token(word, chunk=chunk)
            yield chunk


@pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream", "batch"])
async def test_a_model_of_prompts_is_served_with_the_tokens_it_told_of(way: str, path: Path) -> None:
    async def run(model: Prompted, listener: Heard) -> Any:
        config: Any = {"callbacks": [listener]}
        if way == "stream":
            return list(model.stream("so?", config))
        if way == "astream":
            return [piece async for piece in model.astream("so?", config)]
        if way == "batch":
            return model.batch(["so?", "or so?"], config)
        return await model.ainvoke("so?", config) if way == "ainvoke" else model.invoke("so?", config)

    live, replayed, model = Heard(), Heard(), Prompted()
    with Recorder(path) as rec:
        answer = await run(Prompted(), live)
    with Replayer(path) as rep:
        assert await run(model, replayed) == answer
    assert (model.asked, replayed.heard) == ([], live.heard)
    assert ("token", "is ", (GenerationChunk, "is ") if "stream" in way else None) in live.heard
    assert not diff_traces(rec.trace, rep.trace)
    assert [span.model for span in rec.trace] == ["Prompted"]


class Protocol(House):
    """A model that streams in the events of LangChain's protocol."""

    def _stream_chat_model_events(self, messages: list[BaseMessage], **_: Any) -> Iterator[Any]:
        self._message(messages)
        yield {"event": "message-start", "role": "ai", "id": "msg"}
        yield {"event": "content-block-start", "index": 0, "content": {"type": "text", "text": ""}}
        for word in ("it ", "is ", "so"):
            delta = {"type": "text-delta", "text": word}
            yield {"event": "content-block-delta", "index": 0, "delta": delta}
        yield {"event": "content-block-finish", "index": 0, "content": {"type": "text", "text": "it is so"}}
        usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
        yield {"event": "message-finish", "reason": "stop", "usage": usage}


@pytest.mark.filterwarnings("ignore::langchain_core._api.beta_decorator.LangChainBetaWarning")
@pytest.mark.parametrize(
    ("kind", "way"),
    [(Streaming, "stream_events"), (Streaming, "astream_events"), (Protocol, "stream_events")],
)
async def test_events_of_the_protocol_are_served(kind: type[House], way: str, path: Path) -> None:
    if "stream_events" not in vars(BaseChatModel):
        pytest.skip("needs a langchain-core with the protocol")

    async def read(model: Any) -> Any:
        if way == "stream_events":
            return list(model.stream_events("hi", version="v3").text)
        stream = await model.astream_events("hi", version="v3")
        return [text async for text in stream.text]

    with Recorder(path) as rec:
        live = await read(kind())
    model = kind(failures=9)
    with Replayer(path) as rep:
        assert await read(model) == live
    assert (model.asked, rep.counts["replayed"]) == ([], 1)
    assert not diff_traces(rec.trace, rep.trace)
    (call,) = load_cassette(path)
    assert call.exchange is not None
    assert (answer := wire.read_response(call.exchange)) is not None
    assert answer.text == "".join(live)
    assert (answer.complete, call.exchange.outcome.end) == (True, "complete")  # type: ignore[union-attr]


def test_the_answers_of_a_fake_are_no_part_of_what_it_is_asked(path: Path) -> None:
    with Recorder(path):
        assert FakeListChatModel(responses=["then"]).invoke("hi").content == "then"
        assert FakeListLLM(responses=["so"]).invoke("hi") == "so"
    with Replayer(path):
        assert FakeListChatModel(responses=["now"]).invoke("hi").content == "then"
        assert FakeListLLM(responses=["not so"]).invoke("hi") == "so"


def test_a_model_keeps_what_it_counts(path: Path) -> None:
    """It is itself that runs, also where a copy of it is called."""
    model = FakeListChatModel(responses=["one", "two"])
    with Recorder():
        assert [model.invoke("hi").content for _ in range(3)] == ["one", "two", "one"]
    assert model.i == 1


def test_a_conversation_is_matched_without_what_langchain_adds(path: Path) -> None:
    """Ids of runs and of messages are new each time, and are not sent to a model."""

    def run(model: House) -> Any:
        first = model.invoke([HumanMessage("one", id=str(next(ids)))])
        return model.invoke([HumanMessage("one"), first, HumanMessage("two", id=str(next(ids)))]).content

    ids = itertools.count()
    with Recorder(path):
        live = run(House())
    with Replayer(path):
        assert run(House(failures=9)) == live


def test_batches_and_threads_get_their_own_answers(path: Path) -> None:
    words: list[Any] = [f"word {number}" for number in range(12)]

    def run(model: House) -> list[str]:
        with ThreadPoolExecutor(4) as pool:
            threads = list(pool.map(lambda word: str(model.invoke(word).content), words))
        return [*threads, *(str(message.content) for message in model.batch(words))]

    with Recorder(path):
        live = run(House())
    model = House(failures=9)
    with Replayer(path) as rep:
        assert run(model) == live
    assert (model.asked, rep.counts["replayed"]) == ([], 24)


def test_nothing_waits_for_a_limit_of_calls_on_replay(path: Path) -> None:
    def model(bucket: int, **fields: Any) -> House:
        limit = InMemoryRateLimiter(requests_per_second=0.0001, max_bucket_size=bucket)
        limit.available_tokens = bucket
        return House(rate_limiter=limit, **fields)

    with Recorder(path):
        live = [model(2).invoke(word).content for word in ("a", "b")]
    patient = model(0, failures=9)
    with Replayer(path):
        assert [patient.invoke(word).content for word in ("a", "b")] == live
    assert patient.rate_limiter is not None


def test_langchain_left_alone_asks_its_models(path: Path) -> None:
    model = House()
    with Recorder(path, intercept_langchain=False) as rec:
        model.invoke("hi")
    assert len(rec.trace) == 0


def test_steps_of_the_reader_come_after_the_stream_they_read(path: Path) -> None:
    def run(model: House) -> None:
        for _ in model.stream("one two"):
            with tracing.span("tool", "show"):
                pass

    with Recorder(path) as rec:
        run(Streaming())
    with Replayer(path) as rep:
        run(Streaming(failures=9))
    lines = ["llm langchain Streaming", *["tool show"] * 7]
    assert tree(load_cassette(path)).splitlines() == tree(rep.trace).splitlines() == lines
    assert not diff_traces(rec.trace, rep.trace)


def test_what_goes_wrong_in_telling_is_not_the_program_s(path: Path) -> None:
    class Odd(House):
        @property
        def _identifying_params(self) -> dict[str, Any]:
            raise KeyError("nobody knows")

        def dict(self, **_: Any) -> dict[str, Any]:
            return {}

    with pytest.warns(TraceOpsWarning, match="langchain Odd is not recorded in full"), Recorder(path) as rec:
        assert Odd().invoke("hi").content == "hi, said the house"
    assert rec.trace.uncaptured == ["langchain Odd: KeyError"]


async def test_equal_calls_of_parallel_steps_keep_their_answers(double: ProviderDouble, path: Path) -> None:
    """Steps are told apart by their numbers, which do not count what turned out to be a call of an SDK."""

    async def run(*order: str) -> dict[str, str]:
        model = openai(double)
        model.invoke("before")
        turns = {name: asyncio.Event() for name in order}
        tasks = [asyncio.create_task(step(model, name, turns[name])) for name in ("one", "two")]
        await asyncio.sleep(0)
        answers = {}
        for name in order:
            turns[name].set()
            answers[name] = await tasks[("one", "two").index(name)]
        return answers

    async def step(model: ChatOpenAI, name: str, turn: asyncio.Event) -> str:
        with tracing.span("agent", name):
            await turn.wait()
            return str((await model.ainvoke("same")).content)

    double.script(*(Turn(text=text) for text in ("before", "of one", "of two")))
    with Recorder(path):
        live = await run("one", "two")
    assert live == {"one": "of one", "two": "of two"}
    with Recorder(path, mode="update") as rec:
        assert await run("two", "one") == live
    assert rec.counts["replayed"] == 3
