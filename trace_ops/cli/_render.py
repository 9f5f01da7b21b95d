"""How values read: ages, previews, one step of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from rich.text import Text

from trace_ops import _figures, wire
from trace_ops._figures import count, duration
from trace_ops.exchange import Response, Stream
from trace_ops.trace import Span, SpanKind, Trace
from trace_ops.viewer import steps
from trace_ops.viewer.sums import Sum

if TYPE_CHECKING:
    from rich.syntax import Syntax

STYLES: dict[SpanKind, str] = {
    "llm": "cyan",
    "embedding": "cyan",
    "tool": "magenta",
    "retrieval": "blue",
    "agent": "green",
    "chain": "green",
    "decision": "yellow",
    "custom": "default",
}
"""The colours of the kinds of steps."""
_PREVIEW = 300
_AGES = (("y", 31_557_600), ("mo", 2_629_800), ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def cost(dollars: float | None) -> str:
    """Dollars, ``?`` if not known."""
    return _figures.cost(dollars, unknown="?")


def age(moment: datetime | None, now: datetime | None = None) -> str:
    """How long ago, in the largest unit that fits."""
    if moment is None:
        return "?"
    seconds = ((now or datetime.now(timezone.utc)) - moment).total_seconds()
    for unit, size in _AGES:
        if seconds >= size:
            return f"{int(seconds / size)} {unit}"
    return "now"


def when(moment: datetime | None) -> str:
    """A moment, which is in UTC, to the minute."""
    return "?" if moment is None else f"{moment.isoformat(' ', 'minutes')[:16]} UTC"


def one_line(text: str, limit: int = _PREVIEW) -> str:
    """The beginning of a text on one line, control characters shown as spaces."""
    return steps.one_line(text, limit)


def visible(text: str) -> str:
    """A text that cannot steer a terminal: control characters are shown as escapes."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else char.encode("unicode_escape").decode()
        for char in text
    )


def totals(trace: Trace) -> str:
    """A run in a line."""
    others = sum(1 for span in trace if span.exchange is not None and span.kind != "llm")
    parts = [count(trace.total_llm_calls, "LLM call")]
    if others:
        parts.append(count(others, "other call"))
    if trace.total_tool_calls:
        parts.append(count(trace.total_tool_calls, "tool call"))
    parts += [count(trace.total_tokens, "token"), cost(trace.total_cost_usd), duration(trace.duration_ms)]
    return " · ".join(parts)


def headline(span: Span, beneath: Sum | None = None) -> Text:
    """The first line of a step: what it was, and its numbers; those of what ran in it where that is more."""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{span.id} ", "dim")
    line.append(one_line(label(span), 80), f"bold {STYLES[span.kind]}")
    tokens, dollars = spent(span, beneath)
    facts = [f"{tokens} tokens", dollars] if tokens else []
    if span.ms is not None:
        facts.append(duration(span.ms))
    facts += marks(span)
    line.append("  " + " · ".join(facts), "dim")
    wrong = failure(span)
    if wrong:
        line.append(f"  {wrong}", "bold red")
    return line


def spent(span: Span, beneath: Sum | None = None) -> tuple[str, str]:
    """Tokens in and out, and the cost: of a call, or of what ran in a step; nothing where there is none."""
    if span.usage is not None:
        return f"{span.usage.input or 0:,} → {span.usage.output or 0:,}", cost(span.cost_usd)
    if beneath is not None and (beneath.input or beneath.output or beneath.unpriced):
        return f"Σ {beneath.input:,} → {beneath.output:,}", beneath.shown
    return "", ""


def label(span: Span) -> str:
    """What a step is called: its model, or its name."""
    if span.exchange is None:
        return f"{span.kind} {span.name}"
    return f"{span.model} {span.name.partition(' ')[2] or span.name}" if span.model else span.name


def marks(span: Span) -> Iterator[str]:
    """What is out of the ordinary with a call."""
    if span.exchange is None:
        return
    outcome = span.exchange.outcome
    if isinstance(outcome, Response):
        if isinstance(outcome.body, Stream):
            yield f"stream of {count(len(outcome.body.events), 'event')}"
        if outcome.end != "complete":
            yield f"stream {outcome.end}"
    if span.exchange.retried:
        yield f"after {count(len(span.exchange.retried), 'failed attempt')}"


def failure(span: Span) -> str:
    """What went wrong with a step; nothing if nothing did."""
    found = steps.failure(span)
    if found is None:
        return ""
    return f"{found.type}: {one_line(found.message, 120)}" if found.message else found.type


def says(span: Span) -> Iterator[tuple[str, str]]:
    """The further lines of a step, each with its style: what it asked for and what came of it."""
    if span.tools:
        asked = (name if times == 1 else f"{name} ({times})" for name, times in Counter(span.tools).items())
        yield f"asks for {', '.join(asked)}", "magenta"
    if span.exchange is not None:
        text = wire.summarise(span.exchange).text
        if text:
            yield one_line(text), "default"
        return
    passed = steps.passed(span, 120)
    if passed:
        yield passed, "default"


def syntax(code: str, language: str) -> Syntax:
    """Highlighted source in the terminal's own colours."""
    from rich.syntax import Syntax

    return Syntax(visible(code), language, theme="ansi_dark", background_color="default", word_wrap=True)
