"""The table of frameworks, and their installation when the user's code imports them."""

from __future__ import annotations

import sys

from trace_ops._imports import version_of, when_imported
from trace_ops.frameworks._protocol import Framework
from trace_ops.frameworks.anthropic_tools import AnthropicTools
from trace_ops.frameworks.chroma import Chroma
from trace_ops.frameworks.google_tools import GoogleTools
from trace_ops.frameworks.langchain import LangChain
from trace_ops.frameworks.langgraph import LangGraph
from trace_ops.frameworks.mcp import Mcp
from trace_ops.frameworks.mistral_tools import MistralTools
from trace_ops.frameworks.openai_agents import OpenAIAgents
from trace_ops.frameworks.openai_tools import OpenAITools
from trace_ops.frameworks.pydantic_ai import PydanticAI
from trace_ops.frameworks.qdrant import Qdrant
from trace_ops.frameworks.threads import Threads

FRAMEWORKS: tuple[Framework, ...] = (
    Chroma(),
    LangChain(),
    LangGraph(),
    Mcp(),
    Qdrant(),
    OpenAIAgents(),
    PydanticAI(),
    AnthropicTools(),
    GoogleTools(),
    MistralTools(),
    OpenAITools(),
    Threads(),
)

NAMES = frozenset(framework.name for framework in FRAMEWORKS)
"""What ``Recorder(intercept_...=False)`` may name."""


def install() -> None:
    """Install every seam at the import of its framework, or now where it is imported already."""
    for framework in FRAMEWORKS:
        when_imported(f"{framework.name} steps", framework.modules, framework.install)


def libraries() -> dict[str, str]:
    """Versions of the frameworks that are imported, by distribution name."""
    found = {}
    for framework in FRAMEWORKS:
        if any(name in sys.modules for name in framework.modules):
            found.update({name: known for name in framework.distributions if (known := version_of(name))})
    return found
