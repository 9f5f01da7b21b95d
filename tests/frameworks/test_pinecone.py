"""The Pinecone client itself, on an index on this machine: what it finds is recorded, served if frozen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.frameworks.outcomes import outcome
from tests.frameworks.pinecone_server import Server, serving
from trace_ops import Recorder, Replayer
from trace_ops.errors import UnrecordedCallError

pinecone = pytest.importorskip("pinecone", minversion="10", reason="needs pinecone 10")

QUERY = [1.0, 0.0, 0.0]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def index(server: Server) -> Iterator[Any]:
    with pinecone.Pinecone(api_key="unused") as client, client.Index(host=server.url) as index:
        yield index


def test_a_query_is_a_retrieval_with_its_records_in_order(index: Any, server: Server) -> None:
    with Recorder() as rec:
        index.query(vector=QUERY, top_k=2, include_metadata=True, filter={"page": {"$lt": 3}})

    (span,) = rec.trace
    assert (span.kind, span.name) == ("retrieval", server.url.removeprefix("http://"))
    assert span.attributes == {
        "store": "pinecone",
        "operation": "query",
        "result": {"namespace": "", "usage": {"readUnits": 5}},
    }
    assert span.input == {
        "query": {"vector": span.input["query"]["vector"], "size": 3},
        "topK": 2,
        "filter": {"page": {"$lt": 3}},
        "includeMetadata": True,
        "includeValues": False,
    }
    assert span.output == [
        {"id": "a", "text": "alpha", "metadata": {"page": 1}, "score": 0.91},
        {"id": "b", "text": "beta", "metadata": {"page": 2}, "score": 0.5},
    ]
    assert rec.trace.libraries["pinecone"]


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "query": ("query", {"vector": QUERY, "top_k": 2, "include_metadata": True}),
    "query by id": ("query", {"id": "a", "top_k": 3}),
    "query with vectors": ("query", {"vector": QUERY, "top_k": 1, "include_values": True, "namespace": "n"}),
    "query of sparse values": (
        "query",
        {"sparse_vector": {"indices": [1], "values": [0.5]}, "vector": QUERY, "top_k": 1},
    ),
    "search": ("search", {"namespace": "docs", "top_k": 3, "inputs": {"text": "greek"}}),
    "search by its old name": (
        "search_records",
        {"namespace": "docs", "top_k": 1, "inputs": {"text": "greek"}},
    ),
    "search for fields": (
        "search",
        {"namespace": "docs", "query": {"inputs": {"text": "greek"}, "top_k": 2}, "fields": ["page"]},
    ),
    "fetch": ("fetch", {"ids": ["b", "a", "nothing"]}),
    "fetch by metadata": ("fetch_by_metadata", {"filter": {"page": 1}}),
    "wrong size": ("query", {"vector": [1.0], "top_k": 1}),
    "search of documents": (
        "documents.search",
        {
            "namespace": "docs",
            "top_k": 2,
            "score_by": [{"type": "text", "query": "greek", "fields": ["text"]}],
        },
    ),
    "fetch of documents": ("documents.fetch", {"namespace": "docs", "ids": ["a", "b"]}),
}


def method(index: Any, path: str) -> Any:
    owner, _, name = path.rpartition(".")
    return getattr(getattr(index, owner) if owner else index, name)


def told(value: Any) -> Any:
    """A result with its type, and without the headers that it came with."""
    if isinstance(value, BaseException):
        return type(value), str(value), getattr(value, "status_code", None), getattr(value, "body", None)
    return type(value), value.to_dict() | {"response_info": None}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_served_is_what_the_store_gave(index: Any, server: Server, tmp_path: Path, name: str) -> None:
    path = tmp_path / "c.yaml"
    operation, arguments = CALLS[name]
    call = method(index, operation)
    direct = outcome(lambda: call(**arguments))
    with Recorder(path) as rec:
        recorded = outcome(lambda: call(**arguments))
    asked = len(server.asked)
    with Replayer(path, freeze={"llm", "retrieval"}) as rep:
        served = outcome(lambda: call(**arguments))

    assert told(recorded) == told(direct)
    assert told(served) == told(direct)
    assert len(server.asked) == asked
    assert [span.kind for span in rec.trace] == ["retrieval"]
    diff = rep.diff()
    assert diff is not None
    assert not diff.has_changes


@pytest.mark.parametrize("name", ["query", "search", "fetch", "wrong size", "search of documents"])
async def test_the_async_client_is_recorded_and_served_too(server: Server, tmp_path: Path, name: str) -> None:
    path = tmp_path / "c.yaml"
    operation, arguments = CALLS[name]

    async with pinecone.AsyncPinecone(api_key="unused") as client:
        async with await client.index(host=server.url) as index:

            async def made() -> Any:
                try:
                    return await method(index, operation)(**arguments)
                except Exception as error:
                    return error

            direct = await made()
            async with Recorder(path) as rec:
                recorded = await made()
            asked = len(server.asked)
            async with Replayer(path, freeze={"llm", "retrieval"}):
                served = await made()

    assert [span.kind for span in rec.trace] == ["retrieval"]
    assert told(recorded) == told(direct)
    assert told(served) == told(direct)
    assert len(server.asked) == asked


def test_namespaces_are_asked_one_by_one(index: Any, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"

    def query() -> Any:
        spaces = ["first", "second"]
        return index.query_namespaces(vector=QUERY, namespaces=spaces, metric="cosine", top_k=2)

    with Recorder(path) as rec:
        recorded = query()
    asked = len(server.asked)
    with Replayer(path, freeze={"llm", "retrieval"}):
        served = query()

    assert sorted(span.input["namespace"] for span in rec.trace) == ["first", "second"]
    assert told(served) == told(recorded)
    assert len(server.asked) == asked


@pytest.mark.parametrize("arguments", [{"top_k": 1, "nonsense": 1}, {"top_k": 0, "vector": QUERY}])
def test_what_the_client_refuses_is_no_retrieval(index: Any, arguments: dict[str, Any]) -> None:
    with Recorder() as rec:
        refused = outcome(lambda: index.query(**arguments))

    assert isinstance(refused, Exception)
    assert list(rec.trace) == []


def test_a_retrieval_runs_live_by_default(index: Any, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        index.query(vector=QUERY, top_k=2)
    asked = len(server.asked)
    with Replayer(path):
        index.query(vector=QUERY, top_k=2)

    assert len(server.asked) == asked + 1


def test_a_frozen_retrieval_that_is_not_recorded_is_refused(index: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        index.query(vector=QUERY, top_k=2)
    with (
        pytest.raises(UnrecordedCallError, match="no recorded retrieval"),
        Replayer(path, freeze={"llm", "retrieval"}, allow_unplayed=True),
    ):
        index.query(vector=QUERY, top_k=3)


def test_over_grpc_it_is_the_same(tmp_path: Path) -> None:
    grpc = pytest.importorskip("pinecone.grpc")
    path = tmp_path / "c.yaml"

    class Channel:
        asked = 0

        def query(self, *args: Any, **kwargs: Any) -> Any:
            self.asked += 1
            return {"matches": [{"id": "a", "score": 0.5, "metadata": {"text": "alpha"}}], "namespace": ""}

    index = grpc.GrpcIndex(host="https://docs-abc1234.svc.local", api_key="unused")
    channel = index._channel = Channel()
    with Recorder(path) as rec:
        recorded = index.query(vector=QUERY, top_k=1)
    with Replayer(path, freeze={"llm", "retrieval"}):
        served = index.query(vector=QUERY, top_k=1)

    (span,) = rec.trace
    assert (span.name, span.output[0]["text"], channel.asked) == ("docs", "alpha", 1)
    assert told(served) == told(recorded)


def test_a_recorder_can_leave_it_alone(index: Any) -> None:
    with Recorder(intercept_pinecone=False) as rec:
        index.query(vector=QUERY, top_k=1)

    assert list(rec.trace) == []
