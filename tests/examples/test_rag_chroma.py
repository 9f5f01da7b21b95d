"""The handbook is asked from its cassette; frozen, not even the store is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("chromadb", reason="chromadb is not installed")
pytest.importorskip("openai", reason="openai is not installed")

from examples import rag_chroma
from tests.examples.kit import cassette, replayed
from trace_ops import Replayer
from trace_ops.assertions import assert_min_chunks, assert_min_score, assert_no_retrieval_drift

QUESTION = "Is the office open on Friday afternoon?"

pytestmark = [
    # Chroma's own client for its telemetry.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(autouse=True)
def empty() -> Any:
    """The collection of the handbook, new: a store in memory outlives a test."""
    store = rag_chroma.store()
    if "handbook" in [collection.name for collection in store.list_collections()]:
        store.delete_collection("handbook")
    return store.create_collection("handbook", configuration={"hnsw": {"space": "cosine"}})


def test_the_question_replays_and_its_documents_are_the_recorded_ones() -> None:
    with Replayer(cassette("rag_chroma")) as replay, rag_chroma.connected() as client:
        collection = rag_chroma.filled(client)
        assert rag_chroma.answer(client, collection, QUESTION) == rag_chroma.DOUBLE_SAYS.text

    assert_min_chunks(replay, 2)
    assert_min_score(replay, -0.5)
    assert_no_retrieval_drift(replay)


def test_frozen_the_store_need_not_have_the_documents(empty: Any) -> None:
    with (
        Replayer(cassette("rag_chroma"), freeze={"llm", "retrieval"}, allow_unplayed=True) as replay,
        rag_chroma.connected() as client,
    ):
        assert rag_chroma.answer(client, empty, QUESTION) == rag_chroma.DOUBLE_SAYS.text

    assert replay.trace.of_kind("retrieval")[0].output[0]["id"] == "hours"


def test_the_program_replays(tmp_path: Path) -> None:
    options = ("--freeze", "tools", "--freeze", "retrieval")
    assert replayed("rag_chroma", *options, directory=tmp_path) == rag_chroma.DOUBLE_SAYS.text
