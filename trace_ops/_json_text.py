"""JSON text that can be stored parsed: the styles in which it re-serialises to the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

_STYLE = re.compile(
    r"(?P<layout>compact|spaced|colon|comma|indent(?P<indent>\d+))"
    r"(?P<ascii>-ascii)?(?: pad=(?P<pad>\d+))?(?: end=(?P<end>[nrts]+))?"
)
_LAYOUTS = {"compact": (",", ":"), "spaced": (", ", ": "), "colon": (",", ": "), "comma": (", ", ":")}
_ENDS = {"\n": "n", "\r": "r", "\t": "t", " ": "s"}
_QUOTE = {False: json.encoder.encode_basestring, True: json.encoder.encode_basestring_ascii}
_END_OF = {letter: char for char, letter in _ENDS.items()}


@dataclass(frozen=True)
class JsonStyle:
    """How a JSON text was written.

    ``layout``: ``compact`` ``spaced`` ``colon`` ``comma`` (which separators have a space) or
    ``indentN``; ``ascii``: non-ASCII escaped; ``pad``: blanks before the last bracket (Anthropic pads
    its events); ``end``: white space after it.
    """

    layout: str = "compact"
    ascii: bool = False
    pad: int = 0
    end: str = ""

    def __str__(self) -> str:
        text = self.layout + ("-ascii" if self.ascii else "")
        text += f" pad={self.pad}" if self.pad else ""
        return text + (f" end={''.join(_ENDS[c] for c in self.end)}" if self.end else "")

    @classmethod
    def from_text(cls, text: str) -> JsonStyle:
        """Read the form that ``str()`` writes; raises ``ValueError`` for anything else."""
        match = _STYLE.fullmatch(text)
        if match is None:
            raise ValueError(f"unknown JSON style {text!r}")
        if match["indent"] and int(match["indent"]) > 16:
            raise ValueError(f"indent over 16 in JSON style {text!r}")
        pad = int(match["pad"] or 0)
        if pad > 10_000:
            raise ValueError(f"pad over 10000 in JSON style {text!r}")
        end = "".join(_END_OF[letter] for letter in match["end"] or "")
        return cls(match["layout"], bool(match["ascii"]), pad, end)


COMPACT = JsonStyle()


def parse(text: str) -> Any:
    """Parse JSON; ``None`` if it is not JSON or nested too deep to be handled."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def render(value: Any, style: JsonStyle) -> str:
    """Serialise in the given style."""
    if style.layout.startswith("indent"):
        text = _indented(value, "\n", " " * int(style.layout[6:]), _QUOTE[style.ascii])
    else:
        text = encoder(style.layout, style.ascii)(value)
    if style.pad:
        text = f"{text[:-1]}{' ' * style.pad}{text[-1:]}"
    return text + style.end


@cache
def encoder(layout: str, ascii_only: bool) -> Callable[[Any], str]:
    """The serialiser of a layout in one line; building one takes as long as using it."""
    return json.JSONEncoder(ensure_ascii=ascii_only, separators=_LAYOUTS[layout], check_circular=False).encode


def _indented(value: Any, line: str, step: str, quote: Callable[[str], str]) -> str:
    """Serialise over several lines, which ``json`` does in Python and slowly."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if kind is dict and value:
        inner = line + step
        items = [
            f"{quote(key)}: {quote(item) if type(item) is str else _indented(item, inner, step, quote)}"
            for key, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(items)}{line}}}"
    if kind is list and value:
        inner = line + step
        items = [_indented(item, inner, step, quote) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{line}]"
    return "null" if value is None else encoder("compact", True)(value)


def detect(text: str, value: Any) -> JsonStyle | None:
    """The style in which ``value`` re-serialises to exactly ``text``.

    ``None`` where there is none: other white space, a float or escape written otherwise, duplicate
    keys, NaN, lone surrogates. Such text is kept as text.
    """
    if value is None and text.strip() != "null":
        return None
    core = text.rstrip(" \t\r\n")
    end = text[len(core) :]
    if len(end) > 100 or (("NaN" in core or "Infinity" in core) and _has_nonfinite(value)):
        return None
    pad = 0 if core[-2:-1] != " " else len(core) - 1 - len(core[:-1].rstrip(" "))
    escapes = "\\u" in core
    if escapes and re.search(r"\\u[dD][89a-fA-F]", core) and not _encodable(value):
        return None
    for layout in _candidates(core):
        for ascii_only in (True, False) if escapes and core.isascii() else (False,):
            style = JsonStyle(layout, ascii_only, pad, end)
            try:
                if render(value, style) == text:
                    return style
            except RecursionError:
                return None
    return None


def _candidates(core: str) -> tuple[str, ...]:
    if core[1:2] == "\n" or core[1:3] == "\r\n":
        line = core[2:]
        return (f"indent{min(len(line) - len(line.lstrip(' ')), 16)}",)
    colon = core.find('":')
    spaced = colon >= 0 and core[colon + 2 : colon + 3] == " "
    return ("spaced", "colon") if spaced else ("compact", "comma", "spaced")


def _has_nonfinite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return True
    return False


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
