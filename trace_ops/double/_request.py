"""A request as the double received it, and what an endpoint needs to answer it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from functools import cached_property
from typing import Any, Literal
from urllib.parse import parse_qs

Dialect = Literal[
    "openai", "azure", "anthropic", "bedrock", "vertex", "google", "mistral", "cohere", "ollama"
]
"""Whose error bodies and headers an endpoint speaks."""


@dataclass(frozen=True)
class ReceivedRequest:
    """One request: header names are in lower case, ``path`` has no query."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body; ``None`` if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def digest(self) -> str:
        """A hash of what was asked; the same for the same multipart form whatever its boundary."""
        body = self.body
        found = re.search(r'boundary="?([^";]+)', self.headers.get("content-type", ""))
        if found:
            body = body.replace(found.group(1).encode(), b"boundary")
        return hashlib.sha256(f"{self.method} {self.path}?{self.query}\n".encode() + body).hexdigest()


@dataclass(frozen=True)
class FormPart:
    """One part of a multipart form."""

    name: str
    filename: str | None
    content_type: str
    content: bytes


class Mint:
    """Fresh ids for one answer: the same for the n-th same request, whatever else is under way."""

    def __init__(self, seed: str, created: int) -> None:
        self._seed = seed
        self._count = 0
        self.created = created

    def __call__(self, prefix: str, length: int = 24) -> str:
        """Return ``prefix`` and ``length`` letters and digits, different on every call."""
        self._count += 1
        digest = hashlib.sha512(f"{self._seed}/{self._count}".encode()).digest()
        number = int.from_bytes(digest, "big")
        alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        letters = []
        for _ in range(length):
            number, rest = divmod(number, 62)
            letters.append(alphabet[rest])
        return prefix + "".join(letters)

    def hex(self, prefix: str = "", length: int = 32) -> str:
        """Return ``prefix`` and ``length`` hexadecimal digits."""
        self._count += 1
        return prefix + hashlib.sha512(f"{self._seed}/{self._count}".encode()).hexdigest()[:length]


@dataclass
class Incoming:
    """A request on its way to an endpoint. ``store`` is shared by all requests to one double."""

    request: ReceivedRequest
    dialect: Dialect
    groups: Mapping[str, str]
    mint: Mint
    author: Callable[[Any], Any]
    store: dict[str, Any]
    base_url: str
    query: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.query = {name: values[-1] for name, values in parse_qs(self.request.query).items()}

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object sent; ``{}`` if there is none."""
        value = self.request.json
        return value if isinstance(value, dict) else {}

    @cached_property
    def form(self) -> list[FormPart]:
        """The parts of the multipart form sent."""
        head = f"content-type: {self.request.headers.get('content-type', '')}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.request.body)
        return [
            FormPart(
                name=str(part.get_param("name", "", "content-disposition")),
                filename=part.get_filename(),
                content_type=part.get_content_type(),
                content=bytes(part.get_payload(decode=True) or b""),
            )
            for part in message.iter_parts()
        ]

    def field(self, name: str, default: str = "") -> str:
        """The text of a form field."""
        return next((part.content.decode() for part in self.form if part.name == name), default)
