"""Which calls generate, and what they are called."""

from __future__ import annotations

import pytest

from trace_ops.wire import operation


@pytest.mark.parametrize(
    ("method", "path", "kind", "label"),
    [
        ("POST", "/chat/completions", "llm", "chat.completions"),
        ("POST", "/v1/chat/completions", "llm", "chat.completions"),
        ("post", "/openai/v1/chat/completions?x=1", "llm", "chat.completions"),
        ("POST", "/openai/deployments/my-gpt/chat/completions", "llm", "chat.completions"),
        ("POST", "/router/v2/openai/v1/chat/completions", "llm", "chat.completions"),
        ("POST", "/completions", "llm", "completions"),
        ("POST", "/responses", "llm", "responses"),
        ("POST", "/embeddings", "embedding", "embeddings"),
        ("POST", "/engines/ada/embeddings", "embedding", "embeddings"),
        ("POST", "/v1/messages", "llm", "messages"),
        ("POST", "/v1/complete", "llm", "complete"),
        ("POST", "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke", "llm", "messages"),
        ("POST", "/model/anthropic.claude-v2/invoke-with-response-stream", "llm", "messages"),
        ("POST", "/model/us.amazon.nova-lite-v1:0/converse-stream", "llm", "converse"),
        ("POST", "/projects/p/locations/l/publishers/anthropic/models/claude:rawPredict", "llm", "messages"),
        (
            "POST",
            "/projects/p/locations/l/publishers/anthropic/models/claude:streamRawPredict",
            "llm",
            "messages",
        ),
        (
            "POST",
            "/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
            "custom",
            "messages.count_tokens",
        ),
        ("POST", "/v1/messages/count_tokens", "custom", "messages.count_tokens"),
        ("POST", "/v1/messages/batches", "custom", "messages.batches"),
        (
            "GET",
            "/v1/messages/batches/msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d",
            "custom",
            "messages.batches.retrieve",
        ),
        ("POST", "/threads/thread_abc123abc123/messages", "custom", "threads.messages"),
        ("GET", "/responses/resp_68a1b2c3d4e5f6", "custom", "responses.retrieve"),
        ("POST", "/responses/resp_68a1b2c3d4e5f6/cancel", "custom", "responses.cancel"),
        ("DELETE", "/responses/resp_68a1b2c3d4e5f6", "custom", "responses.delete"),
        ("GET", "/responses/resp_68a1b2c3d4e5f6/input_items", "custom", "responses.input_items.list"),
        ("POST", "/responses/input_tokens", "custom", "responses.input_tokens"),
        ("GET", "/chat/completions/chatcmpl-abc123def456", "custom", "chat.completions.retrieve"),
        ("GET", "/models", "custom", "models.list"),
        ("GET", "/v1/models/gpt-5", "custom", "models.retrieve"),
        ("POST", "/files", "custom", "files"),
        ("GET", "/files/file-abc123DEF456/content", "custom", "files.content.list"),
        ("DELETE", "/files/file-abc123DEF456", "custom", "files.delete"),
        ("POST", "/audio/transcriptions", "custom", "audio.transcriptions"),
        ("POST", "/images/generations", "custom", "images.generations"),
        ("POST", "/moderations", "custom", "moderations"),
        ("POST", "/", "custom", "openai"),
        ("GET", "", "custom", "openai"),
    ],
)
def test_method_and_path_tell(method: str, path: str, kind: str, label: str) -> None:
    assert operation("openai", method, path) == (kind, label)
