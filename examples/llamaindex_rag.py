"""An agent of LlamaIndex with a handbook: a query engine is its tool, a function another.

Without a key it talks to a provider double on this machine, whose embeddings know no meaning. On replay all
but the models runs as ever; frozen, neither the tools nor the index are asked::

    replay run --record handbook.yaml -- examples/llamaindex_rag.py
    replay run --replay handbook.yaml --freeze tools --freeze retrieval -- examples/llamaindex_rag.py
    replay inspect handbook.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llama_index.core import VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.schema import TextNode
from llama_index.core.tools import QueryEngineTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI

from trace_ops.double import ProviderDouble, ToolUse, Turn

HANDBOOK = {
    "hours": "The office is open from nine to five, and on Fridays until three.",
    "keys": "Keys are handed out by the porter, who asks for your badge.",
    "leave": "Ask for leave two weeks before it begins.",
}
QUESTION = "Can I fetch a key at the office this afternoon?"
ANSWER = "No: it is Friday, and the office closed at three. Bring your badge to the porter on Monday."
DOUBLE_SAYS = (
    Turn(calls=(ToolUse("handbook", {"input": "When is the office open, and who hands out keys?"}),)),
    Turn(text="From nine to five, on Fridays until three. The porter hands out keys."),
    Turn(calls=(ToolUse("weekday", {"day": "today"}),)),
    Turn(text=ANSWER),
)


def weekday(day: str) -> str:
    """Tell which day of the week it is: ``today`` or ``tomorrow``."""
    return {"today": "Friday", "tomorrow": "Saturday"}[day]


def agent(**provider: Any) -> Any:
    """An agent that knows the handbook."""
    llm = OpenAI(model="gpt-5-mini", **provider)
    embedding = OpenAIEmbedding(model="text-embedding-3-small", dimensions=8, **provider)
    nodes = [TextNode(id_=topic, text=text) for topic, text in HANDBOOK.items()]
    engine = VectorStoreIndex(nodes, embed_model=embedding).as_query_engine(llm=llm, similarity_top_k=2)
    handbook = QueryEngineTool.from_defaults(engine, name="handbook", description="What the handbook says.")
    return FunctionAgent(
        name="clerk",
        system_prompt="Answer from the handbook.",
        tools=[handbook, weekday],
        llm=llm,
        streaming=False,
    )


async def answer(question: str, **provider: Any) -> str:
    """Answer a question."""
    return str(await agent(**provider).run(user_msg=question))


@contextmanager
def connected() -> Iterator[dict[str, Any]]:
    """How the real provider is reached if there is a key, else a double."""
    if "OPENAI_API_KEY" in os.environ:
        yield {}
    else:
        with ProviderDouble() as double:
            double.script(*DOUBLE_SAYS)
            yield {"api_base": double.openai_url, "api_key": "unused"}


if __name__ == "__main__":
    with connected() as provider:
        print(asyncio.run(answer(" ".join(sys.argv[1:]) or QUESTION, **provider)))
