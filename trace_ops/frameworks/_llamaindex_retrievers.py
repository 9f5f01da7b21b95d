"""Retrievers of LlamaIndex: what they were asked and found, served where frozen."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.frameworks._llamaindex_json import kept_nodes, nodes_again
from trace_ops.frameworks._llamaindex_steps import NAME
from trace_ops.frameworks._retrieval import Asked, Given, Retrieval, vector

_SETTINGS = ("similarity_top_k", "filters", "vector_store_query_mode", "alpha", "doc_ids")


class _Retrievers:
    """How retrievers read, as a store does."""

    name = NAME

    def asked(self, owner: Any, operation: str, arguments: Mapping[str, Any]) -> Asked:
        """Read the query, and the settings that tell what it finds."""
        query = arguments["query"]
        asked: dict[str, Any] = {"query": getattr(query, "query_str", query)}
        for name in ("custom_embedding_strs", "image_path"):
            asked[name] = getattr(query, name, None)
        embedding = getattr(query, "embedding", None)
        asked["embedding"] = None if embedding is None else vector(embedding)
        for name in _SETTINGS:
            value = vars(owner).get(f"_{name}") if hasattr(owner, "__dict__") else None
            asked[name] = getattr(value, "value", value)
        usual = {"vector_store_query_mode": "default"}
        return Asked(
            type(owner).__name__, {name: one for name, one in asked.items() if usual.get(name) != one}
        )

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read the nodes that were found."""
        documents, rest = kept_nodes(result)
        return Given(documents, {"nodes": rest})

    def again(self, operation: str, given: Given) -> Any:
        """Make the nodes again."""
        return nodes_again(given.documents, given.rest.get("nodes", ()))


_store = _Retrievers()


def watch(module: str) -> None:
    """Have the calls of retrievers recorded."""
    base = sys.modules[module].BaseRetriever
    for name, run in (("retrieve", _run), ("aretrieve", _run_async)):
        method = vars(base)[name]

        def watched(wrapped: Any, retriever: Any, args: Any, kwargs: Any, *, run=run, method=method) -> Any:  # type: ignore[no-untyped-def]
            return run(method, wrapped, retriever, args, kwargs)

        wrap_function_wrapper(base, name, watched)


def _begun(retriever: Any, args: Any, kwargs: Any) -> Retrieval | None:
    tape = watching(NAME)
    asked = [*args, *kwargs.values()]
    if tape is None or len(asked) != 1:  # a wrong call fails by itself
        return None
    return Retrieval(tape, _store, "retrieve", retriever, {"query": asked[0]})


def _run(method: Any, wrapped: Any, retriever: Any, args: Any, kwargs: Any) -> Any:
    call = _begun(retriever, args, kwargs)
    if call is None:
        return wrapped(*args, **kwargs)
    if call.is_served:
        return _bound(method, _serving(retriever, call))(*args, **kwargs)
    try:
        with call.inside():
            found = wrapped(*args, **kwargs)
    except BaseException as error:
        call.end(error=error)
        raise
    call.end(found)
    return found


async def _run_async(method: Any, wrapped: Any, retriever: Any, args: Any, kwargs: Any) -> Any:
    call = _begun(retriever, args, kwargs)
    if call is None:
        return await wrapped(*args, **kwargs)
    if call.is_served:
        return await _bound(method, _serving(retriever, call))(*args, **kwargs)
    try:
        with call.inside():
            found = await wrapped(*args, **kwargs)
    except BaseException as error:
        call.end(error=error)
        raise
    call.end(found)
    return found


def _bound(method: Any, retriever: Any) -> Any:
    return method.__get__(retriever, type(retriever))


def _serving(retriever: Any, call: Retrieval) -> Any:
    """A copy that finds what was recorded: those who listen to LlamaIndex are told as ever."""

    def retrieve(*_: Any, **__: Any) -> Any:
        return call.again()

    async def aretrieve(*_: Any, **__: Any) -> Any:
        return call.again()

    def as_they_are(_query: Any = None, nodes: Any = (), **_: Any) -> Any:
        return nodes

    async def as_they_are_async(query_bundle: Any = None, nodes: Any = (), **_: Any) -> Any:
        return nodes

    stand_in = copy.copy(retriever)
    vars(stand_in).update(
        _retrieve=retrieve,
        _aretrieve=aretrieve,
        _handle_recursive_retrieval=as_they_are,
        _ahandle_recursive_retrieval=as_they_are_async,
    )
    return stand_in
