"""qdrant-client itself, in local mode: the points it gives back are in the trace, and served where frozen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.frameworks.outcomes import compared, outcome
from trace_ops import Recorder, Replayer
from trace_ops.errors import UnrecordedCallError

qdrant_client = pytest.importorskip("qdrant_client", reason="needs qdrant-client")
models = qdrant_client.models

QUERY = [1.0, 0.0, 0.0]
UUID = "5c56c793-69f3-4fbf-87e6-c4bf54c28c26"
POINTS = [
    models.PointStruct(id=1, vector=[1, 0.1, 0], payload={"text": "alpha", "page": 1, "tags": ["x"]}),
    models.PointStruct(id=UUID, vector=[0, 1, 0], payload={"text": "beta", "page": 2}),
    models.PointStruct(id=3, vector=[0.5, 0.5, 0.7], payload={"page": 3}),
]
SPACE = models.VectorParams(size=3, distance=models.Distance.COSINE)
PAGES = [
    models.PointStruct(id=1, vector={"dense": QUERY}, payload={"page_content": "alpha", "metadata": {"n": 1}})
]


@pytest.fixture
def client() -> Iterator[Any]:
    local = qdrant_client.QdrantClient(":memory:")
    local.create_collection("docs", vectors_config=SPACE)
    local.upsert("docs", POINTS)
    sparse = {"words": models.SparseVectorParams()}
    local.create_collection("pages", vectors_config={"dense": SPACE}, sparse_vectors_config=sparse)
    local.upsert("pages", PAGES)
    words = models.SparseVector(indices=[1, 5], values=[0.5, 0.25])
    local.update_vectors("pages", [models.PointVectors(id=1, vector={"words": words})])
    # Local mode rounds the vector of a point once it has been asked for by its id.
    for collection in ("docs", "pages"):
        local.query_points(collection, query=1, using="dense" if collection == "pages" else None)
    local.query_points("docs", query=UUID)
    yield local
    local.close()


def test_a_query_is_a_retrieval_with_its_documents_in_order(client: Any) -> None:
    wanted = models.Filter(must=[models.FieldCondition(key="page", range=models.Range(gte=1))])
    with Recorder() as rec:
        result = client.query_points("docs", query=QUERY, limit=2, query_filter=wanted)

    (span,) = rec.trace
    assert (span.kind, span.name) == ("retrieval", "docs")
    assert span.attributes == {"store": "qdrant", "operation": "query_points"}
    assert span.input == {
        "query": {"vector": span.input["query"]["vector"], "size": 3},
        "query_filter": {"must": [{"key": "page", "range": {"gte": 1.0}}]},
        "limit": 2,
    }
    assert span.output == [
        {
            "id": 1,
            "text": "alpha",
            "metadata": {"page": 1, "tags": ["x"]},
            "score": result.points[0].score,
        },
        {"id": 3, "text": None, "metadata": {"page": 3}, "score": result.points[1].score},
    ]
    assert rec.trace.libraries["qdrant-client"]


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "query": ("query_points", {"collection_name": "docs", "query": QUERY}),
    "by id": ("query_points", {"collection_name": "docs", "query": 1}),
    "vectors": ("query_points", {"collection_name": "docs", "query": QUERY, "with_vectors": True}),
    "no payload": ("query_points", {"collection_name": "docs", "query": QUERY, "with_payload": False}),
    "threshold": ("query_points", {"collection_name": "docs", "query": QUERY, "score_threshold": 2.0}),
    "named": (
        "query_points",
        {"collection_name": "pages", "query": QUERY, "using": "dense", "with_vectors": True},
    ),
    "fused": (
        "query_points",
        {
            "collection_name": "pages",
            "prefetch": [models.Prefetch(query=QUERY, using="dense", limit=5)],
            "query": models.FusionQuery(fusion=models.Fusion.RRF),
        },
    ),
    "recommended": (
        "query_points",
        {
            "collection_name": "docs",
            "query": models.RecommendQuery(recommend=models.RecommendInput(positive=[1, UUID])),
        },
    ),
    "scroll": ("scroll", {"collection_name": "docs", "limit": 1}),
    "scroll all": ("scroll", {"collection_name": "docs"}),
    "retrieve": ("retrieve", {"collection_name": "docs", "ids": [UUID, 1], "with_vectors": True}),
    "no such collection": ("query_points", {"collection_name": "nowhere", "query": QUERY}),
    "wrong size": ("query_points", {"collection_name": "docs", "query": [1.0]}),
    "wrong argument": ("query_points", {"collection_name": "docs", "nonsense": 1}),
    "no collection": ("scroll", {}),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_served_is_what_the_store_gave(client: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / "c.yaml"
    method, arguments = CALLS[name]
    call = getattr(client, method)
    direct = outcome(lambda: call(**arguments))
    with Recorder(path):
        recorded = outcome(lambda: call(**arguments))
    for collection in ("docs", "pages"):
        client.delete(collection, points_selector=[1, UUID, 3])
    with Replayer(path, freeze={"llm", "retrieval"}) as rep:
        served = outcome(lambda: call(**arguments))

    assert compared(recorded) == compared(direct)
    assert compared(served) == compared(direct)
    diff = rep.diff()
    assert diff is not None
    assert not diff.has_changes


@pytest.mark.parametrize("name", ["query", "scroll", "no such collection"])
async def test_the_async_client_is_recorded_and_served_too(tmp_path: Path, name: str) -> None:
    path = tmp_path / "c.yaml"
    method, arguments = CALLS[name]
    client = qdrant_client.AsyncQdrantClient(":memory:")
    await client.create_collection("docs", vectors_config=SPACE)
    await client.upsert("docs", POINTS)

    async def made() -> Any:
        try:
            return await getattr(client, method)(**arguments)
        except ValueError as error:
            return error

    direct = await made()
    async with Recorder(path) as rec:
        recorded = await made()
    await client.delete("docs", points_selector=[1, UUID, 3])
    async with Replayer(path, freeze={"llm", "retrieval"}):
        served = await made()
    await client.close()

    assert [span.kind for span in rec.trace] == ["retrieval"]
    assert compared(recorded) == compared(direct)
    assert compared(served) == compared(direct)


def test_a_retrieval_runs_live_by_default(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        client.query_points("docs", query=QUERY)
    client.delete("docs", points_selector=[1])
    with Replayer(path) as rep:
        result = client.query_points("docs", query=QUERY)
        diff = rep.diff()

    assert [point.id for point in result.points] == [3, UUID]
    assert diff is not None
    assert "documents" in diff.summary()


def test_a_frozen_retrieval_that_is_not_recorded_is_refused(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        client.query_points("docs", query=QUERY)
    with (
        pytest.raises(UnrecordedCallError, match="no recorded retrieval pages is left"),
        Replayer(path, freeze={"llm", "retrieval"}, allow_unplayed=True),
    ):
        client.query_points("pages", query=QUERY, using="dense")


def test_a_recorder_can_leave_it_alone(client: Any) -> None:
    with Recorder(intercept_qdrant=False) as rec:
        client.scroll("docs")

    assert list(rec.trace) == []
