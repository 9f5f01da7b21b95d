"""A step as it is compared: read when it must be, and once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Any

from trace_ops import wire
from trace_ops.diff import messages
from trace_ops.diff.values import same, same_body, text_of
from trace_ops.exchange import Body, Exchange, Failure, Request, Response
from trace_ops.matching import canonical, paths
from trace_ops.matching.paths import Path
from trace_ops.trace import Span, Trace
from trace_ops.wire.messages import ChatRequest, ChatResponse

_MOST_WORDS = 300
_GENERATING = ("llm", "embedding")


class Step:
    """A span with what it asked and answered.

    ``place`` is its number in the trace, from 0. ``mate`` is the step of the other run that it corresponds
    to. Keys are equal for equal steps: ``asked`` of what went in, ``answered`` of what came out, ``whole``
    of both; ids that differ with every recording take no part.
    """

    def __init__(self, span: Span, place: int, ignored: Sequence[Path] = ()) -> None:
        self.span = span
        self.place = place
        self.parent: Step | None = None
        self.mate: Step | None = None
        self.strand = 0
        self._ignored = ignored

    @cached_property
    def exchange(self) -> Exchange | None:
        """The recorded call, less what is ignored of its request."""
        exchange = self.span.exchange
        if exchange is None or not self._ignored or exchange.request.body is None:
            return exchange
        body = exchange.request.body
        kept = paths.remove(body.json, self._ignored)
        if kept is body.json:
            return exchange
        request = exchange.request
        lesser = Request(
            request.method,
            request.path,
            request.query,
            request.headers,
            Body(text_of(kept).encode()),
            request.content_type,
        )
        return Exchange(exchange.provider, lesser, exchange.outcome, exchange.retried)

    @cached_property
    def request(self) -> ChatRequest | None:
        """What a model was asked; ``None`` for other steps, and for what is not understood."""
        return wire.read_request(self.exchange) if self.exchange and self.span.kind == "llm" else None

    @cached_property
    def response(self) -> ChatResponse | None:
        """What a model answered; ``None`` for other steps, failed calls, and what is not understood."""
        return wire.read_response(self.exchange) if self.exchange and self.span.kind == "llm" else None

    @cached_property
    def body(self) -> Any:
        """The JSON of a request that is not understood as a conversation, ids by ordinal."""
        assert self.exchange is not None
        return canonical(self.exchange.request, self.exchange.provider).value["body"]

    @cached_property
    def said(self) -> tuple[messages.Key, ...]:
        """The keys of the messages of the request."""
        return tuple(map(messages.key, self.request.messages)) if self.request else ()

    @cached_property
    def asked(self) -> int:
        """What went in."""
        exchange = self.exchange
        if exchange is None:
            return hash((self.span.kind, self.span.name, self.span.model, text_of(self.span.input)))
        request = self.request
        if request is None:
            address = (exchange.provider, exchange.request.method, exchange.request.path)
            return hash((address, exchange.request.query, text_of(self.body)))
        return hash(
            (
                exchange.provider,
                request.api,
                request.model,
                messages.parts_key(request.system),
                self.said,
                messages.tools_key(request),
                text_of(messages.parameters(request)),
            )
        )

    @cached_property
    def answered(self) -> int:
        """What came out."""
        return hash((messages.failed(self.span), self.output))

    @cached_property
    def output(self) -> Hashable:
        """The key of the result itself."""
        exchange = self.exchange
        if exchange is None or not isinstance(exchange.outcome, Response):
            return text_of([self.span.output, self.span.attributes])
        if self.response is not None:
            return (tuple(map(messages.key, self.response.messages)), self.response.finish)
        return messages.rest_of_answer(self.span.kind, exchange.outcome.body)

    @cached_property
    def whole(self) -> int:
        """What went in and came out."""
        return hash((self.span.kind, self.asked, self.answered))

    @cached_property
    def loose(self) -> Hashable:
        """What sort of step it is."""
        kind = self.span.kind
        if kind != "llm":
            return (kind, "" if kind == "embedding" else self.span.name)
        return (kind, self.span.name, self.span.model, tuple(self.span.tools))

    @cached_property
    def gist(self) -> Hashable:
        """What is new in it: the last message, or what a tool was called with."""
        return (self.span.kind, self.said[-1]) if self.said else (self.span.kind, self.span.name, self.asked)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of what is new in it and of its answer, to tell how alike two steps are."""
        if self.request is not None:
            last = self.request.messages[-1:]
            texts = [text_of(messages.shown(message)) for message in last]
            texts += [text_of(messages.shown(m)) for m in self.response.messages] if self.response else []
        elif self.exchange is not None:
            texts = [text_of(self.body)]
        else:
            texts = [text_of(self.span.input), text_of(self.span.output)]
        return frozenset(word for text in texts for word in text.split()[:_MOST_WORDS])

    def may_be(self, other: Step) -> bool:
        """Whether one can be a changed form of the other."""
        kind = self.span.kind
        if kind != other.span.kind:
            return False
        return kind in _GENERATING or self.span.name == other.span.name

    def likeness(self, other: Step) -> float:
        """How much two steps that may be one have in common."""
        one, two = self.words, other.words
        share = 2 * len(one & two) / (len(one) + len(two)) if one or two else 1.0
        return share + 0.2 * (self.loose == other.loose) + 0.2 * (self.gist == other.gist)


def asks_same(one: Step, other: Step) -> bool:
    """Whether the same went into two steps."""
    a, b = one.exchange, other.exchange
    if a is None or b is None:
        if a is not b or one.span.name != other.span.name or one.span.model != other.span.model:
            return False
        return same(one.span.input, other.span.input)
    if _address(a) == _address(b) and same_body(a.request.body, b.request.body):
        return True
    return one.asked == other.asked


def answers_same(one: Step, other: Step) -> bool:
    """Whether the same came out of two steps."""
    a, b = one.exchange, other.exchange
    if a is None or b is None:
        return (
            a is b
            and one.span.error == other.span.error
            and same(one.span.output, other.span.output)
            and same(one.span.attributes, other.span.attributes)
        )
    return answers_to_the_letter(one, other) or one.answered == other.answered


def answers_to_the_letter(one: Step, other: Step) -> bool:
    """Whether two calls have the same answer, counts and ids included."""
    a = one.exchange.outcome if one.exchange else None
    b = other.exchange.outcome if other.exchange else None
    if isinstance(a, Failure) or isinstance(b, Failure) or a is None or b is None:
        return a == b and one.span.error == other.span.error
    return (
        a.status == b.status
        and a.failure == b.failure
        and one.span.error == other.span.error
        and same_body(a.body, b.body)
    )


def equal(one: Step, other: Step) -> bool:
    """Whether two steps are the same, ids and counts aside."""
    return one.span.kind == other.span.kind and asks_same(one, other) and answers_same(one, other)


def steps_of(trace: Trace, ignored: Sequence[Path]) -> list[Step]:
    """The steps of a trace in its order, each with its parent."""
    found = [Step(span, place, ignored) for place, span in enumerate(trace)]
    by_id: dict[int, Step] = {}
    for step in found:
        parent = step.span.parent
        # A parent begins before its children; anything else would be a loop.
        step.parent = None if parent is None else by_id.get(parent)
        by_id.setdefault(step.span.id, step)
    return found


def _address(exchange: Exchange) -> tuple[str, ...]:
    request = exchange.request
    return (exchange.provider, request.method, request.path, request.query)
