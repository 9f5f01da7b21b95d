"""An index of Pinecone on this machine: a few records, and answers in the shapes of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

RECORDS: dict[str, dict[str, Any]] = {
    "a": {"text": "alpha", "page": 1},
    "b": {"text": "beta", "page": 2},
    "c": {"page": 3},
}
SCORES = {"a": 0.91, "b": 0.5, "c": 0.25}


class Server(ThreadingHTTPServer):
    """``asked`` are the paths of the requests that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self, body: dict[str, Any]) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(url.path)
        status, answer = answered(url.path, body, parse_qs(url.query))
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("x-pinecone-request-id", "request-1")
        self.end_headers()
        self.wfile.write(content)


def answered(path: str, body: dict[str, Any], query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
    if path == "/query":
        if len(body.get("vector", [1, 2, 3])) != 3:
            problem = "Vector dimension 1 does not match the dimension of the index 3"
            return 400, {"code": 3, "message": problem, "details": []}
        matches = [_match(key, body) for key in list(RECORDS)[: body["topK"]]]
        return 200, {"matches": matches, "namespace": body.get("namespace", ""), "usage": {"readUnits": 5}}
    if path.startswith("/records/namespaces/"):
        asked = body["query"]
        hits = [
            {"_id": key, "_score": SCORES[key], "fields": _fields(key, body.get("fields"))}
            for key in list(RECORDS)[: asked["top_k"]]
        ]
        return 200, {"result": {"hits": hits}, "usage": {"read_units": 6, "embed_total_tokens": 4}}
    if path == "/vectors/fetch":
        found = {key: _record(key) for key in query["ids"] if key in RECORDS}
        return 200, {"vectors": found, "namespace": "", "usage": {"readUnits": 1}}
    if path == "/vectors/fetch_by_metadata":
        found = {key: _record(key) for key in RECORDS}
        return 200, {"vectors": found, "namespace": "", "pagination": {"next": "more"}}
    documents = {key: {"_id": key, **fields} for key, fields in RECORDS.items()}
    if path.endswith("/documents/search"):
        matches = [{**documents[key], "_score": SCORES[key]} for key in list(RECORDS)[: body["top_k"]]]
        return 200, {"matches": matches, "namespace": "docs", "usage": {"read_units": 2}}
    if path.endswith("/documents/fetch"):
        return 200, {"documents": documents, "namespace": "docs", "usage": {"read_units": 1}}
    return 404, {"code": 5, "message": "there is no such path", "details": []}


def _record(key: str) -> dict[str, Any]:
    return {"id": key, "values": [1.0, 0.5, 0.25], "metadata": RECORDS[key]}


def _match(key: str, body: dict[str, Any]) -> dict[str, Any]:
    match: dict[str, Any] = {"id": key, "score": SCORES[key]}
    if body.get("includeValues"):
        match |= {"values": [1.0, 0.1, 0.0], "sparseValues": {"indices": [1, 5], "values": [0.5, 0.25]}}
    if body.get("includeMetadata"):
        match["metadata"] = RECORDS[key]
    return match


def _fields(key: str, wanted: list[str] | None) -> dict[str, Any]:
    return {name: value for name, value in RECORDS[key].items() if wanted is None or name in wanted}


@contextmanager
def serving() -> Iterator[Server]:
    """The index, while the block runs."""
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
