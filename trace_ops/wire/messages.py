"""One model for what all providers say: messages of typed parts, as in OpenTelemetry's GenAI conventions.

Source of the names: the JSON schemas of ``gen_ai.input.messages``, ``gen_ai.output.messages`` and
``gen_ai.system_instructions`` (https://opentelemetry.io/docs/specs/semconv/gen-ai/). Nothing a provider
sends is dropped: what has no part of its own here is an :class:`UnknownPart`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from trace_ops.trace import Usage

Role = Literal["system", "user", "assistant", "tool"]
"""Who speaks. OpenAI's ``developer`` is ``system``, Google's ``model`` is ``assistant``."""

Finish = Literal["stop", "length", "tool_calls", "content_filter", "error", "other"]
"""Why an answer ended, in words all providers share."""

Extra: TypeAlias = dict[str, Any] | None
"""What else a provider says of a part or a message: ids and states of items, cache marks, citations,
signatures. It takes no part in comparing; nulls are left out of it."""


@dataclass(frozen=True)
class TextPart:
    """Text that is said."""

    type: ClassVar[str] = "text"
    content: str
    extra: Extra = field(default=None, compare=False)


@dataclass(frozen=True)
class ReasoningPart:
    """What a model thought before it answered; ``None`` where only an encrypted form of it is given."""

    type: ClassVar[str] = "reasoning"
    content: str | None
    extra: Extra = field(default=None, compare=False)


@dataclass(frozen=True)
class RefusalPart:
    """Text in which a model declines."""

    type: ClassVar[str] = "refusal"
    content: str
    extra: Extra = field(default=None, compare=False)


@dataclass(frozen=True)
class ToolCallPart:
    """A request of a model to run a tool.

    ``arguments`` are parsed JSON, or the text as it was given where that is no JSON. ``id`` is the
    provider's, and changes with every recording. ``server`` tells that the provider runs it itself.
    """

    type: ClassVar[str] = "tool_call"
    id: str | None
    name: str
    arguments: Any
    server: bool = False
    extra: Extra = field(default=None, compare=False)


@dataclass(frozen=True)
class ToolResultPart:
    """What a tool gave back: a text, JSON, or a list of parts; ``id`` is that of the call."""

    type: ClassVar[str] = "tool_call_response"
    id: str | None
    response: Any
    name: str | None = None
    failed: bool = False
    extra: Extra = field(default=None, compare=False)


@dataclass(frozen=True)
class BlobPart:
    """Data within the message. ``sha256`` stands for it; ``size`` is in bytes, after decoding base64.

    ``data`` is the base64 itself, for who shows it; ``None`` where what was recorded is none.
    """

    type: ClassVar[str] = "blob"
    modality: str
    mime_type: str | None
    sha256: str
    size: int
    extra: Extra = field(default=None, compare=False)
    data: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class UriPart:
    """Data that the message refers to by an address."""

    type: ClassVar[str] = "uri"
    modality: str
    mime_type: str | None
    uri: str
    extra: Extra = field(default=None, compare=False)


@dataclass(frozen=True)
class FilePart:
    """Data that was uploaded before."""

    type: ClassVar[str] = "file"
    modality: str
    file_id: str
    extra: Extra = field(default=None, compare=False)


@dataclass(frozen=True)
class UnknownPart:
    """What no other part fits, as the provider wrote it; ``kind`` is the provider's word for it."""

    type: ClassVar[str] = "unknown"
    kind: str
    value: Any


Part: TypeAlias = (
    TextPart
    | ReasoningPart
    | RefusalPart
    | ToolCallPart
    | ToolResultPart
    | BlobPart
    | UriPart
    | FilePart
    | UnknownPart
)


@dataclass(frozen=True)
class Message:
    """One turn of a conversation. ``path`` is where it stands in the wire body (``messages.3``)."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None
    path: str = field(default="", compare=False)
    extra: Extra = field(default=None, compare=False)

    @property
    def text(self) -> str:
        """The text parts, put together."""
        return "".join(part.content for part in self.parts if isinstance(part, TextPart))

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        """The tools it asks for."""
        return [part for part in self.parts if isinstance(part, ToolCallPart)]


@dataclass(frozen=True)
class ToolDefinition:
    """A tool that is offered to a model. ``parameters`` is a JSON Schema, ``None`` for a built-in tool.

    ``extra`` is what else its definition says (``strict``, the settings of a built-in tool).
    """

    name: str
    description: str | None = None
    parameters: Any = None
    extra: Any = None


@dataclass(frozen=True)
class ChatRequest:
    """What a model was asked. ``system`` are the instructions given apart from the conversation.

    System messages within the conversation stay where they are, in ``messages``. ``parameters`` is all
    that is left of the body and the query: temperature, formats, what is not understood.
    """

    api: str
    model: str | None
    messages: tuple[Message, ...]
    system: tuple[Part, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChatResponse:
    """What a model answered: a message for each choice, and why each ended (``finish``).

    ``finish_words`` are the provider's own words for it. ``extra`` is what else the answer holds (ids,
    times, fingerprints, safety ratings), ``error`` what an answer, or an event of a stream, says went
    wrong. A stream that was cut short is read as far as it goes: ``complete`` tells.
    """

    api: str
    model: str | None
    messages: tuple[Message, ...]
    finish: tuple[Finish | None, ...] = ()
    finish_words: tuple[str | None, ...] = ()
    usage: Usage | None = None
    error: Any = None
    complete: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text of the first choice."""
        return self.messages[0].text if self.messages else ""

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        """The tools that the first choice asks for, those run by the provider included."""
        return self.messages[0].tool_calls if self.messages else []
