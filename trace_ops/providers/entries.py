"""The seam to SDKs of one entry method: mistralai, cohere, ollama.

What an SDK sends goes through a method or two of its own, which know the HTTP client. Each is a row
here. Where the method is over when the answer is there, a call is open while it runs, so that the
attempts of a retry are one call. Where it gives a generator or a context manager, in which no call can
be kept open, it only marks the HTTP client as the SDK's.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.providers import _websockets
from trace_ops.providers._call import Call
from trace_ops.providers._seam import Owner, own
from trace_ops.providers._unseen import unseen
from trace_ops.providers._waits import skip_waits
from trace_ops.trace import SpanKind

Arguments = Mapping[str, Any]


class Entry(NamedTuple):
    """A method through which an SDK sends: how the HTTP client is found, and the path of its base URL.

    ``again`` tells a call of the method by itself, which belongs to the call that is open. ``kinds`` are
    those of calls whose path does not tell it, by the end of the path.
    """

    method: str
    http: Callable[[Any], Any]
    base_path: Callable[[Any, Arguments], str]
    opens: bool = True
    again: Callable[[Arguments], Any] | None = None
    kinds: Mapping[str, SpanKind] = MappingProxyType({})


@dataclass(frozen=True)
class EntrySDK:
    """One SDK: its entries by module (of any of its versions), and where it waits between attempts.

    ``sockets`` are methods that open WebSockets, by module.
    """

    name: str
    entries: Mapping[str, Sequence[Entry]]
    distributions: Sequence[str]
    credentials: Mapping[str, str] = field(default_factory=dict)
    waits: Sequence[str] = ()
    sockets: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def modules(self) -> Sequence[str]:
        """The modules of the entries, those that wait and those that open WebSockets."""
        return tuple(dict.fromkeys((*self.entries, *self.waits, *self.sockets)))

    def install(self, module: str) -> None:
        """Wrap the entries of a module, and spare its waits on replay."""
        import_module(module)
        if module in self.sockets:
            _websockets.install_methods(module, self.name, self.sockets[module])
        if module in self.waits:
            skip_waits(module)
        found = [entry for entry in self.entries.get(module, ()) if _exists(module, entry.method)]
        if module in self.entries and not found:
            raise AttributeError(f"none of {[entry.method for entry in self.entries[module]]}")
        for entry in found:
            wrap_function_wrapper(module, entry.method, entered(self.name, entry))


def entered(provider: str, entry: Entry) -> Any:
    """The wrapper of an entry, for a method of either kind."""

    def begin(instance: Any, kwargs: Arguments) -> Call | None:
        tape = watching(provider)
        if tape is None or (entry.again is not None and entry.again(kwargs)):
            return None
        try:
            http = entry.http(instance)
            base = entry.base_path(instance, kwargs) if http is not None else ""
            owner = Owner(provider, lambda: base, entry.kinds)
            own(http, owner)
        except Exception as error:  # an SDK we do not understand must still work
            unseen(tape, f"{provider} calls of {type(instance).__qualname__} ({error!r})")
            return None
        if http is None:
            unseen(tape, f"{provider} calls of {type(instance).__qualname__} through a library not known")
            return None
        return owner.call(tape, http) if entry.opens else None

    async def awaited(call: Call, wrapped: Any, args: Any, kwargs: Any) -> Any:
        with call:
            return await wrapped(*args, **kwargs)

    def enter(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        call = begin(instance, kwargs)
        if call is None:
            return wrapped(*args, **kwargs)
        if inspect.iscoroutinefunction(wrapped):
            return awaited(call, wrapped, args, kwargs)
        with call:
            return wrapped(*args, **kwargs)

    return enter


def _exists(module: str, path: str) -> bool:
    found: Any = sys.modules[module]
    for name in path.split("."):
        found = getattr(found, name, None)
    return found is not None


def path_of(url: Any) -> str:
    """The path of a URL, given as text or as an object of an HTTP library."""
    return urlsplit(str(url)).path.rstrip("/") if url else ""


def speakeasy(method: str, http: str) -> Entry:
    """An entry of an SDK that Speakeasy generates, whose configuration holds the HTTP client."""
    return Entry(
        method,
        lambda sdk: getattr(sdk.sdk_configuration, http),
        lambda sdk, _: path_of(sdk.sdk_configuration.get_server_details()[0]),
    )


def _cohere(method: str, opens: bool) -> Entry:
    return Entry(
        method,
        lambda client: client.httpx_client,
        _cohere_path,
        opens,
        # A retry is a call of the method by itself.
        lambda kwargs: kwargs.get("retries"),
    )


def _cohere_path(client: Any, kwargs: Arguments) -> str:
    given = kwargs.get("base_url") or client.base_url
    # The base URL of its first versions ended in the version of the API, which is in the paths since.
    return path_of(given() if callable(given) else given).removesuffix("/v1")


def _ollama(method: str) -> Entry:
    return Entry(
        method, lambda client: client._client, lambda client, _: path_of(client._client.base_url), False
    )


_MISTRAL = (
    speakeasy("BaseSDK.do_request", "client"),
    speakeasy("BaseSDK.do_request_async", "async_client"),
)

ENTRIES: tuple[EntrySDK, ...] = (
    EntrySDK(
        "mistral",
        {
            "mistralai.client.basesdk": _MISTRAL,
            "mistralai.azure.client.basesdk": _MISTRAL,
            "mistralai.gcp.client.basesdk": _MISTRAL,
            "mistralai.basesdk": _MISTRAL,
            "mistralai_azure.basesdk": _MISTRAL,
            "mistralai_gcp.basesdk": _MISTRAL,
        },
        ("mistralai",),
        {"MISTRAL_API_KEY": "replay"},
        (
            "mistralai.client.utils.retries",
            "mistralai.azure.client.utils.retries",
            "mistralai.gcp.client.utils.retries",
            "mistralai.utils.retries",
        ),
        {
            "mistralai.extra.realtime.speech": ("RealtimeSpeech.connect",),
            "mistralai.extra.realtime.transcription": ("RealtimeTranscription.connect",),
        },
    ),
    EntrySDK(
        "cohere",
        {
            "cohere.core.http_client": (
                _cohere("HttpClient.request", True),
                _cohere("HttpClient.stream", False),
                _cohere("AsyncHttpClient.request", True),
                _cohere("AsyncHttpClient.stream", False),
            )
        },
        ("cohere",),
        {"CO_API_KEY": "replay"},
        ("cohere.core.http_client",),
    ),
    EntrySDK(
        "ollama",
        {
            "ollama._client": tuple(
                _ollama(f"{cls}.{method}")
                for cls in ("Client", "AsyncClient")
                for method in ("_request", "_request_raw", "_stream")
            )
        },
        ("ollama",),
    ),
)
