"""What each event of a stream adds, where that takes more than to read one field."""

from __future__ import annotations

from typing import Any

from tests.wire.kit import streamed
from trace_ops.wire import said


def told(api: str, *events: Any) -> list[list[tuple[str, str]]]:
    stream: Any = streamed(events).outcome.body  # type: ignore[union-attr]
    return [list(pieces) for pieces in said(api, stream.events)]


def test_only_the_first_choice_is_told() -> None:
    events = [
        {"choices": [{"index": index, "delta": {"content": text}}]} for index, text in ((0, "a"), (1, "b"))
    ]
    assert told("openai.chat", *events) == [[("text", "a")], []]


def test_a_name_that_is_repeated_begins_one_call_and_the_next_call_a_line() -> None:
    def chunk(index: int, name: str | None, arguments: str) -> Any:
        function = {"name": name, "arguments": arguments}
        return {"choices": [{"delta": {"tool_calls": [{"index": index, "function": function}]}}]}

    events = [chunk(0, "look", '{"a":'), chunk(0, "look", "1}"), chunk(1, "find", ""), chunk(1, None, "{}")]
    assert told("openai.chat", *events) == [
        [("tool_call", "look "), ("tool_call", '{"a":')],
        [("tool_call", "1}")],
        [("tool_call", "\nfind ")],
        [("tool_call", "{}")],
    ]


def test_one_event_may_add_pieces_of_several_kinds() -> None:
    delta = {"reasoning": "hm", "reasoning_content": "hm", "content": "Yes"}
    assert told("openai.chat", {"choices": [{"delta": delta}]}) == [[("reasoning", "hm"), ("text", "Yes")]]


def test_what_a_gateway_tells_in_its_last_event_only_is_told_there() -> None:
    call = {"type": "function_call", "name": "look", "arguments": "{}", "call_id": "call_1"}
    output = [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}, call]
    events = [
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hel"},
        {"type": "response.completed", "response": {"output": output}},
    ]
    assert told("openai.responses", *events) == [
        [("text", "Hel")],
        [("text", "lo"), ("tool_call", "look "), ("tool_call", "{}")],
    ]


def test_what_is_told_again_whole_adds_nothing() -> None:
    place = {"output_index": 0, "content_index": 0}
    events = [
        {"type": "response.output_text.delta", **place, "delta": "Hello"},
        {"type": "response.output_text.done", **place, "text": "Hello"},
    ]
    assert told("openai.responses", *events) == [[("text", "Hello")], []]
    chunks = [
        {"event_type": "text-generation", "text": "Hel"},
        {"event_type": "stream-end", "response": {"text": "Hello"}},
    ]
    assert told("cohere.chat", *chunks) == [[("text", "Hel")], [("text", "lo")]]


def test_a_tool_of_the_provider_shows_what_it_was_called_with_when_it_is_done() -> None:
    item = {"type": "web_search_call", "id": "ws_1", "action": {"query": "llamas"}}
    events = [
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "web_search_call"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
    ]
    assert told("openai.responses", *events) == [
        [("tool_call", "web_search ")],
        [("tool_call", '{"action": {"query": "llamas"}}')],
    ]


def test_a_call_that_begins_with_its_arguments_has_them() -> None:
    block = {"type": "server_tool_use", "name": "web_search", "input": {"query": "llamas"}}
    event = {"type": "content_block_start", "index": 0, "content_block": block}
    assert told("anthropic.messages", event) == [
        [("tool_call", "web_search "), ("tool_call", '{"query": "llamas"}')]
    ]


def test_what_is_no_event_of_a_format_adds_nothing() -> None:
    events = [": ping\n\n", "data: [DONE]\n\n", "data: {broken\n\n", "", "data: 7\n\n"]
    assert said("openai.chat", events) == [(), (), (), (), ()]
    assert said(None, ['data: {"choices": [{"delta": {"content": "a"}}]}\n\n']) == [()]
