"""Secrets that stand under a name that says so: fields of JSON, dotenv lines, parameters of a URL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from trace_ops.redaction._hit import Hit
from trace_ops.redaction._placeholder import PLACEHOLDER, of_weak

KIND = "secret"
"""The kind in the placeholder of everything found by context: the same password is the same everywhere."""

# What a name ends with, and what must stand before that for the name to be a secret's.
_STEMS: dict[str, re.Pattern[str] | None] = {
    "password": None,
    "passwd": None,
    "passphrase": None,
    "secret": None,
    "key": re.compile(r"(?:api|secret|private|access|signing|encryption|master|account)[-_]?\Z"),
    "token": re.compile(
        r"(?:access|refresh|auth|api|id|session|security|bearer|secret|bot|csrf|github|gitlab|slack)[-_]?\Z"
    ),
}
_LONGEST_NAME = 60
_QUOTES = re.compile(r"(\\*[\"'])\s*:\s*\1")

_ASSIGNED = re.compile(r"=(?P<q>\\*[\"']|)(?P<value>[A-Za-z0-9+/=_.~!@#%^*:-]{8,})(?P=q)(?![(\[])")
_PARAMETERS = ("key", "token", "password", "client_secret", "sig", "signature", "code")
_PARAMETER_NAME = re.compile(r"[?&][\w-]{0,20}\Z")
_PARAMETER = re.compile(r"=(?P<value>[A-Za-z0-9%+/=_.~-]{8,})")

_NOT_A_SECRET = re.compile(
    r"(?i)(?:your|my|some|the)[-_ ].*|\W*|<[^<>]*>|x{3,}|\$\{?\w+\}?|\{+.*\}+|%\(?\w+\)?s?|"
    r"\[?(?:redacted|filtered|masked|hidden|removed|omitted)\]?|string|number|boolean|object|array|null|none|true|"
    r"false|undefined|required|optional|process\.env\..*|os\.environ.*|example|changeme|password|secret|"
    r"api[-_]?key|token|auto|disabled|enabled"
)
# The secret word of a puzzle, the name of a constant: agents pass these to tools, and mean nothing by it.
_WORDS = re.compile(r"[A-Za-z]?[a-z]{1,11}|(?=.{1,16}\Z)[a-z]+[-_ ][a-z]+|[A-Z]+(?:_[A-Z]+)*")


def fields(text: str) -> Iterator[Hit]:
    """Values under secret names in JSON, in JSON within a string, in a Python repr."""
    lowered = lower(text)
    for stem, before in _STEMS.items():
        for start, end in _places(lowered, stem, before):
            quotes = _QUOTES.match(text, end)
            if quotes and _begins_name(text, start, quotes[1]):
                stop = _string_end(text, quotes.end(), quotes[1])
                secret = None if stop is None else _unescape(text[quotes.end() : stop], quotes[1])
                if stop is not None and secret is not None and _is_secret(stem, secret):
                    yield weak(quotes.end(), stop, secret, stem)


def assignments(text: str) -> Iterator[Hit]:
    """``DB_PASSWORD=...`` as in a dotenv file, and credentials among the parameters of a URL."""
    lowered = lower(text)
    for stem in _STEMS:
        for start, end in _places(lowered, stem + "=", None):
            if text[start : end - 1].isupper():
                yield from _value(_ASSIGNED, text, end - 1, stem)
    for name in _PARAMETERS:
        for start, end in _places(lowered, name + "=", None):
            if _PARAMETER_NAME.search(text, max(0, start - 22), start):
                yield from _value(_PARAMETER, text, end - 1, "url-parameter")


def secret_in(name: str, value: str) -> Hit | None:
    """The whole value, if the name is a secret's and the value could be one."""
    lowered = name.lower()
    for stem, before in _STEMS.items():
        if lowered.endswith(stem) and (before is None or before.search(lowered[: -len(stem)])):
            return weak(0, len(value), value, stem) if _is_secret(stem, value) else None
    return None


def is_stand_in(value: str) -> bool:
    """Whether a value is a type name, a hint or a reference in place of a secret."""
    return _NOT_A_SECRET.fullmatch(value) is not None


def weak(start: int, end: int, secret: str, kind: str) -> Hit:
    """A hit on something that a person may have thought up."""
    return Hit(start, end, kind, of_weak(KIND, secret))


def lower(text: str) -> str:
    """The text in lower case, each character in its place."""
    lowered = text.lower()
    if len(lowered) != len(text):
        return "".join(char.lower() if char.isascii() else char for char in text)
    return lowered


def _places(lowered: str, stem: str, before: re.Pattern[str] | None) -> Iterator[tuple[int, int]]:
    at = lowered.find(stem)
    while at >= 0:
        if before is None or before.search(lowered, max(0, at - 12), at):
            yield at, at + len(stem)
        at = lowered.find(stem, at + 1)


def _value(pattern: re.Pattern[str], text: str, at: int, kind: str) -> Iterator[Hit]:
    match = pattern.match(text, at)
    if match and any(map(str.isdigit, match["value"])) and not is_stand_in(match["value"]):
        yield weak(*match.span("value"), match["value"], kind)


def _is_secret(stem: str, value: str) -> bool:
    password = stem.startswith("pass")
    if not (4 if password else 6) <= len(value) <= 20_000:
        return False
    if not password and stem != "secret" and any(map(str.isspace, value)):
        return False
    return not (is_stand_in(value) or _WORDS.fullmatch(value) or PLACEHOLDER.search(value))


def _begins_name(text: str, at: int, quote: str) -> bool:
    """Whether the name, with any words before it (``db_password``), began with the quote it ends with."""
    start = at
    while (
        start > 0 and at - start < _LONGEST_NAME and (text[start - 1].isalnum() or text[start - 1] in "_-. ")
    ):
        start -= 1
    return text.endswith(quote, 0, start)


def _string_end(text: str, start: int, quote: str) -> int | None:
    """Where the string ends that was opened by ``quote`` (a quote mark with its escapes)."""
    mark, depth = quote[-1], len(quote)
    at = text.find(mark, start)
    while at >= 0 and at - start < 100_000:
        slashes = at
        while slashes > start and text[slashes - 1] == "\\":
            slashes -= 1
        # `depth` is a power of two: an inner quote has twice as many escapes, plus one.
        if (at - slashes + 1) % (2 * depth) == depth:
            return at - depth + 1
        at = text.find(mark, at + 1)
    return None


def _unescape(text: str, quote: str) -> str:
    depth = len(quote)
    while depth >= 1 and "\\" in text:
        try:
            text = json.loads(f'"{text}"', strict=False)
        except ValueError:
            break
        depth //= 2
    return text
