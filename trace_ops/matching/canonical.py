"""One request reduced to what makes it the same call: a key to look it up by, and a value to compare."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from trace_ops.exchange import Body, Request
from trace_ops.matching import ids, multipart
from trace_ops.matching.fields import MESSAGES, Api, api_of
from trace_ops.matching.rules import Rules

_NO_IDS: Mapping[str, str] = {}
_PLAIN = Rules()

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode

# Neither the version of the transport nor a credential says what is asked.
_UNKEYED_QUERY = frozenset({"api-version", "key", "api_key", "api-key", "access_token"})
# Where the call is billed and served, like a host.
_PLACE = re.compile(r"/projects/[^/]+/locations/[^/]+/")
_MINTED_SEGMENT = re.compile(
    r"(?<=/)(?:[a-z]{2,12}[-_](?=[^/]*\d)[A-Za-z0-9_]{10,}|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)"
)
_BASE64 = re.compile(r"(?:data:[^,]{0,200},)?[A-Za-z0-9+/_=\r\n-]*")
_LARGE = 1024


class Canonical:
    """A request as it is compared.

    ``key``: equal for equal calls only (SHA-256, hexadecimal). ``letter``: tells apart calls of one key by
    the letters of their ids and seals; ``None`` where there are none. ``group``: provider, method and
    path with ids left out, such as ``openai POST /chat/completions``.
    """

    __slots__ = ("_minted", "_request", "_rules", "_value", "group", "key", "letter")

    def __init__(
        self,
        key: str,
        letter: bytes | None,
        group: str,
        request: Request,
        rules: Rules,
        minted: Mapping[str, str],
    ) -> None:
        self.key = key
        self.letter = letter
        self.group = group
        self._request = request
        self._rules = rules
        self._minted = minted
        self._value: dict[str, Any] | None = None

    @property
    def value(self) -> dict[str, Any]:
        """What the key was made of: ``path``, ``query``, ``headers``, ``body``; large base64 as its hash."""
        if self._value is None:
            address = _address(self._request, self._rules, self._minted)
            body = _hash_large(_body(self._request, self._rules, self._minted))
            self._value = {
                "method": address[0],
                "path": address[1],
                "query": _grouped(address[2]),
                "headers": dict(address[3]),
                "body": body,
            }
        return self._value

    @property
    def model(self) -> str | None:
        """The model that the body names, if it does."""
        body = None if self._request.body is None else self._request.body.json
        model = body.get("model") if isinstance(body, dict) else None
        return model if isinstance(model, str) else None

    def __repr__(self) -> str:
        return f"Canonical({self.group}, {self.key[:12]})"


def canonical(
    request: Request, provider: str, rules: Rules = _PLAIN, minted: Mapping[str, str] = _NO_IDS
) -> Canonical:
    """Reduce a request to what makes it the same call.

    ``minted`` names ids that servers made (see :class:`~trace_ops.matching.mint.Minted`). The request must
    be scrubbed as the recorded ones are.
    """
    address = _address(request, rules, minted)
    text, letter = _body_text(request, rules, minted)
    digest = hashlib.sha256(_prefix(provider, address))
    digest.update(text)
    return Canonical(digest.hexdigest(), letter, _group(provider, request), request, rules, minted)


_Pairs = tuple[tuple[str, str], ...]
_Address = tuple[str, str, _Pairs, _Pairs]


def _address(request: Request, rules: Rules, minted: Mapping[str, str]) -> _Address:
    path, has_ids = _path(request.path)
    if has_ids:
        path = _MINTED_SEGMENT.sub(lambda match: ids.reference(match[0], minted), path)
    parts = rules.parts
    return (
        request.method.upper() if "method" in parts else "",
        path,
        _query(request.query) if request.query and "query" in parts else (),
        _headers(request.headers) if request.headers and "headers" in parts else (),
    )


@lru_cache(maxsize=1024)
def _prefix(provider: str, address: _Address) -> bytes:
    return repr((provider, address)).encode("utf-8", "surrogatepass") + b"\n"


@lru_cache(maxsize=1024)
def _path(path: str) -> tuple[str, bool]:
    path = _PLACE.sub("/projects/-/locations/-/", path)
    return path, _MINTED_SEGMENT.search(path) is not None


def _group(provider: str, request: Request) -> str:
    path, has_ids = _path(request.path)
    if has_ids:
        path = _MINTED_SEGMENT.sub("{id}", path)
    return f"{provider} {request.method.upper()} {path}"


@lru_cache(maxsize=1024)
def _query(query: str) -> _Pairs:
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0].lower() not in _UNKEYED_QUERY]
    # The order of values under one name may matter, that of names does not.
    return tuple(sorted(kept, key=lambda pair: pair[0]))


def _grouped(pairs: _Pairs) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: ", ".join(items) for name, items in values.items()}


def _headers(headers: Mapping[str, str]) -> _Pairs:
    return tuple(sorted((name.lower(), _header_value(name, value)) for name, value in headers.items()))


def _header_value(name: str, value: str) -> str:
    if name.lower() != "anthropic-beta":
        return value
    return ",".join(sorted({beta.strip() for beta in value.split(",")} - {""}))


def _body_text(request: Request, rules: Rules, minted: Mapping[str, str]) -> tuple[bytes, bytes | None]:
    """The body as it is compared, as JSON text, and a digest of it before its ids were rewritten."""
    body = request.body
    if body is None:
        return b"null", None
    api = _api(request.path)
    try:
        value = _reduced(body, request, api, rules)
        text = _encode(value)
        for mark in api.marks:
            if mark in text:
                return (
                    _encode(ids.rewrite(value, minted)).encode(),
                    hashlib.blake2b(text.encode(), digest_size=16).digest(),
                )
        return text.encode(), None
    except RecursionError:
        return body.raw, None


_api = lru_cache(maxsize=1024)(api_of)


def _body(request: Request, rules: Rules, minted: Mapping[str, str]) -> Any:
    """The body as it is compared, as a value."""
    if request.body is None:
        return None
    value = _reduced(request.body, request, _api(request.path), rules)
    try:
        return ids.rewrite(value, minted)
    except RecursionError:
        return value


def _reduced(body: Body, request: Request, api: Api, rules: Rules) -> Any:
    value = body.json
    if value is None:
        value = multipart.parse(body.raw, request.content_type)
        if value is None:
            return _opaque(body, request.content_type)
    elif isinstance(value, dict):
        value = without_unkeyed(value, api, rules)
    return value if rules.whole_body else rules.apply(value)


def without_unkeyed(body: dict[str, Any], api: Api, rules: Rules = _PLAIN) -> dict[str, Any]:
    """Drop the top-level fields that never change the meaning, unless ``match_on`` names them."""
    dropped = {field for field in api.unkeyed if field in body and not rules.wants(field)}
    metadata = body.get("metadata")
    if api is MESSAGES and isinstance(metadata, dict) and "user_id" in metadata:
        others = {key: value for key, value in metadata.items() if key != "user_id"}
        body = {**body, "metadata": others}
        if not others:
            dropped.add("metadata")
    return {key: value for key, value in body.items() if key not in dropped} if dropped else body


def _opaque(body: Body, content_type: str) -> Any:
    if not body.raw:
        return None
    text = body.text
    if text is not None and len(text) <= 100_000:
        return text
    return {
        "content_type": content_type,
        "bytes": len(body.raw),
        "sha256": hashlib.sha256(body.raw).hexdigest(),
    }


def _hash_large(value: Any) -> Any:
    """Show large base64 as its size and hash, for nobody reads it."""
    if isinstance(value, str):
        if len(value) <= _LARGE or _BASE64.fullmatch(value) is None:
            return value
        digest = hashlib.sha256(value.encode()).hexdigest()
        return f"<base64, {len(value)} characters, sha256 {digest[:16]}>"
    if isinstance(value, list):
        return [_hash_large(item) for item in value]
    if isinstance(value, dict):
        return {key: _hash_large(item) for key, item in value.items()}
    return value
