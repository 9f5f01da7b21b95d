"""What models of LangChain are asked and give, in the model of messages."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.wire.odd import bodies, reads_anything
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.trace import Usage
from trace_ops.wire import _langchain, api_of, operation, read_request, read_response, summarise
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import (
    Message,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)

CALL = {"name": "look", "args": {"city": "Rom"}, "id": "call_1", "type": "tool_call"}
USAGE = {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14}


def exchange(request: Any, answer: Any, *, pieces: bool = False) -> Exchange:
    lines = [json.dumps(piece) + "\n" for piece in answer] if pieces else []
    body = Stream(lines, [0] * len(lines)) if pieces else Body(json.dumps(answer).encode())
    asked = Request("CALL", "/House", body=Body(json.dumps(request).encode()))
    return Exchange("langchain", asked, Response(200, [], body))


def test_a_conversation_and_its_answer() -> None:
    asked = {
        "model": "house-1",
        "params": {"temperature": 0.5},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Where is it warm?"}]},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "content": "none", "tool_call_id": "call_1", "name": "look", "status": "error"},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
        "stop": ["."],
    }
    thought = {"type": "reasoning", "reasoning": "Hm."}
    said = {
        "type": "ai",
        "content": [thought, {"type": "text", "text": "In Rome."}, {**CALL, "id": "call_2"}],
        "tool_calls": [{**CALL, "id": "call_2"}],
        "usage_metadata": {**USAGE, "input_token_details": {"cache_read": 4, "cache_creation": 1}},
        "response_metadata": {"finish_reason": "stop", "model_name": "house-1-large"},
    }
    call = exchange(asked, {"generations": [{"message": said}]})

    request, response = read_request(call), read_response(call)

    assert (api_of(call), operation("langchain", "CALL", "/House")) == ("langchain.model", ("llm", "House"))
    assert request is not None
    assert (request.model, request.parameters) == ("house-1", {"params": {"temperature": 0.5}, "stop": ["."]})
    assert request.tools == (ToolDefinition("look", None, {"type": "object"}),)
    assert request.messages == (
        Message("system", (TextPart("Be brief."),)),
        Message("user", (TextPart("Where is it warm?"),)),
        Message("assistant", (ToolCallPart("call_1", "look", {"city": "Rom"}),)),
        Message("tool", (ToolResultPart("call_1", "none", "look", failed=True),)),
    )
    assert response is not None
    parts = (ReasoningPart("Hm."), TextPart("In Rome."), ToolCallPart("call_2", "look", {"city": "Rom"}))
    assert response.messages == (Message("assistant", parts),)
    assert (response.finish, response.finish_words) == (("stop",), ("stop",))
    seen = summarise(call)
    assert (seen.model, seen.usage) == ("house-1-large", Usage(9, 5, cache_read=4, cache_write=1))
    assert (seen.tools, seen.finish, seen.text) == (["look"], "stop", "In Rome.")


def test_prompts_and_their_answers() -> None:
    output = {"token_usage": {"prompt_tokens": 2, "completion_tokens": 3}, "model_name": "old-1"}
    generations = [[{"text": "one", "generation_info": {"finish_reason": "length"}}], [{"text": "two"}]]
    call = exchange(
        {"model": "Old", "prompts": ["a", "b"]}, {"generations": generations, "llm_output": output}
    )

    request, response = read_request(call), read_response(call)

    assert request is not None
    assert [message.text for message in request.messages] == ["a", "b"]
    assert response is not None
    assert [message.text for message in response.messages] == ["one", "two"]
    assert (response.finish, response.model, response.usage) == (("length", None), "old-1", Usage(2, 3))


def test_pieces_read_as_the_whole() -> None:
    def piece(**fields: Any) -> dict[str, Any]:
        return {"message": {"type": "AIMessageChunk", **fields}}

    chunk = {"index": 0, "type": "tool_call_chunk"}
    pieces = [
        piece(content="In "),
        piece(content="Rome."),
        piece(tool_call_chunks=[{**chunk, "name": "look", "args": '{"city": ', "id": "call_1"}]),
        piece(tool_call_chunks=[{**chunk, "args": '"Rom"}'}]),
        piece(usage_metadata={"input_tokens": 9, "output_tokens": 2, "total_tokens": 11}),
        piece(
            usage_metadata={"input_tokens": 0, "output_tokens": 3, "total_tokens": 3},
            response_metadata={"finish_reason": "tool_calls"},
            chunk_position="last",
        ),
    ]
    call = exchange({"model": "house-1", "messages": [], "stream": True}, pieces, pieces=True)

    response, seen = read_response(call), summarise(call)

    assert response is not None
    parts = (TextPart("In Rome."), ToolCallPart("call_1", "look", {"city": "Rom"}))
    assert response.messages == (Message("assistant", parts),)
    assert (response.complete, response.finish) == (True, ("tool_calls",))
    assert (seen.usage, seen.tools, seen.text) == (Usage(9, 5), ["look"], "In Rome.")


def test_blocks_go_on_by_their_index() -> None:
    blocks = [
        [{"type": "reasoning", "reasoning": "H", "index": 0}],
        [{"type": "reasoning", "reasoning": "m.", "index": 0}],
        [{"type": "text", "text": "Hi ", "index": 1}],
        [{"type": "text", "text": "there", "index": 1}],
    ]
    pieces = [Payload(None, {"message": {"type": "AIMessageChunk", "content": block}}) for block in blocks]

    (message,) = _langchain.assemble(pieces).messages

    assert message.parts == (ReasoningPart("Hm."), TextPart("Hi there"))


def test_a_stream_of_nothing_is_not_complete() -> None:
    assert not _langchain.assemble([]).complete


@given(
    body=bodies(
        "model messages role content name tool_calls tool_call_id status args input id type prompts prompt "
        "generations message text generation_info llm_output usage_metadata response_metadata finish_reason "
        "token_usage tokens event reasoning index tools params",
        "tool_call tool_use reasoning ai AIMessageChunk",
    ),
    name=st.none(),
)
def test_nothing_raises(body: dict[str, Any], name: None) -> None:
    reads_anything(_langchain, body, name)
