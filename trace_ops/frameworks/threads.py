"""Plain threads: what a step starts is beneath it, while it runs.

Context variables do not travel into threads (only into tasks, and into what ``asyncio.to_thread`` and the
pools of LangChain, AnyIO and others run). Here the place in the trace does, and nothing else: neither other
variables of the program, nor a recorder that is confined to its context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops import context

_POOLS = "concurrent.futures.thread"


class Threads:
    """``threading.Thread``, and pools of threads, by way of which ``loop.run_in_executor`` goes too."""

    name = "threads"
    modules: Sequence[str] = ("threading", _POOLS)
    distributions: Sequence[str] = ()

    def install(self, module: str) -> None:
        """Wrap what starts a thread, or hands work to a pool."""
        if module == _POOLS:
            wrap_function_wrapper(module, "ThreadPoolExecutor.submit", _submit)
        else:
            wrap_function_wrapper(module, "Thread.start", _start)


def _place() -> context.Place | None:
    place = context.place()
    return None if place is None or "threads" in place.tape.unwatched else place


def _start(wrapped: Any, thread: Any, args: Any, kwargs: Any) -> Any:
    place = _place()
    if place is None or "run" in vars(thread):
        return wrapped(*args, **kwargs)
    run = thread.run

    def run_there() -> None:
        vars(thread).pop("run", None)
        with context.at(place):
            run()

    thread.run = run_there
    try:
        return wrapped(*args, **kwargs)
    except BaseException:  # there is no thread to take it away
        vars(thread).pop("run", None)
        raise


def _submit(wrapped: Any, _pool: Any, args: Any, kwargs: Any) -> Any:
    place = _place()
    if place is None or not args:
        return wrapped(*args, **kwargs)
    function, *rest = args

    def run_there(*args: Any, **kwargs: Any) -> Any:
        with context.at(place):
            return function(*args, **kwargs)

    with context.at(None):  # a thread of the pool outlives the step whose work it is started for
        return wrapped(run_there, *rest, **kwargs)
