"""Uses both SDKs, and tells what it saw: ``program.py record|replay CASSETTE ACME_PORT RADIO_PORT``."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import acme
import radio

from trace_ops import Recorder, Replayer


def seen(call: Callable[[], Any]) -> Any:
    """What came of a call: its result, or all that a stream gave and how it ended."""
    try:
        got = call()
        return got if isinstance(got, dict) else _all(got)
    except Exception as error:
        return [type(error).__name__, str(error)]


def _all(pieces: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    try:
        found.extend(pieces)
    except Exception as error:
        found += [type(error).__name__, str(error)]
    return found


async def asked(url: str) -> Any:
    client = acme.AsyncClient(url)
    async with client.http:
        return await client.request("/generate", {"prompt": "hello, later"})


def main() -> None:
    how, path, acme_port, radio_port = sys.argv[1:]
    url = f"http://127.0.0.1:{acme_port}"
    recorder: Any = Recorder(path) if how == "record" else Replayer(path)
    with recorder:
        client, on_air = acme.Client(url), radio.Client(int(radio_port))
        found = [
            seen(lambda: client.generate("hello")),
            seen(lambda: client.generate("too long")),
            seen(lambda: client.generate("busy")),
            seen(lambda: client.stream("a stream")),
            asyncio.run(asked(url)),
            seen(lambda: on_air.say("over")),
            seen(lambda: on_air.follow("out and over")),
            seen(lambda: on_air.follow("tunnel")),
            seen(lambda: islice(on_air.follow("left early"), 1)),
        ]
    trace = recorder.trace
    steps = [[span.kind, span.name, span.model, span.usage and span.usage.total] for span in trace]
    told = {"libraries": list(trace.libraries), "captured": trace.captured, "steps": steps}
    print(json.dumps({"found": found, **told}))


if __name__ == "__main__":
    main()
