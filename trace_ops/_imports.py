"""Do something when the user's code imports a module, which we never do ourselves."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from weakref import ref

from wrapt import register_post_import_hook

from trace_ops._warn import warn

_lock = threading.Lock()
_registered: set[tuple[str, str]] = set()
_done: dict[tuple[str, str], ref[ModuleType]] = {}
_failed: dict[tuple[str, str], str] = {}


def when_imported(library: str, what: str, modules: Iterable[str], install: Callable[[str], None]) -> None:
    """Call ``install`` with the name of each module once it has been imported, or now if it has been.

    ``what`` (calls, or steps) of the library cannot be recorded if ``install`` raises: that is warned of,
    and the import goes on. Called again, it sees to modules that were unloaded and imported anew.
    """
    for name in modules:
        key = (library, name)
        on_import = partial(_on_import, key, what, install)
        with _lock:
            first = key not in _registered
            _registered.add(key)
        if first:
            register_post_import_hook(on_import, name)
        elif name in sys.modules:
            on_import(sys.modules[name])


def not_understood() -> dict[str, str]:
    """Libraries that were imported and into which no seam could be put, each with the reason."""
    return {library: why for (library, _), why in sorted(_failed.items())}


def _on_import(key: tuple[str, str], what: str, install: Callable[[str], None], module: ModuleType) -> None:
    seen = _done.get(key)
    if seen is not None and seen() is module:
        return
    _done[key] = ref(module)
    library, name = key
    _failed.pop(key, None)
    try:
        install(name)
    except Exception as error:  # noqa: BLE001 - a library we do not understand must still import
        why = _failed[key] = f"{name} is not as expected ({error!r})"
        warn(f"{library} {what} cannot be recorded: {why}")


@cache
def version_of(distribution: str) -> str | None:
    """The version of an installed distribution."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
