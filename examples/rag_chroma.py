"""Questions on a handbook: embeddings of OpenAI, documents in Chroma, an answer from what was found.

Without a key it talks to a provider double on this machine, whose embeddings know no meaning. On replay the
store is filled and asked as ever; frozen, it is not asked, and need not have the documents::

    replay run --record handbook.yaml -- examples/rag_chroma.py
    replay run --replay handbook.yaml --freeze tools --freeze retrieval -- examples/rag_chroma.py
    replay inspect handbook.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import chromadb
from chromadb.config import Settings
from openai import OpenAI

from trace_ops.double import ProviderDouble, Turn

HANDBOOK = {
    "hours": "The office is open from nine to five, and on Fridays until three.",
    "keys": "Keys are handed out by the porter, who asks for your badge.",
    "leave": "Ask for leave two weeks before it begins.",
}
DOUBLE_SAYS = Turn(text="Only its beginning: on Fridays the office closes at three.")


def store() -> Any:
    """A store in memory."""
    return chromadb.EphemeralClient(Settings(anonymized_telemetry=False))


def embedded(client: Any, texts: list[str]) -> list[list[float]]:
    """The meaning of texts as vectors, short ones here."""
    reply = client.embeddings.create(
        model="text-embedding-3-small", input=texts, dimensions=8, encoding_format="float"
    )
    return [each.embedding for each in reply.data]


def filled(client: Any) -> Any:
    """A collection that holds the handbook."""
    collection = store().get_or_create_collection("handbook", configuration={"hnsw": {"space": "cosine"}})
    texts = list(HANDBOOK.values())
    collection.upsert(ids=list(HANDBOOK), documents=texts, embeddings=embedded(client, texts))
    return collection


def answer(client: Any, collection: Any, question: str) -> str:
    """Answer a question from the two documents that are nearest to it."""
    found = collection.query(query_embeddings=embedded(client, [question]), n_results=2)
    facts = "\n".join(found["documents"][0])
    prompt = f"Answer from these facts alone.\n{facts}"
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": question}]
    reply = client.chat.completions.create(model="gpt-5-mini", messages=messages)
    return str(reply.choices[0].message.content)


@contextmanager
def connected() -> Iterator[OpenAI]:
    """A client of the real provider if there is a key, else of a double."""
    if "OPENAI_API_KEY" in os.environ:
        yield OpenAI()
    else:
        with ProviderDouble() as double:
            double.script(DOUBLE_SAYS)
            yield OpenAI(base_url=double.openai_url, api_key="unused")


if __name__ == "__main__":
    question = " ".join(sys.argv[1:]) or "Is the office open on Friday afternoon?"
    with connected() as client:
        print(answer(client, filled(client), question))
