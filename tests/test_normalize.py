"""Answers of all providers in one shape, and the same answer comparing equal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wire.kit import answered, failed, streamed
from trace_ops.normalize import (
    NormalizedResponse,
    NormalizedToolCall,
    normalize_for_comparison,
    normalize_response,
)
from trace_ops.trace import Span

ARGUMENTS = {"city": "Oslo", "days": 2}
TEXT = json.dumps(ARGUMENTS)
# One answer, as each format says it: a sentence, and a call of a tool.
CALLS: dict[str, dict[str, Any]] = {
    "openai.chat": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-5",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Let me see.",
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "weather", "arguments": TEXT},
                        }
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    },
    "openai.responses": {
        "id": "resp_1",
        "object": "response",
        "model": "gpt-5",
        "status": "completed",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Oslo."}]},
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Let me see."}],
            },
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_2",
                "name": "weather",
                "arguments": TEXT,
            },
        ],
        "usage": {"input_tokens": 11, "output_tokens": 25, "output_tokens_details": {"reasoning_tokens": 20}},
    },
    "anthropic.messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [
            {"type": "thinking", "thinking": "Oslo, then.", "signature": "x"},
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": ARGUMENTS},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 9, "output_tokens": 7, "cache_read_input_tokens": 3},
    },
    "google.generateContent": {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "Let me see."},
                        {"functionCall": {"name": "weather", "args": ARGUMENTS}},
                    ],
                },
                "finishReason": "STOP",
            }
        ],
        "modelVersion": "gemini-2.5-flash",
        "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 4, "totalTokenCount": 12},
    },
    "bedrock.converse": {
        "output": {
            "message": {
                "role": "assistant",
                "content": [
                    {"text": "Let me see."},
                    {"toolUse": {"toolUseId": "tooluse_1", "name": "weather", "input": ARGUMENTS}},
                ],
            }
        },
        "stopReason": "tool_use",
        "usage": {"inputTokens": 8, "outputTokens": 4, "totalTokens": 12},
    },
    "cohere.chat.v2": {
        "id": "1",
        "finish_reason": "TOOL_CALL",
        "message": {
            "role": "assistant",
            "content": [{"type": "text", "text": "Let me see."}],
            "tool_calls": [
                {"id": "weather_1", "type": "function", "function": {"name": "weather", "arguments": TEXT}}
            ],
        },
        "usage": {"tokens": {"input_tokens": 8, "output_tokens": 4}},
    },
    "mistral.chat": {
        "id": "1",
        "object": "chat.completion",
        "model": "mistral-large-latest",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Let me see.",
                    "tool_calls": [
                        {"id": "a", "function": {"name": "weather", "arguments": TEXT}, "index": 0}
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    },
    "ollama.chat": {
        "model": "llama3.2",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [{"function": {"name": "weather", "arguments": ARGUMENTS}}],
        },
        "done_reason": "stop",
        "done": True,
        "prompt_eval_count": 8,
        "eval_count": 4,
    },
}
SAID = {
    "role": "assistant",
    "content": "Let me see.",
    "tool_calls": [{"name": "weather", "arguments": ARGUMENTS}],
    "finish_reason": "tool_calls",
    "refusal": None,
}


@pytest.mark.parametrize("api", CALLS)
@pytest.mark.parametrize("told", [True, False], ids=["provider told", "by its shape"])
def test_the_same_answer_of_any_provider_compares_equal(api: str, told: bool) -> None:
    assert normalize_for_comparison(CALLS[api], api if told else None) == SAID


@pytest.mark.parametrize("api", CALLS)
def test_the_provider_alone_tells_too(api: str) -> None:
    assert normalize_for_comparison(CALLS[api], api.partition(".")[0]) == SAID


def test_all_that_an_answer_says() -> None:
    assert normalize_response(CALLS["anthropic.messages"]) == NormalizedResponse(
        content="Let me see.",
        tool_calls=[NormalizedToolCall("weather", ARGUMENTS, "toolu_1")],
        model="claude-sonnet-5-5",
        role="assistant",
        finish_reason="tool_calls",
        input_tokens=12,
        output_tokens=7,
        reasoning="Oslo, then.",
        refusal=None,
    )


@pytest.mark.parametrize(
    ("body", "differing"),
    [
        ({"content": [{"type": "text", "text": "Let me look."}]}, {"content", "tool_calls"}),
        ({"stop_reason": "max_tokens"}, {"finish_reason"}),
        ({"content": [*CALLS["anthropic.messages"]["content"][:2],
                      {"type": "tool_use", "name": "weather", "input": {"city": "Rome"}}]}, {"tool_calls"}),
        ({"id": "msg_2", "model": "claude-opus-5", "usage": {"input_tokens": 1}}, set()),
        ({"content": [{"type": "thinking", "thinking": "Hm."},
                      *CALLS["anthropic.messages"]["content"][1:]]}, set()),
    ],
)  # fmt: skip
def test_what_takes_part_in_the_comparison(body: dict[str, Any], differing: set[str]) -> None:
    found = normalize_for_comparison({**CALLS["anthropic.messages"], **body})

    assert {key for key, value in found.items() if value != SAID[key]} == differing


def test_tools_that_the_provider_ran_are_not_asked_for() -> None:
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    content = [search, {"type": "text", "text": "Dry."}]

    found = normalize_response({"type": "message", "content": content, "stop_reason": "end_turn"})

    assert (found.content, found.tool_calls, found.finish_reason) == ("Dry.", [], "stop")


def test_a_refusal_is_no_content() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I cannot."}
    chat = {"choices": [{"message": message, "finish_reason": "stop"}]}
    parts = [{"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}]
    responses = {"object": "response", "status": "completed", "output": parts}

    assert normalize_for_comparison(chat) == normalize_for_comparison(responses)
    assert (normalize_response(chat).content, normalize_response(chat).refusal) == (None, "I cannot.")


def test_recorded_calls_and_steps() -> None:
    """Whole and streamed, as an exchange and as a step of a run."""
    body = CALLS["openai.chat"]
    message = body["choices"][0]["message"]
    deltas: list[tuple[Any, Any]] = [
        ({"role": "assistant", "content": "Let me "}, None),
        ({"content": "see."}, None),
        (
            {"tool_calls": [{**call, "index": at} for at, call in enumerate(message["tool_calls"])]},
            "tool_calls",
        ),
    ]
    events = [
        {"model": "gpt-5", "choices": [{"delta": delta, "finish_reason": end}]} for delta, end in deltas
    ]
    path = "/v1/chat/completions"

    for exchange in (answered(body, path=path), streamed(events, path=path)):
        assert normalize_for_comparison(exchange) == SAID
        assert normalize_for_comparison(Span(1, "llm", "chat", exchange=exchange)) == SAID
    assert normalize_for_comparison(Span(1, "llm", "mine", output=body)) == SAID


@pytest.mark.parametrize(
    ("api", "module", "name"),
    [
        ("openai.chat", "openai.types.chat", "ChatCompletion"),
        ("openai.responses", "openai.types.responses", "Response"),
        ("anthropic.messages", "anthropic.types", "Message"),
    ],
)
def test_objects_of_the_sdks(api: str, module: str, name: str) -> None:
    """As they are, and as ``model_dump()`` gives them."""
    types = pytest.importorskip(module, reason="this version of the SDK has no such API")
    found = getattr(types, name).model_construct(**CALLS[api])

    assert normalize_response(found) == normalize_response(CALLS[api])
    assert normalize_response(found.model_dump(warnings=False)) == normalize_response(CALLS[api])


def test_objects_that_dump_in_their_own_way() -> None:
    class Answer:
        def model_dump(self) -> dict[str, Any]:
            return CALLS["ollama.chat"]

    assert normalize_for_comparison(Answer()) == SAID


def test_to_and_from_plain_data() -> None:
    found = normalize_response(CALLS["openai.responses"])

    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert NormalizedResponse.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert normalize_for_comparison(found) == SAID


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"text": "x"}, "unexpected keyword argument 'text'"),
        ({"tool_calls": [{"nom": "f"}]}, "unexpected keyword argument 'nom'"),
        ({"tool_calls": 7}, "not iterable"),
        ({"finish_reason": "bored"}, "unknown finish_reason 'bored'"),
        ({"finish_reason": ["stop"]}, "unknown finish_reason"),
        ([], "no normalized response"),
    ],
)
def test_data_of_another_kind_is_refused(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NormalizedResponse.from_dict(data)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"usage": {}, "id": 3}, r"its keys: id, usage.*name its provider="),
        ({}, "its keys: none"),
        ("Hi", "no answer of a model: str"),
        (None, "no answer of a model: NoneType"),
        (failed(path="/v1/chat/completions"), "the call failed with ReadTimeout"),
        (answered({}, path="/v1/messages", status=529), "the call failed with status 529"),
        (answered({}, path="/v1/embeddings"), "POST /v1/embeddings is no call to one that is known"),
    ],
)
def test_what_is_no_answer_is_refused(response: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        normalize_response(response)
