"""Recorded runs with one edit, made in the wire JSON, and what a comparison must say of it.

Nothing here reads a call through the library: an edit finds its place by the names that the providers'
formats use, so that what it expects is independent of what is tested.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks._corpus import Record

Calls = list[Record]
Setter = Callable[[Any], None]

_CONVERSATIONS = ("messages", "input", "contents", "chat_history", "prompt", "message", "inputText", "inputs")
_INSTRUCTIONS = ("system", "instructions", "systemInstruction", "system_instruction", "preamble")
_SYSTEM = ("system", "developer", "SYSTEM")
_TEXTS = ("text", "content", "message")
_IN_PATH = re.compile(r"(/models?/|/deployments/)([^/:?]+)")
_IDS = frozenset({"id", "tool_call_id", "call_id", "tool_use_id", "toolUseId", "previous_response_id"})
_MORE = " Answer in two short sentences."


@dataclass(frozen=True)
class Twin:
    """An edited run.

    ``where`` are the numbers of the steps, in the old run or the new one, that may be named as the first
    difference; ``causes`` are the beginnings of the phrases that name its cause, and ``paths``, where the
    edit has a place in the request, those of the path that is named.
    """

    edit: str
    calls: Calls
    where: frozenset[int]
    causes: tuple[str, ...]
    paths: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class _Place:
    """A value in a body: who says it, how to put another one there, and in which message it stands."""

    role: str
    value: Any
    put: Setter
    path: str = ""


def twins(name: str, calls: Calls) -> Iterator[Twin]:
    """One twin for each edit that this run allows; which calls are edited depends on its name alone."""
    for edit in (
        _identical,
        _prompt_once,
        _prompt_from_there_on,
        _system_prompt,
        _removed,
        _added,
        _swapped,
        _neighbours_swapped,
        _model_once,
        _model_from_there_on,
        _parameter,
        _tool_argument,
        _tool_result,
        _answer,
    ):
        twin = edit(calls, random.Random(f"{name}{edit.__name__}"))
        if twin is not None:
            yield twin


def _identical(calls: Calls, _: random.Random) -> Twin:
    return Twin("none (identical)", copy.deepcopy(calls), frozenset(), ())


# --- prompts


def _prompt_once(calls: Calls, chance: random.Random) -> Twin | None:
    return _prompt(calls, chance, "prompt changed in one call", ("user", "USER", "User"), onwards=False)


def _prompt_from_there_on(calls: Calls, chance: random.Random) -> Twin | None:
    return _prompt(calls, chance, "prompt changed from a call on", ("user", "USER", "User"), onwards=True)


def _system_prompt(calls: Calls, chance: random.Random) -> Twin | None:
    return _prompt(calls, chance, "system prompt changed from a call on", _SYSTEM, onwards=True)


def _prompt(
    calls: Calls, chance: random.Random, edit: str, roles: tuple[str, ...], *, onwards: bool
) -> Twin | None:
    edited = copy.deepcopy(calls)
    for number in chance.sample(range(len(calls)), len(calls)):
        places = [
            place
            for place in _texts(edited[number]["request_body"])
            if place.role in roles and place.value.strip()
        ]
        if places:
            chosen = chance.choice(places)
            paths = tuple(
                place.path for place in places if (place.value, place.role) == (chosen.value, chosen.role)
            )
            # A text that stands twice in one request is changed in both places, as whoever edits it would.
            for call in edited[number:] if onwards else edited[number : number + 1]:
                for place in _texts(call["request_body"]):
                    if place.value == chosen.value and place.role == chosen.role:
                        place.put(place.value + _MORE)
            causes = ("system prompt",) if roles is _SYSTEM else ("message",)
            return Twin(edit, edited, frozenset({number + 1}), causes, paths)
    return None


def _texts(body: Any) -> Iterator[_Place]:
    """The texts of a request with the role that says each."""
    for key in _INSTRUCTIONS:
        if key in body:
            yield from _within(body, key, "system", told=True)
    for key in _CONVERSATIONS:
        if key in body:
            yield from _within(body, key, "user")


def _within(holder: Any, key: Any, role: str, *, told: bool = False, path: str = "") -> Iterator[_Place]:
    value = holder[key]
    # A system prompt is one thing, a conversation is as many as it has messages.
    path = path if "." in path or (told and path) else f"{path}.{key}".strip(".")
    if isinstance(value, str):
        yield _Place(role, value, _setter(holder, key), path)
    elif isinstance(value, list):
        for number in range(len(value)):
            yield from _within(value, number, role, told=told, path=path)
    elif isinstance(value, dict):
        if value.get("role") and not told:
            role, told = str(value["role"]), True
        if value.get("type") in _NO_TEXT or not _NO_TEXT_KEYS.isdisjoint(value):
            return
        for inner in (*_TEXTS, "parts"):
            if isinstance(value.get(inner), (str, list)):
                yield from _within(value, inner, role, told=told, path=path)


_NO_TEXT = (
    "tool_result",
    "function_call_output",
    "tool_use",
    "function_call",
    "reasoning",
    "thinking",
    "document",
)
_NO_TEXT_KEYS = frozenset({"toolResult", "toolUse", "functionResponse", "functionCall", "thought"})


def _setter(holder: Any, key: Any) -> Setter:
    def put(value: Any) -> None:
        holder[key] = value

    return put


# --- steps


def _removed(calls: Calls, chance: random.Random) -> Twin:
    number = chance.randrange(len(calls))
    edited = copy.deepcopy(calls[:number] + calls[number + 1 :])
    return Twin("call removed", edited, _alike(calls, number), ("step removed",))


def _added(calls: Calls, chance: random.Random) -> Twin:
    number = chance.randrange(len(calls) + 1)
    edited = copy.deepcopy(calls)
    extra = copy.deepcopy(calls[chance.randrange(len(calls))])
    changed = False
    for place in _texts(extra["request_body"]):
        place.put(place.value + " And then?")
        changed = True
    edited.insert(number, extra)
    places = frozenset({number + 1}) if changed else _alike(edited, number)
    return Twin("call added", edited, places, ("step added",))


def _alike(calls: Calls, number: int) -> frozenset[int]:
    """The calls that ask the same: which of them is gone, nobody can tell."""
    asked = _asked(calls[number]["request_body"])
    return frozenset(n for n, call in enumerate(calls, 1) if _asked(call["request_body"]) == asked)


def _asked(value: Any) -> Any:
    """A request without the ids in it, which a recording made anew would not have."""
    if isinstance(value, dict):
        return {key: _asked(inner) for key, inner in value.items() if key not in _IDS}
    return [_asked(inner) for inner in value] if isinstance(value, list) else value


def _swapped(calls: Calls, chance: random.Random) -> Twin | None:
    return _exchange(calls, chance, "two calls swapped", lambda one, other: other - one > 1)


def _neighbours_swapped(calls: Calls, chance: random.Random) -> Twin | None:
    return _exchange(calls, chance, "two neighbours swapped", lambda one, other: other - one == 1)


def _exchange(
    calls: Calls, chance: random.Random, edit: str, wanted: Callable[[int, int], bool]
) -> Twin | None:
    pairs = [
        (one, other)
        for one in range(len(calls))
        for other in range(one + 1, len(calls))
        if wanted(one, other) and _asked(calls[one]["request_body"]) != _asked(calls[other]["request_body"])
    ]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    edited = copy.deepcopy(calls)
    edited[one], edited[other] = edited[other], edited[one]
    return Twin(edit, edited, frozenset({one + 1, other + 1}), ("steps swapped", "step moved", "steps "))


# --- model and parameters


def _model_once(calls: Calls, chance: random.Random) -> Twin | None:
    return _model(calls, chance, "model changed in one call", onwards=False)


def _model_from_there_on(calls: Calls, chance: random.Random) -> Twin | None:
    return _model(calls, chance, "model changed from a call on", onwards=True)


def _model(calls: Calls, chance: random.Random, edit: str, *, onwards: bool) -> Twin | None:
    edited = copy.deepcopy(calls)
    for number in chance.sample(range(len(calls)), len(calls)):
        model = _model_of(edited[number])
        if model is not None:
            # Another model than this one would be another edit.
            for call in edited[number:] if onwards else edited[number : number + 1]:
                if _model_of(call) == model:
                    _set_model(call)
            return Twin(edit, edited, frozenset({number + 1}), ("model",))
    return None


def _model_of(call: Record) -> str | None:
    if isinstance(call["request_body"].get("model"), str):
        return str(call["request_body"]["model"])
    in_path = _IN_PATH.search(call["url"])
    return in_path[2] if in_path else None


def _set_model(call: Record) -> None:
    if isinstance(call["request_body"].get("model"), str):
        call["request_body"]["model"] += "-next"
    else:
        call["url"] = _IN_PATH.sub(r"\1\2-next", call["url"], count=1)


def _parameter(calls: Calls, chance: random.Random) -> Twin | None:
    number = chance.randrange(len(calls))
    edited = copy.deepcopy(calls)
    body = edited[number]["request_body"]
    holder = next(
        (body[key] for key in ("generationConfig", "inferenceConfig") if isinstance(body.get(key), dict)),
        body,
    )
    holder["temperature"] = 0.123
    return Twin("parameter changed in one call", edited, frozenset({number + 1}), ("parameter",))


# --- tools and answers


def _tool_argument(calls: Calls, chance: random.Random) -> Twin | None:
    """Another value in an argument, in the answer and wherever a later request repeats it."""
    for number in chance.sample(range(len(calls)), len(calls)):
        edited = copy.deepcopy(calls)
        answer = edited[number].get("response_body")
        places = [] if not isinstance(answer, dict) else list(_arguments(answer))
        values = [place.value for place in places]
        # Two calls with the same arguments would be two edits.
        places = [
            place
            for place in places
            if values.count(place.value) == 1 and _changed_arguments(place.value) is not None
        ]
        if not places:
            continue
        chosen = chance.choice(places)
        before, after = chosen.value, _changed_arguments(chosen.value)
        chosen.put(after)
        for call in edited[number + 1 :]:
            for place in _arguments(call["request_body"]):
                if place.value == before:
                    place.put(after)
        return Twin("tool argument changed", edited, frozenset({number + 1}), ("tool arguments",))
    return None


def _arguments(value: Any) -> Iterator[_Place]:
    """The arguments of tool calls, parsed or not, wherever they stand."""
    if isinstance(value, dict):
        for holder, key in _argument_keys(value):
            yield _Place("assistant", holder[key], _setter(holder, key))
        for inner in value.values():
            yield from _arguments(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _arguments(inner)


def _argument_keys(value: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    if value.get("type") == "function_call" and isinstance(value.get("arguments"), str):
        yield value, "arguments"
    if value.get("type") == "tool_use" and isinstance(value.get("input"), dict):
        yield value, "input"
    for name, key in (("functionCall", "args"), ("function_call", "args"), ("toolUse", "input")):
        if isinstance(value.get(name), dict) and isinstance(value[name].get(key), dict):
            yield value[name], key
    function = value.get("function")
    if isinstance(function, dict) and isinstance(function.get("arguments"), (str, dict)):
        yield function, "arguments"


def _changed_arguments(value: Any) -> Any:
    """The arguments with their first leaf changed; ``None`` if there is none."""
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return None
        changed = _changed_arguments(parsed) if isinstance(parsed, dict) else None
        return None if changed is None else json.dumps(changed, ensure_ascii=False)
    for key, inner in value.items():
        if isinstance(inner, str):
            return {**value, key: f"{inner}, or so"}
        if isinstance(inner, (int, float)) and not isinstance(inner, bool):
            return {**value, key: inner + 17}
    return None


def _tool_result(calls: Calls, chance: random.Random) -> Twin | None:
    """Another result of a tool, in every request that holds it."""
    for number in chance.sample(range(len(calls)), len(calls)):
        edited = copy.deepcopy(calls)
        earlier = [
            json.dumps(place.value) for call in calls[:number] for place in _results(call["request_body"])
        ]
        places = [
            place
            for place in _results(edited[number]["request_body"])
            if place.value.strip() and place.value not in earlier
        ]
        if not places:
            continue
        before = chance.choice(places).value
        for call in edited[number:]:
            for place in _results(call["request_body"]):
                if place.value == before:
                    place.put(f"{before} (checked again)")
        return Twin("tool result changed", edited, frozenset({number + 1}), ("tool result",))
    return None


def _results(body: Any) -> Iterator[_Place]:
    for message in [*_items(body.get("messages")), *_items(body.get("input"))]:
        content = message.get("content")
        if message.get("role") == "tool" and isinstance(content, str):
            yield _Place("tool", content, _setter(message, "content"))
        if message.get("type") == "function_call_output" and isinstance(message.get("output"), str):
            yield _Place("tool", message["output"], _setter(message, "output"))
        for part in _items(content):
            if part.get("type") == "tool_result" and isinstance(part.get("content"), str):
                yield _Place("tool", part["content"], _setter(part, "content"))
            for inner in _items((part.get("toolResult") or {}).get("content")):
                if isinstance(inner.get("text"), str):
                    yield _Place("tool", inner["text"], _setter(inner, "text"))


def _items(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _answer(calls: Calls, chance: random.Random) -> Twin | None:
    """Other words in an answer, in that answer only."""
    for number in chance.sample(range(len(calls)), len(calls)):
        edited = copy.deepcopy(calls)
        answer = edited[number].get("response_body")
        places = [] if not isinstance(answer, dict) else list(_answers(answer))
        places = [place for place in places if place.value.strip()]
        if places:
            chosen = chance.choice(places)
            chosen.put("On second thoughts, " + chosen.value)
            return Twin("answer changed", edited, frozenset({number + 1}), ("provider's answer",))
    return None


def _answers(answer: dict[str, Any]) -> Iterator[_Place]:
    """The texts of an answer; those of one choice where there are several."""
    if isinstance(answer.get("choices"), list):
        yield from _within({"of": answer["choices"][:1]}, "of", "assistant")
        for choice in _items(answer["choices"])[:1]:
            if isinstance(choice.get("message"), dict):
                yield from _within(choice, "message", "assistant")
    elif isinstance(answer.get("candidates"), list):
        for candidate in _items(answer["candidates"])[:1]:
            if isinstance(candidate.get("content"), dict):
                yield from _within(candidate, "content", "assistant")
    elif answer.get("object") == "response":
        for item in _items(answer.get("output")):
            if item.get("type") == "message":
                yield from _within({"of": item}, "of", "assistant")
    elif isinstance(answer.get("output"), dict) and isinstance(answer["output"].get("message"), dict):
        yield from _within(answer["output"], "message", "assistant")
    elif answer.get("type") == "message":
        yield from _within(answer, "content", "assistant")
