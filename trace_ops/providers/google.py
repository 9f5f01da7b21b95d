"""The seam to google-genai: its entries, and what is its own.

With aiohttp installed, async calls go through it; while a tape is active they go through the client of
the httpx family that the SDK holds as well. Its retries are tenacity's, and its tokens google-auth's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.providers import _websockets
from trace_ops.providers._auth import spare_credentials
from trace_ops.providers._call import current_call
from trace_ops.providers._unseen import unseen
from trace_ops.providers._waits import is_served, skip_waits
from trace_ops.providers.entries import Arguments, Entry, entered, path_of, speakeasy

_MODULE = "google.genai._api_client"
_ENTRIES = (
    ("_request", "_httpx_client", True),
    ("_async_request", "_async_httpx_client", True),
    # These send several requests, or leave a response open: each request is a call.
    ("_upload_fd", "_httpx_client", False),
    ("_async_upload_fd", "_async_httpx_client", False),
    ("download_file", "_httpx_client", False),
    ("async_download_file", "_async_httpx_client", False),
)
_NEXT = "google.genai._gaos.basesdk"
_NEXT_RETRIES = "google.genai._gaos.utils.retries"
_NEXT_ENTRIES = (
    speakeasy("BaseSDK.do_request", "client"),
    speakeasy("AsyncBaseSDK.do_request_async", "async_client"),
)
"""What interactions, agents and webhooks go through, with the HTTP clients of the rest."""

_SOCKETS = {
    "google.genai.live": ("AsyncLive.connect",),
    "google.genai.live_music": ("AsyncLiveMusic.connect",),
    "google.genai._interactions_websocket": ("InteractionWebSocketConnectionContext._connect",),
}
"""What connects by WebSocket."""


class Google:
    """google-genai: the Gemini API, and Vertex."""

    name = "google"
    modules: Sequence[str] = (_MODULE, _NEXT, _NEXT_RETRIES, *_SOCKETS)
    distributions: Sequence[str] = ("google-genai",)
    credentials: Mapping[str, str] = {"GOOGLE_API_KEY": "replay", "GEMINI_API_KEY": "replay"}

    def install(self, module: str) -> None:
        """Wrap the requests of the API client, and what it does before and between them."""
        if module in _SOCKETS:
            _websockets.install_methods(module, self.name, _SOCKETS[module])
            return
        api_client = import_module(module)
        if module == _NEXT_RETRIES:
            skip_waits(module)
            return
        if module == _NEXT:
            for entry in _NEXT_ENTRIES:
                wrap_function_wrapper(module, entry.method, entered(self.name, entry))
            return
        for method, http, opens in _ENTRIES:
            if hasattr(api_client.BaseApiClient, method):
                entry = Entry(f"BaseApiClient.{method}", _prepared(http), _base_path, opens)
                wrap_function_wrapper(module, entry.method, entered(self.name, entry))
        wrappers: dict[str, Any] = {
            "retry_args": _retry_args,
            "get_env_api_key": _env_api_key,
            "BaseApiClient._use_aiohttp": _use_aiohttp,
            "BaseApiClient._use_google_auth_sync": _use_google_auth,
        }
        for path, wrapper in wrappers.items():  # not every version has them all
            if hasattr(api_client.BaseApiClient if "." in path else api_client, path.rpartition(".")[2]):
                wrap_function_wrapper(module, path, wrapper)


GOOGLE = Google()


def _prepared(http: str) -> Callable[[Any], Any]:
    """How the HTTP client is found; the API client is made ready for a tape on the way."""

    def find(client: Any) -> Any:
        spare_credentials(client)
        for name in ("_retry", "_async_retry"):
            retry = getattr(client, name, None)
            if retry is not None and not isinstance(getattr(retry, "wait", None), _Wait):
                retry.wait = _Wait(getattr(retry, "wait", None))
        return getattr(client, http, None)

    return find


def _base_path(client: Any, _: Arguments) -> str:
    options = client._http_options
    return path_of(options.get("base_url") if isinstance(options, dict) else options.base_url)


class _Wait:
    """How long tenacity waits: not at all for a call that is served."""

    def __init__(self, live: Callable[[Any], float] | None) -> None:
        self._live = live

    def __call__(self, state: Any) -> float:
        return 0.0 if self._live is None or is_served() else self._live(state)


def _retry_args(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    found = wrapped(*args, **kwargs)
    if found.get("wait") is not None:
        found["wait"] = _Wait(found["wait"])
    return found


def _env_api_key(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    """Both variables may be stand-ins on replay, of which the SDK would warn."""
    tape = watching("google")
    if tape is None or tape.live:
        return wrapped(*args, **kwargs)
    return os.environ.get("GOOGLE_API_KEY") or os.environ.get("GEMINI_API_KEY")


def _use_aiohttp(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
    # Not while a client is built: what it builds must be there when no tape is active any more.
    is_built = hasattr(client, "_async_retry") and getattr(client, "_async_httpx_client", None) is not None
    return False if is_built and watching("google") is not None else wrapped(*args, **kwargs)


def _use_google_auth(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
    """Client certificates go through requests, which is not seen, and is not needed on replay."""
    call = current_call()
    if call is None or call.http is not client._httpx_client:
        return wrapped(*args, **kwargs)
    if not call.tape.live:
        return False
    uses = wrapped(*args, **kwargs)
    if uses:
        unseen(call.tape, "google calls with a client certificate", "they go through requests")
    return uses
