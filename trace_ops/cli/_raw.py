"""A step as it was recorded: what went over the wire, or what went in and came out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from trace_ops._figures import count
from trace_ops.cli import _render
from trace_ops.exchange import Body, Failure, Outcome, Request, Stream
from trace_ops.trace import Span

if TYPE_CHECKING:
    from rich.console import RenderableType


def step(span: Span, answered: bool = True, most: int | None = None) -> Iterator[RenderableType]:
    """A step in full; without what came of it unless it is ``answered``, and of each body ``most`` lines."""
    if span.exchange is None:
        yield from _values(span, answered, most)
        return
    yield from _request(span.exchange.request, most)
    for outcome in (*span.exchange.retried, span.exchange.outcome) if answered else ():
        yield from _outcome(outcome, most)


def _values(span: Span, answered: bool, most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    output = span.output if answered else None
    for name, value in (("input", span.input), ("output", output), ("attributes", span.attributes)):
        if value not in (None, {}):
            yield Text(f"\n{name}", "bold")
            yield from _pretty(value, most)


def _request(request: Request, most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    query = f"?{request.query}" if request.query else ""
    yield Text(_render.visible(f"\n{request.method} {request.path}{query}"), "bold")
    for name, value in request.headers.items():
        yield Text(_render.visible(f"{name}: {value}"), "dim")
    if request.body is not None:
        yield from _body(request.body, most)


def _outcome(outcome: Outcome, most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    if isinstance(outcome, Failure):
        yield Text(_render.visible(f"\n{outcome.type}: {outcome.message}"), "bold red")
        return
    style = "bold red" if outcome.status >= 400 else "bold"
    ended = "" if outcome.end == "complete" else f"  {outcome.end}"
    yield Text(_render.visible(f"\n{outcome.status} {outcome.reason}".rstrip() + ended), style)
    for name, value in outcome.headers:
        yield Text(_render.visible(f"{name}: {value}"), "dim")
    yield Text()
    if isinstance(outcome.body, Body):
        yield from _body(outcome.body, most)
    else:
        yield from _events(outcome.body, most)
    if outcome.failure:
        yield Text(_render.visible(f"{outcome.failure.type}: {outcome.failure.message}"), "bold red")


def _events(stream: Stream, most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    for event, at in zip(stream.events[:most], stream.at_ms, strict=False):
        line = Text(f"{at:>7,} ms  ", "dim")
        line.append(_render.visible(event.strip()), "default")
        yield line
    if most is not None and len(stream.events) > most:
        yield _more(len(stream.events) - most, "event")


def _body(body: Body, most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    if body.json is not None:
        yield from _pretty(body.json, most)
    elif body.text is not None:
        yield from _lines(body.text, most)
    else:
        yield Text(f"{len(body.raw):,} bytes, not text")


def _pretty(value: object, most: int | None) -> Iterator[RenderableType]:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if most is None:
        yield _render.syntax(text, "json")
        return
    shown = text.split("\n")
    # A line of JSON may be as long as a text; no one reads on for ever.
    yield _render.syntax("\n".join(line[: 80 * most] for line in shown[:most]), "json")
    if len(shown) > most:
        yield _more(len(shown) - most, "line")


def _lines(text: str, most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    shown = text.split("\n")
    yield Text(_render.visible("\n".join(shown[:most])))
    if most is not None and len(shown) > most:
        yield _more(len(shown) - most, "line")


def _more(number: int, what: str) -> RenderableType:
    from rich.text import Text

    return Text(f"… {count(number, f'more {what}')}", "dim")
