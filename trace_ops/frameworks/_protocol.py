"""What the seam to a framework has to offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Framework(Protocol):
    """The seam to one framework, store or protocol.

    ``name`` is that of the recorder's flag (``langchain`` for ``intercept_langchain``). ``modules`` are
    imported by the user's code, never by us; ``install`` is called with the name of each when it has been
    imported, puts hooks in for the life of the process, and these do nothing where
    :func:`trace_ops.context.watching` gives no tape.
    """

    @property
    def name(self) -> str:
        """The name of the flag."""

    @property
    def modules(self) -> Sequence[str]:
        """Modules after whose import ``install`` is to be called."""

    @property
    def distributions(self) -> Sequence[str]:
        """Packages whose versions a cassette names."""

    def install(self, module: str) -> None:
        """Put the hooks in; called once a module."""
