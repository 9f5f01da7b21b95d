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

from trace_ops.context import watching
from trace_ops.providers import _websockets
from trace_ops.providers._auth import spare_credentials
from trace_ops.providers._call import Call, current_call
from trace_ops.providers._seam import watch_sends

_lock = threading.Lock()
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
            tape = watching(name)
            if tape is None:
                return wrapped(*args, **kwargs)
            call = Call(tape, name, _http_client(client), client.base_url.path)
            _seam(client)
            with call:
                return wrapped(*args, **kwargs)

        async def async_request(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
            tape = watching(name)
            if tape is None:
                return await wrapped(*args, **kwargs)
            call = Call(tape, name, _http_client(client), client.base_url.path)
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
            "openai.resources.live.forks",
            "openai.resources.live.live",
            "openai.resources.live.sideband",
        ),
    ),
    StainlessSDK("anthropic", "anthropic", ("anthropic",), {"ANTHROPIC_API_KEY": "replay"}),
    StainlessSDK("groq", "groq", ("groq",), {"GROQ_API_KEY": "replay"}),
    StainlessSDK(
        "together",
        "together",
        ("together",),
        {"TOGETHER_API_KEY": "replay"},
        ("together.lib.realtime._connection",),
    ),
    StainlessSDK("cerebras", "cerebras.cloud.sdk", ("cerebras-cloud-sdk",), {"CEREBRAS_API_KEY": "replay"}),
)


def _http_client(client: Any) -> Any:
    return getattr(client, "_client", None)


def _seam(client: Any) -> None:
    watch_sends(_http_client(client))
    if type(client) not in _spared:
        with _lock:
            spare_credentials(client)
            _spared.add(type(client))


def _retry_timeout(wrapped: Any, _client: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    return 0.0 if call is not None and call.is_served else wrapped(*args, **kwargs)
