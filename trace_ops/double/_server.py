"""The double itself: a threaded HTTP server that answers, counts, and fails as told."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlsplit

from trace_ops.double import _dialects
from trace_ops.double._author import Author, Prompt, Turn, answer
from trace_ops.double._faults import CutStream, Fault, Garbled, HangUp, Slow, Stall, Status, StreamError
from trace_ops.double._reply import Rejection, Reply
from trace_ops.double._request import Incoming, Mint, ReceivedRequest
from trace_ops.double._routes import route


class ProviderDouble:
    """OpenAI, Anthropic (with Azure, Bedrock and Vertex) and others on ``127.0.0.1``, as a context manager.

    The others are Google, Mistral, Cohere and Ollama, told apart by path and by header.

    ``author`` writes the turns that :meth:`script` does not. Ids are fresh for every call, yet the same
    for the n-th same request after a :meth:`reset`, whatever runs in parallel; another ``seed`` gives
    other ids. ``clock`` dates the answers. ``gzip`` compresses the answers to clients that accept it.
    ``event_delay`` is the wait in seconds between the events of every stream.

    Safe to use from several threads. It checks no credentials.
    """

    def __init__(
        self,
        *,
        author: Author = answer,
        seed: str = "",
        clock: Callable[[], float] = time.time,
        gzip: bool = False,
        event_delay: float = 0.0,
        port: int = 0,
    ) -> None:
        self.author = author
        self.seed = seed
        self.clock = clock
        self.gzip = gzip
        self.event_delay = event_delay
        self._port = port
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._stopped = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget what was asked, scripted, queued and stored: the next answers are as the first."""
        with self._lock:
            self._requests: list[ReceivedRequest] = []
            self._faults: deque[Fault | None] = deque()
            self._turns: deque[Turn] = deque()
            self._seen: Counter[str] = Counter()
            self._store: dict[str, Any] = {}

    def script(self, *turns: Turn) -> None:
        """Queue the turns that the next calls for text get, one each."""
        with self._lock:
            self._turns.extend(turns)

    def fail(self, *faults: Fault | None) -> None:
        """Queue faults: each request from now on takes one; ``None`` lets that request pass."""
        with self._lock:
            self._faults.extend(faults)

    @property
    def url(self) -> str:
        """The root: ``base_url`` for Anthropic and Bedrock, ``azure_endpoint`` for Azure."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def openai_url(self) -> str:
        """``base_url`` for OpenAI; also for ``AnthropicVertex``."""
        return f"{self.url}/v1"

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests received, in order of arrival."""
        with self._lock:
            return list(self._requests)

    @property
    def hits(self) -> int:
        """How many requests were received."""
        with self._lock:
            return len(self._requests)

    def start(self) -> ProviderDouble:
        """Listen; after :meth:`stop`, again on the same port."""
        if self._server is None:
            self._stopped.clear()
            self._server = _Server(("127.0.0.1", self._port), self)
            self._port = self._server.server_address[1]
            # Short, because closing takes up to one interval.
            serve = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
            serve.start()
        return self

    def stop(self) -> None:
        """Refuse connections from now on, and break those that are open."""
        server, self._server = self._server, None
        if server is not None:
            self._stopped.set()
            server.shutdown()
            server.server_close()
            server.close_connections()

    def __enter__(self) -> ProviderDouble:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _receive(self, request: ReceivedRequest) -> tuple[Incoming, Reply, Fault | None]:
        with self._lock:
            self._requests.append(request)
            digest = request.digest
            self._seen[digest] += 1
            mint = Mint(f"{self.seed}/{digest}/{self._seen[digest]}", int(self.clock()))
            fault = self._faults.popleft() if self._faults else None
        endpoint, dialect, groups = route(request)
        incoming = Incoming(request, dialect, groups, mint, self._write, self._store, self.url)
        if isinstance(fault, Status):
            reply = _dialects.error(incoming, fault.code, fault.message)
            if fault.body is not None:
                reply.body = fault.body
            reply.headers |= fault.headers
        elif endpoint is None:
            reply = _dialects.error(incoming, 404, f"Invalid URL ({request.method} {request.path})")
        else:
            try:
                reply = endpoint(incoming)
            except Rejection as refused:
                reply = _dialects.error(incoming, refused.status, refused.message, refused.code)
        if isinstance(fault, Garbled):
            reply.body = reply.body[: len(reply.body) // 2]
        return incoming, reply, fault

    def _write(self, prompt: Prompt) -> Turn:
        with self._lock:
            if self._turns:
                return self._turns.popleft()
        return self.author(prompt)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], double: ProviderDouble) -> None:
        self.double = double
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def close_connections(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the client was quicker

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.request)

    def finish(self) -> None:
        self.server.connections.discard(self.request)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the requests are kept for whoever wants to see them."""

    def _answer(self) -> None:
        double = self.server.double
        incoming, reply, fault = double._receive(self._read())
        if isinstance(fault, HangUp):
            self._abort()
            return
        if isinstance(fault, Stall) and fault.after is None and double._stopped.wait(fault.seconds):
            self._abort()
            return
        headers = {"date": formatdate(double.clock(), usegmt=True), "content-type": reply.content_type}
        headers |= _dialects.headers(incoming) | reply.headers
        zipped = double.gzip and "gzip" in self.headers.get("accept-encoding", "")
        if zipped:
            headers["content-encoding"] = "gzip"
        if reply.events is None:
            body = gzip.compress(reply.body, 1, mtime=0) if zipped else reply.body
            headers["content-length"] = str(len(body))
            self.wfile.write(self._head(reply.status, headers) + body)
            return
        headers["transfer-encoding"] = "chunked"
        self.wfile.write(self._head(reply.status, headers))
        events = _faulty(reply.events, fault, incoming)
        pace = _Pace(fault, double)
        for place, event in enumerate(_zipped(events) if zipped else events):
            if not pace.wait(place):
                self._abort()
                return
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
        if isinstance(fault, CutStream):
            self._abort()
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: int, headers: dict[str, str]) -> bytes:
        phrase = self.responses.get(status, ("",))[0]
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _read(self) -> ReceivedRequest:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return ReceivedRequest(self.command, url.path, url.query, headers, body)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _abort(self) -> None:
        self.close_connection = True
        cast(socket.socket, self.connection).shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _answer


class _Pace:
    """When the next event of a stream may go out."""

    def __init__(self, fault: Fault | None, double: ProviderDouble) -> None:
        self._each = fault.seconds if isinstance(fault, Slow) else double.event_delay
        self._stall = fault if isinstance(fault, Stall) else None
        self._stopped = double._stopped

    def wait(self, place: int) -> bool:
        """Wait for the event's turn; ``False`` if the double was stopped meanwhile."""
        seconds = self._each if place else 0.0
        if self._stall is not None and self._stall.after == place:
            seconds += self._stall.seconds
        return not (seconds and self._stopped.wait(seconds))


def _faulty(events: list[bytes], fault: Fault | None, incoming: Incoming) -> list[bytes]:
    if isinstance(fault, CutStream):
        return events[: fault.after]
    if isinstance(fault, StreamError):
        return [*events[: fault.after], _dialects.error_event(incoming, fault.message)]
    return events


def _zipped(events: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for event in events:
        yield packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
