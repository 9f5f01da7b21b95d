"""LangGraph: what runs in a graph is told by LangChain's callbacks; here is what tells of graphs.

``intercept_langgraph=False`` leaves graphs, nodes and routing out of the trace, and keeps what they run.
"""

from __future__ import annotations

from collections.abc import Sequence


class LangGraph:
    """The ``langgraph`` package, whose graphs report through ``langchain-core``."""

    @property
    def name(self) -> str:
        """The name of the flag."""
        return "langgraph"

    @property
    def modules(self) -> Sequence[str]:
        """Where graphs run."""
        return ("langgraph.pregel",)

    @property
    def distributions(self) -> Sequence[str]:
        """The package itself."""
        return ("langgraph",)

    def install(self, module: str) -> None:
        """Nothing to put in: the handler of LangChain hears of graphs as well."""
