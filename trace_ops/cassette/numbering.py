"""Ids of spans that come from several runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from trace_ops.trace import Link, Span


def renumbered(*runs: Iterable[Span], last: int = 0) -> list[Span]:
    """The spans of several runs with ordinals after ``last`` as ids, in the order of their ids in each run.

    Parents and links stay within their run; those to a span that is not there are dropped.
    """
    result: list[Span] = []
    for run in runs:
        spans = sorted(run, key=lambda span: span.id)
        ids = {span.id: number for number, span in enumerate(spans, last + len(result) + 1)}
        for span in spans:
            parent = None if span.parent is None else ids.get(span.parent)
            links = [Link(link.kind, ids[link.to]) for link in span.links if link.to in ids]
            result.append(replace(span, id=ids[span.id], parent=parent, links=links))
    return result
