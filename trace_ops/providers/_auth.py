"""Replaying without credentials: token providers, signers and key refreshers are spared.

They run before the SDK's request leaves, so before the tape can say whether it is served. Where nothing
can go live they are not called at all. Where something may, they are called, and what they raise is kept
until the call turns out to go live.
"""

from __future__ import annotations

import inspect
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.providers._call import current_call

_STAND_INS: dict[str, Any] = {
    "_prepare_request": None,
    "_get_azure_ad_token": "replay",
    "_refresh_api_key": "replay",
    "_ensure_access_token": "replay",
    "_get_token": "replay",
    "get_token": "replay",
    "get_token_for_request": "replay",
    "get_token_async": "replay",
    "token": "replay",
    "_access_token": "replay",
    "_async_access_token": "replay",
}
"""Methods that get credentials or sign with them, and what stands in for their result."""

_HOLDERS = ("_workload_identity_auth", "_creds_state")
"""Attributes of clients that hold credentials for them."""

_spared: set[tuple[type, str]] = set()


def spare_credentials(client: Any) -> None:
    """Wrap the ways to credentials of a client's class; the caller's own subclasses stay as they are."""
    _spare(type(client))
    for holder in _HOLDERS:
        held = getattr(client, holder, None)
        if held is not None:
            _spare(type(held))


def _spare(kind: type) -> None:
    for cls in kind.__mro__:
        if cls.__module__.endswith("._base_client") or not _is_sdk(cls, kind):
            continue
        for name, stand_in in _STAND_INS.items():
            method = cls.__dict__.get(name)
            if inspect.isfunction(method) and (cls, name) not in _spared:
                _spared.add((cls, name))
                spare = _async_spare if inspect.iscoroutinefunction(method) else _sync_spare
                wrap_function_wrapper(cls, name, spare(stand_in))


def _is_sdk(cls: type, kind: type) -> bool:
    roots = {base.__module__.partition(".")[0] for base in kind.__mro__ if "_base_client" in base.__module__}
    roots = roots or {kind.__module__.partition(".")[0]}
    return cls.__module__.partition(".")[0] in roots


def _stood_in(client: Any, stand_in: Any) -> Any:
    """The stand-in, also where a client keeps the key it was to fetch: some check it before they send."""
    if isinstance(stand_in, str) and getattr(client, "api_key", None) == "":
        client.api_key = stand_in
    return stand_in


def _sync_spare(stand_in: Any) -> Any:
    def spare(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        call = current_call()
        if call is None:
            return wrapped(*args, **kwargs)
        if not call.tape.live:
            return _stood_in(instance, stand_in)
        try:
            return wrapped(*args, **kwargs)
        except Exception as error:
            call.credential_error = error
            return _stood_in(instance, stand_in)

    return spare


def _async_spare(stand_in: Any) -> Any:
    async def spare(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        call = current_call()
        if call is None:
            return await wrapped(*args, **kwargs)
        if not call.tape.live:
            return _stood_in(instance, stand_in)
        try:
            return await wrapped(*args, **kwargs)
        except Exception as error:
            call.credential_error = error
            return _stood_in(instance, stand_in)

    return spare
