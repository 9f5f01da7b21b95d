"""Which sub-trees of a document repeat, and the anchor each is written under."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SMALLEST = 40
"""Sub-trees of fewer characters are written again rather than referred to."""

_MAPPING, _SEQUENCE, _TRUE, _FALSE = "{}", "[]", object(), object()


class Node:
    """One distinct sub-tree; equal sub-trees of a document are the same node.

    ``times`` counts how often it would be written, were repeated sub-trees that contain it written once.
    """

    __slots__ = ("anchor", "children", "size", "times")

    def __init__(self, children: Sequence[Node], size: int) -> None:
        self.children = children
        self.size = size
        self.times = 0
        self.anchor: str | None = None


class Sharing:
    """The repeated strings, mappings and sequences in a list of spans."""

    def __init__(self, spans: Sequence[Any]) -> None:
        self._by_key: dict[Any, Node] = {}
        self._by_id: dict[int, Node] = {}
        order: list[tuple[int, Node]] = []
        for number, span in enumerate(spans, 1):
            children: list[Node] = []
            self._key(span, children)
            first: list[Node] = []
            for child in children[-1].children if children else ():
                _count(child, first)
            order += ((number, node) for node in first)
        self._name(order)

    def anchor(self, value: Any) -> str | None:
        """The anchor of a string or container that is written more than once."""
        node = self._by_key.get(value) if type(value) is str else self._by_id.get(id(value))
        return None if node is None else node.anchor

    def _name(self, order: list[tuple[int, Node]]) -> None:
        serial: dict[int, int] = {}
        for span, node in order:
            if node.times > 1:
                serial[span] = serial.get(span, 0) + 1
                node.anchor = f"s{span}-{serial[span]}"

    def _key(self, value: Any, siblings: list[Node]) -> tuple[Any, int]:
        """What makes a container equal to another, and its size; large ones join ``siblings``."""
        node = self._by_id.get(id(value))
        if node is not None:
            siblings.append(node)
            return node, node.size
        children: list[Node] = []
        size = 2
        parts: list[Any]
        if type(value) is dict:
            parts = [_MAPPING, *value]
            size += 4 * len(value) + sum(map(len, value))
            items = value.values()
        else:
            parts = [_SEQUENCE]
            size += 2 * len(value)
            items = value
        for item in items:
            kind = type(item)
            if kind is str:
                parts.append(item)
                size += len(item)
                if len(item) >= SMALLEST:
                    children.append(self._string(item))
            elif item is None:
                parts.append(None)
                size += 4
            elif kind is dict or kind is list:
                part, more = self._key(item, children)
                parts.append(part)
                size += more
            else:
                parts.append(_atom(item))
                size += 5
        key = tuple(parts)
        if size < SMALLEST:
            return key, size
        node = self._by_key.get(key)
        if node is None:
            node = self._by_key[key] = Node(children, size)
        self._by_id[id(value)] = node
        siblings.append(node)
        return node, size

    def _string(self, text: str) -> Node:
        node = self._by_key.get(text)
        if node is None:
            node = self._by_key[text] = Node((), len(text))
        return node


def _atom(value: Any) -> Any:
    """Keep apart what Python calls equal: 1, 1.0 and true; 0.0 and -0.0."""
    if type(value) is int:
        return value
    if type(value) is bool:
        return _TRUE if value else _FALSE
    return (float, repr(value))


def _count(node: Node, first: list[Node]) -> None:
    node.times += 1
    if node.times == 1:
        first.append(node)
        for child in node.children:
            _count(child, first)
