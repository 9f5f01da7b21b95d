"""What a caller saw, as plain data that can be compared: types, fields, headers, errors, states.

Left out is only what differs between two live runs (times, random keys) and what a recording must not
keep (credentials, cookies, organisations).
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

UNCOMPARED_HEADERS = frozenset(
    {
        "anthropic-organization-id",
        "openai-organization",
        "openai-project",
        "set-cookie",
    }
)
UNCOMPARED_REQUEST_HEADERS = frozenset(
    {
        "api-key",
        "authorization",
        "cookie",
        "idempotency-key",
        "x-amz-date",
        "x-amz-security-token",
        "x-api-key",
        "x-goog-api-key",
        "x-stainless-idempotency-key",
    }
)


@dataclasses.dataclass
class Raised:
    """An exception, and what was received before it."""

    error: BaseException
    before: list[Any] = dataclasses.field(default_factory=list)


def describe(value: Any) -> Any:
    """Turn anything an SDK gives back into nested lists, dicts and strings."""
    if value is None or isinstance(value, str | bool | enum.Enum):
        return value
    if isinstance(value, int | float):
        return f"{type(value).__name__} {value!r}"  # 1 and 1.0 are not the same
    if isinstance(value, bytes | bytearray):
        digest = hashlib.sha256(value).hexdigest()[:16]
        return f"{type(value).__name__} {len(value)} {digest} {bytes(value[:24])!r}"
    if hasattr(value, "multi_items"):
        return describe_headers(value, UNCOMPARED_HEADERS)
    if isinstance(value, Mapping):
        return [[str(key), describe(each)] for key, each in value.items()]
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [type(value).__name__, *(describe(each) for each in items)]
    if isinstance(value, type):
        return name_of(value)
    if isinstance(value, timedelta):
        return "timedelta"
    if isinstance(value, BaseException):
        return describe_error(value)
    if hasattr(value, "model_fields_set"):
        return describe_model(value)
    if hasattr(value, "http_response") and hasattr(value, "parse"):
        return describe_raw(value)
    if hasattr(value, "is_stream_consumed") and hasattr(value, "status_code"):
        return describe_http(value)
    if hasattr(value, "iter_bytes") and hasattr(value, "response"):
        return {"class": name_of(type(value)), "response": describe_http(value.response)}
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {"class": name_of(type(value)), "fields": describe(fields)}
    return {"class": name_of(type(value)), "text": re.sub(r"0x[0-9a-f]+", "0x", str(value))}


def name_of(cls: type) -> str:
    """Where a class comes from and what it is called, type arguments included."""
    return f"{cls.__module__}.{cls.__qualname__}"


def describe_model(model: Any) -> dict[str, Any]:
    """A pydantic model: every field in order, extras too, and which of them were set."""
    fields = dict(model.__dict__) | dict(model.__pydantic_extra__ or {})
    return {
        "class": name_of(type(model)),
        "fields": describe(fields),
        "set": sorted(model.model_fields_set),
        "request_id": getattr(model, "_request_id", "none"),
    }


def describe_error(error: BaseException) -> dict[str, Any]:
    """An exception: its class, what it says, what it carries, and what caused it."""
    seen: dict[str, Any] = {
        "class": name_of(type(error)),
        "bases": [name_of(base) for base in type(error).__mro__[1:-2]],
        "text": str(error),
        "suppressed": error.__suppress_context__,
    }
    for name in (
        "message",
        "status_code",
        "body",
        "code",
        "param",
        "type",
        "request_id",
        "response",
        "completion",
    ):
        if hasattr(error, name):
            seen[name] = describe(getattr(error, name))
    if getattr(error, "request", None) is not None:
        seen["request"] = describe_request(error.request)  # type: ignore[attr-defined]
    if error.__cause__ is not None:
        seen["cause"] = [name_of(type(error.__cause__)), str(error.__cause__)]
        if hasattr(error.__cause__, "_request"):
            seen["cause"].append(describe_request(error.__cause__.request))  # type: ignore[attr-defined]
    return seen


def describe_headers(headers: Any, less: frozenset[str]) -> list[list[str]]:
    """Headers in order, less those that must not be kept."""
    return [[name.lower(), value] for name, value in headers.multi_items() if name.lower() not in less]


def describe_request(request: Any) -> dict[str, Any]:
    """The request as the SDK built it."""
    headers = describe_headers(request.headers, UNCOMPARED_REQUEST_HEADERS)
    return {
        "class": name_of(type(request)),
        "method": request.method,
        "url": str(request.url),
        # Sorted: signing for Bedrock, which a replay spares, moves some of them.
        "headers": sorted([name, re.sub(r"boundary=.*", "boundary", value)] for name, value in headers),
    }


def describe_http(response: Any) -> dict[str, Any]:
    """A response of the HTTP library, in whatever state it is."""
    seen = {
        "class": name_of(type(response)),
        "status": response.status_code,
        "reason": response.reason_phrase,
        "http_version": response.http_version,
        "headers": describe_headers(response.headers, UNCOMPARED_HEADERS),
        "url": str(response.url),
        "request": describe_request(response.request),
        "is_closed": response.is_closed,
        "is_stream_consumed": response.is_stream_consumed,
        "encoding": response.encoding,
        "charset": response.charset_encoding,
        "history": len(response.history),
        "is_success": response.is_success,
    }
    try:
        seen["elapsed"] = response.elapsed >= timedelta(0)
    except RuntimeError as error:
        seen["elapsed"] = str(error)
    if hasattr(response, "_content"):
        seen["content"] = describe(response.content)
        seen["text"] = response.text
    if "content-encoding" not in response.headers and response.is_stream_consumed:
        seen["bytes"] = response.num_bytes_downloaded
    return seen


def describe_raw(raw: Any) -> dict[str, Any]:
    """What ``with_raw_response`` and ``with_streaming_response`` give."""
    seen = {
        "class": name_of(type(raw)),
        "retries_taken": getattr(raw, "retries_taken", None),
        "status": raw.status_code,
        "url": str(raw.url),
        "method": raw.method,
        "http_version": raw.http_version,
        "request_id": getattr(raw, "request_id", None),
        "is_closed": raw.is_closed,
        "http": describe_http(raw.http_response),
        "http_request": describe_request(raw.http_request),
    }
    if raw.is_closed:
        seen["elapsed"] = raw.elapsed >= timedelta(0)
    return seen


def differences(was: Any, now: Any, path: str = "") -> list[str]:
    """The leaves in which two descriptions differ, as ``path: was -> now``."""
    if type(was) is type(now) and isinstance(was, dict):
        found = []
        for key in [*was, *(key for key in now if key not in was)]:
            found += differences(was.get(key, "(absent)"), now.get(key, "(absent)"), f"{path}.{key}")
        return found
    if type(was) is type(now) and isinstance(was, list):
        if len(was) == len(now):
            pairs = enumerate(zip(was, now, strict=True))
            return [line for i, (a, b) in pairs for line in differences(a, b, f"{path}[{i}]")]
        gone, new = [item for item in was if item not in now], [item for item in now if item not in was]
        return [f"{path}: {len(was)} items -> {len(now)}; gone {_short(gone)}; new {_short(new)}"]
    return [] if was == now and type(was) is type(now) else [f"{path}: {_short(was)} -> {_short(now)}"]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 400 else f"{text[:300]} ... {text[-80:]}"
