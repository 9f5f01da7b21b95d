"""Tools that an SDK runs itself: each run is a step, or the recorded outcome in its place.

The SDK's own way of telling the model of a result, or of an error, stays around both.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from trace_ops import context
from trace_ops._plain import failure, plain, read
from trace_ops.errors import UnrecordedCallError
from trace_ops.frameworks import _steps
from trace_ops.frameworks._frozen import raised, served
from trace_ops.tape import Tape
from trace_ops.trace import Span


class ToolStep:
    """A run of a tool. ``served`` is the step to serve in its place, or the error that there is none.

    ``library`` is the name of the SDK's flag. Nothing here raises, but :meth:`again`: that error, or the
    recorded one. An error that is ``told_as_text`` is served though its class may not be had again.
    """

    told_as_text = False

    def __init__(self, tape: Tape, library: str, name: Any, arguments: Any) -> None:
        self.served: Span | UnrecordedCallError | None = None
        self._tape, self._what = tape, f"a tool of {library}"
        self._span: Span | None = None
        with _steps.guarded(tape, self._what):
            self._span = _steps.begin(tape, "tool", name, via=library, input=arguments)
            self.served = served(tape, self._span)

    def inside(self) -> AbstractContextManager[None]:
        """Make the step the parent of what runs in the block."""
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def again(self) -> Any:
        """The recorded output; raises the recorded error."""
        recorded = self.served
        if not isinstance(recorded, Span):
            assert recorded is not None
            raise recorded
        output, content = plain(recorded.output), plain(recorded.attributes.get("content"))
        if self._span is not None:
            self._span.output, self._span.error = output, recorded.error
            self._span.attributes |= {} if content is None else {"content": content}
            self._tape.end(self._span)
        if recorded.error is not None:
            error = raised(recorded.error)
            raise error if content is None else type(error)(content)
        return output

    def end(self, output: Any = None, *, error: BaseException | None = None) -> None:
        """Keep what came of it. What would not be the same again, to the SDK, is never served."""
        span = self._span
        if span is None:
            return
        with _steps.guarded(self._tape, f"the outcome of {self._what}"):
            span.output, is_exact = read(output)
            if error is not None:
                span.error = failure(error)
                content, has_content = read(getattr(error, "content", None))
                is_exact = isinstance(error, Exception) and (
                    self.told_as_text or (has_content and _is_made_of(error, content))
                )
                span.attributes |= {"content": content} if isinstance(content, list) else {}
            if not is_exact:
                span.attributes["inexact"] = True
        with _steps.guarded(self._tape, self._what):
            self._tape.end(span)


def _is_made_of(error: Exception, content: Any) -> bool:
    """Whether an error is what its message, or the content it holds, makes of its class."""
    again = raised(failure(error))
    if isinstance(content, list) and type(again) is type(error):
        again = type(again)(content)
    return type(again) is type(error) and (repr(again), vars(again)) == (repr(error), vars(error))


def run(step: ToolStep, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Run a tool as a step."""
    if step.served is not None:
        return step.again()
    try:
        with step.inside():
            output = function(*args, **kwargs)
    except BaseException as error:
        step.end(error=error)
        raise
    step.end(output)
    return output


async def run_async(step: ToolStep, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Run an async tool as a step."""
    if step.served is not None:
        return step.again()
    try:
        with step.inside():
            output = await function(*args, **kwargs)
    except BaseException as error:
        step.end(error=error)
        raise
    step.end(output)
    return output


def told(begin: Callable[..., ToolStep], function: Any) -> Any:
    """A function that runs another as the step that its arguments begin, and is async if that is."""
    if inspect.iscoroutinefunction(inspect.unwrap(function)):

        @functools.wraps(function)
        async def in_turn(*args: Any, **kwargs: Any) -> Any:
            return await run_async(begin(*args, **kwargs), function, args, kwargs)

        return in_turn

    @functools.wraps(function)
    def at_once(*args: Any, **kwargs: Any) -> Any:
        return run(begin(*args, **kwargs), function, args, kwargs)

    return at_once
