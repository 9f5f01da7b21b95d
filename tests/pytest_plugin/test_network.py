"""The network guard."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.pytest_plugin.conftest import Project
from trace_ops.errors import BlockedNetworkError
from trace_ops.pytest_plugin.network import Guard, blocked_network

AWAY = ("192.0.2.1", 443)  # TEST-NET-1: no host has it


def tcp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def connect() -> None:
    with tcp() as opened:
        opened.connect(AWAY)


def connect_ex() -> None:
    with tcp() as opened:
        opened.connect_ex(AWAY)


def sendto() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.sendto(b"x", AWAY)


def sendmsg() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.sendmsg([b"x"], [], 0, AWAY)


def connect_v6() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as opened:
        opened.connect(("2001:db8::1", 443))


def create_connection() -> None:
    socket.create_connection(("api.example.com", 443), timeout=1)


def resolve() -> None:
    socket.gethostbyname("api.example.com")


def with_asyncio() -> None:
    asyncio.run(asyncio.wait_for(_open(), 5))


async def _open() -> None:
    await asyncio.open_connection("api.example.com", 443)


@pytest.mark.parametrize(
    ("attempt", "address"),
    [
        (connect, "192.0.2.1:443"),
        (connect_ex, "192.0.2.1:443"),
        (sendto, "192.0.2.1:443"),
        (sendmsg, "192.0.2.1:443"),
        (connect_v6, "[2001:db8::1]:443"),
        (create_connection, "api.example.com:443"),
        (resolve, "api.example.com"),
        (with_asyncio, "api.example.com:443"),
    ],
)
def test_every_way_out_is_refused_by_name(attempt: Callable[[], None], address: str) -> None:
    guard = Guard("test_app.py::test_one")

    with blocked_network(guard), pytest.raises(BlockedNetworkError) as raised:
        attempt()

    assert str(raised.value).startswith(
        f"test_app.py::test_one tried to reach {address}, and the network is blocked"
    )
    assert dict(guard.refused) == {address: 1}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_stays_open(host: str) -> None:
    with blocked_network(Guard("t")), socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()


def test_socketpairs_unix_sockets_and_event_loops_stay_open(tmp_path_factory: pytest.TempPathFactory) -> None:
    with blocked_network(Guard("t")):
        for end in socket.socketpair():
            end.close()
        asyncio.run(asyncio.sleep(0))
        if hasattr(socket, "AF_UNIX"):
            path = str(tmp_path_factory.mktemp("s") / "s")
            with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
                server.bind(path)
                server.listen()
                client.connect(path)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        (["api.example.com"], "API.example.com"),
        (["*.example.com"], "api.example.com"),
        (["192.0.2.1"], "192.0.2.1"),
        (["192.0.2.0/24"], "192.0.2.77"),
        (["2001:db8::/32"], "2001:db8::1"),
        ([], "::1"),
        ([], "::ffff:127.0.0.1"),
        ([], "0.0.0.0"),
        ([], None),
    ],
)
def test_allowed_hosts(allowed: list[str], host: Any) -> None:
    Guard("t", allowed).check(host, 443)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        (["example.com"], "api.example.com"),
        (["example.com"], "example.com.evil.org"),
        (["10.0.0.0/8"], "11.0.0.1"),
    ],
)
def test_hosts_that_are_only_like_allowed_ones_are_refused(allowed: list[str], host: str) -> None:
    with pytest.raises(BlockedNetworkError):
        Guard("t", allowed).check(host, 443)


def test_addresses_of_an_allowed_name_are_open() -> None:
    guard = Guard("t", ["api.example.com"])
    guard.resolved([(socket.AF_INET, socket.SOCK_STREAM, 6, "", AWAY)])

    guard.check(*AWAY)


def test_all_is_as_before_afterwards_and_guards_nest() -> None:
    names = ("connect", "connect_ex", "sendto", "sendmsg")
    before = (
        [getattr(socket.socket, name) for name in names],
        dict(socket.socket.__dict__),
        socket.getaddrinfo,
    )

    with blocked_network(Guard("outer")):
        with blocked_network(Guard("inner")), pytest.raises(BlockedNetworkError, match="inner"):
            connect()
        with pytest.raises(BlockedNetworkError, match="outer"):
            connect()

    assert before == (
        [getattr(socket.socket, name) for name in names],
        dict(socket.socket.__dict__),
        socket.getaddrinfo,
    )


REACH = """
    import socket

    {marker}
    def test_reach():
        socket.create_connection(("192.0.2.1", 443), timeout=0.01)
"""


@pytest.mark.parametrize("how", ["option", "ini", "marker"])
def test_a_test_that_reaches_out_fails_with_its_name(project: Project, how: str) -> None:
    project.write(REACH.format(marker="@pytest.mark.trace_block_network" if how == "marker" else ""))
    project.ini(*(["trace_block_network = true"] if how == "ini" else []))

    result = project.run(*(["--trace-block-network"] if how == "option" else []), failed=1)

    result.stdout.fnmatch_lines(
        [
            "E *BlockedNetworkError: *::test_reach tried to reach 192.0.2.1:443, and the network is *",
            "BLOCKED test_app.py::test_reach: 192.0.2.1:443 (once); *trace_allowed_hosts=192.0.2.1",
        ]
    )


def test_a_marker_can_let_hosts_through_or_take_the_guard_down(project: Project) -> None:
    project.write(
        """
        import socket

        def reach():
            with pytest.raises(OSError) as raised:
                socket.create_connection(("192.0.2.1", 443), timeout=0.01)
            return type(raised.value).__name__

        def test_blocked():
            assert reach() == "BlockedNetworkError"

        @pytest.mark.trace_block_network(allowed_hosts=["192.0.2.1"])
        def test_allowed():
            assert reach() != "BlockedNetworkError"

        @pytest.mark.trace_block_network(False)
        def test_open():
            assert reach() != "BlockedNetworkError"
        """
    )

    project.run("--trace-block-network", passed=3)


def test_a_test_that_records_gets_through_and_one_that_replays_does_not(project: Project) -> None:
    project.write(
        """
        import socket

        def test_one(cassette):
            ask("hello")
            with pytest.raises(OSError) as raised:
                socket.create_connection(("192.0.2.1", 443), timeout=0.01)
            print(type(raised.value).__name__)
        """
    )

    assert "BlockedNetworkError" not in project.run("-s", "--trace-block-network", passed=1).stdout.str()
    project.run("-s", "--trace-block-network", passed=1).stdout.fnmatch_lines(["*BlockedNetworkError*"])
