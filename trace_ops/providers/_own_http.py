"""SDKs of others that send with a client of httpx or httpx2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.providers.entries import Entry, entered, path_of
from trace_ops.trace import SpanKind


def record_http(
    provider: str,
    module: str,
    method: str,
    http: Callable[[Any], Any],
    *,
    base_url: Callable[[Any], Any] = str,
    opens: bool = True,
    kinds: Mapping[str, SpanKind] = MappingProxyType({}),
) -> None:
    """Record what the HTTP client of an SDK sends, from the method that an SDK sends with.

    ``method`` is ``Class.method``, plain or ``async``; ``http`` gives the client of ``httpx`` or ``httpx2``
    that an instance of the class holds, ``base_url`` the URL whose path is left out of what is kept.
    Everything that the method does happens in one call: if it sends again, that is a retry. Set ``opens`` to
    false for a method that is over before the answer has been read: a generator, a context manager. ``kinds``
    are those of calls whose path TraceOps does not know, by the end of the path: ``{"/generate": "llm"}``.
    """

    def base_path(instance: Any, _: Mapping[str, Any]) -> str:
        return "" if base_url is str else path_of(base_url(instance))

    wrap_function_wrapper(
        module, method, entered(provider, Entry(method, http, base_path, opens, kinds=kinds))
    )
