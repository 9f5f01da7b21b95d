"""Engines and retrievers of LlamaIndex are recorded with their documents, and replay offline."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llama_index.llms.openai", reason="needs llama-index-llms-openai")

from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined, unused-ignore]
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RouterQueryEngine
from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
from llama_index.core.schema import (
    Document,
    ImageNode,
    IndexNode,
    NodeRelationship,
    NodeWithScore,
    RelatedNodeInfo,
    TextNode,
)
from llama_index.core.selectors import LLMSingleSelector
from llama_index.core.tools import QueryEngineTool

from tests.frameworks.llama_index_kit import QUIET, index, model, played, result_of
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, tracing
from trace_ops.double import ProviderDouble, Status, Turn
from trace_ops.errors import UnrecordedCallError

pytestmark = QUIET

ENGINE = """\
chain RetrieverQueryEngine
  retrieval VectorIndexRetriever
    embedding openai embeddings
  chain CompactAndRefine
    llm openai chat.completions"""


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double
    gc.collect()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


@pytest.fixture
def engine(double: ProviderDouble) -> Any:
    """Makes query engines over three documents, which are embedded before anything is recorded."""
    made = index(double)
    return lambda **options: made.as_query_engine(llm=model(double), similarity_top_k=2, **options)


def said(response: Any) -> Any:
    found = [
        (type(one), type(one.node), one.node.node_id, one.text, one.score) for one in response.source_nodes
    ]
    return type(response), str(response), found, response.metadata


def test_a_query_is_a_chain_with_its_retrieval_and_its_answer(
    double: ProviderDouble, engine: Any, path: Path
) -> None:
    ask = engine()

    assert played(double, path, lambda: said(ask.query("Where do they live?"))) == ENGINE


def test_an_async_query(double: ProviderDouble, engine: Any, path: Path) -> None:
    ask = engine()

    async def run() -> Any:
        return said(await ask.aquery("Where do they live?"))

    assert played(double, path, run) == ENGINE


def test_the_steps_hold_what_was_asked_found_and_answered(
    double: ProviderDouble, engine: Any, path: Path
) -> None:
    double.script(Turn(text="In the Andes."))
    with Recorder(path) as rec:
        response = engine().query("Where do they live?")
    steps = {span.name: span for span in rec.trace}

    asked = steps["RetrieverQueryEngine"]
    assert (asked.input, asked.output) == ("Where do they live?", "In the Andes.")
    found = steps["VectorIndexRetriever"]
    assert found.input == {"query": "Where do they live?", "similarity_top_k": 2}
    assert found.output == [
        {"id": None, "text": one.text, "metadata": one.metadata, "score": one.score}
        for one in response.source_nodes
    ]
    assert (found.attributes["store"], found.attributes["operation"]) == ("llamaindex", "retrieve")
    assert rec.trace.libraries["llama-index-core"]


@pytest.mark.parametrize("how", ["stream", "async_stream"])
def test_a_streamed_answer_is_asked_for_beneath_its_step(
    double: ProviderDouble, engine: Any, path: Path, how: str
) -> None:
    ask = engine(streaming=True, use_async=how == "async_stream")

    async def read() -> Any:
        response = await ask.aquery("Where?")
        return [token async for token in response.response_gen]

    run = read if how == "async_stream" else lambda: list(ask.query("Where?").response_gen)
    assert played(double, path, run, Turn(text="High up in the Andes.")) == ENGINE
    with Replayer(path) as rep:
        result_of(run)
    assert rep.trace.spans[0].output == "High up in the Andes."


def test_a_stream_that_is_left_is_a_step_with_what_was_read(
    double: ProviderDouble, engine: Any, path: Path
) -> None:
    double.script(Turn(text="High up in the Andes."))
    with Recorder(path) as rec:
        tokens = engine(streaming=True).query("Where?").response_gen
        read = next(tokens) + next(tokens)
        tokens.close()

    assert tree(rec.trace) == ENGINE
    assert rec.trace.spans[0].output == read


def test_queries_in_parallel_tasks_have_their_own_steps(
    double: ProviderDouble, engine: Any, path: Path
) -> None:
    ask = engine()

    async def one(question: str) -> Any:
        with tracing.span("chain", question):
            return str(await ask.aquery(question))

    async def run() -> Any:
        return await asyncio.gather(*map(one, ("where", "what", "why")))

    beneath = "\n".join(f"  {line}" for line in ENGINE.splitlines())
    expected = "\n".join(f"chain {name}\n{beneath}" for name in ("where", "what", "why"))
    assert played(double, path, run) == expected


def test_queries_in_threads_have_their_own_steps(double: ProviderDouble, engine: Any, path: Path) -> None:
    ask = engine()

    def run() -> Any:
        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(lambda question: str(ask.query(question)), ("where", "what", "why")))

    found = played(double, path, run, at_once=True)
    assert found.splitlines().count("  chain CompactAndRefine") == 3
    with Replayer(path) as rep:
        run()
    answers = {span.input: span.output for span in rep.trace if span.name == "RetrieverQueryEngine"}
    assert all(f"Query: {question}" in said for question, said in answers.items())


def test_a_router_decides_and_a_postprocessor_has_its_say(
    double: ProviderDouble, engine: Any, path: Path
) -> None:
    cut = SimilarityPostprocessor(similarity_cutoff=0.99999)
    tools = [
        QueryEngineTool.from_defaults(engine(), name="all", description="all that is known"),
        QueryEngineTool.from_defaults(
            engine(node_postprocessors=[cut]), name="little", description="what is sure"
        ),
    ]
    router = RouterQueryEngine.from_defaults(
        tools, llm=model(double), selector=LLMSingleSelector.from_defaults(llm=model(double))
    )
    turns = (Turn(text='[{"choice": 2, "reason": "It is sure."}]'), Turn(text="Nothing."))

    found = played(double, path, lambda: str(router.query("Is it so?")), *turns)

    assert (
        found
        == """\
chain RouterQueryEngine
  decision LLMSingleSelector
    llm openai chat.completions
  chain RetrieverQueryEngine
    retrieval VectorIndexRetriever
      embedding openai embeddings
    chain SimilarityPostprocessor
    chain CompactAndRefine"""
    )
    with Replayer(path) as rep:
        router.query("Is it so?")
    (decision,) = rep.trace.of_kind("decision")
    assert decision.input["query"] == "Is it so?"
    assert decision.output == {"selections": [{"index": 1, "reason": "It is sure."}]}


def test_a_chat_engine(double: ProviderDouble, path: Path) -> None:
    made = index(double)

    def run() -> Any:
        chat = made.as_chat_engine(chat_mode="context", llm=model(double))
        return [str(chat.chat("Hello?")), str(chat.chat("Where?"))]

    turn = """\
chain ContextChatEngine
  retrieval VectorIndexRetriever
    embedding openai embeddings"""
    found = played(double, path, run, Turn(text="Hello."), Turn(text="In the Andes."))
    assert found.count(turn) == 2
    assert found.count("llm openai chat.completions") == 2
    assert "\nllm" not in found


def test_a_chat_engine_that_streams_in_a_thread(double: ProviderDouble, path: Path) -> None:
    made = index(double)

    def run() -> Any:
        chat = made.as_chat_engine(chat_mode="context", llm=model(double))
        return list(chat.stream_chat("Where?").response_gen)

    found = played(double, path, run, Turn(text="High up in the Andes."))
    assert found.startswith("chain ContextChatEngine\n  retrieval")
    assert found.count("llm openai chat.completions") == 1
    assert "\nllm" not in found


# --- retrievers


class Found(BaseRetriever):
    """A retriever of a program, which knows what it finds."""

    def __init__(self, nodes: Any = (), **options: Any) -> None:
        super().__init__(**options)
        self.nodes, self.asked = nodes, 0

    def _retrieve(self, query_bundle: Any) -> list[NodeWithScore]:
        self.asked += 1
        if isinstance(self.nodes, Exception):
            raise self.nodes
        return list(self.nodes)


class Special(TextNode):
    """A node of a program."""

    page: int = 0


NODES: dict[str, Any] = {
    "texts": [
        NodeWithScore(node=TextNode(id_="a", text="alpha", metadata={"n": 1, "tags": ["x"]}), score=0.5),
        NodeWithScore(node=TextNode(text="beta")),
    ],
    "related": [
        NodeWithScore(
            node=TextNode(
                id_="a",
                text="alpha",
                start_char_idx=3,
                embedding=[0.25, 0.5],
                excluded_llm_metadata_keys=["n"],
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="doc", metadata={"k": 1})},
            ),
            score=1.0,
        )
    ],
    "of other kinds": [
        NodeWithScore(node=Document(text="a whole one", doc_id="doc", metadata={"k": None}), score=0.1),
        NodeWithScore(node=ImageNode(id_="i", text="a picture", image_url="https://a.test/b.png"), score=0.2),
        NodeWithScore(node=IndexNode(id_="x", text="elsewhere", index_id="y"), score=0.3),
        NodeWithScore(node=Special(id_="s", text="of the program", page=7), score=0.4),
    ],
    "nothing": [],
    "an error": ValueError("no such index"),
    "an error of another kind": KeyError("wool"),
}


def exactly(found: Any) -> Any:
    if not isinstance(found, list):
        return found
    return [(type(one), type(one.node), one.node.model_dump(), one.score) for one in found]


@pytest.mark.parametrize("kind", NODES)
@pytest.mark.parametrize("how", ["sync", "async"])
def test_frozen_documents_are_served_as_they_were_found(path: Path, kind: str, how: str) -> None:
    def run(retriever: Any) -> Any:
        if how == "sync":
            return exactly(result_of(lambda: retriever.retrieve("Which?")))
        return exactly(result_of(lambda: retriever.aretrieve("Which?")))

    direct = run(Found(NODES[kind]))
    with Recorder(path) as rec:
        recorded = run(Found(NODES[kind]))
    nothing = Found()
    with Replayer(path, freeze={"llm", "retrieval"}) as rep:
        served = run(nothing)

    assert recorded == direct
    assert served == direct
    assert nothing.asked == 0
    assert tree(rep.trace) == tree(rec.trace)
    diff = rep.diff()
    assert diff is not None
    assert not diff.has_changes


def test_documents_are_found_anew_where_they_are_live(path: Path) -> None:
    with Recorder(path):
        Found(NODES["texts"]).retrieve("Which?")
    with Replayer(path, freeze={"llm", "retrieval"}, live={"Found"}):
        found = Found(NODES["related"]).retrieve("Which?")

    assert exactly(found) == exactly(NODES["related"])


def test_another_frozen_query_is_refused(path: Path) -> None:
    retriever = Found(NODES["texts"])
    with Recorder(path):
        retriever.retrieve("Which?")
    with pytest.raises(UnrecordedCallError, match="no recorded retrieval Found is left to serve"):
        with Replayer(path, freeze={"llm", "retrieval"}, allow_unplayed=True):
            retriever.retrieve("Who?")

    assert retriever.asked == 1


def test_who_listens_to_llamaindex_hears_of_what_is_served(path: Path) -> None:
    class Listener(BaseEventHandler):
        heard: list[Any] = []

        def handle(self, event: Any, **_: Any) -> None:
            nodes = [one.text for one in getattr(event, "nodes", ())]
            self.heard.append((event.class_name(), nodes))

    root, listener = get_dispatcher(), Listener()
    heard = []
    handlers, root.event_handlers = root.event_handlers, [listener]
    try:
        for recorder in (None, Recorder(path), Replayer(path, freeze={"llm", "retrieval"})):
            listener.heard.clear()
            debug = LlamaDebugHandler(print_trace_on_end=False)
            retriever = Found(NODES["texts"], callback_manager=CallbackManager([debug]))
            if recorder is None:
                retriever.retrieve("Which?")
            else:
                with recorder:
                    retriever.retrieve("Which?")
            (pair,) = debug.get_event_pairs(CBEventType.RETRIEVE)
            payload: Any = pair[1].payload
            heard.append((list(listener.heard), [one.text for one in payload["nodes"]]))
    finally:
        root.event_handlers = handlers

    assert heard[0] == (
        [("RetrievalStartEvent", []), ("RetrievalEndEvent", ["alpha", "beta"])],
        ["alpha", "beta"],
    )
    assert heard[1:] == heard[:1] * 2


def test_a_retriever_of_retrievers_is_served_with_what_it_asked(double: ProviderDouble, path: Path) -> None:
    parts: list[Any] = [Found(NODES["texts"]), Found(NODES["related"])]
    fusion = QueryFusionRetriever(parts, llm=model(double), num_queries=1, use_async=False)

    assert (
        played(double, path, lambda: exactly(fusion.retrieve("Which?")), freeze={"llm", "retrieval"})
        == "retrieval QueryFusionRetriever\n  retrieval Found\n  retrieval Found"
    )
    assert [part.asked for part in parts] == [2, 2]


def test_a_frozen_engine_asks_nobody(double: ProviderDouble, engine: Any, path: Path) -> None:
    ask = engine()
    found = played(
        double, path, lambda: said(ask.query("Where do they live?")), freeze={"llm", "tools", "retrieval"}
    )

    assert found == ENGINE


# --- errors, and what is left alone


def test_an_error_ends_the_steps_around_it(double: ProviderDouble, engine: Any, path: Path) -> None:
    ask = engine()
    found = played(double, path, lambda: str(ask.query("Where?")), Status(400))

    assert (
        found
        == """\
chain RetrieverQueryEngine !
  retrieval VectorIndexRetriever !
    embedding openai embeddings !"""
    )


def test_a_recorder_can_be_told_not_to_look(double: ProviderDouble, engine: Any, path: Path) -> None:
    with Recorder(path, intercept_llamaindex=False) as rec:
        response = engine().query("Where?")

    assert isinstance(response, Response)
    assert tree(rec.trace) == "embedding openai embeddings\nllm openai chat.completions"
