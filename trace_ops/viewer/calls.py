"""The calls of a run, read once: what was asked and answered, with messages and tools in pools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trace_ops import wire
from trace_ops._json_text import COMPACT
from trace_ops.cassette.sharing import key_of
from trace_ops.exchange import Body, Exchange
from trace_ops.trace import Span
from trace_ops.viewer import data, parts
from trace_ops.viewer.prints import Prints
from trace_ops.wire.messages import ChatRequest, ChatResponse, Message

# Where a request in a format has its conversation: a message for each item, read from that item alone.
_CONVERSATIONS = {
    "openai.chat": "messages",
    "openai.responses": "input",
    "anthropic.messages": "messages",
    "google.generateContent": "contents",
    "mistral.chat": "messages",
    "cohere.chat.v2": "messages",
    "bedrock.converse": "messages",
    "ollama.chat": "messages",
}


@dataclass(frozen=True)
class CallRead:
    """A call that generates. ``system``, ``messages``, ``answers`` and ``tools`` are numbers in the pools."""

    api: str | None
    asked: ChatRequest | None = None
    system: int | None = None
    messages: Sequence[int] = ()
    tools: Sequence[int] = ()
    answer: ChatResponse | None = None
    answers: Sequence[int] = ()


@dataclass
class Calls:
    """The calls of a run by the ids of their steps, and the pools.

    ``said`` are the messages as they were read, ``messages`` the same as the page has them. Of a conversation
    that goes on, only what is new is read.
    """

    prints: Prints
    said: list[Message] = field(default_factory=list)
    messages: list[data.Message] = field(default_factory=list)
    tools: list[data.ToolDefinition] = field(default_factory=list)
    by_span: dict[int, CallRead] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._items: dict[tuple[str, int], int] = {}
        self._lists: dict[tuple[str, int], Sequence[int]] = {}
        self._message_numbers: dict[bytes, int] = {}
        self._tool_numbers: dict[bytes, int] = {}

    @classmethod
    def of(cls, spans: Iterable[Span], prints: Prints) -> Calls:
        """Read all calls of a run."""
        calls = cls(prints)
        for span in spans:
            if span.exchange is not None:
                try:
                    calls.by_span[span.id] = calls._read(span.exchange)
                except RecursionError:  # nested deeper than can be read; its bodies are shown as text
                    calls.by_span[span.id] = CallRead(None)
        return calls

    def _read(self, exchange: Exchange) -> CallRead:
        api = wire.api_of(exchange)
        if api is None:
            return CallRead(None)
        asked, messages, tools = self._asked(api, exchange)
        system = self._message(Message("system", asked.system)) if asked and asked.system else None
        answer = wire.read_response(exchange)
        answers = [] if answer is None else [self._message(said) for said in answer.messages]
        return CallRead(api, asked, system, messages, tools, answer, answers)

    def _asked(self, api: str, exchange: Exchange) -> tuple[ChatRequest | None, Sequence[int], Sequence[int]]:
        body = exchange.request.body.json if exchange.request.body is not None else None
        key = _CONVERSATIONS.get(api, "")
        items = body.get(key) if isinstance(body, dict) else None
        if not isinstance(items, list):
            asked = wire.read_request(exchange)
            messages = [] if asked is None else [self._message(said) for said in asked.messages]
            return asked, messages, [] if asked is None else self._tools(asked)
        return self._gone_on(api, exchange, key, items)

    def _gone_on(
        self, api: str, exchange: Exchange, key: str, items: list[Any]
    ) -> tuple[ChatRequest | None, Sequence[int], Sequence[int]]:
        """Read a request less what was read before: messages one by one, the tools all together."""
        body = exchange.request.body.json  # type: ignore[union-attr]
        numbers = [(api, self.prints.of(item)) for item in items]
        unread = {number: item for number, item in zip(numbers, items) if number not in self._items}
        offered = (api, self.prints.of(body["tools"])) if isinstance(body.get("tools"), list) else None
        rest = {**body, key: list(unread.values())}
        if offered in self._lists:
            del rest["tools"]
        asked = wire.read_request(_with(exchange, rest))
        if asked is None or len(asked.messages) != len(unread):
            asked = wire.read_request(exchange)
            if asked is None:
                return None, [], []
            return asked, [self._message(said) for said in asked.messages], self._tools(asked)
        for number, said in zip(unread, asked.messages):
            self._items[number] = self._message(said)
        tools = self._lists.get(offered) if offered is not None else None
        if tools is None:
            tools = self._tools(asked)
            if offered is not None:
                self._lists[offered] = tools
        return asked, [self._items[number] for number in numbers], tools

    def _message(self, said: Message) -> int:
        told = parts.message(said)
        number = self._message_numbers.setdefault(key_of(told), len(self.messages))
        if number == len(self.messages):
            self.messages.append(told)
            self.said.append(said)
        return number

    def _tools(self, asked: ChatRequest) -> list[int]:
        numbers = []
        for tool in map(parts.tool, asked.tools):
            number = self._tool_numbers.setdefault(key_of(tool), len(self.tools))
            if number == len(self.tools):
                self.tools.append(tool)
            numbers.append(number)
        return numbers


def _with(exchange: Exchange, body: dict[str, Any]) -> Exchange:
    """The call with another request."""
    request = replace(exchange.request, body=Body.from_json(body, COMPACT))
    return replace(exchange, request=request)
