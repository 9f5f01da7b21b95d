"""Plain data as YAML for people to review: fixed layout, each repeated sub-tree written once.

PyYAML's emitter is not used: it chooses styles without regard to the reader of a diff, and takes five
times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trace_ops.cassette.scalars import block, one_line
from trace_ops.cassette.sharing import SMALLEST, Sharing

_WIDTH = 100
"""Mappings and sequences of simple values that fit into this stand on one line."""

END = "...\n"
"""YAML's own mark for the end of a document: a file without it was cut off."""

_SHORT = 64
_LONGEST_KEY = 120
_CONSTANTS = {True: "true", False: "false"}

_Text = tuple[str, bool]
"""YAML text, and whether it may stand inside ``[]`` and ``{}``."""


def write(document: Mapping[str, Any]) -> str:
    """Write a document; sub-trees that repeat within its ``spans`` become anchors and aliases.

    The same data always gives the same text, and ``yaml.safe_load`` reads the same data from it.
    """
    return _Writer(Sharing(document.get("spans") or ())).document(document)


class _Writer:
    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing
        self._written: set[str] = set()
        self._lines: dict[str, _Text] = {}

    def document(self, document: Mapping[str, Any]) -> str:
        lines = []
        for key, value in document.items():
            if key == "spans" and value:
                lines.append("spans:")
                lines += (f"- {self._block(span, '  ')[3:]}" for span in value)
            else:
                text, _ = self._value(value, "", in_mapping=True)
                lines.append(f"{key}:{text}" if text[0] == "\n" else f"{key}: {text}")
        return "\n".join([*lines, END])

    def _value(self, value: Any, pad: str, in_mapping: bool) -> _Text:
        """Write a value of the container whose own lines are indented by ``pad``."""
        kind = type(value)
        if kind is str:
            return self._lines.get(value) or self._text(value, pad)
        if kind is not dict and kind is not list:
            return _atom(value), True
        if not value:
            return ("{}" if kind is dict else "[]"), True
        anchor = self._sharing.anchor(value)
        if anchor is not None:
            if anchor in self._written:
                return f"*{anchor}", True
            self._written.add(anchor)
        # A sequence in a mapping needs no indentation of its own.
        inner = pad if kind is list and in_mapping else f"{pad}  "
        text, flow = self._mapping(value, inner) if kind is dict else self._sequence(value, inner)
        return (text, flow) if anchor is None else (_anchored(text, anchor), flow)

    def _mapping(self, mapping: dict[str, Any], pad: str) -> _Text:
        entries, flow = self._entries(mapping, pad)
        if flow and len(pad) + sum(map(len, entries)) + 2 * len(entries) <= _WIDTH:
            return f"{{{', '.join(entries)}}}", True
        joint = f"\n{pad}"
        return joint + joint.join(entries), False

    def _block(self, mapping: dict[str, Any], pad: str) -> str:
        joint = f"\n{pad}"
        return joint + joint.join(self._entries(mapping, pad)[0])

    def _entries(self, mapping: dict[str, Any], pad: str) -> tuple[list[str], bool]:
        entries, flow, lines = [], True, self._lines
        for key, value in mapping.items():
            name, plain_key = lines.get(key) or self._key(key, pad)
            text, inline = self._value(value, pad, True)
            flow = flow and inline and plain_key
            entries.append(f"{name}:{text}" if text[0] == "\n" else f"{name}: {text}")
        return entries, flow

    def _sequence(self, items: list[Any], pad: str) -> _Text:
        if all(type(item) is int or type(item) is float for item in items):
            return f"[{', '.join(map(_atom, items))}]", True
        written = [self._value(item, pad, False) for item in items]
        texts = [text for text, _ in written]
        width = len(pad) + sum(map(len, texts)) + 2 * len(texts)
        # Of messages, tools and the like each has a line of its own, and so in a diff.
        if (
            width <= _WIDTH
            and all(flow for _, flow in written)
            and sum(type(item) in (dict, list) for item in items) < 2
        ):
            return f"[{', '.join(texts)}]", True
        joint, nested = f"\n{pad}-", f"\n{pad}  "
        lines = (
            f" {text[len(nested) :]}" if text.startswith(nested) else text if text[0] == "\n" else f" {text}"
            for text in texts
        )
        return joint + joint.join(lines), False

    def _text(self, text: str, pad: str) -> _Text:
        """Write a text that was not written before, or that takes more than a few characters."""
        multiline = "\n" in text
        if len(text) < SMALLEST and not multiline:
            return self._line(text)
        anchor = self._sharing.anchor(text)
        if anchor is not None:
            if anchor in self._written:
                return f"*{anchor}", True
            self._written.add(anchor)
        if multiline and (len(text) > _SHORT or "\n" in text.rstrip("\n")):
            written = block(text, f"{pad}  ")
            if written is not None:
                return _anchored(written, anchor), False
        line, flow = one_line(text)
        return _anchored(line, anchor), flow

    def _line(self, text: str) -> _Text:
        line = self._lines[text] = one_line(text)
        return line

    def _key(self, key: str, pad: str) -> _Text:
        if len(key) < SMALLEST and "\n" not in key:
            return self._line(key)
        text, flow = one_line(key)
        return (text, flow) if len(text) <= _LONGEST_KEY else (f"? {text}\n{pad}", False)


def _anchored(text: str, anchor: str | None) -> str:
    if not anchor:
        return text
    return f"&{anchor}{text}" if text[0] == "\n" else f"&{anchor} {text}"


def _atom(value: Any) -> str:
    if value is None:
        return "null"
    kind = type(value)
    if kind is int:
        return str(value)
    return _float(value) if kind is float else _CONSTANTS[value]


def _float(value: float) -> str:
    """As JSON has it, but ``1.0e-05`` for ``1e-05``, which YAML 1.1 takes for a string."""
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text
