"""qdrant-client: what a collection was asked, and the points it gave back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from trace_ops._plain import plain
from trace_ops.frameworks._payloads import parted, text_key, told_key, whole
from trace_ops.frameworks._retrieval import Asked, Given, is_vector, vector, watch

_MODULES = {
    "qdrant_client.qdrant_client": "QdrantClient",
    "qdrant_client.async_qdrant_client": "AsyncQdrantClient",
}
_MODELS = "qdrant_client.http.models"
_OPERATIONS = ("query_points", "search", "scroll", "retrieve")
_QUERY = {"query_points": "query", "search": "query_vector"}
_BESIDE = ("vector", "shard_key", "order_value")
# What changes how a client calls, and not what it asks.
_LEFT_OUT = ("collection_name", "self", "timeout", "consistency", "query", "query_vector")


class Qdrant:
    """The seam to qdrant-client: the methods that give points back, sync and async, local and remote."""

    name = "qdrant"
    modules = tuple(_MODULES)
    distributions = ("qdrant-client",)

    def install(self, module: str) -> None:
        """Watch the client of a module."""
        for operation in _OPERATIONS:
            watch(self, module, _MODULES[module], operation)

    def asked(self, owner: Any, operation: str, arguments: Mapping[str, Any]) -> Asked:
        """Read the arguments of a call."""
        asked: dict[str, Any] = {}
        if operation in _QUERY:
            asked["query"] = _shown(arguments.get(_QUERY[operation]))
        asked |= {name: _shown(value) for name, value in arguments.items() if name not in _LEFT_OUT}
        usual = {"with_payload": True, "with_vectors": False}
        asked = {name: value for name, value in asked.items() if usual.get(name) is not value}
        return Asked(str(arguments.get("collection_name")), asked)

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read what a call returned."""
        points, rest = result, dict[str, Any]()
        if operation == "query_points":
            points = result.points
        elif operation == "scroll":
            points, following = result
            rest = {} if following is None else {"next": following}
        key = text_key(point.payload for point in points)
        rest |= told_key(key)
        versions = [point.version for point in points if hasattr(point, "version")]
        if any(versions):
            rest["versions"] = versions
        return Given([_document(point, key) for point in points], rest)

    def again(self, operation: str, given: Given) -> Any:
        """Make what a call returned, of the client's own models."""
        models: Any = sys.modules[_MODELS]
        documents, rest = given
        scored = operation in _QUERY
        points = [
            _point(models.ScoredPoint if scored else models.Record, document, whole(document, rest))
            for document in documents
        ]
        if scored:
            for number, version in enumerate(rest.get("versions", ())):
                points[number].version = version
        if operation == "query_points":
            return models.QueryResponse(points=points)
        return (points, rest.get("next")) if operation == "scroll" else points


def _shown(value: Any) -> Any:
    """An argument as JSON: models without what they leave out, vectors by what tells them apart."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(name): _shown(one) for name, one in value.items()}
    if is_vector(value) and not all(type(one) is int for one in value):
        return vector(value)
    fields = getattr(type(value), "model_fields", None)
    if isinstance(fields, Mapping):
        shown = {name: _shown(getattr(value, name)) for name in fields}
        return {name: one for name, one in shown.items() if one is not None}
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        return [_shown(one) for one in value]
    return plain(value)


def _document(point: Any, key: str | None) -> dict[str, Any]:
    text, payload = parted(point.payload, key)
    document = {"id": point.id, "text": text, "metadata": payload, "score": getattr(point, "score", None)}
    for name in _BESIDE:
        value = getattr(point, name, None)
        if value is not None:
            document[name] = plain(value) if hasattr(value, "model_dump") or name == "vector" else value
    return document


def _point(model: Any, document: Mapping[str, Any], payload: Any) -> Any:
    fields = {"id": document["id"], "payload": payload}
    if "score" in model.model_fields:
        fields |= {"score": document["score"], "version": 0}
    return model(**fields, **{name: document[name] for name in _BESIDE if name in document})
