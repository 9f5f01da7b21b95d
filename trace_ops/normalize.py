"""Answers of all providers in one shape, and what of them is the same whoever gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from trace_ops.exchange import Exchange, Failure
from trace_ops.trace import Span
from trace_ops.wire import read_body, read_response
from trace_ops.wire.messages import ChatResponse, Finish, Message, ReasoningPart, RefusalPart

__all__ = ["NormalizedResponse", "NormalizedToolCall", "normalize_for_comparison", "normalize_response"]


@dataclass(frozen=True)
class NormalizedToolCall:
    """A tool that an answer asks the caller to run. ``arguments`` are parsed, or text that is no JSON."""

    name: str
    arguments: Any
    id: str | None = None


@dataclass(frozen=True)
class NormalizedResponse:
    """An answer, its first choice where it has several.

    ``content`` is its text, ``None`` if it has none. Tools that the provider ran itself are not among
    ``tool_calls``. ``input_tokens`` count cached ones too, ``output_tokens`` those of reasoning.
    """

    content: str | None = None
    tool_calls: list[NormalizedToolCall] = field(default_factory=list)
    model: str | None = None
    role: str = "assistant"
    finish_reason: Finish | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning: str | None = None
    refusal: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NormalizedResponse:
        """Read what :meth:`to_dict` gave; raises ``ValueError`` for anything else."""
        try:
            calls = [NormalizedToolCall(**call) for call in data.get("tool_calls", ())]
            found = cls(**{**data, "tool_calls": calls})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"no normalized response: {error}") from error
        if found.finish_reason not in (None, *get_args(Finish)):
            raise ValueError(f"no normalized response: unknown finish_reason {found.finish_reason!r}")
        return found


def normalize_response(response: Any, provider: str | None = None) -> NormalizedResponse:
    """Bring an answer into the shape that all providers share.

    ``response`` is an object of an SDK, what its ``model_dump()`` gave, the JSON of the wire, or a
    recorded :class:`Exchange` or :class:`Span`. ``provider`` (``anthropic``, ``openai.responses``) is
    needed only for an answer whose shape does not tell. Raises ``ValueError`` for what is no answer.
    """
    answer = _read(response, provider)
    message = answer.messages[0] if answer.messages else Message("assistant", ())
    calls = [
        NormalizedToolCall(call.name, call.arguments, call.id)
        for call in message.tool_calls
        if not call.server
    ]
    finish = answer.finish[0] if answer.finish else None
    return NormalizedResponse(
        content=message.text or None,
        tool_calls=calls,
        model=answer.model,
        role=message.role,
        # Not all have a word of their own for an answer that ends in calls.
        finish_reason="tool_calls" if calls and finish == "stop" else finish,
        input_tokens=None if answer.usage is None else answer.usage.input,
        output_tokens=None if answer.usage is None else answer.usage.output,
        reasoning=_joined(message, ReasoningPart),
        refusal=_joined(message, RefusalPart),
    )


def normalize_for_comparison(response: Any, provider: str | None = None) -> dict[str, Any]:
    """What an answer says and asks for, without what changes though the answer is the same.

    Ids, counts of tokens, the model, and thoughts (which few providers show) are left out, so that the
    same answer of two providers compares equal.
    """
    given = response if isinstance(response, NormalizedResponse) else normalize_response(response, provider)
    return {
        "role": given.role,
        "content": given.content,
        "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in given.tool_calls],
        "finish_reason": given.finish_reason,
        "refusal": given.refusal,
    }


def _read(response: Any, provider: str | None) -> ChatResponse:
    if isinstance(response, Span):
        response = response.output if response.exchange is None else response.exchange
    if isinstance(response, ChatResponse):
        return response
    if isinstance(response, Exchange):
        found = read_response(response)
        if found is None:
            raise ValueError(f"no answer of a model: {_why(response)}")
        return found
    body = response if isinstance(response, Mapping) else _dumped(response)
    if not isinstance(body, Mapping):
        raise ValueError(f"no answer of a model: {type(response).__name__}")
    found = read_body(dict(body), provider)
    if found is None:
        keys = ", ".join(sorted(map(str, body))[:10]) or "none"
        raise ValueError(f"no answer of a model that is known (its keys: {keys}); name its provider=")
    return found


def _dumped(response: Any) -> Any:
    """An object of an SDK as the JSON it came from; SDKs know not all that it may hold, and would warn."""
    dump = getattr(response, "model_dump", None)
    if not callable(dump):
        return None
    try:
        return dump(mode="json", by_alias=True, warnings=False)
    except (TypeError, ValueError):
        # A class of its own, or Pydantic 1, which takes none of these.
        return dump()


def _why(exchange: Exchange) -> str:
    outcome = exchange.outcome
    if isinstance(outcome, Failure):
        return f"the call failed with {outcome.type}"
    if outcome.status >= 400:
        return f"the call failed with status {outcome.status}"
    return f"{exchange.request.method} {exchange.request.path} is no call to one that is known"


def _joined(message: Message, kind: type[ReasoningPart | RefusalPart]) -> str | None:
    said = [part.content for part in message.parts if isinstance(part, kind) and part.content]
    return "\n\n".join(said) or None
