"""Secrets that are known by what stands around them: a field's name, ``Bearer``, a URL's user part."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator

from trace_ops.redaction._hit import Hit
from trace_ops.redaction._placeholder import PLACEHOLDER, of_key, of_weak
from trace_ops.redaction._shapes import starts_word

KIND = "secret"

_NAMES = (
    r"passw(?:or)?d|passphrase|secret|(?:api|secret|private|access|signing|encryption|master|account)[-_]?key"
    r"|(?:access|refresh|auth|api|id|session|security|bearer|secret|bot|csrf|github|gitlab|slack)[-_]?token"
)
SECRET_NAME = re.compile(rf"[\w. -]{{0,60}}?(?P<name>{_NAMES})", re.IGNORECASE)
_FIELD = re.compile(rf"(?P<name>{_NAMES})(?P<q>\\*[\"'])\s*:\s*(?P=q)", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"(?P<name>(?:PASSWORD|PASSWD|SECRET|TOKEN|_KEY|APIKEY|_PAT|_PWD))=(?P<q>\\*[\"']|)"
    r"(?P<value>[A-Za-z0-9+/=_.~!@#%^*:-]{8,})(?P=q)(?![(\[])"
)
_PARAMETER = re.compile(
    r"[?&](?:(?:api[-_]?|subscription-)?key|(?:access_|auth_|api_|refresh_|id_)?token|password|client_secret|"
    r"sig|signature|X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature|code)="
    r"(?P<value>[A-Za-z0-9%+/=_.~-]{8,})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"bearer(?:\s|\\+[nt]|%20|\+)+(?P<value>[A-Za-z0-9._~+/-]{12,}=*)", re.IGNORECASE)
_BASIC = re.compile(r"basic\s+(?P<value>[A-Za-z0-9+/_-]{8,}={0,2})", re.IGNORECASE)
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\\?/\\?/[^\s/:@\"'<>\\]*:(?P<value>[^\s/@\"'<>\\`{}]{3,})@")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?P<name>[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----"
    r"(?:[A-Za-z0-9+/=\s\\:,.()@-]*?-----END (?P=name)-----|(?:(?:\\+[nr]|\s)*[A-Za-z0-9+/=]{16,})+)"
)
_REFUSED = re.compile(
    r"API key(?: provided)?: (?P<value>[^\s\"'\\<>]{8,}?)(?=[.,;]?(?:[\s\"'\\]|\Z))", re.IGNORECASE
)
_ORGANIZATION = re.compile(
    r"\borg(?:ani[sz]ation)?(?:[-_ ]?(?:uu)?id)?(?:\\*[\"'])?[ :=(]{1,3}(?:\\*[\"'])?"
    r"(?P<value>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
    re.IGNORECASE,
)
_AWS_ID = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}|<aws-key-id:|aws.{0,20}secret", re.IGNORECASE)
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_AWS_REACH = 300

_NOT_A_SECRET = re.compile(
    r"(?i)(?:your|my|some|the)[-_ ].*|\W*|<[^<>]*>|x{3,}|\$\{?\w+\}?|\{+.*\}+|%\(?\w+\)?s?|"
    r"\[?(?:redacted|filtered|masked|hidden|removed|omitted)\]?|string|number|boolean|object|array|null|none|true|"
    r"false|undefined|required|optional|process\.env\..*|os\.environ.*|example|changeme|password|secret|"
    r"api[-_]?key|token|auto|disabled|enabled"
)
# The secret word of a puzzle, the name of a constant: agents pass these to tools, and mean nothing by it.
_WORDS = re.compile(r"[A-Za-z]?[a-z]{1,11}|(?=.{1,16}\Z)[a-z]+[-_ ][a-z]+|[A-Z]+(?:_[A-Z]+)*")


def private_keys(text: str) -> Iterator[Hit]:
    """PEM private keys, with real line ends or escaped ones; one cut short is found as far as it goes."""
    for match in _PRIVATE_KEY.finditer(text):
        core = re.sub(r"\\+[nr]|[\s\\]", "", match[0])
        yield Hit(match.start(), match.end(), "private-key", of_key("private-key", core))


def fields(text: str) -> Iterator[Hit]:
    """Values under secret-looking names in JSON, in JSON within a string, in a Python repr."""
    for match in _FIELD.finditer(text):
        if not _begins_name(text, match.start(), match["q"]):
            continue
        start = match.end()
        end = _string_end(text, start, match["q"])
        if end is None:
            continue
        secret = _unescape(text[start:end], match["q"])
        name = match["name"].lower()
        if is_secret_value(name, secret):
            yield _weak(start, end, secret, name)


def assignments(text: str) -> Iterator[Hit]:
    """``DB_PASSWORD=...`` as in a dotenv file, and credentials in a URL's query."""
    for match in _ASSIGNED.finditer(text):
        value = match["value"]
        if any(map(str.isdigit, value)) and not _NOT_A_SECRET.fullmatch(value):
            yield _weak(*match.span("value"), value, "assignment")
    for match in _PARAMETER.finditer(text):
        value = match["value"]
        if any(map(str.isdigit, value)) and not _NOT_A_SECRET.fullmatch(value):
            yield _weak(*match.span("value"), value, "url-parameter")


def authorizations(text: str) -> Iterator[Hit]:
    """``Bearer`` and ``Basic`` credentials."""
    for match in _BEARER.finditer(text):
        value = match["value"]
        if any(map(str.isdigit, value)):
            yield _weak(*match.span("value"), value, "bearer-token")
    for match in _BASIC.finditer(text):
        if _is_basic(match["value"]):
            yield _weak(*match.span("value"), match["value"], "basic-credentials")


def url_passwords(text: str) -> Iterator[Hit]:
    """``scheme://user:password@host``."""
    for match in _URL.finditer(text):
        value = match["value"]
        if not _NOT_A_SECRET.fullmatch(value):
            yield _weak(*match.span("value"), value, "url-password")


def refused_keys(text: str) -> Iterator[Hit]:
    """What a provider quotes of a key that it refused."""
    for match in _REFUSED.finditer(text):
        value = match["value"]
        # What the provider has masked itself is left as it says it.
        if any(map(str.isdigit, value)) and "**" not in value:
            yield _weak(*match.span("value"), value, "api-key")


def organizations(text: str) -> Iterator[Hit]:
    """UUIDs that are named as an organisation's."""
    for match in _ORGANIZATION.finditer(text):
        placeholder = of_key("organization", match["value"].lower())
        yield Hit(*match.span("value"), "organization", placeholder)


def aws_secrets(text: str) -> Iterator[Hit]:
    """The secret that goes with an AWS key id: 40 mixed characters near it."""
    for near in _AWS_ID.finditer(text):
        low, high = max(0, near.start() - _AWS_REACH), near.end() + _AWS_REACH
        for match in _AWS_SECRET.finditer(text, low, high):
            secret = match[0]
            if not (secret.islower() or secret.isupper()) and any(map(str.isdigit, secret)):
                yield Hit(match.start(), match.end(), "aws-secret", of_key("aws-secret", secret))


def is_secret_value(name: str, value: str) -> bool:
    """Whether a string under a secret-looking name is one, and no type name, hint or placeholder."""
    password = name.startswith("pass")
    if len(value) < (4 if password else 6) or len(value) > 20_000:
        return False
    if not password and name != "secret" and any(map(str.isspace, value)):
        return False
    return not (_NOT_A_SECRET.fullmatch(value) or _WORDS.fullmatch(value) or PLACEHOLDER.search(value))


def _weak(start: int, end: int, secret: str, kind: str) -> Hit:
    # One prefix for all: the same password gives the same placeholder wherever it was found.
    return Hit(start, end, kind, of_weak(KIND, secret))


def _begins_name(text: str, at: int, quote: str) -> bool:
    """Whether the name, with any words before it (``db_password``), began with the quote it ends with."""
    start = at
    while start > 0 and at - start < 60 and (text[start - 1].isalnum() or text[start - 1] in "_-. "):
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


def _is_basic(value: str) -> bool:
    try:
        decoded = base64.b64decode(value.replace("-", "+").replace("_", "/") + "==").decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in decoded and decoded.isprintable() and starts_word(value, 0)
