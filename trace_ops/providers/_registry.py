"""The table of SDKs, and their installation when the user's code imports them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import Any

from trace_ops._warn import warn
from trace_ops.providers._protocol import Provider
from trace_ops.providers.stainless import STAINLESS

ENTRY_POINTS = "trace_ops.providers"
"""Entry point group in which third parties register a :class:`Provider`."""

_lock = threading.Lock()
_installed = False


@cache
def providers() -> tuple[Provider, ...]:
    """Our own table and what third parties registered."""
    return (*STAINLESS, *_registered())


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
        if _installed:
            return
        _installed = True
    from wrapt import register_post_import_hook

    for provider in providers():
        for name in provider.modules:
            register_post_import_hook(_installer(provider, name), name)


def _installer(provider: Provider, name: str) -> Callable[[Any], None]:
    def on_import(_module: Any) -> None:
        try:
            provider.install(name)
        except Exception as error:  # an SDK we do not understand must still import
            warn(f"{provider.name} calls cannot be recorded: {name} is not as expected ({error!r})")

    return on_import


def libraries() -> dict[str, str]:
    """Versions of the SDKs that are imported, by distribution name."""
    found = {}
    for provider in providers():
        if any(name in sys.modules for name in provider.modules):
            for distribution in provider.distributions:
                try:
                    found[distribution] = version(distribution)
                except PackageNotFoundError:
                    continue
    return found


@contextmanager
def stand_in_credentials() -> Iterator[None]:
    """Let clients be built without keys while only replaying: set what is unset, unset it after."""
    added = {
        name: value
        for provider in providers()
        for name, value in provider.credentials.items()
        if name not in os.environ
    }
    os.environ.update(added)
    try:
        yield
    finally:
        for name, value in added.items():
            if os.environ.get(name) == value:
                del os.environ[name]
