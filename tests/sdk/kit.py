"""What scenarios are made of: a factory of clients, and the registry they are entered in."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sdk.outcome import Raised
from trace_ops.double import Fault, ProviderDouble, Turn

OPENAI_KEY = "sk-proj-Tr4ceOpsTestKeyThatMustNeverBeStored0123456789abcd"
ANTHROPIC_KEY = "sk-ant-api03-Tr4ceOpsTestKeyThatMustNeverBeStored0123456789abcdef-AA"
AWS_SECRET = "wJalrXUtnFEMITr4ceOpsbPxRfiCYEXAMPLEKEY0"


@dataclass
class Kit:
    """Makes the clients of one round of a scenario. ``replaying`` rounds have no credentials at all.

    ``seen`` is for what a scenario's own callbacks observe; it is part of the outcome. ``live_only``
    counts what may happen live and must not happen on replay. ``made`` is what ``before`` returned,
    ``double`` the provider of a live round.
    """

    url: str
    replaying: bool = False
    double: ProviderDouble | None = None
    seen: list[Any] = field(default_factory=list)
    live_only: list[str] = field(default_factory=list)
    made: Any = None
    workspace: Any = None
    _clients: list[Any] = field(default_factory=list)

    def client(self, name: str, **options: Any) -> Any:
        """A client by its name in :data:`CLIENTS`."""
        return CLIENTS[name](self, **options)

    def openai(self, **options: Any) -> Any:
        return self._client("openai", "OpenAI", f"{self.url}/v1", options)

    def async_openai(self, **options: Any) -> Any:
        return self._client("openai", "AsyncOpenAI", f"{self.url}/v1", options)

    def anthropic(self, **options: Any) -> Any:
        return self._client("anthropic", "Anthropic", self.url, options)

    def async_anthropic(self, **options: Any) -> Any:
        return self._client("anthropic", "AsyncAnthropic", self.url, options)

    def made_of(self, module: str, name: str, **options: Any) -> Any:
        """A client of any class of an SDK."""
        return self._client(module, name, None, options)

    def groq(self, name: str = "Groq", **options: Any) -> Any:
        return self._client(
            "groq", name, self.url, self._key("gsk_Tr4ceOpsGroqKey0123456789abcdefghijklmnop") | options
        )

    def async_groq(self, **options: Any) -> Any:
        return self.groq("AsyncGroq", **options)

    def together(self, name: str = "Together", **options: Any) -> Any:
        key = self._key("tgp_v1_Tr4ceOpsTogetherKey0123456789abcdefghij")
        return self._client("together", name, f"{self.url}/v1", key | options)

    def async_together(self, **options: Any) -> Any:
        return self.together("AsyncTogether", **options)

    def cerebras(self, name: str = "Cerebras", **options: Any) -> Any:
        # Unasked, it calls its server once when it is made.
        warm = {"warm_tcp_connection": False}
        key = self._key("csk-Tr4ceOpsCerebrasKey0123456789abcdefghijklmnop")
        return self._client("cerebras.cloud.sdk", name, self.url, warm | key | options)

    def async_cerebras(self, **options: Any) -> Any:
        return self.cerebras("AsyncCerebras", **options)

    def _key(self, key: str) -> dict[str, str]:
        return {} if self.replaying else {"api_key": key}

    def azure(self, name: str = "AzureOpenAI", **options: Any) -> Any:
        options = {"api_version": "2025-04-01-preview", "azure_endpoint": self.url} | options
        if not self.replaying and "azure_ad_token_provider" not in options:
            options["api_key"] = "azure-key-0123456789abcdef0123456789abcdef"
        return self._client("openai", name, None, options)

    def async_azure(self, **options: Any) -> Any:
        return self.azure("AsyncAzureOpenAI", **options)

    def bedrock(self, name: str = "AnthropicBedrock", **options: Any) -> Any:
        options = {"aws_region": "us-east-1"} | options
        if not self.replaying:
            options |= {"aws_access_key": "AKIAIOSFODNN7EXAMPLE", "aws_secret_key": AWS_SECRET}
        return self._client("anthropic", name, self.url, options)

    def async_bedrock(self, **options: Any) -> Any:
        return self.bedrock("AsyncAnthropicBedrock", **options)

    def vertex(self, name: str = "AnthropicVertex", **options: Any) -> Any:
        options = {"region": "us-east5", "project_id": "a-project"} | options
        if not self.replaying:
            options["access_token"] = "ya29.Tr4ceOpsVertexTokenThatMustNeverBeStored"
        return self._client("anthropic", name, f"{self.url}/v1", options)

    def async_vertex(self, **options: Any) -> Any:
        return self.vertex("AsyncAnthropicVertex", **options)

    def _client(self, module: str, name: str, base_url: str | None, options: dict[str, Any]) -> Any:
        cls = getattr(importlib.import_module(module), name)
        base = {} if base_url is None else {"base_url": base_url}
        client = cls(**({"max_retries": 0, "timeout": 10.0} | base | options))
        self._clients.append(client)
        return client

    async def arrived(self, requests: int) -> None:
        """Wait until that many requests have reached the provider; on replay, a moment."""
        await asyncio.sleep(0.05)
        while self.double is not None and self.double.hits < requests:  # noqa: ASYNC110  it runs in threads
            await asyncio.sleep(0.01)

    def close(self) -> None:
        """Close the sync clients made."""
        for client in self._clients:
            if not inspect.iscoroutinefunction(client.close):
                client.close()

    async def aclose(self) -> None:
        """Close every client made."""
        self.close()
        for client in self._clients:
            if inspect.iscoroutinefunction(client.close):
                await client.close()


CLIENTS: dict[str, Callable[..., Any]] = {
    "openai": Kit.openai,
    "async_openai": Kit.async_openai,
    "anthropic": Kit.anthropic,
    "async_anthropic": Kit.async_anthropic,
    "groq": Kit.groq,
    "async_groq": Kit.async_groq,
    "together": Kit.together,
    "async_together": Kit.async_together,
    "cerebras": Kit.cerebras,
    "async_cerebras": Kit.async_cerebras,
    "azure": Kit.azure,
    "async_azure": Kit.async_azure,
    "bedrock": Kit.bedrock,
    "async_bedrock": Kit.async_bedrock,
    "vertex": Kit.vertex,
    "async_vertex": Kit.async_vertex,
}


@dataclass(frozen=True)
class Scenario:
    """One use of an SDK. ``needs`` are dotted attributes of clients without which it is skipped."""

    name: str
    run: Callable[[Kit], Any]
    needs: tuple[str, ...] = ()
    faults: tuple[Fault | None, ...] = ()
    turns: tuple[Turn, ...] = ()
    before: Callable[[Kit], Any] | None = None
    unless: Callable[[], str | None] | None = None
    gzip: bool = False
    event_delay: float = 0.0

    @property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.run)

    def missing(self, kit: Kit) -> str | None:
        """Why the installed SDKs cannot play this scenario; ``None`` if they can."""
        for need in self.needs:
            name, *path = need.split(".")
            try:
                found = kit.client(name)
            except (ImportError, AttributeError):
                return f"no {name} client"
            for part in path:
                found = getattr(found, part, None)
                if found is None:
                    return f"this version has no {need}"
        return self.unless() if self.unless else None


SCENARIOS: list[Scenario] = []


def scenario(name: str = "", **options: Any) -> Callable[[Callable[[Kit], Any]], Callable[[Kit], Any]]:
    """Enter a function of a kit, plain or ``async``, in the registry."""

    def enter(run: Callable[[Kit], Any]) -> Callable[[Kit], Any]:
        SCENARIOS.append(Scenario(name or run.__name__, run, **_tupled(options)))
        return run

    return enter


def each(
    client: str, feature: str = "", **options: Any
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Enter a function of a client twice: for the sync client and for the async one, awaited there.

    A stream that comes back is read to its end. ``feature`` is what the client must have.
    """

    def enter(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        needs = tuple(f"{name}.{feature}".rstrip(".") for name in (client, f"async_{client}"))

        def sync(kit: Kit) -> Any:
            return settle(call(kit.client(client)))

        async def asynchronous(kit: Kit) -> Any:
            return await asettle(call(kit.client(f"async_{client}")))

        rest = _tupled(options)
        more = rest.pop("needs", ())
        SCENARIOS.append(Scenario(f"{client}-{call.__name__}", sync, needs=(needs[0], *more), **rest))
        SCENARIOS.append(
            Scenario(f"async_{client}-{call.__name__}", asynchronous, needs=(needs[1], *more), **rest)
        )
        return call

    return enter


def _tupled(options: dict[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for key, value in options.items()
    }


def settle(value: Any) -> Any:
    """A result as it is; of a stream, everything in it."""
    if hasattr(value, "__next__") and hasattr(value, "response"):
        return collect(value)
    return value


async def asettle(value: Any) -> Any:
    """As :func:`settle`, awaiting first."""
    if inspect.isawaitable(value):
        value = await value
    if hasattr(value, "__anext__") and hasattr(value, "response"):
        return await acollect(value)
    return value


def collect(stream: Any, limit: int | None = None) -> Any:
    """The items of a stream, at most ``limit``, and the state of its response after them."""
    items: list[Any] = []
    try:
        for item in stream:
            items.append(item)
            if len(items) == limit:
                break
    except Exception as error:
        return Raised(error, items)
    return {"class": type(stream), "items": items, "response": getattr(stream, "response", None)}


async def acollect(stream: Any, limit: int | None = None) -> Any:
    """As :func:`collect`, of an async stream."""
    items: list[Any] = []
    try:
        async for item in stream:
            items.append(item)
            if len(items) == limit:
                break
    except Exception as error:
        return Raised(error, items)
    return {"class": type(stream), "items": items, "response": getattr(stream, "response", None)}


def attempt(call: Callable[[], Any]) -> Any:
    """The result of a call, or its exception."""
    try:
        return settle(call())
    except Exception as error:
        return Raised(error)


async def aattempt(awaitable: Any) -> Any:
    """The result of an awaitable, or its exception."""
    try:
        return await asettle(awaitable)
    except Exception as error:
        return Raised(error)


def pieces(iterator: Iterator[Any]) -> list[Any]:
    return list(iterator)


async def apieces(iterator: AsyncIterator[Any]) -> list[Any]:
    return [piece async for piece in iterator]
