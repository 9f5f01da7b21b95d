"""Headers and query strings: what is never kept of them."""

from __future__ import annotations

import re
from functools import lru_cache

DROPPED = frozenset(
    {
        "api-key",
        "authentication-info",
        "authorization",
        "cookie",
        "ocp-apim-subscription-key",
        "proxy-authentication-info",
        "proxy-authorization",
        "set-cookie",
        "set-cookie2",
        "x-access-token",
        "x-amz-security-token",
        "x-amz-signature",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-goog-api-key",
        "x-xsrf-token",
    }
)
IDENTIFYING = frozenset(
    {
        "anthropic-organization-id",
        "anthropic-workspace-id",
        "openai-organization",
        "openai-project",
        "x-goog-user-project",
        "x-ms-client-principal-id",
        "x-organization-id",
    }
)
_CREDENTIAL = re.compile(
    r"(?i)(?:(?:x-)?(?:api|subscription|access|account|secret)?[-_]?key|.*token|.*password|.*secret|sig|signature|"
    r"x-amz-.*|x-goog-(?:signature|credential)|code|auth(?:orization)?|.*credentials?|googleaccessid|awsaccesskeyid)"
)
_NOT_CREDENTIAL = re.compile(r"(?i)(?:next|page|pagination|continuation|sync|max)[-_]?.*token")


@lru_cache(maxsize=1024)
def drops_header(name: str) -> bool:
    """Whether a header is a credential or a cookie."""
    return name.lower() in DROPPED


@lru_cache(maxsize=1024)
def identifies(name: str) -> bool:
    """Whether a header names an organisation or a project."""
    return name.lower() in IDENTIFYING


def drops_parameter(name: str) -> bool:
    """Whether a query parameter is a credential."""
    return _CREDENTIAL.fullmatch(name) is not None and _NOT_CREDENTIAL.fullmatch(name) is None
