"""The calls that are measured: what is asked, what is answered, and clients to ask with.

The answers are those of :class:`trace_ops.double.ProviderDouble`, taken once over HTTP. Numbered calls
differ in their texts and ids and in nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from trace_ops.double import ProviderDouble, ReceivedRequest, _dialects
from trace_ops.exchange import Body, Exchange, Response, Stream
from trace_ops.trace import Span, Trace
from trace_ops.wire import summarise

_WORDS = (
    "the harbour master keeps a log of every vessel that enters at night with its draught cargo flag and "
    "the name of the pilot who brought it in so that the morning shift can see at a glance which berths "
    "are taken and whether the tide will let the next one leave before noon please read the log below "
    "and tell me in plain words which of the ships could swap berths without anybody having to wait"
).split()


@dataclass(frozen=True)
class Api:
    """One way to ask. ``ask`` sends a prompt and reads the answer to its end.

    The double answers with what it was asked, so the ``words`` of a prompt are those of the answer too.
    """

    name: str
    sdk: str
    ask: Callable[[Any, str], object]
    streams: bool = False
    words: int = 80

    def prompt(self, number: int) -> str:
        """The prompt of call ``number``: no other has its words in that order."""
        step = 1 + number % 11
        chosen = (_WORDS[(7 * number + step * place) % len(_WORDS)] for place in range(self.words))
        return f"Question {number}: " + " ".join(chosen)

    def client(self, base_url: str, **options: Any) -> Any:
        """A client of the SDK."""
        options = {"api_key": "sk-not-a-key", "max_retries": 0, **options}
        if self.sdk == "openai":
            from openai import OpenAI

            return OpenAI(base_url=f"{base_url}/v1", **options)
        from anthropic import Anthropic

        return Anthropic(base_url=base_url, **options)

    def mocked(self, answers: Iterable[Answer], *, by_event: bool = False) -> Any:
        """A client on the HTTP library's own MockTransport, which gives the answers in turn."""
        http = self.http()
        waiting = iter(answers)

        def answer(_request: Any) -> Any:
            given = next(waiting)
            if by_event:
                return http.Response(200, headers=given.headers, stream=_stream_class(http)(given.chunks))
            return http.Response(200, headers=given.headers, content=given.raw)

        return self.client(
            "http://floor.test", http_client=self._default(transport=http.MockTransport(answer))
        )

    def http(self) -> ModuleType:
        """The HTTP library that the SDK uses."""
        names = [cls.__module__.partition(".")[0] for cls in self._default.__mro__]
        return sys.modules[next(name for name in names if name != self.sdk)]

    @property
    def _default(self) -> Any:
        if self.sdk == "openai":
            from openai import DefaultHttpxClient
        else:
            from anthropic import DefaultHttpxClient  # type: ignore[assignment]
        return DefaultHttpxClient


@cache
def _stream_class(http: ModuleType) -> Any:
    class Pieces(http.SyncByteStream):  # type: ignore[name-defined,misc]
        def __init__(self, chunks: Sequence[bytes]) -> None:
            self._chunks = chunks

        def __iter__(self) -> Iterator[bytes]:
            return iter(self._chunks)

    return Pieces


@dataclass(frozen=True)
class Answer:
    """What the provider sends back, and how it is cut into pieces."""

    headers: list[tuple[str, str]]
    chunks: tuple[bytes, ...]

    @property
    def raw(self) -> bytes:
        """The body in one piece."""
        return b"".join(self.chunks)


ANSWER = Answer(
    [("content-type", "application/json")],
    (b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[]}',),
)
"""An answer of no consequence."""


# --- what is asked


def _chat(client: Any, prompt: str) -> object:
    return client.chat.completions.create(model="gpt-5-mini", messages=_messages(prompt))


def _chat_stream(client: Any, prompt: str) -> object:
    for chunk in client.chat.completions.create(
        model="gpt-5-mini", messages=_messages(prompt), stream=True, stream_options={"include_usage": True}
    ):
        last = chunk
    return last


def _responses(client: Any, prompt: str) -> object:
    return client.responses.create(model="gpt-5-mini", instructions="You are terse.", input=prompt)


def _claude(client: Any, prompt: str) -> object:
    return client.messages.create(model="claude-sonnet-5-5", max_tokens=500, messages=_asked(prompt))


def _claude_stream(client: Any, prompt: str) -> object:
    for event in client.messages.create(
        model="claude-sonnet-5-5", max_tokens=500, messages=_asked(prompt), stream=True
    ):
        last = event
    return last


def _messages(prompt: str) -> list[Any]:
    return [{"role": "system", "content": "You are terse."}, *_asked(prompt)]


def _asked(prompt: str) -> list[Any]:
    return [{"role": "user", "content": prompt}]


CHAT = Api("openai chat.completions", "openai", _chat)
CHAT_STREAM = Api("openai chat.completions, 100-chunk stream", "openai", _chat_stream, streams=True)
RESPONSES = Api("openai responses", "openai", _responses)
CLAUDE = Api("anthropic messages", "anthropic", _claude)
CLAUDE_STREAM = Api("anthropic messages, 100-chunk stream", "anthropic", _claude_stream, streams=True)
APIS = (CHAT, CHAT_STREAM, RESPONSES, CLAUDE, CLAUDE_STREAM)


# --- what is answered


@cache
def _template(api: Api) -> Exchange:
    """What goes over the wire for prompt 0, recorded from the double over HTTP."""
    from trace_ops import Recorder

    with ProviderDouble() as double, Recorder() as rec:
        api.ask(api.client(double.url), api.prompt(0))
    exchange = rec.trace.spans[0].exchange
    assert exchange is not None
    return exchange


def exchanges(api: Api, count: int, first: int = 0) -> Iterator[Exchange]:
    """What goes over the wire for so many prompts, with the answers that the double gives to them."""
    one = _template(api)
    assert isinstance(one.outcome, Response)
    assert one.request.body is not None
    raw, kept = one.request.body.raw, {"content-length", "transfer-encoding"}
    prefix = "/v1" if api.sdk == "openai" else ""
    double = ProviderDouble()
    for number in range(first, first + count):
        body = raw.replace(api.prompt(0).encode(), api.prompt(number).encode())
        received = ReceivedRequest("POST", prefix + one.request.path, "", {}, body)
        incoming, reply, _fault = double._receive(received)
        fresh = _dialects.headers(incoming)
        headers = [(name, fresh.get(name, value)) for name, value in one.outcome.headers if name not in kept]
        answer: Body | Stream = (
            Body(reply.body)
            if reply.events is None
            else Stream([event.decode() for event in reply.events], _offsets(number, len(reply.events)))
        )
        request = replace(one.request, body=Body(body))
        yield Exchange(one.provider, request, replace(one.outcome, headers=headers, body=answer))


def _offsets(number: int, count: int) -> list[int]:
    """When events arrive: some hundred ms to the first, then in uneven steps."""
    at_ms, now = [], 300 + number % 97
    for place in range(count):
        now += (number * 13 + place * 29) % 23
        at_ms.append(now)
    return at_ms


def answers(api: Api, count: int, first: int = 0) -> list[Answer]:
    """The same answers, for a MockTransport."""
    given = []
    for exchange in exchanges(api, count, first):
        response = exchange.outcome
        assert isinstance(response, Response)
        body = response.body
        chunks = tuple(event.encode() for event in body.events) if isinstance(body, Stream) else (body.raw,)
        given.append(Answer(response.headers, chunks))
    return given


def cassette(api: Api, count: int, path: Path) -> Path:
    """Write a cassette of so many calls."""
    from trace_ops.cassette import Cassette, save

    spans = []
    for number, exchange in enumerate(exchanges(api, count)):
        span = Span(number + 1, "llm", api.name, exchange=exchange, start_ms=number * 900.0, ms=812.0)
        seen = summarise(exchange)
        span.model, span.usage, span.finish = seen.model, seen.usage, seen.finish
        spans.append(span)
    save(Cassette(Trace("benchmark", datetime.now(timezone.utc), spans), []), path)
    return path
