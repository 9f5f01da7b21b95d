"""A made-up SDK with a transport of its own: a line of JSON to a socket, lines of JSON back."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any


class RadioError(Exception):
    pass


class Connection:
    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, body: bytes) -> bytes:
        return b"".join(self._lines(path, body))

    def listen(self, path: str, body: bytes) -> Iterator[bytes]:
        return self._lines(path, body)

    def _lines(self, path: str, body: bytes) -> Iterator[bytes]:
        with socket.create_connection(("127.0.0.1", self.port)) as peer, peer.makefile("rwb") as file:
            file.write(json.dumps([path, json.loads(body)]).encode() + b"\n")
            file.flush()
            for line in file:
                if b'"lost"' in line:
                    raise RadioError("the signal is lost")
                yield line


class Client:
    def __init__(self, port: int) -> None:
        self.connection = Connection(port)

    def say(self, prompt: str) -> Any:
        return json.loads(self.connection.ask("/radio/say", json.dumps({"prompt": prompt}).encode()))

    def follow(self, prompt: str) -> Iterator[Any]:
        for line in self.connection.listen("/radio/follow", json.dumps({"prompt": prompt}).encode()):
            yield json.loads(line)["word"]
