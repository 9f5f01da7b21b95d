"""Secrets that are known by their shape: a prefix of their own and enough random characters after it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import cached_property

from trace_ops.redaction._hit import Hit
from trace_ops.redaction._placeholder import of_key

_ESCAPE_BEFORE = re.compile(r"\\(?:[nrtbf]|u[0-9a-fA-F]{4})\Z")


class Shape:
    """A family of keys: a pattern that begins with one of ``literals``, and a last word on what it matches.

    Compiled when first needed, which for nearly all shapes is never.
    """

    def __init__(
        self,
        kind: str,
        literals: tuple[str, ...],
        tail: str,
        accept: Callable[[str], bool],
        kind_of: Callable[[str], str] | None,
    ) -> None:
        self.kind, self.literals = kind, literals
        heads = "|".join(map(re.escape, literals))
        self._source = (heads if len(literals) == 1 else f"(?:{heads})") + tail
        self._accept, self._kind_of = accept, kind_of

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self._source)

    def find(self, text: str) -> Iterator[Hit]:
        """Every secret of this shape."""
        match = self._pattern.search(text)
        while match:
            secret, found = match[0], starts_word(text, match.start()) and self._accept(match[0])
            if found:
                kind = self._kind_of(secret) if self._kind_of else self.kind
                yield Hit(match.start(), match.end(), kind, of_key(kind, secret))
            match = self._pattern.search(text, match.end() if found else match.start() + 1)


def starts_word(text: str, at: int) -> bool:
    """Whether a word may start here: after no letter or digit, unless that ends a JSON escape."""
    before = text[at - 1 : at]
    if not before or not before.isalnum():
        return True
    return _ESCAPE_BEFORE.search(text, max(0, at - 6), at) is not None


_OWNERS = {
    "ant": "anthropic-key",
    "or": "openrouter-key",
    "lf": "langfuse-key",
    "proj": "openai-key",
    "svcacct": "openai-key",
    "admin": "openai-key",
    "None": "openai-key",
}
_RUNS = re.compile(r"[A-Za-z0-9]+")


def _sk_kind(secret: str) -> str:
    return _OWNERS.get(secret.split("-", 2)[1], "openai-key")


def _is_sk_key(secret: str) -> bool:
    """Tell ``sk-`` keys from words such as ``sk-learn-contrib`` and ``sk-SK``."""
    body = secret[3:]
    if body.split("-", 1)[0] in _OWNERS:
        return len(body) >= 20 and any(char.isdigit() or char.isupper() for char in body[4:])
    run = max(map(len, _RUNS.findall(body)), default=0)
    digits = sum(map(str.isdigit, body))
    return run >= 20 or (run >= 16 and digits > 0) or (len(body) >= 24 and run >= 8 and digits >= 3)


def _mixed(secret: str) -> bool:
    """Random characters hold digits and letters; a long identifier rarely does."""
    body = secret[4:]
    return any(map(str.isdigit, body)) and any(map(str.isalpha, body))


def _holds_private_key(secret: str) -> bool:
    try:
        return b"PRIVATE KEY" in base64.b64decode(secret[: len(secret) // 4 * 4])
    except (binascii.Error, ValueError):
        return False


def _shape(
    kind: str,
    *literals: str,
    tail: str,
    accept: Callable[[str], bool] = _mixed,
    kind_of: Callable[[str], str] | None = None,
) -> Shape:
    return Shape(kind, literals, tail, accept, kind_of)


# Providers mask the middle of a key that they refuse; the rest of it is still somebody's.
MASKED = _shape(
    "openai-key", "sk-", tail=r"[A-Za-z0-9_-]*\*{3}[A-Za-z0-9_*-]*", accept=lambda _: True, kind_of=_sk_kind
)

SHAPES: tuple[Shape, ...] = (
    _shape("openai-key", "sk-", tail=r"[A-Za-z0-9_-]{16,}", accept=_is_sk_key, kind_of=_sk_kind),
    _shape("jwt", "eyJ", tail=r"[\w-]{10,}\.[\w-]*\.[\w-]{10,}(?:\.[\w-]{10,}){0,2}"),
    _shape("organization", "org-", tail=r"[A-Za-z0-9]{20,}(?![A-Za-z0-9-])"),
    _shape("project", "proj_", tail=r"[A-Za-z0-9]{20,}(?![A-Za-z0-9_-])"),
    _shape("aws-key-id", "AKIA", "ASIA", "ABIA", "ACCA", tail=r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _shape("aws-bedrock-key", "ABSK", tail=r"[A-Za-z0-9+/]{60,}={0,2}"),
    _shape("aws-bedrock-key", "bedrock-api-key-", tail=r"[A-Za-z0-9+/=_.-]{20,}(?<!\.)"),
    _shape("google-key", "AIza", tail=r"[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    _shape("google-token", "ya29.", tail=r"[A-Za-z0-9_-]{20,}"),
    _shape("google-secret", "GOCSPX-", tail=r"[A-Za-z0-9_-]{20,}"),
    _shape("groq-key", "gsk_", tail=r"[A-Za-z0-9]{20,}"),
    _shape("xai-key", "xai-", tail=r"[A-Za-z0-9]{20,}"),
    _shape("perplexity-key", "pplx-", tail=r"[A-Za-z0-9]{20,}"),
    _shape("cerebras-key", "csk-", tail=r"[A-Za-z0-9]{20,}"),
    _shape("together-key", "tgp_v1_", tail=r"[A-Za-z0-9_-]{20,}"),
    _shape("fireworks-key", "fw_", tail=r"[A-Za-z0-9]{20,}"),
    _shape("replicate-key", "r8_", tail=r"[A-Za-z0-9]{20,}"),
    _shape("nvidia-key", "nvapi-", tail=r"[A-Za-z0-9_-]{20,}"),
    _shape("huggingface-token", "hf_", tail=r"[A-Za-z0-9]{20,}", accept=lambda secret: len(secret) >= 30),
    _shape("langsmith-key", "lsv2_", tail=r"(?:pt|sk)_[A-Za-z0-9_]{20,}"),
    _shape("pinecone-key", "pcsk_", tail=r"[A-Za-z0-9_]{20,}"),
    _shape("tavily-key", "tvly-", tail=r"[A-Za-z0-9-]{16,}"),
    _shape("databricks-token", "dapi", tail=r"[0-9a-f]{32}(?:-\d+)?"),
    _shape("github-token", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", tail=r"[A-Za-z0-9]{20,}"),
    _shape("github-token", "github_pat_", tail=r"[A-Za-z0-9_]{20,}"),
    _shape("gitlab-token", "glpat-", tail=r"[A-Za-z0-9_-]{20,}"),
    _shape(
        "slack-token",
        "xoxa-",
        "xoxb-",
        "xoxp-",
        "xoxr-",
        "xoxs-",
        "xoxe-",
        "xoxe.",
        "xapp-",
        tail=r"[A-Za-z0-9.-]{15,}[A-Za-z0-9]",
    ),
    _shape("slack-webhook", "hooks.slack.com/services/", tail=r"[A-Za-z0-9/_-]{20,}"),
    _shape("stripe-key", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", tail=r"[A-Za-z0-9]{16,}"),
    _shape("sendgrid-key", "SG.", tail=r"[\w-]{16,}\.[\w-]{16,}"),
    _shape("npm-token", "npm_", tail=r"[A-Za-z0-9]{30,}"),
    _shape("pypi-token", "pypi-AgE", tail=r"[A-Za-z0-9_-]{40,}"),
    _shape("shopify-token", "shpat_", "shpss_", "shpca_", tail=r"[A-Fa-f0-9]{32}"),
    _shape("digitalocean-token", "dop_v1_", "doo_v1_", tail=r"[a-f0-9]{40,}"),
    _shape("vault-token", "hvs.", "hvb.", tail=r"[A-Za-z0-9_-]{24,}"),
    _shape("age-key", "AGE-SECRET-KEY-1", tail=r"[A-Z0-9]{40,}"),
    _shape("private-key", "LS0tLS1CRUdJTi", tail=r"[A-Za-z0-9+/]{64,}={0,2}", accept=_holds_private_key),
)

_LITERALS = sorted({lit for shape in SHAPES for lit in shape.literals}, key=lambda lit: (-len(lit), lit))
_BY_LITERAL = {lit: shape for shape in SHAPES for lit in shape.literals}
# Begins with a character class and no anchor, which `re` can skip along fast.
_SIGHTING = re.compile(
    r"[^A-Za-z0-9](?:[nrtbf]|u[0-9a-fA-F]{4})?(" + "|".join(map(re.escape, _LITERALS)) + ")"
)


def sighted(word: str) -> set[Shape]:
    """The shapes whose prefix starts the word or a part of it (a cheap look before :meth:`Shape.find`)."""
    return {_BY_LITERAL[literal] for literal in _SIGHTING.findall(" " + word)}
