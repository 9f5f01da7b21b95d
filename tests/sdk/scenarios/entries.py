"""mistralai, cohere, ollama and google-genai: every SDK by the same uses, sync and async."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from tests.sdk.kit import CLIENTS, SCENARIOS, Kit, Scenario, acollect, collect
from tests.sdk.outcome import Raised
from trace_ops.errors import TraceOpsError

COHERE_KEY = "Tr4ceOpsCohereKey0123456789abcdefghijkl"
MISTRAL_KEY = "Tr4ceOpsMistralKey0123456789abcdefg"
GOOGLE_KEY = "AIzaSyTr4ceOpsGoogleKey0123456789abcdefg"

Factory = Callable[..., Any]


def clients(name: str, sync: Factory, asynchronous: Factory) -> None:
    """Enter the factories of an SDK's clients."""
    CLIENTS[name], CLIENTS[f"async_{name}"] = sync, asynchronous


def key(kit: Kit, value: str, name: str = "api_key") -> dict[str, str]:
    """The credentials of a client; a replay has none."""
    return {} if kit.replaying else {name: value}


class Closed:
    """What a kit closes at the end of a round."""

    def __init__(self, close: Callable[[], Any]) -> None:
        self.close = close


def closed(kit: Kit, client: Any, close: str = "close") -> Any:
    """A client that the kit closes, by a method that it may not have."""
    method = getattr(client, close, None)
    if method is not None:
        kit._clients.append(Closed(method))
    return client


def both(sdk: str, feature: str = "", **options: Any) -> Callable[[Callable[[Any], Any]], Any]:
    """Enter a function of a client for the sync client and for the async one.

    What comes back is awaited, a stream is read to its end, and an exception is part of the outcome.
    """
    made = options.pop("client", {})
    may_fail = bool(options.get("faults"))

    def enter(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def sync(kit: Kit) -> Any:
            try:
                return _sound(taken(call(kit.client(sdk, **made))), may_fail)
            except Exception as error:
                return _expected(error, may_fail)

        async def asynchronous(kit: Kit) -> Any:
            try:
                return _sound(await ataken(call(kit.client(f"async_{sdk}", **made))), may_fail)
            except Exception as error:
                return _expected(error, may_fail)

        for name, run in ((sdk, sync), (f"async_{sdk}", asynchronous)):
            needs = (f"{name}.{feature}".rstrip("."),)
            SCENARIOS.append(Scenario(f"{name}-{call.__name__}", run, needs, **options))
        return call

    return enter


def _expected(error: Exception, may_fail: bool) -> Raised:
    if not may_fail and not isinstance(error, TraceOpsError):
        # Not an Exception, which the rounds would compare: three equal failures prove nothing.
        pytest.fail(f"the SDK failed by itself: {error!r}")
    if isinstance(error, TraceOpsError):
        raise error
    return Raised(error)


def _sound(value: Any, may_fail: bool) -> Any:
    if isinstance(value, Raised) and not may_fail:
        return _expected(value.error, may_fail)  # type: ignore[arg-type]
    return value


def taken(value: Any) -> Any:
    """A result, a list of results, or all that a stream gives."""
    if isinstance(value, list):
        return [taken(each) for each in value]
    return collect(value) if hasattr(value, "__next__") or hasattr(value, "event_stream") else value


async def ataken(value: Any) -> Any:
    """As :func:`taken`, of an async client."""
    if isinstance(value, list):
        return [await ataken(each) for each in value]
    if inspect.isawaitable(value):
        value = await value
    return await acollect(value) if hasattr(value, "__aiter__") else value
