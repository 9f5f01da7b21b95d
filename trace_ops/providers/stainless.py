"""The seam to the SDKs that Stainless generates: openai, anthropic, groq, together, cerebras.

Two places are wrapped. ``request`` of the API client opens a call: everything the SDK does for it,
retries and middleware included, happens inside. ``send`` of the SDK's own HTTP client object is where
bytes leave; in a call it asks the tape, and either gives recorded bytes back or passes the live response
on while reading along. So on replay the SDK builds, validates, parses, retries and raises exactly as it
does live. Every attempt of a retried call is kept and served again, without the waiting between them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops._warn import warn
from trace_ops.context import active_tape
from trace_ops.providers import _websockets
from trace_ops.providers._auth import spare_credentials
from trace_ops.providers._call import Call, current_call

_lock = threading.Lock()
_plans: dict[type, list[tuple[type, Any]]] = {}
_spared: set[type] = set()


@dataclass(frozen=True)
class StainlessSDK:
    """One SDK of the family: where its plumbing lives and which variables its clients read."""

    name: str
    package: str
    distributions: Sequence[str]
    credentials: Mapping[str, str] = field(default_factory=dict)
    sockets: Sequence[str] = ()

    @property
    def modules(self) -> Sequence[str]:
        """The base client, and the modules that open WebSockets."""
        return (f"{self.package}._base_client", *self.sockets)

    def install(self, module: str) -> None:
        """Wrap the base client's ``request``, or the WebSocket connections of a module."""
        if module in self.sockets:
            _websockets.install(module, self.name)
            return
        name = self.name

        def request(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
            tape = active_tape()
            if tape is None:
                return wrapped(*args, **kwargs)
            call = Call(tape, name, client, _http_client(client))
            _seam(client)
            with call:
                return wrapped(*args, **kwargs)

        async def async_request(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
            tape = active_tape()
            if tape is None:
                return await wrapped(*args, **kwargs)
            call = Call(tape, name, client, _http_client(client))
            _seam(client)
            with call:
                return await wrapped(*args, **kwargs)

        import_module(module)
        wrap_function_wrapper(module, "SyncAPIClient.request", request)
        wrap_function_wrapper(module, "AsyncAPIClient.request", async_request)
        wrap_function_wrapper(module, "BaseClient._calculate_retry_timeout", _retry_timeout)


STAINLESS: tuple[StainlessSDK, ...] = (
    StainlessSDK(
        "openai",
        "openai",
        ("openai",),
        {
            "OPENAI_API_KEY": "replay",
            "AZURE_OPENAI_API_KEY": "replay",
            "AZURE_OPENAI_ENDPOINT": "https://replay.invalid",
        },
        (
            "openai.resources.realtime.realtime",
            "openai.resources.realtime.translations.translations",
            "openai.resources.beta.realtime.realtime",
            "openai.resources.responses.responses",
            "openai.resources.beta.responses.responses",
            "openai.resources.live.sideband",
        ),
    ),
    StainlessSDK("anthropic", "anthropic", ("anthropic",), {"ANTHROPIC_API_KEY": "replay"}),
    StainlessSDK("groq", "groq", ("groq",), {"GROQ_API_KEY": "replay"}),
    StainlessSDK("together", "together", ("together",), {"TOGETHER_API_KEY": "replay"}),
    StainlessSDK("cerebras", "cerebras.cloud.sdk", ("cerebras-cloud-sdk",), {"CEREBRAS_API_KEY": "replay"}),
)


def _http_client(client: Any) -> Any:
    return getattr(client, "_client", None)


def _seam(client: Any) -> None:
    """See that ``send`` of the client's HTTP client class is ours, and its way to credentials spared.

    Looked at anew for each call: whoever patches the same method and takes the patch away (a mock does)
    takes ours with it.
    """
    http = type(_http_client(client))
    plan = _plans.get(http)
    if plan is None or type(client) not in _spared:
        with _lock:
            spare_credentials(client)
            plan = _plans[http] = _plan(http, _is_async(client))
            _spared.add(type(client))
    for cls, wrapper in plan:
        if not _is_wrapped(cls, wrapper):
            with _lock:
                if not _is_wrapped(cls, wrapper):
                    wrap_function_wrapper(cls, "send", wrapper)


def _is_wrapped(cls: type, wrapper: Any) -> bool:
    return getattr(cls.__dict__.get("send"), "_self_wrapper", None) is wrapper


def _plan(http: type, is_async: bool) -> list[tuple[type, Any]]:
    """The classes whose ``send`` is to be wrapped, and with what."""
    owner, own = _senders(http)
    if owner is None:
        warn(f"calls through {http.__qualname__} cannot be recorded: it has no send()", 5)
        return []
    watch = _async_watch if is_async else _watch
    return [(owner, _async_send if is_async else _send), *((cls, watch) for cls in own)]


def _senders(http: type) -> tuple[type | None, list[type]]:
    """The class whose ``send`` lets bytes leave, and those whose own ``send`` runs before it.

    A subclass of the caller's that overrides ``send`` runs on replay too: what it adds is not lost.
    """
    own: list[type] = []
    for cls in http.__mro__:
        if callable(cls.__dict__.get("send")):
            if cls.__module__.partition(".")[0] in ("httpx", "httpx2"):
                return cls, own
            own.append(cls)
    return (own[-1], own[:-1]) if own else (None, [])


def _is_async(client: Any) -> bool:
    return any(cls.__name__ == "AsyncAPIClient" for cls in type(client).__mro__)


def _send(wrapped: Any, http: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if call is None or http is not call.http or call.sending:
        return wrapped(*args, **kwargs)
    sent = args[0] if args else kwargs["request"]
    return call.send(sent, lambda: wrapped(*args, **kwargs), bool(kwargs.get("stream")))


async def _async_send(wrapped: Any, http: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if call is None or http is not call.http or call.sending:
        return await wrapped(*args, **kwargs)
    sent = args[0] if args else kwargs["request"]
    return await call.asend(sent, lambda: wrapped(*args, **kwargs), bool(kwargs.get("stream")))


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


def _retry_timeout(wrapped: Any, _client: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    return 0.0 if call is not None and call.is_served else wrapped(*args, **kwargs)
