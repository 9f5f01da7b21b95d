"""The seam to LiteLLM: the requests it makes by itself, its retries, and what must not run beside them.

For OpenAI and what is compatible with it, LiteLLM calls the openai SDK, whose seam sees the call. For
all others it posts through HTTP handlers of its own; which provider a post goes to is read from its
route. A part of it in Rust, which no seam sees, stays off while a tape is active.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from wrapt import wrap_function_wrapper

from trace_ops import wire
from trace_ops.context import watching
from trace_ops.providers._attempts import Attempts, current_attempts
from trace_ops.providers._call import Call, current_call
from trace_ops.providers._seam import watch_sends
from trace_ops.providers._unseen import unseen

_FAMILIES = {
    "anthropic": "anthropic",
    "anthropic_text": "anthropic",
    "azure": "openai",
    "azure_text": "openai",
    "bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "cerebras": "cerebras",
    "codestral": "mistral",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "custom_openai": "openai",
    "gemini": "google",
    "groq": "groq",
    "mistral": "mistral",
    "ollama": "ollama",
    "ollama_chat": "ollama",
    "openai": "openai",
    "text-completion-codestral": "mistral",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "vertex_ai": "google",
    "vertex_ai_beta": "google",
}
"""Provider families by LiteLLM's name of the route; any other is LiteLLM's own."""

_PATHS = (
    ("anthropic", re.compile(r"/anthropic/|/v1/(?:messages|complete)$")),
    ("google", re.compile(r"/[^/:]+:(?:streamG|g)enerateContent$|:(?:batchE|e)mbedContents?$")),
    ("bedrock", re.compile(r"/model/.+/(?:converse|invoke)")),
    ("cohere", re.compile(r"/v[12]/(?:chat|embed)$|/v2/rerank$")),
    ("ollama", re.compile(r"/api/(?:chat|generate|embed|embeddings)$")),
)
"""What tells the family where LiteLLM does not say the route, or the route serves the models of another."""

_TASKS = re.compile(
    r"/(?:rerank|ocr|moderations|images/\w+|audio/\w+|messages/count_tokens)$|:(?:countTokens|predict)$"
)
"""Ends of paths of what a model does besides writing; all other posts are not to a model."""

_OPENAI = re.compile(
    r"/(?:deployments/|chat/completions|completions|responses|embeddings|images/|audio/|moderations|rerank)"
)
_VERSION = re.compile(r"/v\d\w*/")
_BEGINNINGS = {
    "openai": _OPENAI,
    "litellm": _OPENAI,
    "bedrock": re.compile(r"/model/"),
    "groq": re.compile(r"/openai/v\d/"),
    "ollama": re.compile(r"/api/"),
    "together": _OPENAI,
}
"""Where a path begins below the base URL, as it does for the provider's own SDK."""

_LOCAL = {
    "litellm.litellm_core_utils.get_model_cost_map": ("get_model_cost_map", "LITELLM_LOCAL_MODEL_COST_MAP"),
    "litellm.anthropic_beta_headers_manager": (
        "get_beta_headers_config",
        "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS",
    ),
}
"""Functions that download what LiteLLM also brings along, and the variables that keep them from it."""

_HANDLERS = "litellm.llms.custom_httpx.http_handler"
_DISPATCH = "litellm.rust_bridge.dispatch"
_CORE, _HOST = "litellm.router_rust.core", "litellm.router_python_host"
_RETRIES = "completion_with_retries", "responses_with_retries"
_environment = threading.RLock()
_route: ContextVar[str | None] = ContextVar("trace_ops_litellm_route", default=None)


class LiteLLM:
    """LiteLLM: its own requests, and the retries of its functions and of its Router."""

    name = "litellm"
    distributions: Sequence[str] = ("litellm",)
    # Other routes of LiteLLM's own are called without a key, too; programs choose theirs by which are set.
    credentials: Mapping[str, str] = {"FIREWORKS_API_KEY": "replay"}

    def __init__(self) -> None:
        self._installs: dict[str, Callable[[str], None]] = {
            _HANDLERS: _install_handlers,
            "litellm.litellm_core_utils.litellm_logging": _install_logging,
            _DISPATCH: _install_scope,
            "litellm.rust_bridge.configuration": _install_python_only,
            "litellm.rust_bridge.runtime": _install_rust_guard,
            "litellm.router": _install_router,
            _CORE: _install_core,
            _HOST: _install_host,
            "litellm": _install_retries,
            **dict.fromkeys(_LOCAL, _install_local),
        }

    @property
    def modules(self) -> Sequence[str]:
        """The modules that are wrapped; older versions lack some."""
        return tuple(self._installs)

    def install(self, module: str) -> None:
        """Wrap what a module holds."""
        import_module(module)
        self._installs[module](module)


# --- requests that LiteLLM makes by itself


def is_to_model(path: str) -> bool:
    """Whether a post of this path goes to a model: LiteLLM fetches tokens and reports to observers too."""
    return wire.operation("litellm", "POST", path)[0] != "custom" or _TASKS.search(path) is not None


def family_of(route: str | None, path: str) -> str:
    """The provider family of a post, by LiteLLM's name of the route if it says one, else by its path."""
    by_path = next((family for family, shape in _PATHS if shape.search(path)), None)
    if by_path == "anthropic" or route is None:
        return by_path or "litellm"  # clouds serve Anthropic's models in its own format
    return _FAMILIES.get(route, "litellm")


def base_of(family: str, path: str) -> str:
    """The part of a path that belongs to the base URL, and is not kept."""
    beginning = _BEGINNINGS.get(family, _VERSION).search(path)
    return path[: beginning.start()] if beginning else ""


def _route_of(logging: Any) -> str | None:
    details = getattr(logging, "model_call_details", None)
    return details.get("custom_llm_provider") if isinstance(details, dict) else None


def _pre_call(wrapped: Any, logging: Any, args: Any, kwargs: Any) -> Any:
    """Some posts do not say what they are for; this comes right before them, and does."""
    if watching("litellm") is not None:
        _route.set(_route_of(logging))
    return wrapped(*args, **kwargs)


def _install_logging(module: str) -> None:
    wrap_function_wrapper(module, "Logging.pre_call", _pre_call)


def _call(handler: Any, url: Any, logging: Any) -> Call | None:
    tape = watching("litellm")
    http = getattr(handler, "client", None)
    if tape is None or http is None or current_call() is not None:
        return None
    path = urlsplit(str(url)).path
    if logging is None and not is_to_model(path):
        return None
    family = family_of(_route_of(logging) or _route.get(), path)
    watch_sends(http)
    call = Call(tape, family, http, base_of(family, path))
    call.via = "litellm"
    return call


def _post(wrapped: Any, handler: Any, args: Any, kwargs: Any) -> Any:
    call = _call(handler, args[0] if args else kwargs.get("url"), kwargs.get("logging_obj"))
    return _within(call, wrapped, args, kwargs)


def _send_anew(wrapped: Any, _handler: Any, args: Any, kwargs: Any) -> Any:
    """After a broken connection the same request goes out through another client: the next attempt."""
    call = current_call()
    http = kwargs.get("client") or next((arg for arg in args if hasattr(arg, "build_request")), None)
    if call is not None and http is not None:
        call.http = http
        watch_sends(http)
    return wrapped(*args, **kwargs)


def _within(scope: AbstractContextManager[Any] | None, wrapped: Any, args: Any, kwargs: Any) -> Any:
    """Run a function, plain or ``async``, in a scope."""
    scope = nullcontext() if scope is None else scope
    if inspect.iscoroutinefunction(wrapped):
        return _awaited(scope, wrapped, args, kwargs)
    with scope:
        return wrapped(*args, **kwargs)


async def _awaited(scope: AbstractContextManager[Any], wrapped: Any, args: Any, kwargs: Any) -> Any:
    with scope:
        return await wrapped(*args, **kwargs)


def _install_handlers(module: str) -> None:
    wrap_function_wrapper(module, "HTTPHandler.post", _post)
    wrap_function_wrapper(module, "AsyncHTTPHandler.post", _post)
    for method in ("single_connection_request", "single_connection_post_request"):
        if hasattr(sys.modules[module].AsyncHTTPHandler, method):
            wrap_function_wrapper(module, f"AsyncHTTPHandler.{method}", _send_anew)


# --- retries


def _retried(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
    return _within(None if watching("litellm") is None else Attempts(), wrapped, args, kwargs)


def _at_once(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
    """Try again without waiting where the last attempt was served."""
    scope = current_attempts()
    if scope is not None and scope.is_served:
        kwargs = {**kwargs, "retry_strategy": "constant_retry"}
    return wrapped(*args, **kwargs)


def _wait(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
    scope = current_attempts()
    return 0 if scope is not None and scope.is_served else wrapped(*args, **kwargs)


def _install_scope(module: str) -> None:
    wrap_function_wrapper(module, "PublicDispatch.run", _retried)
    wrap_function_wrapper(module, "PublicDispatch.arun", _retried)


def _install_router(module: str) -> None:
    if _HOST not in sys.modules:  # since 1.110 the Router only hands on to a core, which has a host
        wrap_function_wrapper(module, "Router.async_function_with_retries", _retried)
        wrap_function_wrapper(module, "Router._time_to_sleep_before_retry", _wait)


def _install_core(module: str) -> None:
    wrap_function_wrapper(module, "RustCore._drive", _retried)
    wrap_function_wrapper(module, "RustCore._call_sync", _retried)


def _install_host(module: str) -> None:
    wrap_function_wrapper(module, "PythonHost.sleep", _sleep)
    wrap_function_wrapper(module, "PythonHost.sleep_sync", _sleep)


def _sleep(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
    scope = current_attempts()
    return wrapped(0) if scope is not None and scope.is_served else wrapped(*args, **kwargs)


def _install_retries(module: str) -> None:
    for name in (*_RETRIES, *(f"a{name}" for name in _RETRIES)):
        if hasattr(sys.modules[module], name):
            wrap_function_wrapper(module, name, _at_once)
    if _DISPATCH not in sys.modules:  # older versions have no one place that their functions go through
        for name in ("completion", "acompletion", "responses", "aresponses"):
            if hasattr(sys.modules[module], name):
                wrap_function_wrapper(module, name, _retried)


# --- Rust


def _install_python_only(module: str) -> None:
    wrap_function_wrapper(module, "decide", _decide)


def _decide(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
    """What may run in Rust does not, whatever the program or ``LITELLM_RUST`` say."""
    if watching("litellm") is not None:
        kwargs = {**kwargs, "process_override": False, "environment_override": False}
    return wrapped(*args, **kwargs)


def _install_rust_guard(module: str) -> None:
    wrap_function_wrapper(module, "run", _needs_rust)
    wrap_function_wrapper(module, "arun", _needs_rust)


def _needs_rust(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
    """What runs in Rust only cannot be seen: say so, or refuse where nothing may go live."""
    tape = watching("litellm")
    route = args[0] if args else kwargs.get("context")
    if tape is not None and route is not None:
        decision = sys.modules["litellm.rust_bridge.catalog"].decision(route, kwargs.get("rules"))
        if decision.name != "PYTHON":
            unseen(tape, f"litellm calls of {route.route.value}", "they run in Rust only")
    return wrapped(*args, **kwargs)


# --- downloads


def _install_local(module: str) -> None:
    function, variable = _LOCAL[module]
    wrap_function_wrapper(module, function, partial(_locally, variable))


def _locally(variable: str, wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
    if watching("litellm") is None:
        return wrapped(*args, **kwargs)
    with _set(variable):
        return wrapped(*args, **kwargs)


@contextmanager
def _set(variable: str) -> Any:
    with _environment:
        before = os.environ.get(variable)
        os.environ[variable] = "True"
        try:
            yield
        finally:
            if before is None:
                del os.environ[variable]
            else:
                os.environ[variable] = before


LITELLM = LiteLLM()
