"""What a function says it returns, by which its output is made again of what JSON holds of it.

Types are read by pydantic, where the program has imported it.
"""

from __future__ import annotations

import functools
import inspect
import sys
import typing
from typing import Any
from weakref import WeakKeyDictionary

from trace_ops._plain import plain, read
from trace_ops.tape import Tape
from trace_ops.trace import Span

TYPED = "typed"
"""The attribute of a step whose output is to be made again by the type that its function returns."""

_adapters: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def read_output(output: Any, function: Any) -> tuple[Any, dict[str, Any]]:
    """An output as JSON can hold it, and what its step is to know of that: nothing where it is the same.

    ``inexact`` is what can be made again in no way.
    """
    value, is_exact = read(output)
    if is_exact:
        return value, {}
    try:
        adapter = _adapter(function)
        if adapter is not None:
            dumped, is_exact = read(adapter.dump_python(output, mode="json", by_alias=True, warnings="error"))
            if is_exact and _is_same(adapter.validate_python(dumped), output):
                return dumped, {TYPED: True}
    except Exception:  # noqa: BLE001 - the code of others: of models, or of what cannot be one
        pass
    return value, {"inexact": True}


def again(tape: Tape, recorded: Span, function: Any) -> Any:
    """The output of a recorded step, a copy; raises that there is none where the type is another now."""
    value = plain(recorded.output)
    if not recorded.attributes.get(TYPED):
        return value
    try:
        adapter = _adapter(function)
        if adapter is None:
            raise TypeError("its function does not say what it returns")
        return adapter.validate_python(value)
    except Exception as error:  # as above
        raise tape.refused(
            f"the output of {recorded.kind} {recorded.name} (span {recorded.id}) was recorded, and cannot be "
            f"made again: {error}\n  let it run: live={{{recorded.name!r}}}, or record it again"
        ) from error


def _adapter(function: Any) -> Any:
    pydantic = sys.modules.get("pydantic")
    function = _plain_function(function)
    if pydantic is None or function is None:
        return None
    if function not in _adapters:
        returned = typing.get_type_hints(function, include_extras=True).get("return", Any)
        _adapters[function] = None if returned is Any else pydantic.TypeAdapter(returned)
    return _adapters[function]


def _plain_function(function: Any) -> Any:
    """The function that has the annotations; the others are made for a call, and forgotten after it."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not inspect.isfunction(function):
        function = vars(type(function)).get("__call__")
    return function if inspect.isfunction(function) else None


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other) and repr(one) == repr(other)
