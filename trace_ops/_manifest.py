"""What the header of a cassette says of libraries: which had a part in the run, and which were not seen."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from typing import NamedTuple

from trace_ops import frameworks, providers
from trace_ops._imports import not_understood, version_of
from trace_ops._version import __version__
from trace_ops._warn import warn
from trace_ops.tape import Tape


class Unseen(NamedTuple):
    """A library that has no seam: the module that is imported to use it, and what of it is missing."""

    module: str
    distribution: str
    what: str = "calls"


UNSEEN = (
    Unseen("ai21", "ai21"),
    Unseen("azure.ai.inference", "azure-ai-inference"),
    Unseen("dashscope", "dashscope"),
    Unseen("fireworks", "fireworks-ai"),
    Unseen("google.generativeai", "google-generativeai"),
    Unseen("huggingface_hub.inference._client", "huggingface_hub"),
    Unseen("ibm_watsonx_ai", "ibm-watsonx-ai"),
    Unseen("reka", "reka-api"),
    Unseen("replicate", "replicate"),
    Unseen("vertexai", "google-cloud-aiplatform"),
    Unseen("volcenginesdkarkruntime", "volcengine-python-sdk"),
    Unseen("voyageai", "voyageai"),
    Unseen("writerai", "writer-sdk"),
    Unseen("xai_sdk", "xai-sdk"),
    Unseen("agno", "agno", "steps"),
    Unseen("autogen_agentchat", "autogen-agentchat", "steps"),
    Unseen("dspy", "dspy", "steps"),
    Unseen("google.adk", "google-adk", "steps"),
    Unseen("haystack", "haystack-ai", "steps"),
    Unseen("semantic_kernel", "semantic-kernel", "steps"),
    Unseen("smolagents", "smolagents", "steps"),
    Unseen("strands", "strands-agents", "steps"),
    Unseen("lancedb", "lancedb", "retrievals"),
    Unseen("pymilvus", "pymilvus", "retrievals"),
    Unseen("weaviate", "weaviate-client", "retrievals"),
)
"""Calls of the latter two kinds to models go through SDKs, and are recorded there if these are known."""

_warned: set[str] = set()


def libraries(tape: Tape) -> dict[str, str]:
    """Versions by distribution: of TraceOps, of Python, and of the libraries that did something.

    What is merely imported depends on what else the process runs, such as other tests.
    """
    had_a_part = tape.met | not_understood().keys()
    names = [name for seam in _seams() if seam.name in had_a_part for name in seam.distributions]
    return {
        "TraceOps": __version__,
        "python": platform.python_version(),
        **{name: known for name in names if (known := version_of(name))},
    }


def passed_through(tape: Tape) -> dict[str, str]:
    """Libraries that did something and were not looked at, each with the reason."""
    told = {name: f"intercept_{name}=False" for name in tape.met & tape.unwatched}
    return dict(sorted({**not_understood(), **told}.items()))


def uncaptured(tape: Tape) -> list[str]:
    """What was seen and could not be recorded, and imported libraries that have no seam.

    In the order of the alphabet: what happens at the same time is seen in any.
    """
    return sorted({*tape.uncaptured, *_unseen()})


def warn_of_unseen() -> None:
    """Warn of imported libraries that have no seam, of each once in a process."""
    new = [what for what in _unseen() if what not in _warned]
    if new:
        _warned.update(new)
        warn(f"not captured: {', '.join(new)}; see docs/limits.md", stacklevel=5)


def _seams() -> Iterator[providers.Provider | frameworks.Framework]:
    yield from providers.providers()
    yield from frameworks.frameworks()


def _unseen() -> list[str]:
    known = {name for seam in _seams() for name in seam.distributions}
    return [
        f"{each.what} of {each.distribution} (imported)"
        for each in UNSEEN
        if each.module in sys.modules and each.distribution not in known
    ]
