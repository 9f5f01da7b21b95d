"""A server of this machine for this machine, until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn

from trace_ops.errors import UsageError
from trace_ops.ui.index import Index
from trace_ops.ui.server import Application

_LOOPBACK = "127.0.0.1"


class _Server(uvicorn.Server):
    """Lets go of those who watch when it is asked to end, and does not wait for them."""

    def __init__(self, config: uvicorn.Config, ended: Callable[[], None], ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ended, self._ready = ended, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._ended()
        super().handle_exit(sig, frame)


def listen(port: int) -> socket.socket:
    """A socket on loopback, at a free port for the number 0; raises :class:`UsageError` for one in use."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_LOOPBACK, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise UsageError(
            f"port {port} cannot be had: {reason}; without --port a free one is taken"
        ) from error
    return listener


def address(listener: socket.socket) -> str:
    """Where a browser finds it."""
    return f"http://{_LOOPBACK}:{listener.getsockname()[1]}/"


def serve(listener: socket.socket, root: Path, title: str, ready: Callable[[], None]) -> None:
    """Serve a folder until the process is interrupted; ``ready`` is called once somebody can come."""
    application = Application(Index(root, title))
    config = uvicorn.Config(
        application,
        access_log=False,
        lifespan="off",
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ws="none",
    )
    with suppress(KeyboardInterrupt):  # uvicorn passes on what it ended for
        _Server(config, application.end, ready).run(sockets=[listener])
