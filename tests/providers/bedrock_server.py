"""A local server in place of Bedrock's runtime: Converse and invoke, whole and streamed, and faults."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote

from trace_ops.wire.eventstream import CONTENT_TYPE, frame_of


class Fault(NamedTuple):
    """What goes wrong with one request.

    An error is answered, any answer comes after a wait, a stream breaks off after some bytes, has an
    exception among its events, or stalls after three of them.
    """

    status: int = 200
    error: str = ""
    wait: float = 0.0
    cut_after: int | None = None
    fails_with: str = ""
    stall: float = 0.0


def event(kind: str, data: dict[str, Any]) -> bytes:
    return frame_of(f"event: {kind}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n")


class BedrockServer(ThreadingHTTPServer):
    """Serves on ``127.0.0.1`` as a context manager; ``requests`` are the paths and bodies that arrived."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.requests: list[tuple[str, Any]] = []
        self.faults: list[Fault | None] = []
        self.delay = 0.0
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def reset(self, *faults: Fault | None) -> None:
        self.requests.clear()
        self.faults = list(faults)

    def __enter__(self) -> BedrockServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests want."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: BedrockServer

    def log_message(self, *_: Any) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Mon, 02 Feb 2026 08:00:00 GMT"

    def do_POST(self) -> None:
        path = unquote(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or "null")
        self.server.requests.append((path, body))
        fault = self.server.faults.pop(0) if self.server.faults else None
        fault = fault or Fault()
        time.sleep(fault.wait)
        number = len(self.server.requests)
        if fault.error:
            return self._whole(fault.status, {"message": f"{fault.error} it is"}, fault.error)
        verb = path.rpartition("/")[2]
        model = path.split("/")[-2]
        if verb in ("converse-stream", "invoke-with-response-stream"):
            events = list(_converse_events(body)) if verb == "converse-stream" else list(_chunks(body))
            if fault.fails_with:
                events[3:] = [_exception(fault.fails_with)]
            return self._stream(events, fault, model)
        answer = _converse(body, number) if verb == "converse" else {"echo": body, "number": number}
        return self._whole(200, answer, cut_after=fault.cut_after)

    def _whole(self, status: int, answer: Any, error: str = "", cut_after: int | None = None) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("x-amzn-RequestId", f"0d9a3f4e-{len(self.server.requests):04d}")
        self.send_header("X-Amzn-Bedrock-Input-Token-Count", "12")
        if error:
            self.send_header("x-amzn-ErrorType", f"{error}:http://internal.amazon.com/coral/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if cut_after is None else content[:cut_after])
        self.close_connection = cut_after is not None

    def _stream(self, frames: Sequence[bytes], fault: Fault, model: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("X-Amzn-Bedrock-Content-Type", "application/json")
        self.send_header("x-amzn-RequestId", f"77a0-{len(self.server.requests):04d}")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        left = 1 << 30 if fault.cut_after is None else fault.cut_after
        for number, frame in enumerate(frames):
            time.sleep(fault.stall if number == 3 else 0)
            piece = frame[:left]
            left -= len(piece)
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if len(piece) < len(frame):
                self.close_connection = True
                return
            time.sleep(self.server.delay)
        self.wfile.write(b"0\r\n\r\n")


def _text_of(body: Any) -> str:
    return "".join(part.get("text", "") for part in body["messages"][-1]["content"])


def _converse(body: Any, number: int) -> dict[str, Any]:
    said = _text_of(body)
    content: list[dict[str, Any]] = [{"text": f"You said {said}, in request {number}. Größe: 1.50 €"}]
    if "toolConfig" in body:
        asked = {"toolUseId": "tooluse_xz2mkhFbJQ7q4uK0Gz5Qku", "name": "weather"}
        content.append({"toolUse": asked | {"input": {"city": "Aachen"}}})
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "tool_use" if "toolConfig" in body else "end_turn",
        "usage": {"inputTokens": 12, "outputTokens": 7, "totalTokens": 19},
        "metrics": {"latencyMs": 311},
    }


def _converse_events(body: Any) -> Iterator[bytes]:
    yield event("messageStart", {"p": "abcdefg", "role": "assistant"})
    for word in ("You ", "said ", _text_of(body), " äöü"):
        yield event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}, "p": "abc"})
    yield event("contentBlockStop", {"contentBlockIndex": 0})
    yield event("messageStop", {"stopReason": "end_turn"})
    usage = {"inputTokens": 12, "outputTokens": 7, "totalTokens": 19}
    yield event("metadata", {"metrics": {"latencyMs": 311}, "usage": usage})


def _chunks(body: Any) -> Iterator[bytes]:
    for part in (
        {"type": "message_start"},
        {"delta": {"text": "äh"}},
        {"echo": body},
        {"type": "message_stop"},
    ):
        yield event("chunk", part)


def _exception(kind: str) -> bytes:
    return frame_of(f'event: exception {kind}\ndata: {{"message":"{kind} it is"}}\n\n')
