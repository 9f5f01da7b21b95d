"""One answer, as each provider would have given it, reads as one and the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wire.kit import answered
from trace_ops.normalize import normalize_for_comparison, normalize_response

TEXT, ARGUMENTS, THOUGHT = "Let me look.", {"city": "Rom", "days": [1, 2]}, "They ask for the weather."
TYPED = json.dumps(ARGUMENTS)

Answer = dict[str, Any]
OPENAI: Answer = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-5",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": TEXT,
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": TYPED}}
                ],
            },
            "finish_reason": "tool_calls",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14},
}
ANTHROPIC: Answer = {
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5-5",
    "content": [
        {"type": "thinking", "thinking": THOUGHT, "signature": "s"},
        {"type": "text", "text": TEXT},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": ARGUMENTS},
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 20, "output_tokens": 7},
}
GEMINI: Answer = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": THOUGHT, "thought": True},
                    {"text": TEXT, "thoughtSignature": "c2ln"},
                    {"functionCall": {"name": "look", "args": ARGUMENTS}},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "modelVersion": "gemini-2.5-flash",
    "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 4, "totalTokenCount": 12},
}
GEMINI_OBJECT: Answer = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": TEXT, "function_call": None, "thought": None},
                    {"text": None, "function_call": {"name": "look", "args": ARGUMENTS, "id": None}},
                ],
            },
            "finish_reason": "STOP",
            "index": 0,
        }
    ],
    "model_version": "gemini-2.5-flash",
    "usage_metadata": {"prompt_token_count": 8, "candidates_token_count": 4},
}
BEDROCK: Answer = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": THOUGHT, "signature": "s"}}},
                {"text": TEXT},
                {"toolUse": {"toolUseId": "tooluse_1", "name": "look", "input": ARGUMENTS}},
            ],
        }
    },
    "stopReason": "tool_use",
    "usage": {"inputTokens": 20, "outputTokens": 7, "totalTokens": 27},
    "metrics": {"latencyMs": 7},
}
COHERE: Answer = {
    "id": "r",
    "message": {
        "role": "assistant",
        "tool_plan": THOUGHT,
        "content": [{"type": "text", "text": TEXT}],
        "tool_calls": [
            {"id": "look_1", "type": "function", "function": {"name": "look", "arguments": TYPED}}
        ],
    },
    "finish_reason": "TOOL_CALL",
    "usage": {"billed_units": {"input_tokens": 3, "output_tokens": 4}},
}
COHERE_V1: Answer = {
    "text": TEXT,
    "generation_id": "g",
    "tool_calls": [{"name": "look", "parameters": ARGUMENTS}],
    "finish_reason": "COMPLETE",
    "meta": {"billed_units": {"input_tokens": 3, "output_tokens": 4}},
}
MISTRAL: Answer = {
    **OPENAI,
    "model": "magistral",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]},
                    {"type": "text", "text": TEXT},
                ],
                "tool_calls": [{"id": "D681PevKs", "function": {"name": "look", "arguments": TYPED}}],
            },
            "finish_reason": "tool_calls",
        }
    ],
}
OLLAMA: Answer = {
    "model": "qwen3",
    "message": {
        "role": "assistant",
        "content": TEXT,
        "thinking": THOUGHT,
        "tool_calls": [{"function": {"name": "look", "arguments": ARGUMENTS}}],
    },
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 9,
    "eval_count": 5,
}
PROVIDERS = {
    "anthropic": ("/v1/messages", ANTHROPIC),
    "google": ("/v1beta/models/gemini-2.5-flash:generateContent", GEMINI),
    "google object": ("/v1beta/models/gemini-2.5-flash:generateContent", GEMINI_OBJECT),
    "bedrock": ("/model/anthropic.claude/converse", BEDROCK),
    "cohere": ("/v2/chat", COHERE),
    "cohere v1": ("/v1/chat", COHERE_V1),
    "mistral": ("/gateway", MISTRAL),
    "ollama": ("/api/chat", OLLAMA),
}
SAME = {
    "role": "assistant",
    "content": TEXT,
    "tool_calls": [{"name": "look", "arguments": ARGUMENTS}],
    "finish_reason": "tool_calls",
    "refusal": None,
}


@pytest.mark.parametrize(("path", "body"), PROVIDERS.values(), ids=PROVIDERS)
def test_it_compares_equal_to_that_of_openai(path: str, body: Answer) -> None:
    assert normalize_for_comparison(OPENAI) == SAME
    assert normalize_for_comparison(body) == SAME
    assert normalize_for_comparison(answered(body, path=path)) == SAME


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (GEMINI, ("gemini-2.5-flash", 8, 4, THOUGHT)),
        (GEMINI_OBJECT, ("gemini-2.5-flash", 8, 4, None)),
        (BEDROCK, (None, 20, 7, THOUGHT)),
        (COHERE, (None, 3, 4, THOUGHT)),
        (MISTRAL, ("magistral", 9, 5, THOUGHT)),
        (OLLAMA, ("qwen3", 9, 5, THOUGHT)),
    ],
)
def test_what_differs_is_told_too(body: Answer, read: tuple[Any, ...]) -> None:
    found = normalize_response(body)

    assert (found.model, found.input_tokens, found.output_tokens, found.reasoning) == read
