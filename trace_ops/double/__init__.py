"""A local provider double: OpenAI, Anthropic and others over real HTTP on loopback, with no model behind it.

::

    with ProviderDouble() as double:
        client = OpenAI(base_url=double.openai_url, api_key="unused")
        double.script(Turn(text="Hello!"))
        double.fail(Status(429, headers={"retry-after": "0"}))
        client.chat.completions.create(model="gpt-5", messages=[...])
        assert double.hits == 2

Unscripted, it derives a deterministic answer from the request: it calls the tools it is offered,
fills in the schema it is asked for, and otherwise says something about the prompt.
"""

from trace_ops.double._author import Prompt, Tool, ToolUse, Turn, answer
from trace_ops.double._faults import CutStream, Fault, Garbled, HangUp, Slow, Stall, Status, StreamError
from trace_ops.double._request import ReceivedRequest
from trace_ops.double._server import ProviderDouble

__all__ = [
    "CutStream",
    "Fault",
    "Garbled",
    "HangUp",
    "Prompt",
    "ProviderDouble",
    "ReceivedRequest",
    "Slow",
    "Stall",
    "Status",
    "StreamError",
    "Tool",
    "ToolUse",
    "Turn",
    "answer",
]
