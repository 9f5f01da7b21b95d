"""Models of LlamaIndex that no SDK stands behind: recorded at the model, and served without being asked."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llama_index.llms.openai", reason="needs llama-index-llms-openai")

from llama_index.core import Document, SummaryIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined, unused-ignore]
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.llms import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    CustomLLM,
    LLMMetadata,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.tools import ToolSelection
from llama_index.embeddings.openai import OpenAIEmbedding

from tests.frameworks.llama_index_kit import QUIET, RAN, forecast, looped, model, result_of
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, load_cassette, wire
from trace_ops.double import ProviderDouble, Turn
from trace_ops.errors import UnrecordedCallError
from trace_ops.trace import Usage

pytestmark = QUIET
CALL = "llm llamaindex House"
HELLO = [ChatMessage(role="user", content="hello")]


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double
    gc.collect()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


class Overload(RuntimeError):
    """What the models here raise."""


class House(CustomLLM):
    """A model as a company has one: it asks no SDK, and counts how often it is asked."""

    asked: list[str] = []
    fails: bool = False
    breaks: bool = False
    temperature: float = 0.5

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="house-1")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        self.asked.append(prompt)
        if self.fails:
            raise Overload("too busy")
        return CompletionResponse(
            text=f"the house says {len(prompt)}",
            raw={"usage": {"prompt_tokens": 7, "completion_tokens": 3}},
            additional_kwargs={"prompt_tokens": 7, "completion_tokens": 3},
        )

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        self.asked.append(prompt)

        def pieces() -> Iterator[CompletionResponse]:
            text = ""
            for word in ("the ", "house ", "says"):
                text += word
                yield CompletionResponse(text=text, delta=word)
            if self.breaks:
                raise Overload("in the middle")
            yield CompletionResponse(text=text, delta="", additional_kwargs={"completion_tokens": 3})

        return pieces()


class Bare(House):
    """The same, without the decorators of LlamaIndex, and with an async way of its own."""

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        self.asked.append(prompt)
        if self.fails:
            raise Overload("too busy")
        return CompletionResponse(text=f"the house says {len(prompt)}")

    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        await asyncio.sleep(0)
        return self.complete(prompt, formatted, **kwargs)


class Caller(FunctionCallingLLM):
    """A model that asks for tools."""

    asked: list[str] = []

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="caller-1", is_chat_model=True, is_function_calling_model=True)

    def _answer(self, messages: Any, tools: Any = ()) -> ChatResponse:
        self.asked.append(str(messages[-1].content))
        if tools and messages[-1].role != "tool":
            call = {"id": f"call_{len(self.asked)}", "name": "forecast", "args": {"city": "Paris"}}
            message = ChatMessage(role="assistant", content="", additional_kwargs={"calls": [call]})
            return ChatResponse(message=message)
        return ChatResponse(message=ChatMessage(role="assistant", content=f"so: {messages[-1].content}"))

    @llm_chat_callback()
    def chat(self, messages: Any, **kwargs: Any) -> ChatResponse:
        return self._answer(messages, **kwargs)

    @llm_chat_callback()
    async def achat(self, messages: Any, **kwargs: Any) -> ChatResponse:
        return self._answer(messages, **kwargs)

    @llm_chat_callback()
    def stream_chat(self, messages: Any, **kwargs: Any) -> Any:
        answer = self._answer(messages, **kwargs)
        return (answer for _ in range(1))

    @llm_chat_callback()
    async def astream_chat(self, messages: Any, **kwargs: Any) -> Any:
        answer = self._answer(messages, **kwargs)

        async def pieces() -> AsyncIterator[ChatResponse]:
            yield answer

        return pieces()

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text=str(self.chat([ChatMessage(prompt)]).message.content))

    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return self.complete(prompt)

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        raise NotImplementedError

    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        raise NotImplementedError

    def _prepare_chat_with_tools(  # type: ignore[override, unused-ignore]
        self, tools: Any, user_msg: Any = None, chat_history: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        more = [] if user_msg is None else [user_msg]
        return {"messages": [*(chat_history or ()), *more], "tools": tools}

    def get_tool_calls_from_response(  # type: ignore[override, unused-ignore]
        self, response: Any, **kwargs: Any
    ) -> list[ToolSelection]:
        calls = response.message.additional_kwargs.get("calls", ())
        return [
            ToolSelection(tool_id=call["id"], tool_name=call["name"], tool_kwargs=call["args"])
            for call in calls
        ]


class Wrapping(House):
    """A model that asks another, which has an SDK."""

    inner: Any = None

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text=f"<{self.inner.complete(prompt)}>")


WAYS = [
    "complete",
    "acomplete",
    "stream_complete",
    "astream_complete",
    "chat",
    "achat",
    "stream_chat",
    "astream_chat",
]


async def ask(llm: Any, way: str) -> Any:
    given = HELLO if "chat" in way else "hello"
    answer = getattr(llm, way)(given)
    answer = await answer if way.startswith("a") else answer
    if way.startswith("astream"):
        return [(type(one), one.model_dump()) async for one in answer]
    if way.startswith("stream"):
        return [(type(one), one.model_dump()) for one in answer]
    return type(answer), answer.model_dump()


class Listener(BaseEventHandler):
    """What LlamaIndex tells whoever listens."""

    heard: list[Any] = []

    def handle(self, event: Any, **_: Any) -> None:
        response = getattr(event, "response", None)
        self.heard.append((event.class_name(), None if response is None else str(response)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [House, Bare])
@pytest.mark.parametrize("fails", [False, True], ids=["fine", "error"])
def test_a_call_in_any_way_is_one_exchange_and_served(path: Path, way: str, kind: Any, fails: bool) -> None:
    outcomes, heard, models = [], [], []
    root = get_dispatcher()
    handlers = root.event_handlers
    try:
        for recorder in (None, Recorder(path), Replayer(path)):
            listener = Listener(heard=[])
            root.event_handlers = [listener]
            llm = kind(asked=[], fails=fails, breaks=fails)
            if recorder is None:
                outcomes.append(result_of(lambda llm=llm: ask(llm, way)))
            else:
                with recorder:
                    outcomes.append(result_of(lambda llm=llm: ask(llm, way)))
            heard.append(listener.heard)
            models.append(llm)
    finally:
        root.event_handlers = handlers

    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == outcomes[0]
    assert heard[1] == heard[0]
    if kind is House and not way.startswith("a"):  # else another form of the model tells of itself as well
        assert [one for one in heard[2] if one in heard[0]] == heard[2]
        assert heard[2]
    assert [len(llm.asked) for llm in models] == [1, 1, 0]
    trace = load_cassette(path)
    assert tree(trace).rstrip(" !") == f"llm llamaindex {kind.__name__}"


def test_what_was_asked_and_answered_can_be_read(path: Path) -> None:
    with Recorder(path):
        House().chat(HELLO, top_k=3)
    (span,) = load_cassette(path)

    assert (span.model, span.usage) == ("house-1", Usage(7, 3))
    assert span.exchange is not None
    assert span.exchange.request.body is not None
    assert span.exchange.request.body.json == {
        "model": "house-1",
        "params": {"temperature": 0.5},
        "messages": [{"role": "user", "content": "hello"}],
        "top_k": 3,
    }
    request, response = wire.read_request(span.exchange), wire.read_response(span.exchange)
    assert request is not None
    assert [(one.role, one.text) for one in request.messages] == [("user", "hello")]
    assert response is not None
    assert response.messages[0].text.startswith("the house says")


def test_of_a_stream_each_piece_is_kept_as_what_is_new(path: Path) -> None:
    with Recorder(path):
        list(House().stream_complete("hello"))
    (span,) = load_cassette(path)

    assert span.exchange is not None
    outcome: Any = span.exchange.outcome
    assert [line.strip() for line in outcome.body.events][1:3] == ['{"delta":"house "}', '{"delta":"says"}']
    response = wire.read_response(span.exchange)
    assert response is not None
    assert (response.messages[0].text, response.complete) == ("the house says", True)


def test_a_stream_that_is_left_is_recorded_as_far_as_it_was_read(path: Path) -> None:
    def first(llm: House) -> str:
        pieces = llm.stream_complete("hello")
        found = next(pieces).text
        pieces.close()
        return str(found)

    with Recorder(path):
        recorded = first(House())
    llm = House(asked=[])
    with Replayer(path):
        served = first(llm)

    assert (served, recorded, llm.asked) == ("the ", "the ", [])


def test_calls_in_parallel_tasks_are_served_each_with_its_own(path: Path) -> None:
    async def run(llm: House) -> list[str]:
        answers = await asyncio.gather(*(llm.achat([ChatMessage("x" * size)]) for size in range(1, 9)))
        return [str(one) for one in answers]

    with Recorder(path):
        recorded = result_of(lambda: run(House()))
    llm = House(asked=[])
    with Replayer(path) as rep:
        served = result_of(lambda: run(llm))

    assert served == recorded
    assert llm.asked == []
    assert tree(rep.trace) == "\n".join([CALL] * 8)


def test_a_query_engine_hangs_a_call_under_its_step(path: Path) -> None:
    def run(llm: House) -> str:
        return str(
            SummaryIndex.from_documents([Document(text="alpha")]).as_query_engine(llm=llm).query("Why?")
        )

    with Recorder(path) as rec:
        recorded = run(House())
    llm = House(asked=[])
    with Replayer(path) as rep:
        assert run(llm) == recorded

    assert llm.asked == []
    assert tree(rec.trace) == tree(rep.trace)
    assert tree(rec.trace) == (
        "chain RetrieverQueryEngine\n  retrieval SummaryIndexRetriever\n  chain CompactAndRefine\n    " + CALL
    )


def test_an_agent_of_a_model_that_asks_for_tools(path: Path) -> None:
    RAN.clear()

    async def run(llm: Caller) -> str:
        one = FunctionAgent(name="weather", tools=[forecast], llm=llm)
        return str(await one.run(user_msg="Weather in Paris?"))

    with Recorder(path) as rec:
        recorded = result_of(lambda: run(Caller(asked=[])))
    llm = Caller(asked=[])
    with Replayer(path, freeze={"llm", "tools"}) as rep:
        served = result_of(lambda: run(llm))

    assert (recorded, served) == ("so: Sunny in Paris.", "so: Sunny in Paris.")
    assert (llm.asked, RAN) == ([], ["Paris"])
    call = "llm llamaindex Caller"
    assert tree(rec.trace) == tree(rep.trace) == f"agent weather\n  {call}\n  tool forecast\n  {call}"


def test_another_call_is_refused(path: Path) -> None:
    with Recorder(path):
        House().complete("hello")
    llm = House(asked=[])
    with pytest.raises(UnrecordedCallError, match="hello"):
        with Replayer(path):
            llm.complete("goodbye")

    assert llm.asked == []


def test_a_model_that_asks_another_is_not_recorded_as_well(double: ProviderDouble, path: Path) -> None:
    inner = model(double)
    with Recorder(path) as rec:
        recorded = str(Wrapping(inner=inner).complete("hello"))
    hits = double.hits
    with Replayer(path) as rep:
        served = str(Wrapping(inner=inner).complete("hello"))

    assert served == recorded
    assert double.hits == hits == 1
    assert tree(rec.trace) == tree(rep.trace) == "llm openai chat.completions"


@pytest.mark.parametrize("way", WAYS)
def test_a_model_with_an_sdk_is_recorded_by_that_alone(double: ProviderDouble, path: Path, way: str) -> None:
    llm, outcomes, hits = model(double), [], []
    with looped() as result:
        for recorder in (None, Recorder(path), Replayer(path)):
            double.reset()
            double.script(Turn(text="High up in the Andes."))
            if recorder is None:
                outcomes.append(result(lambda: ask(llm, way)))
            else:
                with recorder:
                    outcomes.append(result(lambda: ask(llm, way)))
                assert tree(recorder.trace) == "llm openai chat.completions"
            hits.append(double.hits)

    texts = [str(one) for one in outcomes]
    assert [text.count("Andes") for text in texts[1:]] == [texts[0].count("Andes")] * 2
    assert texts[2] == texts[1]
    assert hits == [1, 1, 0]


def test_embeddings_are_recorded_by_the_sdk(double: ProviderDouble, path: Path) -> None:
    embedding = OpenAIEmbedding(api_base=double.openai_url, api_key="unused", max_retries=0)

    async def run() -> Any:
        return [await embedding.aget_text_embedding("a"), embedding.get_text_embedding_batch(["b", "c"])]

    with looped() as result:
        with Recorder(path) as rec:
            recorded = result(run)
        hits = double.hits
        with Replayer(path):
            served = result(run)

    assert served == recorded
    assert double.hits == hits == 2
    assert tree(rec.trace) == "embedding openai embeddings\nembedding openai embeddings"


def test_tokens_are_counted_by_who_listens(path: Path) -> None:
    counts = []
    for recorder in (Recorder(path), Replayer(path)):
        counter = TokenCountingHandler(tokenizer=str.split)
        with recorder:
            House(asked=[], callback_manager=CallbackManager([counter])).complete("one two three")
        counts.append((counter.prompt_llm_token_count, counter.completion_llm_token_count))

    assert counts[0] == counts[1]
    assert sum(counts[0]) > 0


def test_a_model_can_be_left_alone(path: Path) -> None:
    with Recorder(path, intercept_llamaindex=False) as rec:
        House().complete("hello")

    assert not list(rec.trace)
