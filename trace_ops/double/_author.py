"""What the double says: from a protocol-neutral prompt to a protocol-neutral turn."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trace_ops.double._sample import sample


@dataclass(frozen=True)
class Tool:
    """A tool the request offers: its name and the JSON Schema of its arguments."""

    name: str
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ToolUse:
    """One call of a tool that a turn asks for."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prompt:
    """What any protocol's request asks of a model.

    ``user`` is the latest user text, ``results`` the (tool name, text) pairs that came back after
    it. ``choice`` is ``"auto"``, ``"none"``, ``"required"`` or the name of the one tool to call.
    """

    model: str
    user: str = ""
    system: str = ""
    tools: tuple[Tool, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    schema: Mapping[str, Any] | None = None
    choice: str = "auto"
    reasons: bool = False


@dataclass(frozen=True)
class Turn:
    """One answer of the model. ``reasoning`` is shown only to requests that ask for it."""

    text: str = ""
    calls: tuple[ToolUse, ...] = ()
    reasoning: str = ""
    refusal: str = ""


Author = Callable[[Prompt], Turn]
"""Writes the turn that answers a prompt."""


def answer(prompt: Prompt) -> Turn:
    """Write the default turn: tools first, then their results, a filled-in schema, or plain text."""
    reasoning = f"The user wants an answer to: {prompt.user}" if prompt.reasons else ""
    if prompt.tools and not prompt.results and prompt.choice != "none":
        calls = tuple(ToolUse(tool.name, sample(tool.schema, prompt.user)) for tool in _chosen(prompt))
        return Turn(calls=calls, reasoning=reasoning)
    if prompt.schema is not None:
        return Turn(text=json.dumps(sample(prompt.schema, prompt.user)), reasoning=reasoning)
    if prompt.results:
        said = "; ".join(f"{name} answered {text}" for name, text in prompt.results)
        return Turn(text=f"Here is what I found: {said}.", reasoning=reasoning)
    asked = prompt.user.strip() or "nothing"
    return Turn(
        text=f'You asked: "{asked}" This is what {prompt.model} has to say about it.', reasoning=reasoning
    )


def _chosen(prompt: Prompt) -> tuple[Tool, ...]:
    named = tuple(tool for tool in prompt.tools if tool.name == prompt.choice)
    if named:
        return named
    words = set(re.findall(r"[a-z]+", prompt.user.lower()))
    hinted = tuple(t for t in prompt.tools if words & set(re.findall(r"[a-z]{4,}", t.name.lower())))
    return hinted or prompt.tools[:1]


def tokens(text: str) -> list[str]:
    """Cut text into the pieces that are counted as tokens and streamed one at a time."""
    return re.findall(r"\s*\S{1,8}", text) or ([text] if text else [])
