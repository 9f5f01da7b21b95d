"""The table of SDKs, and their installation when the user's code imports them."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, entry_points, version
from types import ModuleType
from weakref import ref

from wrapt import register_post_import_hook

from trace_ops._warn import warn
from trace_ops.exchange import Exchange
from trace_ops.providers._protocol import Provider
from trace_ops.providers.entries import ENTRIES
from trace_ops.providers.google import GOOGLE
from trace_ops.providers.stainless import STAINLESS

ENTRY_POINTS = "trace_ops.providers"
"""Entry point group in which third parties register a :class:`Provider`."""

_lock = threading.Lock()
_installed = False
_stood_in: Counter[str] = Counter()
_patched: dict[str, ref[ModuleType]] = {}


@cache
def providers() -> tuple[Provider, ...]:
    """Our own table and what third parties registered."""
    return (*STAINLESS, *ENTRIES, GOOGLE, *_registered())


def _registered() -> Iterator[Provider]:
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            yield entry.load()
        except Exception as error:  # a broken plug-in must not take the recording down
            warn(f"provider plug-in {entry.name!r} cannot be loaded: {error!r}")


def install() -> None:
    """Install every seam at the import of its SDK, or now where it is imported already."""
    global _installed
    with _lock:
        first, _installed = not _installed, True
        for provider in providers():
            for name in provider.modules:
                if first:
                    register_post_import_hook(partial(_on_import, provider, name), name)
                elif name in sys.modules:  # also if it was unloaded, and imported again since
                    _on_import(provider, name, sys.modules[name])


def _on_import(provider: Provider, name: str, module: ModuleType) -> None:
    seen = _patched.get(name)
    if seen is not None and seen() is module:
        return
    _patched[name] = ref(module)
    try:
        provider.install(name)
    except Exception as error:  # an SDK we do not understand must still import
        warn(f"{provider.name} calls cannot be recorded: {name} is not as expected ({error!r})")


def libraries() -> dict[str, str]:
    """Versions of the SDKs that are imported, by distribution name."""
    found = {}
    for provider in providers():
        if any(name in sys.modules for name in provider.modules):
            found.update({name: known for name in provider.distributions if (known := _version(name))})
    return found


@cache
def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


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
