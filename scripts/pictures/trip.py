"""An agent with something of all that the page shows: tools at once, a retry, a stream, a reviewer."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from anthropic import Anthropic
from openai import OpenAI

from trace_ops import tool, tracing

GUIDE = os.environ.get("TRIP_GUIDE", "You plan weekends by train. Compare the weather first.")
PLACES = {
    "Trieste": "A port with a castle by the sea, coffee houses, and the wind called bora.",
    "Bolzano": "Cable cars to the Dolomites start in the town itself.",
    "Ljubljana": "A green capital: a castle, a market by the river, no cars in the centre.",
}
_busy = {"hotels": True}


@tool
def weather(city: str) -> dict[str, Any]:
    """The forecast for a city."""
    time.sleep(0.12)
    return {"city": city, "saturday": {"Trieste": "22 °C, sun", "Bolzano": "14 °C, rain"}.get(city, "19 °C")}


@tool
def trains(to: str, night: bool = False) -> list[dict[str, Any]]:
    """Trains to a city."""
    time.sleep(0.31)
    if night:
        return [{"train": "NJ 235", "leaves": "21:58", "arrives": "07:40", "eur": 79.9}]
    return [
        {"train": "EC 151", "leaves": "07:58", "arrives": "17:20", "eur": 49.9},
        {"train": "RJ 133", "leaves": "09:25", "arrives": "18:35", "eur": 64.0},
    ]


@tool
def hotels(city: str, nights: int) -> list[str]:
    """Hotels in a city."""
    time.sleep(0.2)
    if _busy["hotels"]:
        _busy["hotels"] = False
        raise TimeoutError("the booking service did not answer within 200 ms")
    return ["Hotel Miramare, 96 €", "Savoia, 142 €"]


TOOLS: dict[str, Callable[..., Any]] = {"weather": weather, "trains": trains, "hotels": hotels}
_STRING, _WHOLE, _TRUTH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
OFFERED: Any = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": str(function.__doc__),
            "parameters": {"type": "object", **takes},
        },
    }
    for (name, function), takes in zip(
        TOOLS.items(),
        (
            {"properties": {"city": _STRING}, "required": ["city"]},
            {"properties": {"to": _STRING, "night": _TRUTH}, "required": ["to"]},
            {"properties": {"city": _STRING, "nights": _WHOLE}, "required": ["city", "nights"]},
        ),
        strict=True,
    )
]


def recalled(question: str) -> list[dict[str, Any]]:
    """What the guide book says."""
    with tracing.span("retrieval", "guide book", input=question) as step:
        time.sleep(0.05)
        found = [
            {"id": city, "text": text, "score": round(0.91 - 0.17 * place, 2)}
            for place, (city, text) in enumerate(PLACES.items())
        ]
        if step is not None:
            step.output = found
    return found


def used(call: Any) -> dict[str, Any]:
    """The message that tells what a tool gave."""
    try:
        result = json.dumps(
            TOOLS[call.function.name](**json.loads(call.function.arguments)), ensure_ascii=False
        )
    except TimeoutError as error:
        result = f"error: {error}"
    return {"role": "tool", "tool_call_id": call.id, "content": result}


def plan(question: str) -> str:
    """A weekend, planned and reviewed."""
    _busy["hotels"] = True
    client = OpenAI()
    with tracing.span("agent", "planner", input=question) as planner:
        facts = "\n".join(f"- {each['id']}: {each['text']}" for each in recalled(question))
        messages: list[Any] = [
            {"role": "system", "content": f"{GUIDE}\n\nFrom the guide book:\n{facts}"},
            {"role": "user", "content": question},
        ]
        for _ in range(6):
            reply = client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=OFFERED)
            said = reply.choices[0].message
            if not said.tool_calls:
                break
            messages.append(said.model_dump(exclude_none=True))
            with ThreadPoolExecutor() as pool:
                messages += pool.map(used, said.tool_calls)
        messages.append({"role": "user", "content": "Now write the plan."})
        stream = client.chat.completions.create(
            model="gpt-5", messages=messages, stream=True, stream_options={"include_usage": True}
        )
        parts = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        with tracing.span("agent", "reviewer"):
            Anthropic().messages.create(
                model="claude-haiku-4-5",
                max_tokens=300,
                system="You check plans for what cannot work. Answer with OK, or with what is wrong.",
                messages=[{"role": "user", "content": "".join(parts)}],
            )
        if planner is not None:
            planner.output = "".join(parts)
    return "".join(parts)
