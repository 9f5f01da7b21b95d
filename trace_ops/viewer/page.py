"""The page itself: one HTML file that holds its data in script elements, which are never run."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from trace_ops.errors import UsageError
from trace_ops.exporters.text import json_text

_PLACE = "<!--data-->"
_LARGE = 32 * 1024
"""From so many bytes on, a piece is compressed."""


@dataclass(frozen=True)
class Piece:
    """Some data of a page by its id: ``bundle``, ``run:KEY``, ``details:KEY``, ``comparison:KEY``.

    ``body`` is its JSON in UTF-8, as it is or compressed by gzip.
    """

    id: str
    body: bytes
    compressed: bool = False

    @classmethod
    def of(cls, name: str, value: Any) -> Piece:
        """A piece that holds a value; a large one is compressed."""
        body = json_text(value).encode()
        return cls(name, gzip.compress(body, 6, mtime=0), True) if len(body) >= _LARGE else cls(name, body)


def page(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The file, part by part."""
    head, tail = _template()
    yield head
    for piece in pieces:
        yield from _element(piece)
    yield tail


def _element(piece: Piece) -> Iterator[bytes]:
    if piece.compressed:
        yield f'<script type="application/octet-stream" id="{piece.id}" data-encoding="gzip">'.encode()
        yield base64.b64encode(piece.body)
    else:
        yield f'<script type="application/json" id="{piece.id}">'.encode()
        # In JSON this stands in texts only; escaped, nothing ends the element or begins another.
        yield piece.body.replace(b"<", b"\\u003c")
    yield b"</script>\n"


@cache
def _template() -> tuple[bytes, bytes]:
    """What comes before the data, and what comes after."""
    file = files("trace_ops.viewer") / "viewer.html"
    if not file.is_file():
        raise UsageError("the viewer's page is not built: run npm ci && npm run build in viewer/")
    head, place, tail = file.read_text("utf-8").partition(_PLACE)
    assert place, "the viewer's page has no place for data"
    return head.encode(), tail.encode()
