"""LangChain: its chains, tools and retrievers as steps, told by its own callbacks.

A handler is added to every run by LangChain's hook for such, while a recorder is active. It is called
inline, in the context of what it is told of, so that the calls of SDKs find the step they belong to.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.frameworks import _langchain_models, _langchain_retrievers, _langchain_tools, _steps
from trace_ops.frameworks._langchain_runs import Runs
from trace_ops.frameworks._langchain_tokens import Tokens

_CALLBACKS = "langchain_core.tracers.context"
_runs, _tokens = Runs(), Tokens()
_tools = functools.partial(_langchain_tools.run, _runs)
_retrievers = functools.partial(_langchain_retrievers.run, _runs)
_models = functools.partial(_langchain_models.run, _tokens)
_SERVED = {
    "langchain_core.tools.base": ("BaseTool", ("run", "arun"), _tools),
    "langchain_core.retrievers": ("BaseRetriever", ("invoke", "ainvoke"), _retrievers),
    "langchain_core.language_models.chat_models": ("BaseChatModel", _langchain_models.ENTRIES, _models),
    "langchain_core.language_models.llms": ("BaseLLM", _langchain_models.ENTRIES, _models),
}


class LangChain:
    """``langchain-core``, on which everything of LangChain and LangGraph runs."""

    @property
    def name(self) -> str:
        """The name of the flag."""
        return "langchain"

    @property
    def modules(self) -> Sequence[str]:
        """Where handlers are registered, and where tools, retrievers and models run."""
        return (_CALLBACKS, *_SERVED)

    @property
    def distributions(self) -> Sequence[str]:
        """The core, and the agents built on it."""
        return ("langchain-core", "langchain")

    def install(self, module: str) -> None:
        """Register the handler, or wrap what runs a tool, a retriever or a model."""
        if module == _CALLBACKS:
            base = sys.modules["langchain_core.callbacks.base"].BaseCallbackHandler
            handler = type("TraceOpsHandler", (_Told, base), {})()
            sys.modules[module].register_configure_hook(_WhileWatching(handler), inheritable=True)
            return
        owner, methods, run = _SERVED[module]
        for method in methods:
            if method in vars(getattr(sys.modules[module], owner)):  # not every one has all of its own
                wrap_function_wrapper(module, f"{owner}.{method}", run)


class _WhileWatching:
    """Read like the context variable LangChain expects: the handler while a recorder is active."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def get(self) -> Any:
        return None if watching("langchain") is None else self._handler


class _Told:
    """What LangChain calls. The tape of a run is the one that is active when it begins."""

    run_inline = True

    def on_chain_start(
        self,
        serialized: Any,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        name: str | None = None,
        run_type: str | None = None,
        **_: Any,
    ) -> None:
        tape = watching("langchain")
        if tape is not None:
            with _steps.guarded(tape, "a chain of LangChain"):
                name = name or _name(serialized, "chain")
                about: dict[str, Any] = {"tags": tags or (), "metadata": metadata, "run_type": run_type}
                _runs.chain(tape, run_id, parent_run_id, name, inputs, **about)

    def on_tool_start(
        self,
        serialized: Any,
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        tape = watching("langchain")
        if tape is not None:
            with _steps.guarded(tape, "a tool of LangChain"):
                given = input_str if inputs is None else inputs
                _runs.tool(tape, run_id, parent_run_id, _name(serialized, "tool"), given)

    def on_retriever_start(
        self,
        serialized: Any,
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        name: str | None = None,
        **_: Any,
    ) -> None:
        tape = watching("langchain")
        if tape is not None:
            with _steps.guarded(tape, "a retriever of LangChain"):
                _runs.retriever(tape, run_id, parent_run_id, name or _name(serialized, "retriever"), query)

    def on_chat_model_start(
        self, serialized: Any, _messages: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **_: Any
    ) -> None:
        tape = watching("langchain")
        if tape is not None:
            with _steps.guarded(tape, "a model of LangChain"):
                _runs.model(tape, run_id, parent_run_id, _name(serialized, "model"))

    on_llm_start = on_chat_model_start

    def on_llm_new_token(self, token: Any, *, run_id: UUID, chunk: Any = None, **_: Any) -> None:
        _tokens.told(run_id, token, chunk)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        _runs.end(run_id, outputs)

    def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        _runs.end(run_id, output)

    def on_retriever_end(self, documents: Any, *, run_id: UUID, **_: Any) -> None:
        _runs.end(run_id, documents)

    def on_llm_end(self, response: Any, *, run_id: UUID, **_: Any) -> None:
        _runs.end(run_id, response)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        _runs.fail(run_id, error)

    on_tool_error = on_retriever_error = on_llm_error = on_chain_error


def _name(serialized: Any, otherwise: str) -> str:
    """What a component calls itself; some tell only their class, some nothing."""
    if not isinstance(serialized, dict):
        return otherwise
    path = serialized.get("id") or [otherwise]
    return str(serialized.get("name") or path[-1])
