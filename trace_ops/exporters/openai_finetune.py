"""Examples in the chat format of OpenAI's supervised fine-tuning: one JSON object a line.

The format: ``messages`` as in a request to chat completions, an assistant message may have a ``weight`` of
0 or 1; ``tools``; ``parallel_tool_calls`` (schema ``FineTuneChatRequestInput`` of OpenAI's API).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from trace_ops.exporters.conversations import Conversation, Note, UnfitError, conversations, unfit
from trace_ops.exporters.text import json_text
from trace_ops.trace import Trace
from trace_ops.wire.messages import (
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UriPart,
)

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_LONGEST_ID = 40


def openai_finetune(trace: Trace, per_call: bool = False) -> tuple[list[dict[str, Any]], list[Note]]:
    """One example for each conversation of a trace, and what became of the calls that are in none.

    With ``per_call`` there is one for each call, in which only the last answer has a weight: the turns
    before it have examples of their own.
    """
    found, notes = conversations(trace, per_call)
    examples = []
    for conversation in found:
        try:
            examples.append(_example(conversation, per_call))
        except UnfitError as error:
            notes.append(Note(conversation.span, str(error)))
            continue
        left_out = [tool.name for tool in conversation.tools if not _is_function(tool)]
        if left_out:
            notes.append(
                Note(conversation.span, f"tools that are no functions: {', '.join(left_out)}", False)
            )
    return examples, notes


def _example(conversation: Conversation, last_only: bool) -> dict[str, Any]:
    functions = [tool for tool in conversation.tools if _is_function(tool)]
    offered = {tool.name for tool in conversation.tools} - {tool.name for tool in functions}
    messages = list(_Writer(offered).messages(conversation.turns))
    if last_only:
        for message in messages[:-1]:
            if message["role"] == "assistant":
                message["weight"] = 0
    example: dict[str, Any] = {"messages": messages}
    if functions:
        example["tools"] = [_tool(tool) for tool in functions]
        if conversation.parallel is not None:
            example["parallel_tool_calls"] = conversation.parallel
    return example


def _is_function(tool: ToolDefinition) -> bool:
    if isinstance(tool.parameters, dict):
        return True
    built_in = isinstance(tool.extra, dict) and "type" in tool.extra
    return tool.parameters is None and tool.description is not None and not built_in


def _tool(tool: ToolDefinition) -> dict[str, Any]:
    function: dict[str, Any] = {"name": _name(tool.name)}
    if tool.description is not None:
        function["description"] = tool.description
    function["parameters"] = tool.parameters or {"type": "object", "properties": {}}
    strict = tool.extra.get("strict") if isinstance(tool.extra, dict) else None
    if isinstance(strict, bool):
        function["strict"] = strict
    return {"type": "function", "function": function}


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UnfitError(f"OpenAI takes no tool called {name!r}")
    return name


class _Writer:
    """Writes the messages of one conversation; knows which calls still wait for their results."""

    def __init__(self, no_functions: set[str]) -> None:
        self._no_functions = no_functions
        self._waiting: list[
            tuple[str | None, str, str]
        ] = []  # the call's id, its name, the id that is written
        self._ids: set[str] = set()

    def messages(self, turns: Iterable[Message]) -> Iterator[dict[str, Any]]:
        for turn in turns:
            if turn.role == "tool":
                yield from map(self._result, turn.parts)
                continue
            if self._waiting:
                raise UnfitError("a tool that it calls has no result")
            message = self._assistant(turn) if turn.role == "assistant" else _given(turn)
            if message is not None:
                if turn.name is not None and _NAME.fullmatch(turn.name):
                    message["name"] = turn.name
                yield message

    def _assistant(self, turn: Message) -> dict[str, Any] | None:
        texts, refusals, calls = [], [], []
        for part in turn.parts:
            if isinstance(part, TextPart):
                texts.append(part.content)
            elif isinstance(part, RefusalPart):
                refusals.append(part.content)
            elif isinstance(part, ToolCallPart):
                calls.append(self._call(part))
            elif not isinstance(part, ReasoningPart):
                raise UnfitError(unfit(part))
        if not (any(texts) or any(refusals) or calls):
            return None
        message: dict[str, Any] = {"role": "assistant", "content": "".join(texts) or None}
        if any(refusals):
            message["refusal"] = "".join(refusals)
        if calls:
            message["tool_calls"] = calls
        return message

    def _call(self, part: ToolCallPart) -> dict[str, Any]:
        if part.server:
            raise UnfitError(f"the provider runs its tool {part.name}")
        arguments = {} if part.arguments in (None, "") else part.arguments
        if not isinstance(arguments, dict) or part.name in self._no_functions:
            raise UnfitError(f"it calls {part.name}, which is no function with named arguments")
        written = self._id(part.id)
        self._waiting.append((part.id, part.name, written))
        function = {"name": _name(part.name), "arguments": json_text(arguments)}
        return {"id": written, "type": "function", "function": function}

    def _id(self, given: str | None) -> str:
        """The id of a call, or another where there is none, it is too long, or another call has it."""
        number = len(self._ids)
        while not given or len(given) > _LONGEST_ID or given in self._ids:
            number += 1
            given = f"call_{number}"
        self._ids.add(given)
        return given

    def _result(self, part: Part) -> dict[str, Any]:
        if not isinstance(part, ToolResultPart):
            raise UnfitError(unfit(part))
        waiting = [call for call in self._waiting if _belongs(part, call)]
        if not waiting:
            raise UnfitError("a result of a tool belongs to no call")
        self._waiting.remove(waiting[0])
        return {"role": "tool", "tool_call_id": waiting[0][2], "content": result_text(part)}


def _belongs(result: ToolResultPart, call: tuple[str | None, str, str]) -> bool:
    if result.id and call[0]:
        return result.id == call[0]
    return result.name in (None, call[1])


def _given(turn: Message) -> dict[str, Any] | None:
    """What a user or the system says; images by their address, where there is one."""
    content: list[dict[str, Any]] = []
    for part in turn.parts:
        if isinstance(part, TextPart):
            content.append({"type": "text", "text": part.content})
        elif isinstance(part, UriPart) and _is_image(part) and turn.role == "user":
            content.append({"type": "image_url", "image_url": {"url": part.uri}})
        elif not isinstance(part, ReasoningPart):
            raise UnfitError(unfit(part))
    if not content:
        return None
    if all(part["type"] == "text" for part in content):
        return {"role": turn.role, "content": "".join(part["text"] for part in content)}
    return {"role": turn.role, "content": content}


def _is_image(part: UriPart) -> bool:
    return part.modality == "image" and part.uri.startswith(("https://", "http://"))


def result_text(part: ToolResultPart) -> str:
    """What a tool gave back, as text; raises :class:`UnfitError` for what is none."""
    given = part.response
    if isinstance(given, str):
        return given
    if isinstance(given, list) and given and all(isinstance(each, TextPart) for each in given):
        return "".join(each.content for each in given)
    for each in given if isinstance(given, list) else ():
        if hasattr(type(each), "type") and not isinstance(each, TextPart):
            raise UnfitError(f"the result of a tool holds {unfit(each)}")
    return "" if given is None or given == [] else json_text(given)
