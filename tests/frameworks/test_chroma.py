"""chromadb itself, in memory: what a collection gives back is in the trace, and served where it is frozen."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.frameworks.outcomes import compared, outcome
from trace_ops import Recorder, Replayer, diff_traces, load_cassette, tool
from trace_ops.errors import UnrecordedCallError
from trace_ops.trace import Span

chromadb = pytest.importorskip("chromadb", reason="needs chromadb")

pytestmark = pytest.mark.filterwarnings("ignore:legacy embedding function config:DeprecationWarning")

QUERY = [1.0, 0.0, 0.0]


@pytest.fixture
def docs() -> Iterator[Any]:
    client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False))
    name = f"docs-{uuid.uuid4().hex[:8]}"
    collection = client.create_collection(
        name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
    )
    fill(collection)
    yield collection
    client.delete_collection(name)


def fill(collection: Any) -> None:
    collection.add(
        ids=["a", "b", "c"],
        documents=["alpha", "beta", "gamma"],
        embeddings=[[1, 0.1, 0], [0, 1, 0], [0.5, 0.5, 0.7]],
        metadatas=[{"page": 1}, {"page": 2}, {"page": 3}],
    )


def empty(collection: Any) -> None:
    collection.delete(ids=["a", "b", "c"])


def only(spans: list[Span]) -> Span:
    (span,) = spans
    return span


def test_a_query_is_a_retrieval_with_its_documents_in_order(docs: Any) -> None:
    with Recorder() as rec:
        result = docs.query(query_embeddings=[QUERY], n_results=2, where={"page": {"$gt": 0}})

    span = only(rec.trace.of_kind("retrieval"))
    assert span.name == docs.name
    assert span.attributes == {"store": "chroma", "operation": "query"}
    asked = span.input.pop("query")
    assert asked == {"vector": asked["vector"], "size": 3}
    assert span.input == {"n_results": 2, "where": {"page": {"$gt": 0}}}
    near, far = result["distances"][0]
    assert span.output == [
        {"id": "a", "text": "alpha", "metadata": {"page": 1}, "score": 1 - near, "distance": near},
        {"id": "c", "text": "gamma", "metadata": {"page": 3}, "score": 1 - far, "distance": far},
    ]
    assert span.ms
    assert rec.trace.libraries["chromadb"]


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "query": ("query", {"query_embeddings": [QUERY], "n_results": 2}),
    "one vector": ("query", {"query_embeddings": QUERY, "n_results": 3}),
    "batch": ("query", {"query_embeddings": [QUERY, [0.0, 1.0, 0.0]], "n_results": 2}),
    "embeddings": ("query", {"query_embeddings": [QUERY], "include": ["embeddings", "documents"]}),
    "nothing included": ("query", {"query_embeddings": [QUERY], "include": []}),
    "uris": ("query", {"query_embeddings": [QUERY], "include": ["uris"]}),
    "nothing found": ("query", {"query_embeddings": [QUERY], "where": {"page": 9}}),
    "get": ("get", {"ids": ["b", "a"]}),
    "get all": ("get", {}),
    "get embeddings": ("get", {"limit": 1, "include": ["embeddings", "metadatas"]}),
    "get filtered": ("get", {"where_document": {"$contains": "a"}, "limit": 2, "offset": 1}),
    "wrong size": ("query", {"query_embeddings": [[1.0, 0.0]]}),
    "no query": ("query", {}),
    "wrong argument": ("query", {"nonsense": 1}),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_served_is_what_the_store_gave(docs: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / "c.yaml"
    method, arguments = CALLS[name]
    call = getattr(docs, method)
    direct = outcome(lambda: call(**arguments))
    with Recorder(path):
        recorded = outcome(lambda: call(**arguments))
    empty(docs)
    with Replayer(path, freeze={"llm", "retrieval"}):
        served = outcome(lambda: call(**arguments))

    assert compared(recorded) == compared(direct)
    assert compared(served) == compared(direct)


def test_a_retrieval_runs_live_by_default_and_what_differs_is_told(docs: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        docs.query(query_embeddings=[QUERY], n_results=2)
    docs.delete(ids=["c"])
    with Replayer(path) as rep:
        result = docs.query(query_embeddings=[QUERY], n_results=2)
        diff = rep.diff()

    assert result["ids"] == [["a", "b"]]
    assert diff is not None
    assert {(change.kind, change.cause) for change in diff.changes} == {("result", "documents")}


def test_a_frozen_retrieval_that_is_not_recorded_is_refused_even_if_swallowed(
    docs: Any, tmp_path: Path
) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        docs.query(query_embeddings=[QUERY], n_results=2)
    with (
        pytest.raises(UnrecordedCallError) as raised,
        Replayer(path, freeze={"llm", "tools", "retrieval"}),
    ):
        try:
            docs.query(query_embeddings=[QUERY], n_results=3)
        except UnrecordedCallError:
            pass

    lines = str(raised.value).splitlines()
    assert lines[0] == f"no recorded retrieval {docs.name} is left to serve, and it is frozen"
    assert lines[1:3] == ["  nearest: span 1, 1 difference (recorded -> now):", "    n_results: 2 -> 3"]


def test_a_name_in_live_runs_all_the_same(docs: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        docs.query(query_embeddings=[QUERY])
    empty(docs)
    with Replayer(path, freeze={"llm", "retrieval"}, live={docs.name}):
        assert docs.query(query_embeddings=[QUERY])["ids"] == [[]]


def test_each_is_served_once_and_in_order(docs: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        docs.get(limit=1)
        docs.delete(ids=["a"])
        docs.get(limit=1)
    with Replayer(path, freeze={"llm", "retrieval"}):
        assert [docs.get(limit=1)["ids"] for _ in range(2)] == [["a"], ["b"]]


def test_what_ran_within_a_served_retrieval_counts_as_played(docs: Any, tmp_path: Path) -> None:
    """The embedding of a query is a step within it: frozen, neither runs, and the runs are the same."""
    path = tmp_path / "c.yaml"
    embedded = []

    class Embedding(chromadb.EmbeddingFunction):  # type: ignore[misc,name-defined,unused-ignore]
        def __init__(self) -> None: ...

        def __call__(self, input: Any) -> Any:
            return embed(list(input))

    @tool
    def embed(texts: list[str]) -> list[list[float]]:
        embedded.append(texts)
        return [QUERY for _ in texts]

    docs._embedding_function = Embedding()
    with Recorder(path) as rec:
        docs.query(query_texts=["what is alpha?"], n_results=1)
    with Replayer(path, freeze={"llm", "retrieval"}) as rep:
        found = docs.query(query_texts=["what is alpha?"], n_results=1)

    retrieval, embedding = rec.trace
    assert retrieval.input["query"] == "what is alpha?"
    assert embedding.parent == retrieval.id
    assert found["ids"] == [["a"]]
    assert len(embedded) == 1
    assert [(span.name, span.parent) for span in rep.trace] == [
        (span.name, span.parent) for span in rec.trace
    ]
    assert not diff_traces(rec.trace, rep.trace).has_changes


def test_a_persistent_client_is_recorded_too(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    client = chromadb.PersistentClient(str(tmp_path / "store"), chromadb.Settings(anonymized_telemetry=False))
    collection = client.create_collection("kept", embedding_function=None)
    fill(collection)
    with Recorder(path):
        collection.query(query_embeddings=[QUERY], n_results=1)

    span = only(load_cassette(path).of_kind("retrieval"))
    assert [(document["id"], document["score"]) for document in span.output] == [("a", None)]
    assert span.output[0]["distance"] == pytest.approx(0.01)


def test_a_recorder_can_leave_it_alone(docs: Any) -> None:
    with Recorder(intercept_chroma=False) as rec:
        docs.query(query_embeddings=[QUERY])

    assert list(rec.trace) == []
