"""The table of SDKs, and their installation when the user's code imports them."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from trace_ops._imports import when_imported
from trace_ops._plugins import plugins
from trace_ops.exchange import Exchange
from trace_ops.providers._protocol import Provider
from trace_ops.providers.bedrock import BEDROCK
from trace_ops.providers.entries import ENTRIES
from trace_ops.providers.google import GOOGLE
from trace_ops.providers.litellm import LITELLM
from trace_ops.providers.stainless import STAINLESS
from trace_ops.providers.unrecorded import UNRECORDED

ENTRY_POINTS = "trace_ops.providers"
"""Entry point group in which third parties register a :class:`Provider`."""

_lock = threading.Lock()
_stood_in: Counter[str] = Counter()


PROVIDERS: tuple[Provider, ...] = (*STAINLESS, *ENTRIES, GOOGLE, BEDROCK, LITELLM, *UNRECORDED)


@cache
def providers() -> tuple[Provider, ...]:
    """Our own table and what third parties registered."""
    return (*PROVIDERS, *plugins(ENTRY_POINTS, [provider.name for provider in PROVIDERS]))


def install() -> None:
    """Install every seam at the import of its SDK, or now where it is imported already."""
    for provider in providers():
        when_imported(provider.name, "calls", provider.modules, provider.install)


@contextmanager
def stand_in_credentials(recorded: Iterable[Exchange]) -> Iterator[None]:
    """Let clients of the recorded providers be built without keys: set what is unset, unset it after.

    Several may be open at once and close in any order; the last one takes the variables away.
    """
    names = _credentials(list(recorded))
    with _lock:
        ours = {name: value for name, value in names.items() if name in _stood_in or name not in os.environ}
        os.environ.update({name: value for name, value in ours.items() if name not in os.environ})
        _stood_in.update(ours.keys())
    try:
        yield
    finally:
        with _lock:
            _stood_in.subtract(ours.keys())
            for name, value in ours.items():
                if not _stood_in[name]:
                    del _stood_in[name]
                    if os.environ.get(name) == value:
                        del os.environ[name]


def _credentials(recorded: list[Exchange]) -> dict[str, str]:
    families = {exchange.provider for exchange in recorded}
    on_azure = any(exchange.request.path.startswith("/deployments/") for exchange in recorded)
    return {
        name: value
        for provider in providers()
        if provider.name in families
        for name, value in provider.credentials.items()
        # Programs choose their provider by whether this one is set.
        if on_azure or name != "AZURE_OPENAI_ENDPOINT"
    }
