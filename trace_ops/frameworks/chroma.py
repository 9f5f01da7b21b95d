"""chromadb: what a collection was asked, and the documents it gave back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from trace_ops.frameworks._retrieval import Asked, Given, is_vector, vector, watch

_MODULES = {
    "chromadb.api.models.Collection": "Collection",
    "chromadb.api.models.AsyncCollection": "AsyncCollection",
}
_QUERIES = ("query_texts", "query_embeddings", "query_uris", "query_images")
_FILTERS = ("ids", "where", "where_document", "limit", "offset")
_FIELDS = {"documents": "text", "metadatas": "metadata", "distances": "distance", "uris": "uri"}
_COLUMNS = (*_FIELDS, "embeddings", "data")
_KEYS = ("ids", "embeddings", "documents", "uris", "included", "data", "metadatas")
_INCLUDED = {"query": ["metadatas", "documents", "distances"], "get": ["metadatas", "documents"]}


class Chroma:
    """The seam to chromadb: ``query`` and ``get`` of its collections."""

    name = "chroma"
    modules = tuple(_MODULES)
    distributions = ("chromadb",)

    def install(self, module: str) -> None:
        """Watch the collections of a module."""
        for operation in ("query", "get"):
            watch(self, module, _MODULES[module], operation)

    def asked(self, owner: Any, operation: str, arguments: Mapping[str, Any]) -> Asked:
        """Read the arguments of a call."""
        asked: dict[str, Any] = {}
        if operation == "query":
            asked["query"] = next(
                (_query(arguments[n]) for n in _QUERIES if arguments.get(n) is not None), None
            )
            asked["n_results"] = arguments.get("n_results")
        asked |= {name: arguments.get(name) for name in _FILTERS}
        included = list(arguments.get("include") or [])
        asked["include"] = None if included == _INCLUDED[operation] else included
        return Asked(str(owner.name), asked)

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read what a call returned."""
        space, filled = _space(owner), [name for name in _COLUMNS if result.get(name) is not None]
        queries = len(result["ids"]) if operation == "query" else 1
        included = list(result.get("included") or [])
        rest = {
            "queries": None if queries == 1 else queries,
            "included": None if included == _INCLUDED[operation] else included,
            "filled": None if sorted(filled) == sorted(included) else filled,
        }
        rest = {key: value for key, value in rest.items() if value is not None}
        if operation == "get":
            return Given(_documents(result, space), rest)
        found = []
        for number in range(queries):
            one = {key: result[key][number] for key in ("ids", *filled)}
            beside = {"query": number} if queries > 1 else {}
            found += [{**document, **beside} for document in _documents(one, space)]
        return Given(found, rest)

    def again(self, operation: str, given: Given) -> Any:
        """Make the mapping that a call returned."""
        documents, rest = given
        included = rest.get("included", _INCLUDED[operation])
        filled = rest.get("filled", included)
        if operation == "get":
            columns = _columns(documents, filled)
        else:
            by_query = (
                [one for one in documents if one.get("query", 0) == number]
                for number in range(rest.get("queries", 1))
            )
            each = [_columns(found, filled) for found in by_query]
            columns = {key: [one[key] for one in each] for key in ("ids", *filled)}
        keys = _KEYS if operation == "get" else (*_KEYS, "distances")
        return {key: columns.get(key) for key in keys} | {"included": list(included)}


def _query(value: Any) -> Any:
    """A query, or each of several; vectors by their size and what tells them apart."""
    if is_vector(value):
        return vector(value)
    if isinstance(value, str):
        return value
    each = [vector(one) if is_vector(one) else one for one in value]
    return each[0] if len(each) == 1 else each


def _documents(result: Mapping[str, Any], space: str | None) -> list[dict[str, Any]]:
    found = []
    for number, key in enumerate(result["ids"]):
        document: dict[str, Any] = {"id": key, "text": None, "metadata": None, "score": None}
        for name, field in _FIELDS.items():
            if result.get(name) is not None:
                document[field] = result[name][number]
        if result.get("embeddings") is not None:
            document["embedding"] = _numbers(result["embeddings"][number])
        if result.get("data") is not None:
            document["data"] = result["data"][number]
        if space in ("cosine", "ip") and document.get("distance") is not None:
            document["score"] = 1 - document["distance"]
        found.append(document)
    return found


def _columns(documents: list[dict[str, Any]], filled: list[str]) -> dict[str, Any]:
    columns: dict[str, Any] = {"ids": [document["id"] for document in documents]}
    for name in filled:
        field = {"embeddings": "embedding", **_FIELDS}.get(name, name)
        column = [document.get(field) for document in documents]
        columns[name] = _array(column) if name == "embeddings" else column
    return columns


def _numbers(row: Any) -> list[float]:
    return [float(value) for value in row]


def _array(rows: list[Any]) -> Any:
    """Rows as chromadb gives them, by the numpy that it has imported."""
    numpy = sys.modules.get("numpy")
    return rows if numpy is None else numpy.array(rows)


def _space(collection: Any) -> str | None:
    """How distances are measured: ``l2``, ``cosine`` or ``ip``; a score is known for the last two."""
    metadata, told = getattr(collection, "metadata", None), getattr(collection, "configuration_json", None)
    if isinstance(metadata, Mapping) and isinstance(metadata.get("hnsw:space"), str):
        return str(metadata["hnsw:space"])
    for index in ("hnsw", "spann"):
        settings = told.get(index) if isinstance(told, Mapping) else None
        if isinstance(settings, Mapping) and isinstance(settings.get("space"), str):
            return str(settings["space"])
    return None
