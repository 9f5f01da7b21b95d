"""The quick look: which rules a text could possibly be a case for.

A text of 3 kB is looked through in a few µs, since nearly every text holds no secret at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trace_ops.redaction import _context, _shapes
from trace_ops.redaction._hit import Hit

Rule = Callable[[str], Iterator[Hit]]

_RUN = 16
_WORD_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-."
_CLASSES = bytes(0x61 if byte in _WORD_BYTES else 0x20 for byte in range(256))
_LONG = b"a" * _RUN
# Lower case; and one mark for whatever may stand between a name and its value.
_FOLD = bytes(
    0x22 if chr(byte) in "\"'\\=:" else ord(chr(byte).lower()) if byte < 128 else byte for byte in range(256)
)
_HUGE = 1000


def long_words(raw: bytes) -> str:
    """The runs of 16 and more letters, digits and ``+/_-.``, one a line: where random keys must be."""
    classes = raw.translate(_CLASSES) + b" "
    words = []
    at = classes.find(_LONG)
    while at >= 0:
        end = classes.find(b" ", at)
        word = raw[at:end]
        # Standard base64 of any length (images) holds no key prefix but at its start.
        words.append(word[:200] if end - at > _HUGE and b"-" not in word and b"_" not in word else word)
        at = classes.find(_LONG, end)
    return b"\n".join(words).decode("ascii")


_NAME_ENDS = (b"passw", b'secret"', b'key"', b'token"', b'phrase"', b'_pat"', b'_pwd"')


def names_secret(folded: bytes) -> bool:
    """Whether a secret-looking name may stand before a value."""
    return any(end in folded for end in _NAME_ENDS)


def rules(raw: bytes, words: str) -> list[Rule]:
    """The rules that may find something, the most specific first; ``words`` as of :func:`long_words`."""
    folded = raw.translate(_FOLD)
    found: list[Rule] = []
    if b"PRIVATE KEY" in raw:
        found.append(_context.private_keys)
    if words:
        found += _rules_for_words(words, folded)
    if b"@" in raw and (b"://" in raw or b":\\/" in raw):
        found.append(_context.url_passwords)
    if b'key provided"' in folded or b'api key"' in folded:
        found.append(_context.refused_keys)
    if b"bearer" in folded or b"authorization" in folded:
        found.append(_context.authorizations)
    if names_secret(folded):
        found += (_context.fields, _context.assignments)
    elif (b"=" in raw and b'sig"' in folded) or b'signature"' in folded:
        found.append(_context.assignments)
    return found


def _rules_for_words(words: str, folded: bytes) -> list[Rule]:
    shapes = _shapes.sighted(words)
    found: list[Rule] = [shape.find for shape in _shapes.SHAPES if shape in shapes] if shapes else []
    sizes = list(map(len, words.split("\n")))
    if any(40 <= size <= 44 for size in sizes):
        found.append(_context.aws_secrets)
    if max(sizes) >= 36 and b"org" in folded:
        found.append(_context.organizations)
    return found
