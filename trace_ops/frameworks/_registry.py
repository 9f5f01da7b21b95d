"""The table of frameworks, and their installation when the user's code imports them."""

from __future__ import annotations

from functools import cache

from trace_ops._imports import when_imported
from trace_ops._plugins import plugins
from trace_ops.frameworks._protocol import Framework
from trace_ops.frameworks.anthropic_tools import AnthropicTools
from trace_ops.frameworks.chroma import Chroma
from trace_ops.frameworks.crewai import CrewAI
from trace_ops.frameworks.google_tools import GoogleTools
from trace_ops.frameworks.langchain import LangChain
from trace_ops.frameworks.langgraph import LangGraph
from trace_ops.frameworks.llamaindex import LlamaIndex
from trace_ops.frameworks.mcp import Mcp
from trace_ops.frameworks.mistral_tools import MistralTools
from trace_ops.frameworks.openai_agents import OpenAIAgents
from trace_ops.frameworks.openai_tools import OpenAITools
from trace_ops.frameworks.pinecone import Pinecone
from trace_ops.frameworks.pydantic_ai import PydanticAI
from trace_ops.frameworks.qdrant import Qdrant
from trace_ops.frameworks.threads import Threads

FRAMEWORKS: tuple[Framework, ...] = (
    Chroma(),
    CrewAI(),
    LangChain(),
    LangGraph(),
    LlamaIndex(),
    Mcp(),
    Pinecone(),
    Qdrant(),
    OpenAIAgents(),
    PydanticAI(),
    AnthropicTools(),
    GoogleTools(),
    MistralTools(),
    OpenAITools(),
    Threads(),
)

ENTRY_POINTS = "trace_ops.frameworks"
"""Entry point group in which third parties register a :class:`Framework`."""


@cache
def frameworks() -> tuple[Framework, ...]:
    """Our own table and what third parties registered."""
    return (*FRAMEWORKS, *plugins(ENTRY_POINTS, [framework.name for framework in FRAMEWORKS]))


def install() -> None:
    """Install every seam at the import of its framework, or now where it is imported already."""
    for framework in frameworks():
        when_imported(framework.name, "steps", framework.modules, framework.install)
