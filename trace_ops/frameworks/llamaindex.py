"""LlamaIndex: query engines, agents, workflows, tools, retrievers and models, told by its instrumentation.

A span handler is added to the root of its dispatchers; it is called inline, in the context of what it is told
of, so that the calls of SDKs find the step they belong to.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops import context
from trace_ops.context import watching
from trace_ops.frameworks import _llamaindex_models, _llamaindex_retrievers, _llamaindex_tools
from trace_ops.frameworks._llamaindex_classes import watch_derived
from trace_ops.frameworks._llamaindex_steps import NAME, Steps

# Where dispatchers are: in a package of their own, or in the core of older versions.
_DISPATCHERS = ("llama_index_instrumentation", "llama_index.core.instrumentation")
_WORKFLOWS = ("workflows.workflow", "llama_index.core.workflow.workflow")
_RETRIEVERS = "llama_index.core.base.base_retriever"
_DERIVED = {
    "llama_index.core.base.llms.base": ("BaseLLM", _llamaindex_models.watch),
    "llama_index.core.tools.types": ("BaseTool", _llamaindex_tools.watch),
}
_steps = Steps()


class LlamaIndex:
    """``llama-index-core``, and the workflows that it runs agents on."""

    name = NAME
    modules: Sequence[str] = (*_DISPATCHERS, *_WORKFLOWS, *_DERIVED, _RETRIEVERS)
    distributions: Sequence[str] = ("llama-index-core", "llama-index-workflows")

    def install(self, module: str) -> None:
        """Add the handler, or wrap what starts a workflow, or what runs a model, a tool or a retriever."""
        if module in _DISPATCHERS:
            _listen(module)
        elif module in _WORKFLOWS:
            if sys.modules[module].Workflow.__module__ == module:  # and not lent by the other
                wrap_function_wrapper(module, "Workflow.run", _run)
        elif module == _RETRIEVERS:
            _llamaindex_retrievers.watch(module)
        else:
            name, watch = _DERIVED[module]
            watch_derived(getattr(sys.modules[module], name), watch)


def _listen(module: str) -> None:
    root = sys.modules[module].root_dispatcher
    if not any(isinstance(handler, _Told) for handler in root.span_handlers):
        base = sys.modules[f"{type(root).__module__.rpartition('.')[0]}.span_handlers.base"].BaseSpanHandler
        root.add_span_handler(type("TraceOpsHandler", (_Told, base), {"__module__": __name__})())


class _Told:
    """What LlamaIndex calls."""

    def span_enter(
        self, id_: str, bound_args: Any, instance: Any = None, parent_id: str | None = None, **_: Any
    ) -> None:
        _steps.enter(id_, bound_args, instance, parent_id)

    def span_exit(
        self, id_: str, bound_args: Any, instance: Any = None, result: Any = None, **_: Any
    ) -> None:
        _steps.exit(id_, result)

    def span_drop(
        self, id_: str, bound_args: Any, instance: Any = None, err: BaseException | None = None, **_: Any
    ) -> None:
        _steps.drop(id_, err)

    def new_span(self, *_: Any, **__: Any) -> None:
        return None

    prepare_to_exit_span = prepare_to_drop_span = new_span


def _run(wrapped: Any, workflow: Any, args: Any, kwargs: Any) -> Any:
    """Keep what a caller does after it started a workflow from being part of it, which goes on by itself."""
    if watching(NAME) is None:
        return wrapped(*args, **kwargs)
    with context.at(context.place()):
        return wrapped(*args, **kwargs)
