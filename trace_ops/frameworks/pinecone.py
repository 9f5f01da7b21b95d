"""pinecone: what an index was asked, and the records it gave back."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from trace_ops._plain import plain
from trace_ops.frameworks._retrieval import Asked, Given, is_vector, vector, watch

_MODULES = {
    "pinecone.index": ("Index", ("query", "search")),
    "pinecone.async_client.async_index": ("AsyncIndex", ("query", "search")),
    "pinecone.client.documents": ("Documents", ("search",)),
    "pinecone.async_client.documents": ("AsyncDocuments", ("search",)),
}
_VECTORS, _SEARCH = "pinecone.models.vectors.responses", "pinecone.models.vectors.search"
_SCORED, _SPARSE = "pinecone.models.vectors.vector", "pinecone.models.vectors.sparse"
_DOCUMENTS = "pinecone.models.documents.responses"
_INFO = "pinecone.models.response_info"
_TEXTS = ("text", "page_content", "chunk_text", "document", "content")
"""Where the text of a record is usually kept; the first that is there counts."""
# What changes how a client calls, and not what it asks.
_LEFT_OUT = ("self", "timeout")
_USUAL = {"namespace": "", "include_values": False, "include_metadata": False}
_HEADERS = "x-pinecone-"


class Pinecone:
    """The seam to pinecone: searches by a vector, by a text and by fields, sync and async."""

    name = "pinecone"
    modules = tuple(_MODULES)
    distributions = ("pinecone",)

    def install(self, module: str) -> None:
        """Watch the index of a module."""
        owner, operations = _MODULES[module]
        for operation in operations:
            watch(_Documents() if "Documents" in owner else self, module, owner, operation)
        if owner == "Index":
            _watch_made(_cls(module, owner))

    def asked(self, owner: Any, operation: str, arguments: Mapping[str, Any]) -> Asked:
        """Read the arguments of a call."""
        inputs = arguments.get("inputs")
        text = inputs.get("text") if isinstance(inputs, Mapping) and len(inputs) == 1 else None
        found = arguments.get("vector") if text is None else text
        asked: dict[str, Any] = {"query": _shown(found)}
        more = {name: value for name, value in arguments.items() if name not in (*_LEFT_OUT, "vector")}
        if text is not None:
            del more["inputs"]
        if more.get("query") is not None:  # as older versions take it, whole
            asked["query"] = None
            more["asked"] = more.pop("query")
        more.pop("query", None)
        shown = {name: _shown(value) for name, value in more.items()}
        asked |= {name: value for name, value in shown.items() if _USUAL.get(name, _USUAL) != value}
        return Asked(_name(owner), asked)

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read what a call returned."""
        if operation == "query":
            rest = {} if not result.namespace else {"namespace": result.namespace}
            records = [(one, one.metadata) for one in result.matches]
        else:
            rest, records = {}, [(one, one.fields) for one in result.result.hits]
        key = _text_key([fields for _, fields in records])
        rest |= {} if key in (None, _TEXTS[0]) else {"text": key}
        return Given([_document(one, fields, key) for one, fields in records], {**rest, **_about(result)})

    def again(self, operation: str, given: Given) -> Any:
        """Make what a call returned, of the client's own types."""
        documents, rest = given
        key, info = rest.get("text", _TEXTS[0]), _info(rest)
        if operation == "query":
            matches = [_scored(one, key) for one in documents]
            usage = _made(_VECTORS, "Usage", rest.get("usage"))
            namespace = rest.get("namespace", "")
            response = _cls(_VECTORS, "QueryResponse")
            return response(matches=matches, namespace=namespace, usage=usage, response_info=info)
        hit = _cls(_SEARCH, "Hit")
        hits = [hit(id_=one["id"], score_=one["score"], fields=_fields(one, key)) for one in documents]
        result = _cls(_SEARCH, "SearchResult")(hits=hits)
        usage = _made(_SEARCH, "SearchUsage", rest.get("usage"))
        return _cls(_SEARCH, "SearchRecordsResponse")(result=result, usage=usage, response_info=info)


class _Documents(Pinecone):
    """The documents of an index that has fields of the program's own."""

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read what a call returned."""
        records = []
        for one in result.matches:
            fields = {name: value for name, value in one.to_dict().items() if name not in ("_id", "_score")}
            records.append((one, fields))
        key = _text_key([fields for _, fields in records])
        rest = {"namespace": result.namespace, **({} if key in (None, _TEXTS[0]) else {"text": key})}
        return Given([_document(one, fields, key) for one, fields in records], {**rest, **_about(result)})

    def again(self, operation: str, given: Given) -> Any:
        """Make what a call returned."""
        documents, rest = given
        key = rest.get("text", _TEXTS[0])
        made = _cls(_DOCUMENTS, "Document")
        matches = [made({"_id": one["id"], "_score": one["score"], **_fields(one, key)}) for one in documents]
        usage = _made(_DOCUMENTS, "DocumentSearchUsage", rest.get("usage"))
        response = _cls(_DOCUMENTS, "SearchDocumentsResponse")
        return response(matches, rest["namespace"], usage=usage, response_info=_info(rest))


def _watch_made(cls: Any) -> None:
    """Watch the indexes that were made before: each keeps the method that its class had then."""
    for index in gc.get_referrers(cls):
        query = vars(index).get("query") if isinstance(index, cls) else None
        cells = (
            dict(zip(query.__code__.co_freevars, query.__closure__ or ()))
            if isinstance(query, FunctionType)
            else {}
        )
        if "canonical" in cells:
            cells["canonical"].cell_contents = cls.query.__get__(index, cls)


def _name(owner: Any) -> str:
    """The name of an index, of which the client knows the address alone: ``name-project.svc...``."""
    host = str(getattr(owner, "host", None) or getattr(owner, "_host", "")).rpartition("//")[2]
    label, dot, _ = host.partition(".svc.")
    return label.rpartition("-")[0] or label if dot else host.partition(":")[0]


def _cls(module: str, name: str) -> Any:
    return getattr(sys.modules[module], name)


def _shown(value: Any) -> Any:
    """An argument as JSON: vectors by what tells them apart, models by what they hold."""
    if is_vector(value) and not all(type(one) is int for one in value):
        return vector(value)
    names = getattr(type(value), "__struct_fields__", None)
    if names is not None:
        shown = {name: _shown(getattr(value, name)) for name in names}
        return {name: one for name, one in shown.items() if one is not None}
    if isinstance(value, Mapping):
        return {str(name): _shown(one) for name, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, (list, tuple)) else plain(value)


def _text_key(found: list[Any]) -> str | None:
    return next((key for key in _TEXTS if any(_has(fields, key) for fields in found)), None)


def _has(fields: Any, key: str) -> bool:
    return isinstance(fields, Mapping) and isinstance(fields.get(key), str)


def _document(record: Any, fields: Any, key: str | None) -> dict[str, Any]:
    text = None
    if key is not None and _has(fields, key):
        fields, text = {name: one for name, one in fields.items() if name != key}, fields[key]
    document = {"id": record.id, "text": text, "metadata": fields, "score": record.score}
    if getattr(record, "values", None) and not callable(record.values):
        document["values"] = list(record.values)
    sparse = getattr(record, "sparse_values", None)
    if sparse is not None:
        document["sparse_values"] = {"indices": list(sparse.indices), "values": list(sparse.values)}
    return document


def _fields(document: Mapping[str, Any], key: str) -> Any:
    fields, text = document["metadata"], document["text"]
    return fields if text is None else {**(fields or {}), key: text}


def _scored(document: Mapping[str, Any], key: str) -> Any:
    sparse = document.get("sparse_values")
    return _cls(_SCORED, "ScoredVector")(
        id=document["id"],
        score=document["score"],
        values=document.get("values", []),
        sparse_values=None if sparse is None else _cls(_SPARSE, "SparseValues")(**sparse),
        metadata=_fields(document, key),
    )


def _about(result: Any) -> dict[str, Any]:
    """What a call cost, and what the server said beside it that is Pinecone's own."""
    usage, info = result.usage, result.response_info
    told = {} if usage is None else {"usage": _shown(usage)}
    headers = {} if info is None else info.raw_headers
    return told | (
        {} if info is None else {"headers": {n: v for n, v in headers.items() if n.startswith(_HEADERS)}}
    )


def _made(module: str, name: str, fields: Any) -> Any:
    return None if fields is None else _cls(module, name)(**fields)


def _info(rest: Mapping[str, Any]) -> Any:
    headers = rest.get("headers")
    return None if headers is None else _cls(_INFO, "ResponseInfo")(raw_headers=dict(headers))
