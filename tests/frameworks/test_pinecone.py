"""pinecone itself, against an index on this machine: what it gives back is in the trace, and served."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.frameworks.outcomes import compared, outcome
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer
from trace_ops._plain import failure
from trace_ops.errors import UnrecordedCallError

pinecone = pytest.importorskip("pinecone", reason="needs pinecone")
pytest.importorskip("pinecone.async_client", reason="needs pinecone 10")

QUERY = [0.5, 0.25, 0.125]
MATCHES: list[dict[str, Any]] = [
    {"id": "a", "score": 0.875, "metadata": {"text": "alpha", "page": 1, "tags": ["x"]}},
    {
        "id": "b",
        "score": 0.5,
        "values": [0.5, 0.25],
        "sparseValues": {"indices": [1, 5], "values": [0.5, 0.25]},
    },
]
HITS: list[dict[str, Any]] = [
    {"_id": "a", "_score": 0.875, "fields": {"chunk_text": "alpha", "page": 1}},
    {"_id": "b", "_score": 0.5, "fields": {}},
]


class Answers(BaseHTTPRequestHandler):
    """An index that finds the same whatever it is asked, and lacks the namespace ``nowhere``."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        if "nowhere" in (asked.get("namespace"), *self.path.split("/")):
            self._say(404, {"error": {"code": "NOT_FOUND", "message": "no such namespace"}, "status": 404})
        elif self.path == "/query":
            found = [] if asked.get("filter") else MATCHES
            self._say(
                200, {"matches": found, "namespace": asked.get("namespace", ""), "usage": {"readUnits": 5}}
            )
        elif self.path.endswith("/documents/search"):
            found = [{"_id": one["_id"], "_score": one["_score"], **one["fields"]} for one in HITS]
            self._say(200, {"matches": found, "namespace": "ns", "usage": {"read_units": 1}})
        else:
            usage = {"read_units": 6, "embed_total_tokens": 8}
            self._say(200, {"result": {"hits": HITS}, "usage": usage})

    def _say(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.send_header("x-pinecone-request-id", "request-1")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing, on the terminal of tests."""


@pytest.fixture
def server() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.asked = []  # type: ignore[attr-defined]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def index(server: Any) -> Iterator[Any]:
    with pinecone.Index(host=_host(server), api_key="unused") as index:
        yield index


def _host(server: Any) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_a_query_is_a_retrieval_with_its_records_in_order(index: Any) -> None:
    with Recorder() as rec:
        index.query(vector=QUERY, top_k=2, namespace="ns", include_metadata=True)

    (span,) = rec.trace
    assert (span.kind, span.name) == ("retrieval", "127.0.0.1")
    assert (span.attributes["store"], span.attributes["operation"]) == ("pinecone", "query")
    assert span.input == {
        "query": {"vector": span.input["query"]["vector"], "size": 3},
        "top_k": 2,
        "namespace": "ns",
        "include_metadata": True,
    }
    assert span.output[0] == {
        "id": "a",
        "text": "alpha",
        "metadata": {"page": 1, "tags": ["x"]},
        "score": 0.875,
    }
    assert rec.trace.libraries["pinecone"]


def test_a_search_by_text_shows_the_text(index: Any) -> None:
    with Recorder() as rec:
        index.search(namespace="ns", top_k=2, inputs={"text": "what is first?"})

    (span,) = rec.trace
    assert span.input == {"query": "what is first?", "top_k": 2, "namespace": "ns"}
    assert [one["text"] for one in span.output] == ["alpha", None]


TEXT = {"type": "text", "query": "first", "fields": ["chunk_text"]}
RERANK = {"model": "bge-reranker-v2-m3", "rank_fields": ["chunk_text"]}
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "query": ("query", {"vector": QUERY, "top_k": 2}),
    "by id": ("query", {"id": "a", "top_k": 2, "include_values": True}),
    "in a namespace": ("query", {"vector": QUERY, "top_k": 2, "namespace": "ns"}),
    "nothing": ("query", {"vector": QUERY, "top_k": 2, "filter": {"page": {"$gte": 9}}}),
    "sparse": ("query", {"sparse_vector": {"indices": [1], "values": [0.5]}, "top_k": 2}),
    "search": ("search", {"namespace": "ns", "top_k": 2, "inputs": {"text": "first"}}),
    "search records": ("search_records", {"namespace": "ns", "top_k": 2, "inputs": {"text": "first"}}),
    "by vector": ("search", {"namespace": "ns", "top_k": 2, "vector": QUERY}),
    "reranked": (
        "search",
        {"namespace": "ns", "top_k": 2, "inputs": {"text": "first"}, "rerank": RERANK},
    ),
    "documents": ("documents.search", {"namespace": "ns", "top_k": 2, "score_by": [TEXT]}),
    "no such namespace": ("query", {"vector": QUERY, "top_k": 2, "namespace": "nowhere"}),
    "wrong number": ("query", {"vector": QUERY, "top_k": 0}),
    "wrong argument": ("query", {"nonsense": 1}),
}


def _method(index: Any, path: str) -> Any:
    for name in path.split("."):
        index = getattr(index, name)
    return index


def _told(value: Any) -> Any:
    """What came of a call; of the headers that a server sent, those that are Pinecone's."""
    if isinstance(value, BaseException):
        return failure(value)
    names = getattr(type(value), "__struct_fields__", None)
    if type(value).__name__ == "ResponseInfo":
        return type(value), value.request_id
    if names is None and hasattr(type(value), "__slots__") and type(value).__module__.startswith("pinecone"):
        names = type(value).__slots__
    if names is not None:
        return type(value), {name: _told(getattr(value, name)) for name in names}
    return [_told(one) for one in value] if isinstance(value, list) else compared(value)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_served_is_what_the_index_gave(server: Any, index: Any, tmp_path: Path, name: str) -> None:
    path, (method, arguments) = tmp_path / "c.yaml", CALLS[name]
    call = _method(index, method)
    direct = outcome(lambda: call(**arguments))
    with Recorder(path) as rec:
        recorded = outcome(lambda: call(**arguments))
    server.asked.clear()
    with Replayer(path, freeze={"llm", "retrieval"}) as rep:
        served = outcome(lambda: call(**arguments))

    assert _told(recorded) == _told(direct)
    assert _told(served) == _told(direct)
    assert server.asked == []
    assert len(rec.trace.spans) == 1
    assert tree(rep.trace) == tree(rec.trace)
    diff = rep.diff()
    assert diff is not None
    assert not diff.has_changes


@pytest.mark.parametrize("name", ["query", "search", "documents", "no such namespace"])
async def test_the_async_client_is_recorded_and_served_too(server: Any, tmp_path: Path, name: str) -> None:
    path, (method, arguments) = tmp_path / "c.yaml", CALLS[name]
    async with pinecone.AsyncIndex(host=_host(server), api_key="unused") as index:

        async def made() -> Any:
            try:
                return await _method(index, method)(**arguments)
            except pinecone.PineconeError as error:
                return error

        direct = await made()
        with Recorder(path):
            recorded = await made()
        server.asked.clear()
        with Replayer(path, freeze={"llm", "retrieval"}):
            served = await made()

    assert _told(recorded) == _told(direct)
    assert _told(served) == _told(direct)
    assert server.asked == []


def test_another_frozen_query_is_refused(server: Any, index: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        index.query(vector=QUERY, top_k=2)
    server.asked.clear()
    with pytest.raises(UnrecordedCallError, match="no recorded retrieval"):  # noqa: PT012, RUF100
        with Replayer(path, freeze={"llm", "retrieval"}):
            index.query(vector=[0.0, 0.5, 1.0], top_k=2)

    assert server.asked == []


def test_what_is_live_is_asked(server: Any, index: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with Recorder(path):
        index.query(vector=QUERY, top_k=2)
    server.asked.clear()
    with Replayer(path, freeze={"llm", "retrieval"}, live={"127.0.0.1"}):
        index.query(vector=QUERY, top_k=2)

    assert server.asked == ["/query"]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("https://docs-abc123.svc.aped-4627-b74a.pinecone.io", "docs"),
        ("https://my-docs-abc123.svc.us-east1-gcp.pinecone.io", "my-docs"),
        ("https://proxy.example.test", "proxy.example.test"),
    ],
)
def test_an_index_goes_by_its_name(host: str, name: str) -> None:
    with Recorder() as rec, pinecone.Index(host=host, api_key="unused") as index:
        outcome(lambda: index.query(vector=QUERY, top_k=0))

    (span,) = rec.trace
    assert span.name == name


_BEFORE = """
import pinecone
index = pinecone.Index(host="https://docs-abc123.svc.a.pinecone.io", api_key="unused")
from trace_ops import Recorder
with Recorder() as rec:
    try:
        index.query(vector=[0.5], top_k=0)
    except ValueError:
        pass
print([(span.kind, span.name) for span in rec.trace])
"""


def test_an_index_that_was_made_before_is_watched_too() -> None:
    done = subprocess.run([sys.executable, "-c", _BEFORE], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[('retrieval', 'docs')]"


def test_an_index_can_be_left_alone(index: Any) -> None:
    with Recorder(intercept_pinecone=False) as rec:
        index.query(vector=QUERY, top_k=2)

    assert not list(rec.trace)
