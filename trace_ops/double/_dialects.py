"""Error bodies and response headers of each provider."""

from __future__ import annotations

from typing import Any

from trace_ops.double import _eventstream
from trace_ops.double._reply import Reply, compact, dense, event, pretty
from trace_ops.double._request import Dialect, Incoming

_OPENAI_ERRORS = {
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", None),
    409: ("conflict_error", None),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("service_unavailable_error", None),
}
_ANTHROPIC_ERRORS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_AWS_ERRORS = {
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
_GOOGLE_ERRORS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_PHRASES = {
    400: "The request is not valid",
    401: "The credentials are not valid",
    403: "No permission for this",
    404: "Not found",
    409: "The resource is being changed by another request",
    413: "The request is larger than allowed",
    422: "The request could not be processed",
    429: "Rate limit reached. Please try again later",
    500: "The server had an error while processing your request",
    503: "The server is overloaded",
    529: "Overloaded",
}


def error(incoming: Incoming, status: int, message: str = "", code: str | None = None) -> Reply:
    """An error answer in the shape of the dialect."""
    message = message or _PHRASES.get(status, f"Error {status}")
    value = _error_value(incoming, status, message, code)
    reply = (pretty if incoming.dialect == "openai" else compact)(value, status)
    if incoming.dialect == "bedrock":
        reply.headers["x-amzn-errortype"] = _AWS_ERRORS.get(status, "ValidationException")
    return reply


def error_event(incoming: Incoming, message: str) -> bytes:
    """The event with which a stream of the dialect reports an error."""
    if incoming.dialect == "bedrock":
        return _eventstream.exception("internalServerException", message)
    value = _error_value(incoming, 500, message, None)
    if incoming.dialect == "ollama" or incoming.request.path == "/v1/chat":
        return f"{dense(value)}\n".encode()
    if incoming.request.path.endswith("/responses"):
        flat = {
            "type": "error",
            "sequence_number": 99,
            "code": "server_error",
            "message": message,
            "param": None,
        }
        return event(flat | value, "error")
    name = "error" if incoming.dialect in ("anthropic", "vertex") else None
    return event(value, name)


def _error_value(incoming: Incoming, status: int, message: str, code: str | None) -> dict[str, Any]:
    dialect: Dialect = incoming.dialect
    if dialect == "bedrock":
        return {"message": message}
    if dialect == "google":
        kind = _GOOGLE_ERRORS.get(status, "UNKNOWN")
        return {"error": {"code": status, "message": message, "status": kind}}
    if dialect == "mistral" and status == 422:
        return {"detail": [{"loc": ["body"], "msg": message, "type": "value_error"}]}
    if dialect == "mistral":
        return {"object": "error", "message": message, "type": "invalid_request_error", "code": str(status)}
    if dialect == "cohere":
        return {"id": incoming.mint.hex("", 32), "message": message}
    if dialect == "ollama":
        return {"error": message}
    if dialect == "azure":
        return {"error": {"code": code or str(status), "message": message}}
    if dialect == "openai":
        kind, usual = _OPENAI_ERRORS.get(status, ("invalid_request_error", None))
        return {"error": {"message": message, "type": kind, "param": None, "code": code or usual}}
    kind = _ANTHROPIC_ERRORS.get(status, "invalid_request_error")
    request_id = incoming.mint("req_011C", 20)
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}


def headers(incoming: Incoming) -> dict[str, str]:
    """The headers that come with every answer of the dialect."""
    if incoming.dialect == "bedrock":
        return {"x-amzn-requestid": incoming.mint.hex("", 32), "x-amzn-bedrock-invocation-latency": "412"}
    if incoming.dialect == "vertex":
        return {"x-vertex-ai-internal-prediction-backend": "double", "server": "scaffolding on HTTPServer2"}
    if incoming.dialect == "anthropic":
        return {
            "request-id": incoming.mint("req_011C", 20),
            "anthropic-organization-id": "5d2c3f7e-6c0a-4f5b-9b52-3e1d7a9c0b41",
            "anthropic-ratelimit-requests-limit": "4000",
            "anthropic-ratelimit-requests-remaining": "3999",
            "anthropic-ratelimit-tokens-limit": "400000",
            "anthropic-ratelimit-tokens-remaining": "399000",
            "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
            "server": "cloudflare",
            "cf-cache-status": "DYNAMIC",
            "cf-ray": incoming.mint.hex("", 16) + "-FRA",
            "set-cookie": f"_cfuvid={incoming.mint('', 40)}; path=/; HttpOnly",
        }
    if incoming.dialect == "google":
        return {"vary": "Origin, X-Origin, Referer", "server": "scaffolding on HTTPServer2"}
    if incoming.dialect == "cohere":
        return {"x-debug-trace-id": incoming.mint.hex("", 32), "num_tokens": "22", "server": "envoy"}
    if incoming.dialect == "mistral":
        return {"mistral-correlation-id": incoming.mint.hex("", 32), "server": "cloudflare"}
    if incoming.dialect == "ollama":
        return {}
    common = {
        "x-request-id": incoming.mint.hex("req_", 32),
        "openai-processing-ms": str(200 + int(incoming.mint.hex("", 2), 16)),
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-reset-requests": "6ms",
    }
    if incoming.dialect == "azure":
        return common | {"apim-request-id": incoming.mint.hex("", 32), "x-ms-region": "West Europe"}
    return common | {
        "openai-organization": "org-traceopsdouble0001",
        "openai-project": "proj_traceopsdouble0001",
        "openai-version": "2020-10-01",
        "x-envoy-upstream-service-time": "211",
        "server": "cloudflare",
        "cf-cache-status": "DYNAMIC",
        "cf-ray": incoming.mint.hex("", 16) + "-FRA",
        "set-cookie": f"__cf_bm={incoming.mint('', 40)}; path=/; HttpOnly; Secure",
    }
