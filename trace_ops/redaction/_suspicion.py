"""The quick look: which rules a text could possibly be a case for.

Nearly every text holds no secret at all, and 3 kB of it are to cost a few µs. So nothing is matched
here: random keys stand in long words (runs of 16 and more characters), which are few and mostly seen
before; passwords, which may be short, stand after a name that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from trace_ops.redaction import _context, _environment, _named, _shapes
from trace_ops.redaction._environment import Needle
from trace_ops.redaction._hit import Hit

Rule = Callable[[str], Iterator[Hit]]
Ranked = tuple[float, Rule]
"""A rule and its rank: where two rules find the same, the lower rank has it."""

_RUN = 16
_WORD_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-.~%"
_CLASSES = bytes(0x61 if byte in _WORD_BYTES else 0x20 for byte in range(256))
# Begins with a literal and no repeat, which `re` can search for fast.
_LONG = re.compile(b"a" * _RUN + b"a*")
# Standard base64 of this length (an image) holds no key prefix but at its start.
_HUGE = 1000
_HEAD = 200

# Lower case, and one mark for all that may stand between a name and its value. `w` is `p`, so that one
# search finds passwords and passphrases.
_FOLD = bytes(
    ord('"' if char in "\"'\\=:" else "p" if char in "wW" else char) for char in map(chr, range(256))
).lower()
_BEFORE = 14
_AFTER_NAME = (b"key", b"token", b"secret", b"phrase", b"_pat", b"_ppd", b"sig", b"nature", b"code")
_AFTER_SCHEME = (b"bearer", b"basic")
_AFTER_REFUSAL = (b"provided", b"api key")
_ORGANIZATION_NAME = re.compile(rb"(?:org|[sz]ation).{0,3}\Z", re.DOTALL)
_DIGIT = re.compile(rb"[0-9]")
_AWS_SECRET = re.compile(rb"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9/+]{40}[.=]?", re.DOTALL)
_PEM_LINE = re.compile(rb"(?=.*[a-z])(?=.*[A-Z]).*[A-Za-z0-9+/]{40,}", re.DOTALL)

_KEPT = 20_000
_KEPT_LENGTH = 300
_UNKNOWN: tuple[Ranked, ...] = ((-1, lambda _: iter(())),)
_What = TypeVar("_What", bound=bytes | int)
_Judgement = TypeVar("_Judgement")

(_ENV, _EXTRA, _PEM, _SHAPE, _AWS, _ORGANIZATION, _URL, _REFUSAL, _SCHEME, _NAME, _ASSIGNMENT) = range(11)


class Lookout:
    """Names the rules to try on a text. Remembers its judgement of words, and of what stands before them."""

    def __init__(self, needles: Sequence[Needle], extra: Iterable[Rule]) -> None:
        # The longest first: a value may be part of another.
        finders = [(number / (len(needles) + 1), needle) for number, needle in enumerate(needles)]
        self._wordy = [(_raw(one.probe), (_ENV + rank, _finder(one))) for rank, one in finders if one.wordy]
        self._short = [
            (_raw(one.probe), (_ENV + rank, _finder(one))) for rank, one in finders if not one.wordy
        ]
        self._extra: list[Ranked] = [(_EXTRA + number / 1000, rule) for number, rule in enumerate(extra)]
        self._words: dict[bytes | int, tuple[bool, tuple[Ranked, ...]]] = {}
        self._places: dict[bytes, tuple[Ranked, ...]] = {}

    def rules(self, raw: bytes) -> list[Rule]:
        """The rules that may find something, the most specific first."""
        found = set(self._extra)
        words, places = self._words, self._places
        for match in _LONG.finditer(raw.translate(_CLASSES)):
            at, end = match.span()
            word = raw[at:end]
            known = words.get(word if end - at <= _KEPT_LENGTH else hash(word))
            is_random, ranked = known or self._judge(word)
            if ranked:
                found.update(ranked)
            if is_random:
                before = raw[at - _BEFORE if at > _BEFORE else 0 : at]
                ranked = places.get(before, _UNKNOWN)
                if ranked:
                    found.update(self._judge_place(before) if ranked is _UNKNOWN else ranked)
        found.update(self._by_name(raw))
        found.update(ranked_rule for probe, ranked_rule in self._short if probe in raw)
        if (_PEM, _context.private_keys) in found and b"PRIVATE KEY" not in raw:
            found.remove((_PEM, _context.private_keys))
        return [rule for _, rule in sorted(found, key=_rank)] if found else []

    def _judge(self, word: bytes) -> tuple[bool, tuple[Ranked, ...]]:
        """Whether a word could be a secret in some place, and the rules for what it is in any."""
        looked_at = word
        if len(word) > _HUGE and b"-" not in word and b"_" not in word:
            looked_at = word[:_HEAD]
        ranked: list[Ranked] = [
            (_SHAPE + 1 / (2 + _shapes.SHAPES.index(shape)), shape.find)
            for shape in _shapes.sighted(looked_at.decode("ascii"))
        ]
        ranked += [ranked_rule for probe, ranked_rule in self._wordy if probe in word]
        ranked += _by_form(word)
        judgement = _DIGIT.search(word) is not None, tuple(ranked)
        _keep(self._words, word if len(word) <= _KEPT_LENGTH else hash(word), judgement)
        return judgement

    def _judge_place(self, before: bytes) -> tuple[Ranked, ...]:
        ranked = tuple(_by_place(before.translate(_FOLD)))
        _keep(self._places, before, ranked)
        return ranked

    def _by_name(self, raw: bytes) -> list[Ranked]:
        """The rules for secrets that may be short: passwords, and keys that a provider has masked."""
        found: list[Ranked] = []
        if b"@" in raw and (b"://" in raw or b":\\/" in raw):
            found.append((_URL, _context.url_passwords))
        if b"*" in raw and b"***" in raw and b"sk-" in raw:
            found.append((_SHAPE, _shapes.MASKED.find))
        folded = raw.translate(_FOLD)
        if b"passp" in folded or b'secret"' in folded or b'api_key"' in folded:
            found += ((_NAME, _named.fields), (_ASSIGNMENT, _named.assignments))
        return found


def _by_form(word: bytes) -> Iterator[Ranked]:
    if 40 <= len(word) <= 41 and _AWS_SECRET.fullmatch(word):
        yield _AWS, _context.aws_secrets
    if len(word) >= 40 and _PEM_LINE.match(word):
        yield _PEM, _context.private_keys


def _by_place(before: bytes) -> Iterator[Ranked]:
    """The rules for a random word, by the folded text before it."""
    name = before.rstrip(b'" \t\r\n(')
    if name.endswith(_AFTER_NAME):
        yield _NAME, _named.fields
        yield _ASSIGNMENT, _named.assignments
    elif name.endswith(_AFTER_SCHEME):
        yield _SCHEME, _context.authorizations
    elif name.endswith(_AFTER_REFUSAL):
        yield _REFUSAL, _context.refused_keys
    if _ORGANIZATION_NAME.search(name):
        yield _ORGANIZATION, _context.organizations


def _keep(judged: dict[_What, _Judgement], what: _What, judgement: _Judgement) -> None:
    if len(judged) >= _KEPT:
        judged.clear()
    judged[what] = judgement


def _rank(ranked: Ranked) -> float:
    return ranked[0]


def _finder(needle: Needle) -> Rule:
    return lambda text: _environment.find(text, needle)


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
