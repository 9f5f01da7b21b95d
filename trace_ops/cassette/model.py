"""What a cassette file holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trace_ops.trace import Trace

VERSION = 1
"""The format that is written. Older ones are read, newer ones are refused."""


@dataclass
class Cassette:
    """A recorded run, and what was scrubbed from it.

    ``scrubbed`` lists secrets: ``{"secret": "openai-key", "as": "<openai-key:1f2e3d4c5b6a>", "times": 2}``.
    """

    trace: Trace = field(default_factory=Trace)
    scrubbed: list[dict[str, Any]] = field(default_factory=list)
    version: int = VERSION
