"""Which sub-trees of a document repeat, and the anchor each is written under."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Sequence
from typing import Any

SMALLEST = 40
"""Texts of fewer characters are written again rather than referred to."""

_SMALLEST_CONTAINER = 60
_LONG_KEY = 4096


class Sharing:
    """The repeated strings, mappings and sequences in a list of spans.

    They are counted as they will be written: a sub-tree that is written as an alias is not looked into. So
    the largest ones are shared, and every anchor has an alias.
    """

    def __init__(self, spans: Sequence[Any]) -> None:
        self._key_of: dict[int, bytes] = {}
        # By text or by key of container, in the order of first appearance: where that is, and how often.
        self._seen: dict[str | bytes, list[int]] = {}
        for number, span in enumerate(spans, 1):
            self._look_into(span, number)
        self._anchors = self._named()

    def anchor(self, value: Any) -> str | None:
        """The anchor of a string or container that is written more than once."""
        return self._anchors.get(value if type(value) is str else self._key_of.get(id(value), b""))

    def _named(self) -> dict[str | bytes, str]:
        serial: dict[int, int] = {}
        anchors: dict[str | bytes, str] = {}
        for key, (span, times) in self._seen.items():
            if times > 1:
                serial[span] = serial.get(span, 0) + 1
                anchors[key] = f"s{span}-{serial[span]}"
        return anchors

    def _look_into(self, container: Any, span: int) -> None:
        seen = self._seen
        for item in container.values() if type(container) is dict else container:
            kind = type(item)
            if kind is str:
                if len(item) >= SMALLEST:
                    known = seen.get(item)
                    if known is None:
                        seen[item] = [span, 1]
                    else:
                        known[1] += 1
            elif kind is dict or kind is list:
                self._container(item, span)

    def _container(self, container: Any, span: int) -> None:
        key = self._key_of.get(id(container)) or _key(container)
        if len(key) >= _SMALLEST_CONTAINER:
            self._key_of[id(container)] = key
            known = self._seen.get(key)
            if known is not None:
                known[1] += 1
                return
            self._seen[key] = [span, 1]
        self._look_into(container, span)


def _key(container: Any) -> bytes:
    """What is equal for equal containers only: 1, 1.0 and true differ, and the order of keys counts.

    Version 2 of marshal's format depends on the values alone; it is used for its speed and not kept.
    """
    key = marshal.dumps(container, 2)
    return key if len(key) <= _LONG_KEY else hashlib.blake2b(key, digest_size=64).digest()
