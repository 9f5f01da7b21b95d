"""The values of environment variables that by their names hold secrets."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from trace_ops.redaction._hit import Hit
from trace_ops.redaction._placeholder import PLACEHOLDER, of_variable

_SHORTEST = 8
# JSON in JSON in JSON: a tool's output that quotes a request with arguments.
_DEEPEST = 3

_SECRET_WORDS = frozenset(
    {
        "APIKEY",
        "AUTH",
        "BEARER",
        "COOKIE",
        "CREDENTIAL",
        "CREDENTIALS",
        "DSN",
        "KEY",
        "PASS",
        "PASSPHRASE",
        "PASSWD",
        "PASSWORD",
        "PASSWORDS",
        "PAT",
        "PWD",
        "SECRET",
        "SECRETS",
        "SIGNATURE",
        "TOKEN",
        "WEBHOOK",
    }
)
_SECRET_ENDS = ("SECRET", "PASSWORD", "PASSWD", "TOKEN", "APIKEY", "ACCESSKEY", "PRIVATEKEY")
# What is said about a secret is none: where it lies, how long it lives, what it is called.
_ABOUT = frozenset(
    {
        "ALGORITHM",
        "COUNT",
        "DIR",
        "DISABLED",
        "ENABLED",
        "ENDPOINT",
        "EXPIRY",
        "FILE",
        "HEADER",
        "HOME",
        "HOST",
        "ID",
        "LENGTH",
        "LIMIT",
        "METHOD",
        "MODE",
        "NAME",
        "NAMES",
        "PARALLELISM",
        "PATH",
        "PREFIX",
        "REGION",
        "SIZE",
        "SOCK",
        "TTL",
        "TYPE",
        "URI",
        "URL",
        "VERSION",
    }
)
_NOT_SECRET_NAMES = frozenset({"PWD", "OLDPWD", "XAUTHORITY", "SSH_AUTH_SOCK", "AWS_PROFILE"})
_PUBLIC_VALUES = frozenset(
    {
        "administrator",
        "anonymous",
        "changeit",
        "changeme",
        "development",
        "disabled",
        "localhost",
        "password",
        "passwords",
        "postgres",
        "postgresql",
        "production",
        "required",
        "username",
    }
)
_STAND_IN = re.compile(
    r"(?i)(?:your|my|some|fake|dummy|mock|test|example|placeholder)[-_ ]?"
    r"(?:openai|anthropic|azure)?[-_ ]?(?:api)?[-_ ]?(?:key|token|secret|password)"
    r"(?:[-_ ]?here)?|(.)\1*|replay|trace[-_]ops.*"
)
_PATH = re.compile(r"(?:~|\.{0,2}/|[A-Za-z]:\\)[\w.\\/ -]*")
_PASSWORD_IN_URL = re.compile(r"://[^/@:]*:([^@/]+)@")
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
_WORDS = re.compile(r"[A-Za-z0-9+/_.~%-]{16,}")


@dataclass(frozen=True)
class Needle:
    """One form of one value, as it may stand in a text.

    ``probe`` is a piece of it that is looked for first: if ``wordy``, among the long words only.
    """

    text: str
    kind: str
    placeholder: str
    probe: str
    wordy: bool
    whole: bool


def needles(environ: Mapping[str, str]) -> list[Needle]:
    """All forms of all secret values, the longest first."""
    found: dict[str, Needle] = {}
    for name, value in sorted(environ.items()):
        for secret in _secrets(name, value):
            for form, text in _forms(secret):
                found.setdefault(text, _needle(name, form, text))
    return sorted(found.values(), key=lambda needle: (-len(needle.text), needle.text))


def find(text: str, needle: Needle) -> Iterator[Hit]:
    """Every place where a value stands."""
    size = len(needle.text)
    at = text.find(needle.text)
    while at >= 0:
        end = at + size
        if needle.whole and (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            at = text.find(needle.text, at + 1)
            continue
        yield Hit(at, end, needle.kind, needle.placeholder)
        at = text.find(needle.text, end)


def _is_secret_name(name: str) -> bool:
    upper = name.upper()
    words = [word for word in re.split(r"[^A-Z0-9]+", upper) if word]
    if upper in _NOT_SECRET_NAMES or not words:
        return False
    if words[-1] in _ABOUT and words[-2:] != ["KEY", "ID"]:
        return words[-1] in ("URL", "URI") and "WEBHOOK" in words
    return not _SECRET_WORDS.isdisjoint(words) or words[-1].endswith(_SECRET_ENDS)


def _secrets(name: str, value: str) -> Iterator[str]:
    value = value.strip()
    if _is_secret_name(name) and _is_secret_value(value):
        yield value
    elif "://" in value and "@" in value:
        password = _PASSWORD_IN_URL.search(value)
        if password and _is_secret_value(password[1]):
            yield password[1]


def _is_secret_value(value: str) -> bool:
    return (
        len(value) >= _SHORTEST
        and value.lower() not in _PUBLIC_VALUES
        and not _STAND_IN.fullmatch(value)
        and not _PATH.fullmatch(value)
        and not PLACEHOLDER.search(value)
    )


def _forms(secret: str) -> Iterator[tuple[str, str]]:
    """The texts that a value may stand as; a form with a dot stands within longer words only."""
    yield "", secret
    if not _PLAIN.fullmatch(secret):
        yield from _escaped_forms(secret)
    raw = secret.encode("utf-8", "surrogateescape")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield "base64", encode(raw).decode().rstrip("=")
        for shift in range(3):
            yield "base64.", _inner_base64(raw, shift, encode)


def _escaped_forms(secret: str) -> Iterator[tuple[str, str]]:
    from urllib.parse import quote, quote_plus, unquote

    for base in {secret, unquote(secret)}:
        yield "", base
        for dump in (_escape, _escape_ascii, _escape_html, _escape_slashes):
            text = base
            for _ in range(_DEEPEST):
                text = dump(text)
                yield "", text
    for form in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield "url", form
        yield "url", re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), form)


def _inner_base64(raw: bytes, shift: int, encode: Callable[[bytes], bytes]) -> str:
    """The characters of base64 that depend on ``raw`` alone when ``shift`` bytes stand before it."""
    text = encode(b"\0" * shift + raw).decode().rstrip("=")
    first = (shift * 8 + 5) // 6
    last = (shift + len(raw)) * 8 // 6
    return text[first:last]


def _escape(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _escape_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _escape_html(text: str) -> str:
    escaped = _escape(text)
    for char in "<>&":
        escaped = escaped.replace(char, f"\\u{ord(char):04x}")
    return escaped


def _escape_slashes(text: str) -> str:
    return _escape(text).replace("/", "\\/")


def _needle(name: str, form: str, text: str) -> Needle:
    words = _WORDS.findall(text)
    probe = max(words, key=len) if words else text
    wordy = bool(words) or form.endswith(".")
    plain = (text.isalpha() or text.isdigit()) and len(text) < 16 and not form
    return Needle(text, f"env:{name}", of_variable(name, form.rstrip(".")), probe, wordy, plain)
