"""Steps as rows of CSV."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.samples import chat, tool, unreachable
from trace_ops.exporters import COLUMNS, csv_line, row
from trace_ops.trace import Span, Trace, Usage


def parsed(span: Span) -> dict[str, str]:
    line = csv_line(row(Trace(name="run"), span))
    (cells,) = csv.reader(io.StringIO(line, newline=""))
    return dict(zip(COLUMNS, cells, strict=True))


def test_numbers_are_flat_and_what_is_not_known_is_empty() -> None:
    cells = parsed(chat(1, usage=Usage(100, 20, cache_read=60), cost_usd=0.25, tools=["a", "b"]))

    assert {name: cells[name] for name in ("span", "status", "failed", "ms", "cost_usd", "tools")} == {
        "span": "1",
        "status": "200",
        "failed": "0",
        "ms": "812.0",
        "cost_usd": "0.25",
        "tools": "a b",
    }
    assert (cells["input_tokens"], cells["cached_tokens"], cells["output_tokens"]) == ("100", "60", "20")
    assert (cells["reasoning_tokens"], cells["parent"], cells["recorded"]) == ("", "", "")


def test_a_failure_is_told() -> None:
    cells = parsed(unreachable(1))

    assert (cells["failed"], cells["status"], cells["error"]) == ("1", "", "ConnectTimeout: timed out")


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "\uff1dx", "=cmd|' /C calc'!A0"]
)
def test_no_cell_is_a_formula(name: str) -> None:
    assert parsed(tool(1, name, None, None))["name"] == f"'{name}"


@pytest.mark.parametrize("name", ["plain", 'a "b", c', "two\nlines", "two\rlines", "\ud800", "grün", "a=b"])
def test_other_text_comes_back_as_it_was(name: str) -> None:
    assert parsed(tool(1, name, None, None))["name"] == name


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x9b"])
def test_a_control_character_has_no_effect(character: str) -> None:
    assert parsed(tool(1, f"a{character}b", None, None))["name"] == "a\ufffdb"


def test_numbers_below_zero_stay_numbers() -> None:
    span = chat(1)
    span.start_ms = -3.0

    assert parsed(span)["start_ms"] == "-3.0"
