"""The rows of the table in ``docs/providers.md``: which tests tell of a library, and what they tell of it.

A test tells of what its name says: ``mistral-chat_stream_tools`` of streams and of tools. So no list has to
be kept, and nothing can be claimed that no test does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SDK = ("sync", "async", "streams", "tools", "errors", "retries", "embeddings")
FRAMEWORK = ("sync", "async", "streams", "tools", "errors", "in parallel", "frozen", "left alone")
STORE = ("sync", "async", "errors", "frozen", "left alone")

WORDS: Mapping[str, re.Pattern[str]] = {
    "streams": re.compile(r"stream"),
    "tools": re.compile(r"tool"),
    "errors": re.compile(
        r"error|fail|status_|rate_limit|overloaded|hang_up|garbled|cut|broke|timeout|stall|refused\b|denied"
        r"|validation|wrong|no such|unreachable|unknown_host|miss|[45]\d\d"
    ),
    "retries": re.compile(r"retr(?:y|ie)|attempt|throttled|then-fine"),
    "embeddings": re.compile(r"embed"),
    "in parallel": re.compile(r"parallel|at_once|threads|tasks|batch|gather"),
    "frozen": re.compile(r"frozen|served|no_server|freeze"),
    "left alone": re.compile(r"left_alone|leave_it_alone|left_out|not_to_look"),
}


@dataclass(frozen=True)
class Row:
    """A library: the seam that records it, its distribution, and the tests that tell of it.

    ``lacks`` are columns that are no matter of its own, each with the reason.
    """

    seam: str
    distribution: str
    tests: re.Pattern[str]
    columns: tuple[str, ...] = SDK
    lacks: Mapping[str, str] = field(default_factory=dict)


def _scenarios(words: str) -> re.Pattern[str]:
    return re.compile(rf"tests/sdk/test_conformance\.py::[^[]*\[(?:async_)?(?:{words})")


def _tests(path: str) -> re.Pattern[str]:
    return re.compile(rf"tests/{path}::")


_LANGCHAIN = {"tools": "they are LangChain's", "frozen": "as of LangChain"}
_CHAT_ONLY = {"embeddings": "the tests ask for chats alone; other calls go the same way"}

ROWS: tuple[Row, ...] = (
    Row("openai", "openai", _scenarios(r"openai|azure|chat_|responses|files|batches|speech|transcription")),
    Row(
        "anthropic",
        "anthropic",
        _scenarios(
            r"anthropic|[Aa]sync[Aa]nthropic|Anthropic|bedrock|vertex|message|beta_message|tool_runner"
        ),
        lacks={"embeddings": "it has none"},
    ),
    Row("groq", "groq", _scenarios("groq"), lacks=_CHAT_ONLY),
    Row("together", "together", _scenarios("together"), lacks=_CHAT_ONLY),
    Row("cerebras", "cerebras-cloud-sdk", _scenarios("cerebras"), lacks={"embeddings": "it has none"}),
    Row("google", "google-genai", _scenarios("google")),
    Row("mistral", "mistralai", _scenarios("mistral")),
    Row("cohere", "cohere", _scenarios("cohere")),
    Row("ollama", "ollama", _scenarios("ollama"), lacks={"retries": "it makes none"}),
    Row(
        "bedrock",
        "boto3",
        _tests(r"(?:providers/test_bedrock|corpus/test_bedrock_corpus)\.py"),
        lacks={"async": "it has none; aiobotocore does", "embeddings": "they are calls of invoke_model"},
    ),
    Row(
        "bedrock",
        "aiobotocore",
        _tests(r"providers/test_bedrock_async\.py"),
        lacks={"sync": "boto3 is", "embeddings": "they are calls of invoke_model"},
    ),
    Row("litellm", "litellm", _tests(r"sdk/test_litellm\.py")),
    Row("langchain", "langchain-core", _tests(r"frameworks/test_langchain\w*\.py"), FRAMEWORK),
    Row("langgraph", "langgraph", _tests(r"frameworks/test_langgraph\.py"), FRAMEWORK, _LANGCHAIN),
    Row("openai_agents", "openai-agents", _tests(r"frameworks/test_openai_agents\.py"), FRAMEWORK),
    Row("pydantic_ai", "pydantic-ai-slim", _tests(r"frameworks/test_pydantic_ai\.py"), FRAMEWORK),
    Row("crewai", "crewai", _tests(r"frameworks/crewai/test_\w+\.py"), FRAMEWORK),
    Row("llamaindex", "llama-index-core", _tests(r"frameworks/test_llama_?index\w*\.py"), FRAMEWORK),
    Row("mcp", "mcp", _tests(r"frameworks/test_mcp\.py"), FRAMEWORK, {"sync": "it has none"}),
    Row("chroma", "chromadb", _tests(r"frameworks/test_chroma\.py"), STORE),
    Row("qdrant", "qdrant-client", _tests(r"frameworks/test_qdrant\.py"), STORE),
    Row("pinecone", "pinecone", _tests(r"frameworks/test_pinecone\w*\.py"), STORE),
)


def told_by(test: str, is_async: bool) -> list[tuple[Row, list[str]]]:
    """The rows that a test tells of, and the columns."""
    found = []
    name = test.partition("::")[2]
    for row in ROWS:
        if row.tests.match(test):
            # Where a library has one kind alone, the tests need not say which.
            only_async, only_sync = "sync" in row.lacks, "async" in row.lacks
            how = "async" if only_async or (is_async and not only_sync) else "sync"
            words = [column for column, pattern in WORDS.items() if pattern.search(name)]
            found.append((row, [column for column in row.columns if column in (how, *words)]))
    return found
