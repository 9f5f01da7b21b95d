"""Models of CrewAI that no SDK stands behind: a step of their own, where no call was seen beneath."""

from __future__ import annotations

import functools
import inspect
import threading
from typing import Any
from weakref import WeakSet

from wrapt import wrap_function_wrapper

from trace_ops import context
from trace_ops.context import watching
from trace_ops.frameworks import _steps
from trace_ops.tape import Tape

_seen: WeakSet[type] = WeakSet()
_lock = threading.Lock()


def watch(model: Any) -> None:
    """See to it that calls of a model are noticed, by its class; programs define classes of their own."""
    for cls in type(model).__mro__:
        with _lock:
            own = [name for name in ("call", "acall") if name in vars(cls) and cls not in _seen]
            _seen.add(cls)
            for name in own:
                wrap_function_wrapper(cls, name, _call)


def _call(wrapped: Any, model: Any, args: Any, kwargs: Any) -> Any:
    tape = watching("crewai")
    if tape is None:
        return wrapped(*args, **kwargs)
    asked = _Asked(tape, model, args[0] if args else kwargs.get("messages"))
    if inspect.iscoroutinefunction(wrapped):
        return _steps.ended_async(asked, wrapped(*args, **kwargs))
    return _steps.ended(asked, functools.partial(wrapped, *args, **kwargs))


class _Asked:
    """A model that was asked, and what was on the tape by then."""

    def __init__(self, tape: Tape, model: Any, messages: Any) -> None:
        self._tape, self._model, self._messages = tape, model, messages
        self._seen, self._start_ms, self._here = len(tape.spans), tape.now_ms(), context.current_span(tape)

    def end(self, answer: Any = None, *, error: BaseException | None = None) -> None:
        """Add the step, unless a call of an SDK was it."""
        tape = self._tape
        since = list(tape.spans)[self._seen :]
        if any(span.kind == "llm" and span.parent == self._here for span in since):
            return
        with _steps.guarded(tape, "a model of CrewAI"):
            span = _steps.begin(tape, "llm", type(self._model).__name__, via="crewai", input=self._messages)
            span.parent, span.start_ms = self._here, self._start_ms
            span.model = str(getattr(self._model, "model", None) or span.name)
            _steps.end(tape, span, output=answer, error=error)
