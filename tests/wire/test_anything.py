"""Bodies of any shape: reading them never raises, and what is not understood is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.completeness import missing
from tests.wire.kit import answered, streamed
from trace_ops.exchange import Body, Request
from trace_ops.wire import api_of, read_body, read_request, read_response, said, summarise
from trace_ops.wire._api import APIS
from trace_ops.wire._events import Payload

# Words that readers look for: at random they would hardly ever come together.
KEYS = st.sampled_from(
    "messages input content role type text parts model tools function name arguments tool_calls id output "
    "choices message delta finish_reason index usage summary source data url image_url file item response "
    "output_index content_index summary_index part status stop_reason content_block partial_json system "
    "instructions prompt input_audio file_id call_id tool_use_id error refusal reasoning_content "
    "logprobs".split()
)
TYPES = (
    "text input_text output_text user assistant tool system function custom tool_use tool_result thinking "
    "image document base64 image_url input_image input_audio input_file file message function_call reasoning "
    "function_call_output web_search_call image_generation_call mcp_call".split()
)
OTHERS = (
    "message_start message_delta content_block_start content_block_delta message_stop error stop "
    "response.completed response.output_item.added response.output_text.delta response.content_part.added "
    "response.function_call_arguments.delta response.output_text.annotation.added input_json_delta "
    'citations_delta data:image/png;base64,AAAA {} {"a":1} \ud800'.split()
)
WORDS = st.sampled_from([*TYPES, *OTHERS])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=10,
)
OBJECTS = st.dictionaries(KEYS | st.text(max_size=3), JSON, max_size=6)
SHAPED = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(OBJECTS, max_size=3),
        "input": st.lists(OBJECTS, max_size=3),
        "output": st.lists(OBJECTS, max_size=3),
        "content": st.lists(OBJECTS, max_size=3),
        "choices": st.lists(OBJECTS, max_size=3),
        "tools": st.lists(OBJECTS, max_size=3),
    },
)
EXAMPLES = 25
NAMES = [api.name for api in APIS]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=EXAMPLES, deadline=None)
@given(body=OBJECTS | SHAPED, path=st.text(max_size=20))
def test_no_request_raises(name: str, body: dict[str, Any], path: str) -> None:
    api = next(api for api in APIS if api.name == name)

    before = repr(body)
    found = api.reader.request(body, path)

    assert found.api.partition(".")[0] == name.partition(".")[0]
    assert repr(body) == before, "the body was changed"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=EXAMPLES, deadline=None)
@given(body=OBJECTS | SHAPED)
def test_no_answer_raises(name: str, body: dict[str, Any]) -> None:
    api = next(api for api in APIS if api.name == name)

    before = repr(body)
    found = api.reader.response(body)

    assert found.api.partition(".")[0] == name.partition(".")[0]
    assert len(found.finish) == len(found.finish_words) == len(found.messages)
    assert repr(body) == before, "the body was changed"


@pytest.mark.parametrize(
    "name", ["openai.chat", "openai.completions", "openai.responses", "anthropic.messages"]
)
@settings(max_examples=EXAMPLES, deadline=None)
@given(body=OBJECTS | SHAPED)
def test_every_text_is_found_again(name: str, body: dict[str, Any]) -> None:
    """But for the words that the type of a part or a message says."""
    reader = next(api.reader for api in APIS if api.name == name)

    for found in (reader.request(body, ""), reader.response(body)):
        left = missing(body, found, exempt=lambda _, leaf: not isinstance(leaf, str) or leaf in TYPES)
        assert left == []


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=EXAMPLES, deadline=None)
@given(events=st.lists(st.builds(Payload, st.none() | WORDS, OBJECTS | SHAPED | JSON), max_size=6))
def test_no_stream_raises(name: str, events: list[Payload]) -> None:
    api = next(api for api in APIS if api.name == name)

    before = repr(events)
    found = api.reader.assemble(events)

    assert found.api.partition(".")[0] == name.partition(".")[0]
    assert repr(events) == before, "an event was changed"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=EXAMPLES, deadline=None)
@given(events=st.lists(OBJECTS | SHAPED | JSON, max_size=6))
def test_no_event_raises(name: str, events: list[Any]) -> None:
    told = said(name, streamed(events).outcome.body.events)  # type: ignore[union-attr]

    assert len(told) == len(events)
    assert all(piece.text for pieces in told for piece in pieces)


@settings(max_examples=EXAMPLES, deadline=None)
@given(body=JSON, path=st.sampled_from(["/v1/chat/completions", "/v1/messages", "/responses", "/x", ""]))
def test_no_exchange_raises(body: Any, path: str) -> None:
    text = json.dumps(body)
    for exchange in (answered(body, path=path, request=body), streamed([body], path=path, request=body)):
        read_request(exchange)
        read_response(exchange)
        summarise(exchange)
    exchange.request = Request("POST", path, body=Body(text.encode()), query="a=%ff&&b")
    read_request(exchange)
    if isinstance(body, dict):
        read_body(body, "openai")


@pytest.mark.parametrize("depth", [50, 5_000])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/completions"])
def test_no_depth_raises(path: str, depth: int) -> None:
    """Results of tools in results of tools, deltas in deltas."""
    nested = '{"type":"tool_result","content":[' * depth + "]}" * depth
    delta = '{"a":' * depth + "1" + "}" * depth
    requests = f'{{"messages":[{{"role":"user","content":[{nested}]}}],"input":[{nested}]}}'
    events = [
        f'data: {{"choices":[{{"delta":{delta}}}]}}\n\n',
        f'data: {{"type":"content_block_start","content_block":{nested}}}\n\n',
        f'data: {{"type":"response.output_item.added","item":{nested}}}\n\n',
    ]
    exchange = streamed(events, path=path)
    exchange.request.body = Body(requests.encode())

    read_response(exchange)
    said(api_of(exchange), events)
    assert depth > 500 or read_request(exchange) is not None
