"""The Pinecone client: what an index was asked, and the records or documents it gave back."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, cast

from trace_ops._plain import plain
from trace_ops.frameworks._payloads import parted, text_key, told_key, whole
from trace_ops.frameworks._retrieval import Asked, Given, is_vector, vector, watch

_HTTP = "pinecone._internal.http_client"
_GRPC = "pinecone.grpc"
_PATHS = re.compile(
    r"/(?P<vectors>query|vectors/fetch|vectors/fetch_by_metadata)"
    r"|/records/namespaces/(?P<records>[^/]+)/search"
    r"|/namespaces/(?P<documents>[^/]+)/documents/(?P<what>search|fetch)"
)
"""What reads from an index, by the API's own paths."""

_OPERATIONS = {"query": "query", "vectors/fetch": "fetch", "vectors/fetch_by_metadata": "fetch_by_metadata"}
_MODELS = {"query": "QueryResponse", "fetch": "FetchResponse", "fetch_by_metadata": "FetchByMetadataResponse"}
# What changes how a client calls, and not what it asks.
_LEFT_OUT = ("self", "timeout", "vector", "path")
_USUAL: Mapping[str, Any] = {"namespace": "", "include_values": False, "include_metadata": False}
_TOLD = ("retry-after", "x-pinecone-request-id", "x-request-id")
"""Headers of an answer that its error tells of."""
_ID = re.compile(r"-[a-z0-9]{7}\.svc\..*$")
"""What the name of a host at Pinecone has after the name of the index."""


class Pinecone:
    """The seam to pinecone 10: what reads from an index; sync and async, and over gRPC.

    An index holds methods of its own from the time it is made, so what they all call is watched: the client
    for HTTP. What the client builds on several calls, such as ``query_namespaces``, has a step for each.
    """

    name = "pinecone"
    modules = (_HTTP, _GRPC)
    distributions = ("pinecone",)

    def install(self, module: str) -> None:
        """Watch the clients of a module."""
        if module == _GRPC:
            for method in _MODELS:
                watch(_Grpc(), module, "GrpcIndex", method)
            return
        for owner in ("HTTPClient", "AsyncHTTPClient"):
            for method in ("get", "post"):
                watch(_Http(), module, owner, method, _operation)


def _operation(arguments: Mapping[str, Any]) -> str | None:
    found = _PATHS.fullmatch(str(arguments.get("path")))
    if found is None:
        return None
    if found["vectors"]:
        return _OPERATIONS[found["vectors"]]
    return "search" if found["records"] else f"documents.{found['what']}"


class _Http:
    """Requests of the API, and its answers."""

    name = Pinecone.name

    def asked(self, owner: Any, operation: str, arguments: Mapping[str, Any]) -> Asked:
        """Read what is sent."""
        found = _PATHS.fullmatch(arguments["path"])
        sent = dict(arguments.get("json") or arguments.get("params") or {})
        space = found and (found["records"] or found["documents"])
        asked = {"query": _shown(sent.pop("vector"))} if sent.get("vector") is not None else {}
        asked |= {"namespace": space} if space else {}
        asked |= {name: _shown(value) for name, value in sent.items()}
        return Asked(_name(owner._config.host), asked)

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read the answer; its headers are not kept."""
        return _given(operation, result.json())

    def again(self, operation: str, given: Given) -> Any:
        """Make the answer, without a header."""
        return sys.modules["httpx"].Response(200, json=_answer(operation, given))

    def kept(self, error: BaseException) -> dict[str, Any]:
        """Read the answer that an error was made of."""
        status = getattr(error, "status_code", None)
        if not isinstance(status, int):
            return {}
        headers = {
            name: value for name, value in (getattr(error, "headers", None) or {}).items() if name in _TOLD
        }
        return {"status": status, "body": plain(getattr(error, "body", None)), "headers": headers}

    def raised(self, kept: dict[str, Any]) -> Exception | None:
        """Have the client make the error of the same answer."""
        if "status" not in kept:
            return None
        answer = sys.modules["httpx"].Response(kept["status"], json=kept["body"], headers=kept["headers"])
        try:
            sys.modules[_HTTP]._raise_for_status(answer)
        except sys.modules["pinecone"].ApiError as error:
            return cast("Exception", error)
        return None


class _Grpc:
    """Calls of an index that go by gRPC, and the models they return."""

    name = Pinecone.name

    def asked(self, owner: Any, operation: str, arguments: Mapping[str, Any]) -> Asked:
        """Read the arguments of a call."""
        asked = {"query": _shown(arguments["vector"])} if arguments.get("vector") is not None else {}
        for name, value in arguments.items():
            if name not in _LEFT_OUT and not (name in _USUAL and _USUAL[name] == value):
                asked[name] = _shown(value)
        return Asked(_name(owner.host), asked)

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read what a call returned."""
        answer = sys.modules["msgspec"].to_builtins(result)
        return _given(operation, {name: one for name, one in answer.items() if one is not None})

    def again(self, operation: str, given: Given) -> Any:
        """Make what a call returned, of the client's own models."""
        models: Any = sys.modules["pinecone.models.vectors.responses"]
        return sys.modules["msgspec"].convert(_answer(operation, given), getattr(models, _MODELS[operation]))


def _name(host: str) -> str:
    """The name of the index, as its host has it."""
    return _ID.sub("", host.rpartition("//")[2].rstrip("/"))


def _shown(value: Any) -> Any:
    """An argument as JSON: vectors by what tells them apart."""
    if isinstance(value, Mapping):
        return {str(name): _shown(one) for name, one in value.items()}
    if is_vector(value) and not all(type(one) is int for one in value):
        return vector(value)
    if isinstance(value, (list, tuple)):
        return [_shown(one) for one in value]
    return plain(value)


_WHERE = {"query": "matches", "search": "hits", "documents.search": "matches", "documents.fetch": "documents"}
"""What an answer calls what it found; ``vectors`` if it is not here."""

_FIELDS = {"search": "fields", "documents.search": None, "documents.fetch": None}
"""Where a record has what it holds: in ``metadata`` if it is not here, beside its id if nowhere."""

_ABSENT: Mapping[str, Any] = {"values": [], "sparseValues": None}
"""What gRPC tells of a record where it was not asked for."""


def _given(operation: str, answer: dict[str, Any]) -> Given:
    """Documents of the one shape, and the rest of an answer."""
    rest = dict(answer)
    if operation == "search":  # the one that has its hits one level down
        rest |= rest.pop("result")
    found = rest.pop(_WHERE.get(operation, "vectors"), [])
    records = [dict(record) for record in (found.values() if isinstance(found, Mapping) else found)]
    field = _FIELDS.get(operation, "metadata")
    held = [
        {name: record.pop(name) for name in list(record) if name not in ("_id", "_score")}
        if field is None
        else record.pop(field, None)
        for record in records
    ]
    key = text_key(held)
    documents = []
    for record, one in zip(records, held, strict=True):
        text, metadata = parted(one, key)
        read = {
            name.removeprefix("_"): value for name, value in record.items() if _ABSENT.get(name, ...) != value
        }
        documents.append(
            {"id": read.pop("id"), "text": text, "metadata": metadata, "score": read.pop("score", None)}
        )
        documents[-1] |= read
    return Given(documents, {**rest, **told_key(key)})


def _answer(operation: str, given: Given) -> dict[str, Any]:
    """The answer that was read."""
    field = _FIELDS.get(operation, "metadata")
    mark = "" if field == "metadata" else "_"
    records = []
    for document in given.documents:
        known = {"id": document["id"], "score": document["score"]}
        record = {f"{mark}{name}": value for name, value in known.items() if value is not None}
        record |= {name: value for name, value in document.items() if name not in _SHAPE}
        held = whole(document, given.rest)
        records.append({**record, **(held or {})} if field is None else {**record, field: held})
    answer = {name: value for name, value in given.rest.items() if name != "text"}
    where = _WHERE.get(operation, "vectors")
    by_id = where in ("vectors", "documents")
    found = {record[f"{mark}id"]: record for record in records} if by_id else records
    if operation == "search":
        usage = {"usage": answer.pop("usage")} if "usage" in answer else {}
        return {"result": {**answer, "hits": found}, **usage}
    return {**answer, where: found}


_SHAPE = ("id", "text", "metadata", "score")
