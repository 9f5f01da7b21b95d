"""A trace in a notebook."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.diff.kit import chat, step, trace
from trace_ops.exchange import Failure
from trace_ops.trace import Span, Trace, Usage


class Cells(HTMLParser):
    """The rows of a table, and all tags that are used."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.is_over = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_over = self.is_over or tag == "table"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1] and not self.is_over:
            self.rows[-1][-1] += data


def shown(*spans: Span, name: str = "run") -> Cells:
    html = replace(trace(*spans), name=name)._repr_html_()
    return Cells(html)


def priced(answer: str) -> Span:
    return replace(chat(answer), usage=Usage(100, 20), cost_usd=0.25)


def test_the_steps_are_a_table_with_what_they_come_to() -> None:
    agent = step("agent", "researcher")
    tool = replace(step("tool", "look", {"at": "Oslo"}, error=Failure("KeyError", "no Oslo")), parent=1)
    found = shown(agent, replace(priced("It is warm."), parent=1), tool, priced("Bye."), name="mine")

    assert found.rows == [
        ["step", "", "tokens", "cost", "time"],
        ["1 agent researcher", "", "100 → 20", "$0.25", "5 ms"],
        ["2 llm gpt-5", "It is warm.", "100 → 20", "$0.25", "5 ms"],
        ["3 tool look", "KeyError: no Oslo", "", "", "5 ms"],
        ["4 llm gpt-5", "Bye.", "100 → 20", "$0.25", "5 ms"],
    ]
    assert found.text.startswith("mine 2 LLM calls · 1 tool call · 240 tokens · $0.50 · 5 ms · 1 error")
    assert 'generate_html_report(trace, "report.html")' in found.text


def test_whatever_was_recorded_is_text() -> None:
    evil = "<img src=x onerror=alert(1)></td></table><script>alert(1)</script>\u202e'\""
    spans = (
        chat(evil),
        step("tool", evil, {evil: evil}, evil),
        step("agent", evil, error=Failure(evil, evil)),
    )
    found = shown(*spans, name=evil)

    assert found.tags == {"div", "b", "span", "table", "thead", "tbody", "tr", "th", "td", "code"}
    assert found.attributes == {"style"}
    assert "<img src=x onerror=alert(1)>" in found.text
    assert "\u202e" not in found.text


def test_of_a_long_run_the_beginning_is_shown() -> None:
    found = shown(*[step("tool", f"tool {number}") for number in range(250)])

    assert len(found.rows) == 201
    assert "… and 50 more steps" in found.text


def test_secrets_are_not_saved_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "a-secret-of-somebody-12345")
    found = shown(step("tool", "look", "a-secret-of-somebody-12345"), name="a-secret-of-somebody-12345")

    assert "a-secret-of-somebody" not in found.text


def test_an_empty_trace_is_shown_too() -> None:
    assert re.match("<div><b>Trace</b>", Trace()._repr_html_())
