"""A poet on the Anthropic SDK: its answer is streamed, and printed as it comes.

Without a key it talks to a provider double on this machine. Recording is in the code here; the first
argument is the mode::

    python examples/anthropic_stream.py          # replays its cassette, records it where there is none
    python examples/anthropic_stream.py none     # replays, or fails
    python examples/anthropic_stream.py all      # records
"""
# ruff: noqa: T201

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anthropic import Anthropic

from trace_ops import Recorder
from trace_ops.double import ProviderDouble, Turn

CASSETTE = Path(__file__).parents[1] / "cassettes" / "examples" / "anthropic_stream.yaml"
DOUBLE_SAYS = Turn(
    text="The sea keeps no appointments.\nIt comes, it takes the sand along,\n"
    "and leaves, where it was never asked,\na shell that still remembers the song."
)


def write_poem(client: Any, topic: str) -> str:
    """Write a poem, and show it while it is written."""
    poem = []
    with client.messages.stream(
        model="claude-sonnet-5",
        max_tokens=200,
        messages=[{"role": "user", "content": f"A short poem about {topic}, please."}],
    ) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
            poem.append(text)
    print()
    return "".join(poem)


@contextmanager
def connected() -> Iterator[Anthropic]:
    """A client of the real provider if there is a key, else of a double."""
    if "ANTHROPIC_API_KEY" in os.environ:
        yield Anthropic()
    else:
        with ProviderDouble() as double:
            double.script(DOUBLE_SAYS)
            yield Anthropic(base_url=double.url, api_key="unused")


if __name__ == "__main__":
    mode: Any = sys.argv[1] if len(sys.argv) > 1 else "once"
    with Recorder(CASSETTE, mode=mode) as recorder, connected() as client:
        write_poem(client, "the sea")
    print(f"{recorder.verdict}: {recorder.trace.total_tokens} tokens", file=sys.stderr)
