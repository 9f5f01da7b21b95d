"""Record what an LLM agent does, replay it without a network, and tell exactly what changed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trace_ops._version import __version__ as __version__
    from trace_ops.diff import TraceChangedError as TraceChangedError
    from trace_ops.diff import TraceDiff as TraceDiff
    from trace_ops.diff import assert_trace_unchanged as assert_trace_unchanged
    from trace_ops.diff import diff_traces as diff_traces
    from trace_ops.normalize import normalize_for_comparison as normalize_for_comparison
    from trace_ops.normalize import normalize_response as normalize_response
    from trace_ops.pricing import set_price as set_price
    from trace_ops.recorder import Recorder as Recorder
    from trace_ops.recorder import Replayer as Replayer
    from trace_ops.recorder import load_cassette as load_cassette
    from trace_ops.trace import Span as Span
    from trace_ops.trace import Trace as Trace
    from trace_ops.tracing import span as span
    from trace_ops.tracing import tool as tool

_HOMES = {
    "Recorder": "recorder",
    "Replayer": "recorder",
    "Span": "trace",
    "Trace": "trace",
    "TraceChangedError": "diff",
    "TraceDiff": "diff",
    "__version__": "_version",
    "assert_trace_unchanged": "diff",
    "diff_traces": "diff",
    "load_cassette": "recorder",
    "normalize_for_comparison": "normalize",
    "normalize_response": "normalize",
    "set_price": "pricing",
    "span": "tracing",
    "tool": "tracing",
}

__all__ = [
    "Recorder",
    "Replayer",
    "Span",
    "Trace",
    "TraceChangedError",
    "TraceDiff",
    "__version__",
    "assert_trace_unchanged",
    "diff_traces",
    "load_cassette",
    "normalize_for_comparison",
    "normalize_response",
    "set_price",
    "span",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
