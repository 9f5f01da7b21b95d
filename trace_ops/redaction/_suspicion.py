"""The quick look: which rules a text could possibly be a case for.

Nearly every text holds no secret at all, and 3 kB of it are to cost a few µs. So nothing is matched
here: random keys stand in long words (runs of 16 and more characters), which are few and mostly seen
before; passwords, which may be short, stand after a name that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from trace_ops.redaction import _context, _environment, _shapes
from trace_ops.redaction._environment import Needle
from trace_ops.redaction._hit import Hit

Rule = Callable[[str], Iterator[Hit]]
Ranked = tuple[float, Rule]
"""A rule and its rank: where two rules find the same, the lower rank has it."""

_RUN = 16
_WORD_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-.~%"
_CLASSES = bytes(0x61 if byte in _WORD_BYTES else 0x20 for byte in range(256))
_LONG = b"a" * _RUN
# Standard base64 of this length (an image) holds no key prefix but at its start.
_HUGE = 1000
_HEAD = 200

# Lower case, and one mark for all that may stand between a name and its value. `w` is `p`, so that one
# search finds passwords and passphrases.
_FOLD = bytes(
    ord('"')
    if char in "\"'\\=:"
    else ord("p")
    if char in "wW"
    else ord(char.lower() if char.isascii() else char)
    for char in map(chr, range(256))
)
_BEFORE = 24
_AFTER_NAME = (b"key", b"token", b"secret", b"phrase", b"_pat", b"_ppd", b"sig", b"nature", b"code")
_AFTER_SCHEME = (b"bearer", b"basic")
_AFTER_REFUSAL = (b"provided", b"api key")
_UUID = re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-")
_AWS_SECRET = re.compile(rb"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9/+]{40}[.=]?", re.DOTALL)
_PEM_LINE = re.compile(rb"[A-Za-z0-9+/]{40,}")

_KEPT = 20_000
_KEPT_LENGTH = 300

(_ENV, _EXTRA, _PEM, _SHAPE, _AWS, _ORGANIZATION, _URL, _REFUSAL, _SCHEME, _NAME, _ASSIGNMENT) = range(11)


class Lookout:
    """Names the rules to try on a text. Remembers the words it has judged, each with what stood before it."""

    def __init__(self, needles: Iterable[Needle], extra: Iterable[Rule]) -> None:
        self._wordy = [(_raw(needle.probe), needle) for needle in needles if needle.wordy]
        self._short = [(_raw(needle.probe), needle) for needle in needles if not needle.wordy]
        self._extra: list[Ranked] = [(_EXTRA, rule) for rule in extra]
        self._judged: dict[bytes, tuple[Ranked, ...]] = {}

    def rules(self, raw: bytes) -> list[Rule]:
        """The rules that may find something, the most specific first."""
        found = list(self._extra)
        judged = self._judged
        classes = raw.translate(_CLASSES) + b" "
        at = classes.find(_LONG)
        while at >= 0:
            end = classes.find(b" ", at)
            start = at - _BEFORE if at > _BEFORE else 0
            ranked = judged.get(raw[start:end])
            if ranked is None:
                ranked = self._judge(raw[start:at], raw[at:end])
            if ranked:
                found += ranked
            at = classes.find(_LONG, end)
        found += self._by_name(raw)
        for probe, needle in self._short:
            if probe in raw:
                found.append((_ENV, _finder(needle)))
        return _in_order(found, raw) if found else []

    def _judge(self, before: bytes, word: bytes) -> tuple[Ranked, ...]:
        """The rules for a word; kept, since most words come again."""
        looked_at = word
        if len(word) > _HUGE and b"-" not in word and b"_" not in word:
            looked_at = word[:_HEAD]
        ranked: list[Ranked] = [
            (_SHAPE + 1 / (2 + _shapes.SHAPES.index(shape)), shape.find)
            for shape in _shapes.sighted(looked_at.decode("ascii"))
        ]
        ranked += [(_ENV, _finder(needle)) for probe, needle in self._wordy if probe in word]
        ranked += _by_form(before, word)
        ranked += _by_place(before.translate(_FOLD), word)
        if len(word) <= _KEPT_LENGTH:
            if len(self._judged) > _KEPT:
                self._judged.clear()
            self._judged[before + word] = tuple(ranked)
        return tuple(ranked)

    def _by_name(self, raw: bytes) -> list[Ranked]:
        """The rules for secrets that may be short: passwords, and keys that a provider has masked."""
        found: list[Ranked] = []
        if b"@" in raw and (b"://" in raw or b":\\/" in raw):
            found.append((_URL, _context.url_passwords))
        if b"*" in raw and b"***" in raw and b"sk-" in raw:
            found.append((_SHAPE, _shapes.MASKED.find))
        folded = raw.translate(_FOLD)
        if b"passp" in folded or b'secret"' in folded or b'api_key"' in folded:
            found += ((_NAME, _context.fields), (_ASSIGNMENT, _context.assignments))
        return found


def _by_form(before: bytes, word: bytes) -> Iterator[Ranked]:
    if len(word) >= 36 and b"org" in before.lower() and _UUID.search(word):
        yield _ORGANIZATION, _context.organizations
    if 40 <= len(word) <= 41 and _AWS_SECRET.fullmatch(word):
        yield _AWS, _context.aws_secrets
    if len(word) >= 40 and _PEM_LINE.search(word):
        yield _PEM, _context.private_keys


def _by_place(before: bytes, word: bytes) -> Iterator[Ranked]:
    """The rules for a random word, by the folded text before it."""
    if not any(byte in word for byte in b"0123456789"):
        return
    name = before.rstrip(b'" \t\r\n(')
    if name.endswith(_AFTER_NAME):
        yield _NAME, _context.fields
        yield _ASSIGNMENT, _context.assignments
    elif name.endswith(_AFTER_SCHEME):
        yield _SCHEME, _context.authorizations
    elif name.endswith(_AFTER_REFUSAL):
        yield _REFUSAL, _context.refused_keys


def _in_order(ranked: list[Ranked], raw: bytes) -> list[Rule]:
    rules: list[Rule] = []
    for rank, rule in sorted(ranked, key=lambda one: one[0]):
        if rule not in rules and (rank != _PEM or b"PRIVATE KEY" in raw):
            rules.append(rule)
    return rules


def _finder(needle: Needle) -> Rule:
    return lambda text: _environment.find(text, needle)


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
