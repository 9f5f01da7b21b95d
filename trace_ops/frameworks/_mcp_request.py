"""One request to an MCP server: its step in the trace, and the recorded answer in its place."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from trace_ops import context
from trace_ops._plain import failure, plain, read
from trace_ops.frameworks import _steps
from trace_ops.frameworks._frozen import refusal
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind

# They say who asks and in which versions, which differs from release to release, and open every session.
HANDSHAKES = ("initialize", "server/discover")

SERVER_TOOL = "server_tool"
"""The attribute of a framework's step with the name that a tool has at its server, if it is another."""

_lock = threading.Lock()
_servers: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_recorded: WeakKeyDictionary[Tape, dict[str, list[Span]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    method: str
    params: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(request: Any) -> Asked:
        """Read a request of any version of the package."""
        data = request.model_dump(by_alias=True, mode="json", exclude_none=True)
        params = {name: value for name, value in (data.get("params") or {}).items() if name != "_meta"}
        return Asked(data["method"], {} if data["method"] in HANDSHAKES else params)

    def step(self, within: Span | None) -> tuple[SpanKind, str, Any]:
        """The kind, name and input of its step. ``within`` is the step it is made in.

        A framework that lends the tools of a server to its agents has a tool step of its own for the
        same call, which is then not counted twice.
        """
        if self.method == "tools/call":
            name = str(self.params.get("name"))
            again = within is not None and within.kind == "tool" and name in _names(within)
            return "custom" if again else "tool", name, self.params.get("arguments") or {}
        if self.method == "resources/read":
            return "retrieval", "mcp resources/read", self.params.get("uri")
        return "custom", f"mcp {self.method}", self.params or None


class McpRequest:
    """The step of one request. Nothing here raises, but :meth:`again`, which raises the recorded error."""

    def __init__(self, tape: Tape, session: Any, asked: Callable[[], Asked], result_type: Any) -> None:
        self.is_served = False
        self._tape, self._session, self._result_type = tape, session, result_type
        self._span: Span | None = None
        self._method = ""
        self._answer: Any = None
        with _steps.guarded(tape, "a request to an MCP server"):
            what = asked()
            self._method = what.method
            kind, name, given = what.step(tape.step())
            server = _server(session)
            known: dict[str, Any] = {} if server is None else {"server": server}
            self._span = _steps.begin(tape, kind, name, via="mcp", input=given, mcp=what.method, **known)
            self._find()

    def _find(self) -> None:
        span, freeze = self._span, self._tape.freeze
        assert span is not None
        is_tool = self._method == "tools/call"
        kind = "tool" if is_tool else span.kind
        if freeze.tools is not True and not freeze.holds(kind, span.name):
            return
        recorded = take(self._tape, span)
        if recorded is None:
            self._answer = refusal(self._tape, span) if is_tool else None
            self.is_served = self._answer is not None
            return
        self._answer = _answer_of(recorded, self._result_type)
        self.is_served = True
        # Its fields stay those of the recording, also where the model has others by now.
        span.output, span.error = plain(recorded.output), recorded.error
        span.attributes = plain(recorded.attributes)
        self._learn(recorded.output)
        self._tape.end(span)

    def inside(self) -> AbstractContextManager[None]:
        """Make the step the parent of what runs in the block."""
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def again(self) -> Any:
        """The recorded answer; raises the recorded error of the server."""
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def end(self, result: Any = None, *, error: BaseException | None = None) -> None:
        """End the step with what the server answered."""
        span = self._span
        if span is None:
            return
        with _steps.guarded(self._tape, f"the answer of an MCP server to {self._method}"):
            if error is None:
                self._keep(span, result)
            else:
                span.error = failure(error)
                span.attributes |= _error_data(error) or {"inexact": True}
        with _steps.guarded(self._tape, f"the answer of an MCP server to {self._method}"):
            self._tape.end(span)

    def _keep(self, span: Span, result: Any) -> None:
        dumped, exact = _dumped(result)
        if not exact or (self._result_type is not None and _validated(self._result_type, dumped) != result):
            span.attributes["inexact"] = True
        self._learn(dumped)
        if dumped.get("isError"):
            span.error = failure(_text(dumped))
        if span.kind == "retrieval" and isinstance(dumped.get("contents"), list):
            span.output = dumped.pop("contents")
            span.attributes |= {"result": dumped} if dumped else {}
        else:
            span.output = dumped

    def _learn(self, answer: Any) -> None:
        """Remember whose session this is."""
        if self._method in HANDSHAKES and isinstance(answer, dict):
            meta = answer.get("_meta") or {}
            info = answer.get("serverInfo") or meta.get("io.modelcontextprotocol/serverInfo") or {}
            if info.get("name"):
                _servers[self._session] = str(info["name"])


def take(tape: Tape, span: Span) -> Span | None:
    """The recorded step to answer a request of now from: same name and input, each once, in order.

    Of several, one of the same server goes first: servers may be asked the same at the same time.
    """
    if tape.recorded is None or not tape.mode.reads:
        return None
    with _lock:
        if tape not in _recorded:
            waiting: dict[str, list[Span]] = {}
            for step in tape.recorded:
                if "mcp" in step.attributes and not step.attributes.get("inexact"):
                    waiting.setdefault(_key(step.name, step.input, step.attributes), []).append(step)
            _recorded[tape] = waiting
        scrub = tape.scrubber
        key = _key(scrub.text(span.name), scrub.value(span.input), span.attributes)
        steps = _recorded[tape].get(key, [])
        server = span.attributes.get("server")
        found = next((step for step in steps if step.attributes.get("server") == server), None)
        found = found or next(iter(steps), None)
        if found is not None:
            steps.remove(found)
            tape.played[span.id] = found
            tape._run_within(found, span)
        return found


def _key(name: str, given: Any, attributes: dict[str, Any]) -> str:
    return json.dumps([attributes.get("mcp"), name, given], sort_keys=True, default=repr)


def _names(step: Span) -> tuple[Any, ...]:
    return step.name, step.attributes.get(SERVER_TOOL)


def _server(session: Any) -> str | None:
    known = _servers.get(session)
    if known is None:  # a session that was opened before the recorder
        known = getattr(getattr(session, "server_info", None), "name", None)
    return known


def _dumped(result: Any) -> tuple[dict[str, Any], bool]:
    if isinstance(result, dict):
        return read(result)
    return read(result.model_dump(by_alias=True, mode="json", exclude_unset=True))


def _validated(result_type: Any, data: Any) -> Any:
    if hasattr(result_type, "validate_python"):
        return result_type.validate_python(data)
    return result_type.model_validate(data)


def _answer_of(recorded: Span, result_type: Any) -> Any:
    error = recorded.attributes.get("error")
    if error is not None:
        return _raised(error)
    data = plain(recorded.output)
    if recorded.kind == "retrieval" and isinstance(data, list):
        data = {"contents": data, **plain(recorded.attributes.get("result") or {})}
    return data if result_type is None else _validated(result_type, data)


def _text(result: dict[str, Any]) -> str:
    blocks = [block.get("text") for block in result.get("content") or () if isinstance(block, dict)]
    return "\n".join(str(text) for text in blocks if text) or "the tool says that it failed"


def _error_data(error: BaseException) -> dict[str, Any] | None:
    """What the server, or the session in its name, says went wrong."""
    data = getattr(error, "error", None)
    if not isinstance(error, _error_class()) or not hasattr(data, "code"):
        return None
    return {"error": {name: plain(getattr(data, name, None)) for name in ("code", "message", "data")}}


def _error_class() -> type[Exception]:
    exceptions = sys.modules["mcp.shared.exceptions"]
    found: type[Exception] = getattr(exceptions, "MCPError", None) or exceptions.McpError
    return found


def _raised(error: dict[str, Any]) -> Exception:
    cls: Any = _error_class()
    types = sys.modules.get("mcp_types") or sys.modules["mcp.types"]
    raised: Any = getattr(cls, "from_error_data", cls)(types.ErrorData(**error))
    assert isinstance(raised, Exception)
    return raised
