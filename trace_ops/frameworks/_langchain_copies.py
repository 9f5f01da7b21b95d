"""Components of LangChain that run as copies of themselves, of which some methods are others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trace_ops.frameworks import _steps
from trace_ops.tape import Tape


def run_copy(
    tape: Tape, wrapped: Any, component: Any, methods: Callable[[], dict[str, Any]], args: Any, kwargs: Any
) -> Any:
    """Call a method on a copy of its component with other ``methods``, which may call those of the original.

    So everything that LangChain does around them is done, in any number of calls at a time.
    """
    copy: Any = None
    with _steps.guarded(tape, f"{type(component).__name__} of LangChain"):
        copy = component.model_copy()
        copy.__dict__.update(methods())
    return wrapped(*args, **kwargs) if copy is None else wrapped.__func__(copy, *args, **kwargs)
