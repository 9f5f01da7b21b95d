"""The agent with the handbook replays from its cassette; frozen, nothing runs but the agent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("llama_index.llms.openai", reason="LlamaIndex is not installed")

from examples import llamaindex_rag
from tests.examples.kit import cassette, replayed
from tests.frameworks.llama_index_kit import QUIET
from tests.frameworks.trees import tree
from trace_ops import Replayer
from trace_ops.assertions import assert_min_chunks, assert_no_retrieval_drift

pytestmark = QUIET
EXPECTED = """\
embedding openai embeddings
agent clerk
  llm openai chat.completions
  tool handbook
    chain RetrieverQueryEngine
      retrieval VectorIndexRetriever
        embedding openai embeddings
      chain CompactAndRefine
        llm openai chat.completions
  llm openai chat.completions
  tool weekday
  llm openai chat.completions"""


@pytest.mark.parametrize("freeze", [{"llm"}, {"llm", "tools", "retrieval"}], ids=["live", "frozen"])
def test_the_agent_replays(freeze: set[str]) -> None:
    with (
        Replayer(cassette("llamaindex_rag"), freeze=freeze) as replay,
        llamaindex_rag.connected() as provider,
    ):
        said = asyncio.run(llamaindex_rag.answer(llamaindex_rag.QUESTION, **provider))

    assert said == llamaindex_rag.ANSWER
    assert tree(replay.trace) == EXPECTED
    assert not replay.diff()
    assert_min_chunks(replay, 2)
    assert_no_retrieval_drift(replay)


def test_the_program_replays(tmp_path: Path) -> None:
    options = ("--freeze", "tools", "--freeze", "retrieval")
    assert replayed("llamaindex_rag", *options, directory=tmp_path) == llamaindex_rag.ANSWER
