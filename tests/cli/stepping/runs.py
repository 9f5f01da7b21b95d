"""Small runs to step through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.cli.samples import chat, conversation, refused, tool
from trace_ops.trace import Span, Trace

QUESTION = {"role": "user", "content": "Where does it rain?"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at": "Oslo"}'}}
ASKED = {"role": "assistant", "content": None, "tool_calls": [CALL]}


def weather(result: str = "rainy", answer: str = "In Oslo.") -> list[Span]:
    """An agent that asks a model, runs a tool and asks again; then a call outside of it that is refused."""
    told = {"role": "tool", "tool_call_id": "call_1", "content": result}
    first = conversation(2, [QUESTION], ASKED, parent=1, tools=["look"])
    last = conversation(4, [QUESTION, ASKED, told], {"role": "assistant", "content": answer}, parent=1)
    return [
        Span(1, "agent", "forecaster", ms=900.0, input="Where does it rain?", output=answer),
        replace(first, start_ms=10.0, ms=200.0),
        replace(tool(3, "look", {"at": "Oslo"}, result, parent=1), start_ms=250.0, ms=100.0),
        replace(last, start_ms=400.0, ms=300.0),
        replace(refused(5, 429), start_ms=1000.0, ms=50.0),
    ]


def with_another_tool() -> list[Span]:
    """The same agent, which looks twice and is told something else."""
    spans = weather("rainy all day", "In Oslo, all day.")
    again = replace(tool(4, "look", {"at": "Bergen"}, "dry", parent=1), start_ms=360.0, ms=10.0)
    later = [replace(span, id=span.id + 1) for span in spans[3:]]
    return [*spans[:3], again, *later]


def trace(spans: list[Span], **header: Any) -> Trace:
    return Trace(name="weather", spans=spans, **header)


def hostile(text: str) -> list[Span]:
    """A run that says a text in every place where one is shown."""
    message = {"role": text, "content": text}
    asked = [{"role": "system", "content": text}, message]
    asked = [{"role": "system", "content": text}, message]
    return [
        Span(1, "agent", text, ms=900.0, input=text, output={text: text}, attributes={text: text}),
        replace(chat(2, said=text, asked=text, parent=1), model=text, tools=[text]),
        conversation(3, asked, {"role": "assistant", "content": text}),
        tool(4, text, {text: text}, text),
    ]
