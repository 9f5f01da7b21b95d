"""Formats in which a text is asked for and a text comes back.

Cohere's generate, Anthropic's first completions, and the bodies of Bedrock's invoke for models of Meta,
Amazon (Titan), Mistral, Cohere and AI21. They differ in the names of their fields only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire._bedrock import model_in
from trace_ops.wire._events import Payload, count, dicts
from trace_ops.wire._values import finish_of, left, mapping, take, word_of
from trace_ops.wire.messages import ChatRequest, ChatResponse, Finish, Message, TextPart

_FINISH: dict[str, Finish] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "endoftext": "stop",
    "finish": "stop",
    "complete": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filtered": "content_filter",
    "error_toxic": "content_filter",
    "error_limit": "length",
    "error": "error",
}
_PROMPTS = ("prompt", "inputText")
# Answers as lists, and the text and the reason in each.
_LISTS = {
    "generations": ("text", "finish_reason"),
    "results": ("outputText", "completionReason"),
    "outputs": ("text", "stop_reason"),
    "completions": ("data", "finishReason"),
}
# Answers as a text, and its reason beside it.
_FLAT = {
    "generation": "stop_reason",
    "completion": "stop_reason",
    "outputText": "completionReason",
    "text": "finish_reason",
}
_METRICS = "amazon-bedrock-invocationMetrics"
_READ = ("prompt_token_count", "inputTextTokenCount", "inputTokenCount", "input_tokens")
_WRITTEN = ("generation_token_count", "totalOutputTextTokenCount", "outputTokenCount", "output_tokens")
# Padding that keeps the size of events from telling what is in them, and what only streams say.
_NOT_SAID = ("$p", "p", "is_finished", "event_type", "index")


@dataclass
class _Choice:
    """One answer to a prompt, as far as it came."""

    text: str
    word: str | None
    extra: dict[str, Any]


@dataclass(frozen=True)
class Prompts:
    """The reader of such a format, which goes by the name of an API."""

    api: str

    def request(self, body: dict[str, Any], path: str = "") -> ChatRequest:
        """What a model is asked."""
        rest = dict(body)
        model = take(rest, "model", str) or model_in(path)
        said = [(key, text) for key in _PROMPTS if (text := take(rest, key, str)) is not None]
        return ChatRequest(
            api=self.api,
            model=model,
            messages=tuple(Message("user", (TextPart(text),), path=key) for key, text in said),
            parameters=rest,
        )

    def response(self, body: dict[str, Any]) -> ChatResponse:
        """What a model answered, a message for each time it was asked to."""
        rest = dict(body)
        return self._answer(_choices(rest), rest)

    def assemble(self, events: Iterable[Payload]) -> ChatResponse:
        """A streamed answer, put together. The last event may hold the whole of it again."""
        choices: dict[int, _Choice] = {}
        whole: dict[str, Any] = {}
        for event in dicts(events):
            rest = dict(event)
            again = take(rest, "response", dict)
            index = rest.get("index")
            first = index if isinstance(index, int) else 0
            if again is not None:
                choices.clear()
                rest = {**rest, **again}
                rest.pop("finish_reason", None)
            for at, choice in enumerate(_choices(rest), first):
                known = choices.setdefault(at, _Choice("", None, {}))
                known.text += choice.text
                known.word = choice.word or known.word
                known.extra.update(choice.extra)
            _keep(whole, rest, choices)
        found = self._answer([choice for _, choice in sorted(choices.items())], whole)
        ended = bool(found.finish_words) and None not in found.finish_words
        return replace(found, complete=ended and found.error is None)

    def _answer(self, choices: list[_Choice], rest: dict[str, Any]) -> ChatResponse:
        return ChatResponse(
            api=self.api,
            model=take(rest, "model", str),
            messages=tuple(
                Message(
                    "assistant",
                    (TextPart(choice.text),) if choice.text else (),
                    path=f"choices.{at}",
                    extra=left(choice.extra),
                )
                for at, choice in enumerate(choices)
            ),
            finish=tuple(finish_of(choice.word and choice.word.lower(), _FINISH) for choice in choices),
            finish_words=tuple(choice.word for choice in choices),
            usage=_usage(rest, choices),
            error=rest.pop("error", None),
            extra=rest,
        )


INVOKE = Prompts("bedrock.invoke")
GENERATE = Prompts("cohere.generate")
COMPLETE = Prompts("anthropic.complete")


def is_answer(body: dict[str, Any]) -> bool:
    """Whether a body is an answer of Bedrock's in such a format; embeddings and others are none."""
    for key, (text, reason) in _LISTS.items():
        items = body.get(key)
        first = items[0] if isinstance(items, list) and items else None
        if isinstance(first, dict) and text in first and reason in first:
            return True
    if isinstance(body.get("text"), str):
        return "is_finished" in body
    return any(isinstance(body.get(text), str) and reason in body for text, reason in _FLAT.items())


def is_complete(body: dict[str, Any]) -> bool:
    """Whether a body asks for, or is, one of Anthropic's completions."""
    return "max_tokens_to_sample" in body or (
        isinstance(body.get("completion"), str) and "stop_reason" in body
    )


def texts(body: dict[str, Any]) -> list[str]:
    """The texts of the answers in a body, or in an event."""
    return [choice.text for choice in _choices(dict(body))]


def _choices(rest: dict[str, Any]) -> list[_Choice]:
    """Take the answers out of a body."""
    for key, (text, reason) in _LISTS.items():
        items = rest.get(key)
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            del rest[key]
            return [_choice(dict(item), text, reason) for item in items]
    for text, reason in _FLAT.items():
        if isinstance(rest.get(text), str):
            return [_Choice(rest.pop(text), take(rest, reason, str), {})]
    return []


def _choice(rest: dict[str, Any], text: str, reason: str) -> _Choice:
    inner = take(rest, text, dict)
    said = take(rest, text, str) if inner is None else word_of(inner.get("text"))
    why = take(rest, reason, dict)
    word = take(rest, reason, str) if why is None else word_of(why.get("reason"))
    extra = {
        **rest,
        **({text: {key: value for key, value in inner.items() if key != "text"}} if inner else {}),
        **({reason: more} if why and (more := {k: v for k, v in why.items() if k != "reason"}) else {}),
    }
    return _Choice(said or "", word, extra)


def _keep(whole: dict[str, Any], rest: dict[str, Any], choices: dict[int, _Choice]) -> None:
    """Keep what else an event says. One without text may end all answers at once."""
    word = take(rest, "finish_reason", str)
    if word is not None and choices:
        for choice in choices.values():
            choice.word = choice.word or word
    for key, value in rest.items():
        if key not in _NOT_SAID and (value is not None or key not in whole):
            whole[key] = value


def _usage(rest: dict[str, Any], choices: list[_Choice]) -> Usage | None:
    places = (rest, mapping(rest, _METRICS), mapping(mapping(rest, "meta"), "billed_units"))
    read, written = _first(places, _READ), _first(places, _WRITTEN)
    each = [count(choice.extra.get("tokenCount")) for choice in choices]
    if written is None and any(found is not None for found in each):
        written = sum(found or 0 for found in each)
    return None if read is None and written is None else Usage(read, written)


def _first(places: tuple[dict[str, Any], ...], keys: tuple[str, ...]) -> int | None:
    counts = (count(place.get(key)) for place in places for key in keys)
    return next((found for found in counts if found is not None), None)
