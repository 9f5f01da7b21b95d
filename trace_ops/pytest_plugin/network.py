"""The network guard: while it is up, sockets reach this machine and allowed hosts, and nothing else."""

from __future__ import annotations

import fnmatch
import ipaddress
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest

from trace_ops.errors import BlockedNetworkError

BLOCKED: pytest.StashKey[Counter[str]] = pytest.StashKey()
"""On an item: the addresses it was refused, with how often."""


def guard_of(item: pytest.Item, enabled: bool, recording: Callable[[], bool]) -> AbstractContextManager[None]:
    """The guard for one test, by its marker and ini; it lets a test through that records."""
    allowed = list(item.config.getini("trace_allowed_hosts"))
    marker = item.get_closest_marker("trace_block_network")
    if marker is not None:
        enabled = bool(marker.args[0]) if marker.args else bool(marker.kwargs.get("enabled", True))
        given = marker.kwargs.get("allowed_hosts", ())
        allowed += [given] if isinstance(given, str) else list(given)
    if not enabled:
        return nullcontext()
    item.stash[BLOCKED] = refused = Counter[str]()
    return blocked_network(Guard(item.nodeid, allowed, recording, refused))


class Guard:
    """What is open for one test. Thread-safe, as far as counting is not exact science."""

    def __init__(
        self,
        test: str,
        allowed: Iterable[str] = (),
        recording: Callable[[], bool] = lambda: False,
        refused: Counter[str] | None = None,
    ) -> None:
        self.test = test
        self.refused: Counter[str] = Counter() if refused is None else refused
        self._recording = recording
        self._networks: list[Any] = []
        self._names: list[str] = []
        for host in allowed:
            try:
                self._networks.append(ipaddress.ip_network(host, strict=False))
            except ValueError:
                self._names.append(host.lower())
        self._resolved: set[str] = set()

    def check(self, host: Any, port: Any = None) -> None:
        """Raise :class:`BlockedNetworkError` unless a host, by name or address, is open."""
        name = _text(host)
        if name is None or self._is_open(name) or self._recording():
            return
        address = f"[{name}]" if ":" in name else name
        address = address if port in (None, "", 0) else f"{address}:{_text(port)}"
        self.refused[address] += 1
        raise BlockedNetworkError(
            f"{self.test} tried to reach {address}, and the network is blocked\n"
            f"  to replay the call: mark the test with pytest.mark.cassette, and run it with --record once\n"
            f"  to let it through: trace_allowed_hosts = {name}"
        )

    def resolved(self, addresses: Iterable[Any]) -> None:
        """An open name stands for these addresses."""
        self._resolved.update(str(address[4][0]) for address in addresses)

    def _is_open(self, name: str) -> bool:
        if name in self._resolved or is_local(name):
            return True
        try:
            address = ipaddress.ip_address(name.partition("%")[0])
        except ValueError:
            lowered = name.lower().rstrip(".")
            return any(fnmatch.fnmatchcase(lowered, pattern) for pattern in self._names)
        return any(address in network for network in self._networks)


def is_local(name: str) -> bool:
    """Whether a name or address means this machine; the empty and unspecified ones do."""
    lowered = name.lower().rstrip(".")
    if lowered in ("", "localhost", "localhost.localdomain", "ip6-localhost") or lowered.endswith(
        ".localhost"
    ):
        return True
    try:
        address = ipaddress.ip_address(lowered.partition("%")[0])
    except ValueError:
        return lowered == socket.gethostname().lower()
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or address.is_unspecified


@contextmanager
def blocked_network(guard: Guard) -> Iterator[None]:
    """Put a guard up for the whole process; afterwards everything is as it was, an outer guard too.

    What opens connections without Python's :mod:`socket` (uvloop, curl, database drivers) is not seen.
    """
    methods = {
        name: socket.socket.__dict__.get(name) for name in ("connect", "connect_ex", "sendto", "sendmsg")
    }
    functions = {name: getattr(socket, name) for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex")}
    for name in methods:
        if hasattr(socket.socket, name):
            setattr(socket.socket, name, _guarded_method(guard, name, getattr(socket.socket, name)))
    for name, function in functions.items():
        setattr(socket, name, _guarded_function(guard, name, function))
    try:
        yield
    finally:
        for name, method in methods.items():
            if method is not None:
                setattr(socket.socket, name, method)
            elif name in socket.socket.__dict__:  # it was inherited from the C class
                delattr(socket.socket, name)
        for name, function in functions.items():
            setattr(socket, name, function)


def _guarded_method(guard: Guard, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *args: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            address = _address(name, args)
            if address:
                guard.check(*address[:2])
        return original(self, *args)

    guarded.__name__ = name
    return guarded


def _address(name: str, args: tuple[Any, ...]) -> Any:
    """Where a call goes: the last argument of ``sendto``, the fourth of ``sendmsg``, else the first."""
    if name == "sendto":
        return args[-1] if len(args) > 1 else None
    if name == "sendmsg":
        return args[3] if len(args) > 3 else None
    return args[0] if args else None


def _guarded_function(guard: Guard, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    if name != "getaddrinfo":

        def guarded(host: str) -> Any:
            guard.check(host)
            return original(host)

        return guarded

    def guarded_getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        guard.check(host, port)
        found = original(host, port, *args, **kwargs)
        guard.resolved(found)
        return found

    return guarded_getaddrinfo


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.decode("ascii", "replace") if isinstance(value, (bytes, bytearray)) else str(value)
