"""Secrets that are known by what stands around them: ``Bearer``, a URL's user part, PEM armour."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from trace_ops.redaction._hit import Hit
from trace_ops.redaction._named import is_stand_in, weak
from trace_ops.redaction._placeholder import of_key

_BEARER = re.compile(r"(?:earer|EARER)(?:\s|\\+[nt]|%20|\+)+(?P<value>[A-Za-z0-9._~+/-]{12,}=*)")
_BASIC = re.compile(r"(?:asic|ASIC)\s+(?P<value>[A-Za-z0-9+/_-]{8,}={0,2})")
_URL = re.compile(r":\\?/\\?/[^\s/:@\"'<>\\]*:(?P<value>[^\s/@\"'<>\\`{}]{3,})@")
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


def private_keys(text: str) -> Iterator[Hit]:
    """PEM private keys, with real line ends or escaped ones; one cut short is found as far as it goes."""
    for match in _PRIVATE_KEY.finditer(text):
        core = re.sub(r"\\+[nr]|[\s\\]", "", match[0])
        yield Hit(match.start(), match.end(), "private-key", of_key("private-key", core))


def authorizations(text: str) -> Iterator[Hit]:
    """``Bearer`` and ``Basic`` credentials."""
    for match in _BEARER.finditer(text):
        value = match["value"]
        if any(map(str.isdigit, value)):
            yield weak(*match.span("value"), value, "bearer-token")
    for match in _BASIC.finditer(text):
        if _is_basic(match["value"]):
            yield weak(*match.span("value"), match["value"], "basic-credentials")


def url_passwords(text: str) -> Iterator[Hit]:
    """``scheme://user:password@host``."""
    for match in _URL.finditer(text):
        if not is_stand_in(match["value"]):
            yield weak(*match.span("value"), match["value"], "url-password")


def refused_keys(text: str) -> Iterator[Hit]:
    """What a provider quotes of a key that it refused."""
    for match in _REFUSED.finditer(text):
        value = match["value"]
        # What the provider has masked itself is left as it says it.
        if any(map(str.isdigit, value)) and "**" not in value:
            yield weak(*match.span("value"), value, "api-key")


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


def _is_basic(value: str) -> bool:
    try:
        decoded = base64.b64decode(value.replace("-", "+").replace("_", "/") + "==").decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in decoded and decoded.isprintable()
