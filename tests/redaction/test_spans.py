"""A step is written without secrets, wherever in it they stand."""

from __future__ import annotations

from dataclasses import asdict

from tests.redaction.kit import SHAPED, leaks
from trace_ops.exchange import Failure
from trace_ops.redaction import Scrubber, scrub_span
from trace_ops.trace import Span

KEY = SHAPED["openai project"]


def test_every_text_of_a_step_is_scrubbed() -> None:
    span = Span(
        1,
        "tool",
        f"tool {KEY}",
        input={"q": KEY},
        output=[KEY],
        attributes={KEY: KEY},
        error=Failure(f"builtins.{KEY}", f"said {KEY}"),
        model=KEY,
        finish=KEY,
        tools=["search", KEY],
    )

    scrubbed = scrub_span(span, Scrubber({}))

    assert leaks(KEY, str(asdict(scrubbed))) == []
    assert scrubbed.tools[0] == "search"
    assert scrub_span(scrubbed, Scrubber({})) is scrubbed


def test_a_step_without_secrets_is_itself() -> None:
    span = Span(1, "llm", "openai chat", model="gpt-5", finish="stop", tools=["a"], error=Failure("T", "m"))

    assert scrub_span(span, Scrubber({})) is span
