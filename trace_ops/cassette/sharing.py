"""Which sub-trees of a document repeat, and the anchor each is written under."""

from __future__ import annotations

import hashlib
import marshal
import re
from collections.abc import Sequence
from itertools import repeat
from typing import Any

SMALLEST = 40
"""Texts of fewer characters are written again rather than referred to."""

_SMALLEST_CONTAINER = 60
_LONG_KEY = 4096
_LONGEST_NAME = 12
_WORD = re.compile(r"[A-Za-z0-9]+")


class Sharing:
    """The repeated strings, mappings and sequences in a list of spans.

    They are counted as they will be written: a sub-tree that is written as an alias is not looked into. So
    the largest ones are shared, and every anchor has an alias.

    Anchors are named after the field that the value stands in (its last word), and counted name by name:
    neither spans that go or come, nor a value of another field that repeats now, rename them all.
    """

    def __init__(self, spans: Sequence[Any]) -> None:
        self._key_of: dict[int, bytes] = {}
        # By text or by key of container, in the order of first appearance: how often, and in which field.
        self._seen: dict[str | bytes, tuple[int, str]] = {}
        for span in spans:
            self._look_into(span, "span")
        self._anchors = self._named()

    def anchor(self, value: Any) -> str | None:
        """The anchor of a string or container that is written more than once."""
        return self._anchors.get(value if type(value) is str else self._key_of.get(id(value), b""))

    def _named(self) -> dict[str | bytes, str]:
        anchors: dict[str | bytes, str] = {}
        serial: dict[str, int] = {}
        for key, (times, field) in self._seen.items():
            if times > 1:
                stem = (_WORD.findall(field[-_LONGEST_NAME:]) or ["value"])[-1]
                serial[stem] = serial.get(stem, 0) + 1
                anchors[key] = f"{stem}-{serial[stem]}"
        return anchors

    def _look_into(self, container: Any, field: str) -> None:
        seen = self._seen
        # The items of a list stand in the field of the list.
        is_dict = type(container) is dict
        for place, item in container.items() if is_dict else zip(repeat(field), container, strict=False):
            kind = type(item)
            if kind is str:
                if len(item) >= SMALLEST:
                    known = seen.get(item)
                    seen[item] = (1, place) if known is None else (known[0] + 1, known[1])
            elif kind is dict or kind is list:
                self._container(item, place)

    def _container(self, container: Any, field: str) -> None:
        key = self._key_of.get(id(container)) or key_of(container)
        if len(key) >= _SMALLEST_CONTAINER:
            self._key_of[id(container)] = key
            known = self._seen.get(key)
            if known is not None:
                self._seen[key] = (known[0] + 1, known[1])
                return
            self._seen[key] = (1, field)
        self._look_into(container, field)


def key_of(container: Any) -> bytes:
    """What is equal for equal containers only: 1, 1.0 and true differ, and the order of keys counts.

    Version 2 of marshal's format depends on the values alone; it is used for its speed and not kept.
    """
    key = marshal.dumps(container, 2)
    return key if len(key) <= _LONG_KEY else hashlib.blake2b(key, digest_size=64).digest()
