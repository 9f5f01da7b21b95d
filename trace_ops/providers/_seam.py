"""Where bytes leave: ``send`` of the HTTP client classes that SDKs use.

It is wrapped once a class, and asks the tape only for a call that an SDK has opened, or for an HTTP client
that is known to be an SDK's (:func:`own`). All else that a program sends with the same class passes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from wrapt import wrap_function_wrapper

from trace_ops._warn import warn
from trace_ops.context import watching
from trace_ops.providers._call import Call, current_call
from trace_ops.tape import Tape
from trace_ops.trace import SpanKind

_LEAVES = ("httpx.", "httpx2.", "google.genai.")
"""Where the classes are whose ``send`` lets bytes leave; google-genai's passes on to a client a loop."""

_lock = threading.Lock()
_plans: dict[type, list[tuple[type, Any]]] = {}


class Owner(NamedTuple):
    """Whose an HTTP client is: the provider family, the part of its paths that is not kept, its kinds."""

    provider: str
    base_path: Callable[[], str]
    kinds: Mapping[str, SpanKind] = MappingProxyType({})

    def call(self, tape: Tape, http: Any) -> Call:
        """A call of the client."""
        call = Call(tape, self.provider, http, self.base_path())
        call.kinds = self.kinds
        return call


_owned: WeakKeyDictionary[Any, Owner] = WeakKeyDictionary()


def own(http: Any, owner: Owner) -> None:
    """Mark an HTTP client as an SDK's, and see that its ``send`` is ours.

    Whatever it sends is then a call, also where no call is open: some SDKs send from generators and
    context managers, in which a call cannot be kept open.
    """
    if http is not None:
        _owned[http] = owner
        watch_sends(http)


def watch_sends(http: Any) -> None:
    """See that ``send`` of an HTTP client's class is ours.

    Looked at anew for each call: whoever patches the same method and takes the patch away (a mock does)
    takes ours with it.
    """
    kind = type(http)
    plan = _plans.get(kind)
    if plan is None:
        with _lock:
            plan = _plans[kind] = _plan(kind)
    for cls, wrapper in plan:
        if not _is_wrapped(cls, wrapper):
            with _lock:
                if not _is_wrapped(cls, wrapper):
                    wrap_function_wrapper(cls, "send", wrapper)


def _is_wrapped(cls: type, wrapper: Any) -> bool:
    return getattr(cls.__dict__.get("send"), "_self_wrapper", None) is wrapper


def _plan(http: type) -> list[tuple[type, Any]]:
    """The classes whose ``send`` is to be wrapped, and with what."""
    owner, own_sends = _senders(http)
    if owner is None:
        warn(f"calls through {http.__qualname__} cannot be recorded: it has no send()", 5)
        return []
    is_async = hasattr(http, "aclose")
    watch = _async_watch if is_async else _watch
    return [(owner, _async_send if is_async else _send), *((cls, watch) for cls in own_sends)]


def _senders(http: type) -> tuple[type | None, list[type]]:
    """The class whose ``send`` lets bytes leave, and those whose own ``send`` runs before it.

    A subclass of the caller's that overrides ``send`` runs on replay too: what it adds is not lost.
    """
    own_sends: list[type] = []
    for cls in http.__mro__:
        if callable(cls.__dict__.get("send")):
            if f"{cls.__module__}.".startswith(_LEAVES):
                return cls, own_sends
            own_sends.append(cls)
    return (own_sends[-1], own_sends[:-1]) if own_sends else (None, [])


def _call_of(http: Any) -> tuple[Call, bool] | None:
    """The call that a request of this client belongs to, and whether it is one of its own."""
    call = current_call()
    if call is not None and http is call.http:
        return None if call.sending else (call, False)
    owner = _owned.get(http)
    tape = watching(owner.provider) if owner is not None else None
    if owner is None or tape is None:
        return None
    return owner.call(tape, http), True


def _send(wrapped: Any, http: Any, args: Any, kwargs: Any) -> Any:
    found = _call_of(http)
    if found is None:
        return wrapped(*args, **kwargs)
    call, is_own = found
    sent = args[0] if args else kwargs["request"]
    stream = bool(kwargs.get("stream"))
    if not is_own:
        return call.send(sent, lambda: wrapped(*args, **kwargs), stream)
    with call:
        return call.send(sent, lambda: wrapped(*args, **kwargs), stream)


async def _async_send(wrapped: Any, http: Any, args: Any, kwargs: Any) -> Any:
    found = _call_of(http)
    if found is None:
        return await wrapped(*args, **kwargs)
    call, is_own = found
    sent = args[0] if args else kwargs["request"]
    stream = bool(kwargs.get("stream"))
    if not is_own:
        return await call.asend(sent, lambda: wrapped(*args, **kwargs), stream)
    with call:
        return await call.asend(sent, lambda: wrapped(*args, **kwargs), stream)


def _watch(wrapped: Any, http: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if call is None or http is not call.http:
        return wrapped(*args, **kwargs)
    before = call.sends
    got = wrapped(*args, **kwargs)
    if call.sends == before:
        call.passed_by()
    return got


async def _async_watch(wrapped: Any, http: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if call is None or http is not call.http:
        return await wrapped(*args, **kwargs)
    before = call.sends
    got = await wrapped(*args, **kwargs)
    if call.sends == before:
        call.passed_by()
    return got
