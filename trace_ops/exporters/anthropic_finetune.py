"""Examples as Amazon Bedrock takes them to fine-tune Claude: one JSON object a line, text only.

The format: an optional ``system``, and ``messages`` that begin with the user, alternate, and end with the
assistant; nothing else (https://platform.claude.com/cookbook/finetuning-finetuning-on-bedrock).
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from trace_ops.exporters.conversations import Conversation, Note, UnfitError, conversations, unfit
from trace_ops.trace import Trace
from trace_ops.wire.messages import Message, ReasoningPart, RefusalPart, TextPart, ToolCallPart

_BREAK = "\n\n"


def anthropic_finetune(trace: Trace, per_call: bool = False) -> tuple[list[dict[str, Any]], list[Note]]:
    """One example for each conversation of a trace, and what became of the calls that are in none.

    The format has no place for tools: conversations that call any are skipped, and definitions of tools
    that were not called are left out. With ``per_call`` there is an example for each call.
    """
    found, notes = conversations(trace, per_call)
    examples = []
    for conversation in found:
        try:
            examples.append(_example(conversation))
        except UnfitError as error:
            notes.append(Note(conversation.span, str(error)))
            continue
        if conversation.tools:
            names = ", ".join(tool.name for tool in conversation.tools)
            notes.append(Note(conversation.span, f"the tools it may call: {names}", False))
    return examples, notes


def _example(conversation: Conversation) -> dict[str, Any]:
    said = [(turn.role, text) for turn in conversation.turns if (text := _text(turn))]
    system = [text for role, text in said if role == "system"]
    if any(role == "system" for role, _ in said[len(system) :]):
        raise UnfitError("instructions in the midst of the conversation")
    messages = [
        {"role": role, "content": _BREAK.join(text for _, text in group)}
        for role, group in groupby(said[len(system) :], lambda turn: turn[0])
    ]
    if len(messages) < 2 or messages[0]["role"] != "user" or messages[-1]["role"] != "assistant":
        raise UnfitError("it does not begin with the user and end with the assistant")
    return {"system": _BREAK.join(system), "messages": messages} if system else {"messages": messages}


def _text(turn: Message) -> str:
    pieces = []
    for part in turn.parts:
        if isinstance(part, (TextPart, RefusalPart)):
            pieces.append(part.content)
        elif isinstance(part, ToolCallPart):
            raise UnfitError(f"it calls the tool {part.name}")
        elif not isinstance(part, ReasoningPart):
            raise UnfitError(unfit(part))
    return "".join(pieces)
