"""Retrievers of LangChain, served from the cassette: their callbacks are called, they do not search."""

from __future__ import annotations

import functools
import sys
from typing import Any

from trace_ops._plain import plain
from trace_ops.context import watching
from trace_ops.frameworks._frozen import raised
from trace_ops.frameworks._langchain_copies import run_copy
from trace_ops.frameworks._langchain_runs import Runs
from trace_ops.tape import Tape
from trace_ops.trace import Span


def run(runs: Runs, wrapped: Any, retriever: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``BaseRetriever.invoke`` and ``ainvoke``: a frozen one is a copy of it, which serves."""
    tape = watching("langchain")
    if tape is None or not tape.freeze.holds("retrieval", retriever.get_name()):
        return wrapped(*args, **kwargs)
    return run_copy(tape, wrapped, retriever, lambda: _serving(runs, tape, retriever), args, kwargs)


def _serving(runs: Runs, tape: Tape, retriever: Any) -> dict[str, Any]:
    @functools.wraps(retriever._get_relevant_documents)
    def serve(*args: Any, **kwargs: Any) -> Any:
        recorded = _recorded(runs, tape)
        return retriever._get_relevant_documents(*args, **kwargs) if recorded is None else _again(recorded)

    @functools.wraps(retriever._aget_relevant_documents)
    async def serve_async(*args: Any, **kwargs: Any) -> Any:
        recorded = _recorded(runs, tape)
        if recorded is None:
            return await retriever._aget_relevant_documents(*args, **kwargs)
        return _again(recorded)

    return {"_get_relevant_documents": serve, "_aget_relevant_documents": serve_async}


def _recorded(runs: Runs, tape: Tape) -> Span | None:
    span = runs.running(tape)
    if span is None or span.kind != "retrieval":
        return None
    recorded = tape.take(span)
    if recorded is None and not tape.records:
        raise tape.refused_step(span)
    return recorded


def _again(recorded: Span) -> list[Any]:
    """The recorded documents; raises the recorded error."""
    if recorded.error is not None:
        raise raised(recorded.error)
    document = sys.modules["langchain_core.documents.base"].Document
    return [
        document(page_content=one["text"], metadata=one["metadata"], id=one.get("id"))
        for one in plain(recorded.output) or ()
    ]
