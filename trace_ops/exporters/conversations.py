"""The conversations of a trace, each once: what was asked in the end, with the answer.

An agent sends its whole conversation with every call, so that the last request holds all the turns before
it. Where a history was cut or rewritten on the way, what it was before is a conversation of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trace_ops import wire
from trace_ops.exporters.text import json_text
from trace_ops.trace import Span, Trace
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
)

_AT_PROVIDER = {
    "conversation": "a conversation kept at the provider",
    "prompt": "a prompt kept at the provider",
    "cachedContent": "content kept at the provider",
    "cached_content": "content kept at the provider",
}
_UNSAID = ("cachePoint",)
"""Parts that say something to the provider and nothing to the model."""

_NO_CHAT = ("openai.completions",)
_UNFINISHED = {
    "length": "its answer was cut off by a limit",
    "content_filter": "its answer was stopped by a filter",
    "error": "its answer ended with an error",
}


class UnfitError(ValueError):
    """A call has no place in the form that was asked for; the text says why."""


@dataclass(frozen=True)
class Note:
    """What became of a call: ``skipped``, or exported without something."""

    span: int
    what: str
    skipped: bool = True


def unfit(part: Part) -> str:
    """What a part is that has no place in a text."""
    if isinstance(part, UnknownPart):
        return f"content of the kind {part.kind!r}"
    modality = getattr(part, "modality", None)
    return f"{modality} content" if modality else f"{part.type} content"


@dataclass(frozen=True)
class Conversation:
    """The turns of a conversation; the last one is the answer of the call ``span``.

    No two assistant turns stand side by side, and the results of tools are turns of their own.
    ``parallel`` is whether the model may call several tools at once, where that was said.
    """

    span: int
    turns: tuple[Message, ...]
    tools: tuple[ToolDefinition, ...] = ()
    parallel: bool | None = None


def conversations(trace: Trace, per_call: bool = False) -> tuple[list[Conversation], list[Note]]:
    """All conversations of a trace, and what became of the calls that are in none of them.

    Those contained in longer ones are left out, which needs no note; with ``per_call`` there is one
    for every call.
    """
    found: list[Conversation] = []
    notes: list[Note] = []
    answered: dict[str, Conversation] = {}
    for span in trace:
        if span.exchange is None and span.kind != "llm":
            continue
        try:
            conversation, more, answer_id = _read(span, answered)
        except UnfitError as error:
            notes.append(Note(span.id, str(error)))
            continue
        found.append(conversation)
        notes += more
        if answer_id is not None:
            answered[answer_id] = conversation
    return (found if per_call else _longest(found)), notes


def turns(messages: Iterable[Message]) -> Iterator[Message]:
    """Messages as turns: results apart from what else is in their message, assistant messages as one."""
    said: Message | None = None
    for message in _apart(messages):
        if message.role == "assistant":
            said = message if said is None else replace(said, parts=(*said.parts, *message.parts))
            continue
        if said is not None:
            yield said
            said = None
        yield message
    if said is not None:
        yield said


def _apart(messages: Iterable[Message]) -> Iterator[Message]:
    for message in map(_said, messages):
        results = tuple(part for part in message.parts if isinstance(part, ToolResultPart))
        if not results or message.role == "assistant":
            yield message
            continue
        yield Message("tool", results, path=message.path)
        others = tuple(part for part in message.parts if not isinstance(part, ToolResultPart))
        if others:
            yield replace(message, parts=others)


def _said(message: Message) -> Message:
    parts = tuple(
        part for part in message.parts if not (isinstance(part, UnknownPart) and part.kind in _UNSAID)
    )
    return message if len(parts) == len(message.parts) else replace(message, parts=parts)


def _read(span: Span, answered: dict[str, Conversation]) -> tuple[Conversation, list[Note], str | None]:
    if span.exchange is None:
        raise UnfitError("it was not recorded as it went over the wire")
    if span.failed:
        raise UnfitError("it failed")
    request, response = wire.read_request(span.exchange), wire.read_response(span.exchange)
    if request is None and span.kind == "llm":
        raise UnfitError("its format is not understood")
    if request is None or request.api in _NO_CHAT:
        raise UnfitError(f"it is no conversation ({span.kind if request is None else request.api})")
    answer = _answer(response)
    before = _earlier(request, answered)
    system = (Message("system", request.system),) if request.system else ()
    asked = list(turns([*system, *before, *request.messages]))
    if asked and any(not call.server for call in asked[-1].tool_calls):
        raise UnfitError("a tool that it calls has no result")
    all_turns = (*turns([*asked, answer]),)
    notes = []
    if response is not None and len(response.messages) > 1:
        notes.append(Note(span.id, f"{len(response.messages) - 1} more choices of its answer", skipped=False))
    if any(isinstance(part, ReasoningPart) for turn in all_turns for part in turn.parts):
        notes.append(Note(span.id, "reasoning", skipped=False))
    answer_id = None if response is None else response.extra.get("id")
    return (
        Conversation(span.id, all_turns, request.tools, _parallel(request)),
        notes,
        answer_id if isinstance(answer_id, str) else None,
    )


def _answer(response: ChatResponse | None) -> Message:
    if response is None or not response.messages:
        raise UnfitError("its answer is not understood")
    if response.error is not None:
        raise UnfitError(_UNFINISHED["error"])
    if not response.complete:
        raise UnfitError("its answer was not read to the end")
    finish = response.finish[0] if response.finish else None
    if finish in _UNFINISHED:
        raise UnfitError(_UNFINISHED[finish])
    answer = replace(response.messages[0], role="assistant")
    if not any(_atom(part) for part in answer.parts):
        raise UnfitError("its answer is empty")
    return answer


def _earlier(request: ChatRequest, answered: dict[str, Conversation]) -> tuple[Message, ...]:
    """What was said before, where the provider keeps it and the request only refers to it."""
    for key, what in _AT_PROVIDER.items():
        if request.parameters.get(key):
            raise UnfitError(f"it goes on from {what}")
    previous = request.parameters.get("previous_response_id")
    if not previous:
        return ()
    if not isinstance(previous, str) or previous not in answered:
        raise UnfitError("it goes on from an answer that is not in the cassette")
    # The instructions of the earlier call do not hold for this one.
    earlier = answered[previous].turns
    return tuple(turn for turn in earlier if turn.role != "system")


def _parallel(request: ChatRequest) -> bool | None:
    given = request.parameters.get("parallel_tool_calls")
    choice = request.parameters.get("tool_choice")
    if isinstance(choice, dict) and choice.get("disable_parallel_tool_use") is True:
        return False
    return given if isinstance(given, bool) else None


def _longest(found: Sequence[Conversation]) -> list[Conversation]:
    """Those that are not the beginning of another; of equal ones the last."""
    tree: dict[tuple[int, Any], int] = {}
    ends: dict[int, Conversation] = {}
    inner: set[int] = set()
    for conversation in found:
        at = 0
        for atom in _atoms(conversation.turns):
            inner.add(at)
            at = tree.setdefault((at, atom), len(tree) + 1)
        ends.pop(at, None)
        ends[at] = conversation
    return [conversation for end, conversation in ends.items() if end not in inner]


def _atoms(of: Iterable[Message]) -> Iterator[tuple[str, ...]]:
    for turn in of:
        for part in turn.parts:
            atom = _atom(part)
            if atom:
                yield (turn.role, *atom)


def _atom(part: Part) -> tuple[str, ...]:
    """What a part says, without what changes as it is sent back; nothing for what is not said."""
    if isinstance(part, ReasoningPart):
        return ()
    if isinstance(part, (TextPart, RefusalPart)):
        return (part.type, part.content) if part.content else ()
    if isinstance(part, ToolCallPart):
        return (part.type, part.name, json_text(part.arguments))
    if isinstance(part, ToolResultPart):
        return (part.type, *_given_back(part.response))
    if isinstance(part, UnknownPart):
        return (part.type, part.kind, json_text(part.value))
    return (part.type, repr(replace(part, extra=None)))


def _given_back(response: Any) -> Iterator[str]:
    for item in response if isinstance(response, list) else [response]:
        if isinstance(item, Part):
            yield from _atom(item)
        else:
            yield json_text(item)
