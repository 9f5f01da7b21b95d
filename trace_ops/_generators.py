"""Generators as tools: whoever reads them finds the generator itself, and the trace what it yielded.

Values and errors that are sent in, closing and the result pass through, as ``yield from`` has it, which
asynchronous generators lack. The body alone runs inside the step: what the reader does between two items
is none of the tool's doing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from functools import partial
from typing import Any

from trace_ops._tool_call import ToolCall


def watched(
    begin: Callable[[], ToolCall], function: Callable[[], Generator[Any, Any, Any]]
) -> Generator[Any, Any, Any]:
    """Run a generator as a tool step, which begins with the first item asked for."""
    call = begin()
    body = call.each_again() if call.recorded else function()
    resume: Callable[[], Any] = partial(next, body)
    items: list[Any] = []
    untouched = True
    try:
        while True:
            with call.inside():
                item = resume()
            items.append(item)
            try:
                sent = yield item
            except BaseException as error:  # noqa: BLE001 - GeneratorExit, too, is for the body to take
                resume, untouched = partial(body.throw, error), False
            else:
                resume, untouched = partial(body.send, sent), untouched and sent is None
    except StopIteration as stop:
        call.end(items, returned=stop.value, whole=untouched)
        return stop.value
    except GeneratorExit:
        call.end(items, whole=False)
        raise
    except BaseException as error:
        call.end(items, error=error, whole=untouched)
        raise
    finally:
        del resume  # it may hold an error whose traceback leads back here


async def watched_async(
    begin: Callable[[], ToolCall], function: Callable[[], AsyncGenerator[Any, Any]]
) -> AsyncGenerator[Any, Any]:
    """Run an asynchronous generator as a tool step, which begins with the first item asked for."""
    call = begin()
    body = _each_again(call) if call.recorded else function()
    resume: Callable[[], Awaitable[Any]] = body.__anext__
    items: list[Any] = []
    untouched = True
    try:
        while True:
            with call.inside():
                item = await resume()
            items.append(item)
            try:
                sent = yield item
            except BaseException as error:  # noqa: BLE001 - GeneratorExit, too, is for the body to take
                resume, untouched = partial(body.athrow, error), False
            else:
                resume, untouched = partial(body.asend, sent), untouched and sent is None
    except StopAsyncIteration:
        call.end(items, whole=untouched)
    except GeneratorExit:
        call.end(items, whole=False)
        raise
    except BaseException as error:
        call.end(items, error=error, whole=untouched)
        raise
    finally:
        del resume  # it may hold an error whose traceback leads back here


async def _each_again(call: ToolCall) -> AsyncGenerator[Any, Any]:
    for item in call.each_again():
        yield item
