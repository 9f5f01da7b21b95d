"""What stands where a secret stood."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

PLACEHOLDER = re.compile(r"<(?:env:[A-Za-z0-9_]+(?:\.[a-z0-9]+)?|[a-z][a-z0-9-]*:[0-9a-f]{12})>")

_SALT = b"trace_ops.redaction/1"
_ROUNDS = 50_000


def placeholders(text: str) -> list[str]:
    """List the placeholders in a text, in order of appearance, repeats included."""
    return PLACEHOLDER.findall(text) if "<" in text else []


def of_key(kind: str, secret: str) -> str:
    """The placeholder of a secret that is too random to be guessed from its hash."""
    digest = hashlib.sha256(_SALT + secret.encode("utf-8", "surrogatepass")).hexdigest()
    return f"<{kind}:{digest[:12]}>"


@lru_cache(maxsize=4096)
def of_weak(kind: str, secret: str) -> str:
    """The placeholder of a secret that a person may have thought up.

    The hash is a slow one, so that trying a word list against a cassette does not pay.
    """
    digest = hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "surrogatepass"), _SALT, _ROUNDS)
    return f"<{kind}:{digest.hex()[:12]}>"


def of_variable(name: str, form: str = "") -> str:
    """The placeholder of an environment variable's value: its name, so that it outlives a new value.

    ``form`` names an encoding in which the value stood (``base64``): another text than the value
    itself, which must not become equal to it.
    """
    safe = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"<env:{safe}.{form}>" if form else f"<env:{safe}>"
