"""Comparing two runs, by their size."""

from __future__ import annotations

import copy
import gc
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks import _calls
from benchmarks._report import Line, alone, ratio
from benchmarks._scale import Scale
from benchmarks._timing import Timer, take_turns
from trace_ops import Span, Trace, diff_traces, load_cassette
from trace_ops.exchange import Body

TITLE = "Comparing two runs"
HOW = """\
Two runs of so many calls of about 2.6 kB, each loaded from a cassette of its own, are compared: identical
ones; without the first step in one of them; and with another prompt in every call. Each comparison meets
calls that no other has looked at, as it would in `replay diff`."""

_LONGEST = 1.0
_TWICE = 2.0


def run(scale: Scale) -> Iterator[Line]:
    """Each size: identical runs beside a limit, the others beside identical ones."""
    for calls in scale.cassettes:
        if calls < 100:
            continue
        path = _calls.cassette(_calls.CHAT, calls, scale.directory / f"diff-{calls}.yaml")
        variants = {
            "identical": partial(_timed, path, lambda trace: trace),
            "without the first step": partial(_timed, path, _without_first),
            "another prompt in every call": partial(_timed, path, _reworded),
        }
        taken = take_turns(variants, 9 if calls < 10_000 else 5)
        same, shorter = taken["identical"].cpu, taken["without the first step"].cpu
        reworded = taken["another prompt in every call"].cpu
        yield alone(f"identical, {calls:,} calls", same, _LONGEST)
        yield ratio(f"without the first step, {calls:,} calls", shorter, "identical", same, _TWICE)
        yield alone(f"without the first step, {calls:,} calls", shorter, _LONGEST)
        yield ratio(f"another prompt in every call, {calls:,} calls", reworded, "identical", same)


def _without_first(trace: Trace) -> Trace:
    return Trace(name=trace.name, spans=trace.spans[1:])


def _reworded(trace: Trace) -> Trace:
    return Trace(name=trace.name, spans=[_with_other_prompt(span) for span in trace])


def _with_other_prompt(span: Span) -> Span:
    exchange = span.exchange
    assert exchange is not None
    assert exchange.request.body is not None
    body = copy.deepcopy(exchange.request.body.json)
    body["messages"][-1]["content"] += " Be brief."
    request = replace(exchange.request, body=Body(json.dumps(body).encode()))
    return replace(span, exchange=replace(exchange, request=request))


def _timed(path: Path, edit: Callable[[Trace], Trace], timer: Timer) -> None:
    old, new = load_cassette(path), edit(load_cassette(path))
    gc.collect()
    with timer.of(collector=True):
        diff_traces(old, new)
