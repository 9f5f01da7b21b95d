"""What the made-up SDKs talk to; each counts what it is asked."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any


class Server(socketserver.ThreadingTCPServer):
    """A server that counts, and fails the first requests for it."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, handler: Any) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.asked, self.busy = 0, 2

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Acme(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        server.asked += 1
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt, status = asked["prompt"], 200
        usage = {"prompt_tokens": 3, "completion_tokens": 2}
        answer: Any = {"model": "acme-1", "text": f"You said {prompt}.", "usage": usage}
        if prompt == "too long":
            status, answer = 400, {"told": "the prompt is too long"}
        if prompt == "busy" and server.busy:
            server.busy -= 1
            status, answer = 503, {"told": "busy"}
        lines = [json.dumps({"word": word}) + "\n" for word in f"You said {prompt}.".split()]
        text = "".join(lines) if asked.get("stream") else json.dumps(answer)
        self.send_response(status)
        kind = "x-ndjson" if asked.get("stream") else "json"
        self.send_header("content-type", f"application/{kind}")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


class Radio(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        server.asked += 1
        path, asked = json.loads(self.rfile.readline())
        words = f"Roger, {asked['prompt']}.".split()
        if path == "/radio/say":
            answers: list[Any] = [{"model": "radio-1", "text": " ".join(words)}]
        else:
            answers = [{"word": word} for word in words]
        for answer in [*answers, *([{"lost": True}] if asked["prompt"] == "tunnel" else [])]:
            self.wfile.write(json.dumps(answer).encode() + b"\n")


@contextmanager
def served(handler: Any) -> Iterator[Server]:
    with Server(handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
