"""Strings as YAML scalars that every YAML 1.1 and 1.2 loader reads back to the character."""

from __future__ import annotations

import re

# What YAML does not call printable, or what some loader takes for a line break or a byte order mark.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_PLAIN_START = re.compile(r"[^\W\d]|/|\d+\.\d+\.\d+")
_FLOW_UNSAFE = re.compile(r"[,\[\]{}:?]")
_ESCAPED = re.compile(f'["\\\\\n\t]|{_UNPRINTABLE.pattern}')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_RESERVED = frozenset("null true false yes no on off y n".split())


def one_line(text: str) -> tuple[str, bool]:
    """Write a string on one line; also tell whether that may stand inside ``[]`` and ``{}``."""
    if "\n" in text or not _printable(text):
        return f'"{_ESCAPED.sub(_escape, text)}"', True
    if _is_plain(text):
        return text, not _FLOW_UNSAFE.search(text)
    if "'" in text and '"' not in text and "\\" not in text and "\t" not in text:
        return f'"{text}"', True
    return "'" + text.replace("'", "''") + "'", True


def block(text: str, pad: str) -> str | None:
    """Write a multi-line string as a literal block indented by ``pad``; ``None`` if it cannot be one.

    The last line end is left to the caller.
    """
    body = text.rstrip("\n")
    if not body.strip(" \t") or not _printable(text):
        return None
    ends = len(text) - len(body)
    chomp = "-" if ends == 0 else "" if ends == 1 else "+"
    # A loader would take the white space of the first line for the indentation of the block.
    indent = "2" if text[0] in " \t\n" else ""
    lines = re.sub(r"\n(?=[^\n])", f"\n{pad}", f"\n{body}")
    return f"|{indent}{chomp}{lines}{chr(10) * (ends - 1)}"


def _is_plain(text: str) -> bool:
    return (
        _PLAIN_START.match(text) is not None
        and text[-1] not in " :"
        and ": " not in text
        and " #" not in text
        and "\t" not in text
        and not (len(text) < 6 and text.lower() in _RESERVED)
    )


def _printable(text: str) -> bool:
    return text.isprintable() or not _UNPRINTABLE.search(text)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        return f"\\\\u{code:04x}"  # no YAML can hold it: the escape is what is read back
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
