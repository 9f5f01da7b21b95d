"""One retrieval from a store: its step in the trace, and what is served in its place."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, NamedTuple, Protocol, runtime_checkable

from wrapt import wrap_function_wrapper

from trace_ops import context
from trace_ops._guard import guarded
from trace_ops._plain import failure, plain, read
from trace_ops.frameworks._frozen import raised
from trace_ops.tape import Tape
from trace_ops.trace import Span


class Asked(NamedTuple):
    """What a store was asked: the collection, and the query with its limit and filters."""

    name: str
    input: dict[str, Any]


class Given(NamedTuple):
    """What a store gave back: documents of one shape, and what else a result is made of.

    Each document is a mapping of ``id``, ``text``, ``metadata`` and ``score``, the higher the nearer.
    """

    documents: list[dict[str, Any]]
    rest: dict[str, Any]


class Store(Protocol):
    """How the methods of one store's client read. ``owner`` is the object whose method is called."""

    @property
    def name(self) -> str:
        """The name of the flag, and of the store in a trace."""

    def asked(self, owner: Any, operation: str, arguments: Mapping[str, Any]) -> Asked:
        """Read the arguments of a call, by their names and with the defaults of the method."""

    def given(self, owner: Any, operation: str, arguments: Mapping[str, Any], result: Any) -> Given:
        """Read what a call returned."""

    def again(self, operation: str, given: Given) -> Any:
        """Make what a call returned, of the client's own types."""


@runtime_checkable
class Failing(Protocol):
    """A store whose errors take more than a message."""

    def kept(self, error: BaseException) -> dict[str, Any]:
        """Read what is needed to make an error again."""

    def raised(self, kept: dict[str, Any]) -> Exception | None:
        """Make an error again, from what was kept; ``None`` where that is not enough."""


Operation = Callable[[Mapping[str, Any]], str | None]
"""What a call of a method reads, by its arguments; ``None`` for one that reads nothing."""


def watch(store: Store, module: str, owner: str, method: str, operation: Operation | None = None) -> None:
    """Have the calls of a method, plain or async, recorded; a client that lacks it is left as it is.

    The operation of a store has the name of the method, where ``operation`` tells no other.
    """
    cls = getattr(sys.modules[module], owner, None)
    function = getattr(cls, method, None)
    if function is None:
        return

    def begun(instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Retrieval | None:
        tape = context.watching(store.name)
        if tape is None:
            return None
        arguments = _arguments(function, instance, args, kwargs)
        named = method if operation is None else operation(arguments)
        return None if named is None else Retrieval(tape, store, named, instance, arguments)

    def run(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = begun(instance, args, kwargs)
        if call is None:
            return wrapped(*args, **kwargs)
        if call.is_served:
            return call.again()
        try:
            with call.inside():
                result = wrapped(*args, **kwargs)
        except BaseException as error:
            call.end(error=error)
            raise
        call.end(result)
        return result

    async def run_async(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = begun(instance, args, kwargs)
        if call is None:
            return await wrapped(*args, **kwargs)
        if call.is_served:
            return call.again()
        try:
            with call.inside():
                result = await wrapped(*args, **kwargs)
        except BaseException as error:
            call.end(error=error)
            raise
        call.end(result)
        return result

    is_async = inspect.iscoroutinefunction(inspect.unwrap(function))
    wrap_function_wrapper(module, f"{owner}.{method}", run_async if is_async else run)


class Retrieval:
    """The step of one call. ``is_served`` tells that its outcome comes from the cassette.

    None of its methods raises, but :meth:`again`, which raises the recorded error, or that there is
    nothing recorded.
    """

    def __init__(
        self, tape: Tape, store: Store, operation: str, owner: Any, arguments: Mapping[str, Any]
    ) -> None:
        self._tape, self._store, self._operation = tape, store, operation
        self._owner, self._arguments = owner, arguments
        self._what = f"{store.name} {operation}"
        self._span: Span | None = None
        self._recorded: Span | None = None
        self._is_refused = False
        with guarded(tape, self._what):
            name, asked = store.asked(owner, operation, arguments)
            given = {key: value for key, value in asked.items() if value is not None}
            attributes = {"store": store.name, "operation": operation}
            self._span = tape.begin(
                "retrieval", name, via=store.name, input=plain(given), attributes=attributes
            )
            if tape.freeze.holds("retrieval", name):
                self._recorded = tape.take(self._span)
                self._is_refused = self._recorded is None and not tape.records

    @property
    def is_served(self) -> bool:
        """Whether the store is not to be asked."""
        return self._recorded is not None or self._is_refused

    def inside(self) -> AbstractContextManager[None]:
        """Make the step the parent of what runs in the block, such as an embedding."""
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def again(self) -> Any:
        """The recorded result, of the client's own types; raises the recorded error."""
        span, recorded = self._span, self._recorded
        assert span is not None
        if recorded is None:
            raise self._tape.refused_step(span)
        span.output, span.error = plain(recorded.output), recorded.error
        span.attributes = plain(recorded.attributes)
        self._tape.end(span)
        rest = plain(recorded.attributes.get("result")) or {}
        if recorded.error is not None:
            error = self._store.raised(rest) if isinstance(self._store, Failing) else None
            raise error or raised(recorded.error)
        return self._store.again(self._operation, Given(plain(recorded.output), rest))

    def end(self, result: Any = None, *, error: BaseException | None = None) -> None:
        """End the step; what JSON cannot hold exactly is never served."""
        span = self._span
        if span is None:
            return
        with guarded(self._tape, self._what):
            exact = error is None or isinstance(error, Exception)
            try:
                if error is not None:
                    kept = self._store.kept(error) if isinstance(self._store, Failing) else {}
                    span.attributes |= {"result": kept} if kept else {}
                else:
                    given = self._store.given(self._owner, self._operation, self._arguments, result)
                    span.output, is_exact = read(given.documents)
                    rest, rest_is_exact = read(given.rest)
                    span.attributes |= {"result": rest} if rest else {}
                    exact = is_exact and rest_is_exact
            finally:
                if not exact:
                    span.attributes["inexact"] = True
                span.error = None if error is None else failure(error)
                self._tape.end(span)


def vector(values: Any) -> dict[str, Any]:
    """A vector as a trace shows it: its size, and what tells it from others."""
    numbers = [float(value) for value in values]
    digest = hashlib.sha256(",".join(map(repr, numbers)).encode()).hexdigest()
    return {"vector": digest[:12], "size": len(numbers)}


def is_vector(value: Any) -> bool:
    """Whether a value is a row of numbers, as a list or as an array."""
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__len__") or not len(value):
        return False
    try:
        # An array of rows has the first of these too, a number has no length.
        return all(hasattr(each, "__float__") and not hasattr(each, "__len__") for each in value)
    except TypeError:
        return False


def _arguments(
    method: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The arguments by their names, defaults too; only those given by name where the call is wrong."""
    try:
        bound = _signature(method).bind(instance, *args, **kwargs)
    except TypeError:  # the method itself raises it, in its own words
        return dict(kwargs)
    bound.apply_defaults()
    found = dict(bound.arguments)
    more = found.pop("kwargs", {})
    return {**found, **more}


@cache
def _signature(method: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(method)
