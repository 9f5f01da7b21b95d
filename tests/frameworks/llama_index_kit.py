"""What the tests of LlamaIndex are made of, and how a run is played: as it is, recorded, and replayed."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from llama_index.core import Document, VectorStoreIndex
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI

from tests.frameworks.trees import tree, unordered
from trace_ops import Recorder, Replayer
from trace_ops._plain import failure
from trace_ops.double import ProviderDouble, Status, ToolUse, Turn

# It leaves clients and loops open that it made, and uses what Pydantic and asyncio will give up.
QUIET = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
RAN: list[Any] = []
FACTS = {"andes": "Llamas live in the Andes.", "wool": "Llamas give wool.", "spit": "Llamas spit."}


def model(double: ProviderDouble, **options: Any) -> Any:
    url = double.openai_url
    return OpenAI(model="gpt-4o-mini", api_base=url, api_key="unused", max_retries=0, **options)


def index(double: ProviderDouble) -> Any:
    """Three documents of one node each, embedded."""
    embedding = OpenAIEmbedding(api_base=double.openai_url, api_key="unused", max_retries=0)
    documents = [
        Document(text=text, metadata={"topic": topic}, doc_id=topic) for topic, text in FACTS.items()
    ]
    return VectorStoreIndex.from_documents(documents, embed_model=embedding)


def forecast(city: str) -> str:
    """Tell the weather."""
    RAN.append(city)
    if city == "Atlantis":
        raise KeyError(city)
    return f"Sunny in {city}."


def asks(name: str = "forecast", city: str = "Paris") -> tuple[Turn, Turn]:
    return Turn(calls=(ToolUse(name, {"city": city}),)), Turn(text=f"It is sunny in {city}.")


@contextmanager
def looped() -> Iterator[Callable[[Any], Any]]:
    """Runs what may be async on one loop, which clients keep to; gives what came of it, or its error."""
    loop = asyncio.new_event_loop()

    def result_of(running: Any) -> Any:
        try:
            found = running()
            return loop.run_until_complete(found) if inspect.isawaitable(found) else found
        except Exception as error:
            return failure(error)  # an error that was recorded need not be made of the same class

    try:
        yield result_of
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def result_of(running: Any) -> Any:
    """What came of one run."""
    with looped() as result:
        return result(running)


def played(
    double: ProviderDouble,
    path: Path,
    running: Callable[[], Any],
    *turns: Turn | Status,
    at_once: bool = False,
    **options: Any,
) -> str:
    """Play a run as it is, recorded and replayed; it must come to the same, and replayed ask nobody.

    Returns the tree, which both have, in any order where steps run ``at_once``; ``options`` are the replay's.
    """
    outcomes, trees, hits = [], [], []
    with looped() as result:
        for recorder in (None, Recorder(path), Replayer(path, **options)):
            double.reset()
            double.script(*(turn for turn in turns if isinstance(turn, Turn)))
            double.fail(*(turn for turn in turns if isinstance(turn, Status)))
            if recorder is None:
                outcomes.append(result(running))
            else:
                with recorder:
                    outcomes.append(result(running))
                trees.append(tree(recorder.trace))
            hits.append(double.hits)

    assert outcomes[1] == outcomes[0], outcomes
    assert outcomes[2] == outcomes[1]
    recorded, replayed = map(unordered if at_once else str, trees)
    assert replayed == recorded
    assert hits[0] == hits[1]
    assert hits[2] == 0
    assert isinstance(recorder, Recorder)
    diff = recorder.diff()
    assert diff is not None
    assert at_once or not diff.has_changes  # else it compares what happens to be in one place
    return trees[0]
