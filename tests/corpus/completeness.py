"""Whether what a wire body says is found again in the model that was read from it.

Every text and every number of the body has to be in the model, as often as one likes. Texts of the wire
that hold JSON (arguments of tools) may be there parsed, data in base64 by its hash. What else may be
missing, a test names with the reason.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

Leaf = str | int | float | bool
Where = tuple[str | int, ...]


def missing(body: Any, model: Any, *, exempt: Callable[[Where, Leaf], bool]) -> list[tuple[str, Leaf]]:
    """The leaves of a body, with where they stand, that a model lacks and that are not exempt."""
    there = _Found(model)
    return [
        (".".join(map(str, where)), leaf)
        for where, leaf in leaves(body)
        if not there.has(leaf) and not exempt(where, leaf)
    ]


def leaves(value: Any, where: Where = ()) -> Iterator[tuple[Where, Leaf]]:
    """Every text, number and truth value of plain data and of dataclasses, and where it stands."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*where, key))
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from leaves(item, (*where, at))
    elif value is not None and value != "":
        yield where, value


class _Found:
    def __init__(self, model: Any) -> None:
        self._known: set[tuple[bool, Leaf]] = {_key(leaf) for _, leaf in leaves(model)}
        self._texts = [leaf for _, leaf in leaves(model) if isinstance(leaf, str)]

    def has(self, leaf: Leaf) -> bool:
        if _key(leaf) in self._known:
            return True
        if not isinstance(leaf, str):
            return False
        return self._hashed(leaf) or self._parsed(leaf) or any(leaf in text for text in self._texts)

    def _hashed(self, text: str) -> bool:
        data = text.partition(";base64,")[2] or text
        for altchars in (None, b"-_"):
            try:
                raw = base64.b64decode(data, altchars, validate=True)
            except (binascii.Error, ValueError):
                raw = data.encode("utf-8", "surrogatepass")
            if _key(hashlib.sha256(raw).hexdigest()) in self._known:
                return True
        return False

    def _parsed(self, text: str) -> bool:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return not text.strip()
        return isinstance(value, (dict, list)) and all(self.has(leaf) for _, leaf in leaves(value))


def _key(leaf: Leaf) -> tuple[bool, Leaf]:
    """True is 1, and yet not the number."""
    return isinstance(leaf, bool), leaf
