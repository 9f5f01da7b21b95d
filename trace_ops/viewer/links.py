"""How the steps of a run hang together, beyond which runs in which."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from trace_ops.diff.values import text_of
from trace_ops.trace import Span
from trace_ops.viewer import data, steps
from trace_ops.viewer.calls import Calls
from trace_ops.viewer.conversations import Conversations
from trace_ops.viewer.flows import flows

_RECORDED: Mapping[str, data.LinkKind] = {"retry_of": "retry", "continues": "continues", "result_of": "data"}
_SLACK = 1.0
"""Milliseconds by which a step may seem to start before what it follows has ended."""

_HANDS_OFF = re.compile(r"(?:transfer|hand_?off|handover|delegate)_(?:back_)?to_(.+)")


def links(spans: Sequence[Span], calls: Calls, conversations: Conversations) -> list[data.Link]:
    """All links of a run, in the order of the steps that they lead to; each once."""
    found: dict[tuple[int, int, data.LinkKind], None] = {}
    for kind, start, end in (
        *_recorded(spans),
        *_again(spans, calls, conversations),
        *_branches(spans),
        *_handoffs(spans),
        *(("data", start, end) for start, end in flows(spans, calls, conversations.before)),
        *(("continues", conversations.before[number], number) for number in conversations.continued),
    ):
        if start != end:
            found[end, start, kind] = None
    place = {span.id: at for at, span in enumerate(spans)}
    told = [key for key in found if key[0] in place and key[1] in place]
    told.sort(key=lambda key: (place[key[0]], place[key[1]], key[2]))
    return [{"kind": kind, "from": start, "to": end} for end, start, kind in told]


def _recorded(spans: Sequence[Span]) -> Iterator[tuple[data.LinkKind, int, int]]:
    """Links that were recorded; what an agent was caused by is the handoff of another."""
    by_id = {span.id: span for span in spans}
    for span in spans:
        for link in span.links:
            if link.kind in _RECORDED:
                yield _RECORDED[link.kind], link.to, span.id
            elif link.to in by_id:
                cause = by_id[link.to]
                agent = _around(cause, by_id) if span.kind == "agent" else None
                yield ("handoff", agent.id, span.id) if agent else ("data", cause.id, span.id)


def _around(span: Span | None, by_id: Mapping[int, Span]) -> Span | None:
    """The agent that a step runs in, or is."""
    while span is not None and span.kind != "agent":
        # A parent begins before its children; anything else would be a loop.
        is_sound = span.parent is not None and span.parent < span.id
        span = by_id.get(span.parent) if is_sound else None  # type: ignore[arg-type]
    return span


def _again(
    spans: Sequence[Span], calls: Calls, conversations: Conversations
) -> Iterator[tuple[data.LinkKind, int, int]]:
    """The same asked again after it failed: of the same model, or of another."""
    failed: dict[Hashable, Span] = {}
    for span in spans:
        exact, loose = _asked(span, calls, conversations)
        same, other = failed.get(exact), failed.get(loose) if loose is not None else None
        if same is not None and _comes_after(span, same):
            yield "retry", same.id, span.id
        elif other is not None and _comes_after(span, other):
            yield "fallback", other.id, span.id
        for key in filter(None, (exact, loose)):
            if steps.failure(span) is not None:
                failed[key] = span
            elif key in failed and _comes_after(span, failed[key]):
                del failed[key]


def _asked(span: Span, calls: Calls, conversations: Conversations) -> tuple[Hashable, Hashable]:
    """What went into a step, and the same whatever model was asked."""
    read = calls.by_span.get(span.id)
    if read is not None and read.asked is not None:
        said = (conversations.instructions(read), conversations.ends[span.id])
        model = (read.asked.model, read.api, tuple(read.tools), text_of(read.asked.parameters))
        return ("exact", said, model), ("loose", said)
    if span.exchange is not None:
        request = span.exchange.request
        body = request.body.json if request.body is not None else None
        asked = (span.exchange.provider, request.method, request.path, request.query)
        return (*asked, None if body is None else calls.prints.of(body)), None
    return (span.kind, span.name, text_of(span.input)), None


def _comes_after(span: Span, other: Span) -> bool:
    return other.ms is not None and span.start_ms >= other.start_ms + other.ms - _SLACK


def _branches(spans: Sequence[Span]) -> Iterator[tuple[data.LinkKind, int, int]]:
    """Steps that begin in lanes of their own while one beside them runs: each from the first of them."""
    beneath: defaultdict[int | None, list[Span]] = defaultdict(list)
    for span in spans:
        beneath[span.parent].append(span)
    for siblings in beneath.values():
        first, lanes, end = siblings[0], {siblings[0].lane}, _end(siblings[0])
        for span in siblings[1:]:
            if span.start_ms >= end:
                first, lanes, end = span, {span.lane}, _end(span)
                continue
            if span.lane not in lanes:
                lanes.add(span.lane)
                yield "branch", first.id, span.id
            end = max(end, _end(span))


def _end(span: Span) -> float:
    return float("inf") if span.ms is None else span.start_ms + span.ms


def _handoffs(spans: Sequence[Span]) -> Iterator[tuple[data.LinkKind, int, int]]:
    """Agents that another one asked for by a tool such as ``transfer_to_billing``."""
    by_id = {span.id: span for span in spans}
    pending: dict[str, int] = {}
    for span in spans:
        if span.kind in ("agent", "chain"):
            start = pending.pop(_slug(span.name), None)
            if start is not None:
                yield "handoff", start, span.id
        for name in span.tools:
            found = _HANDS_OFF.fullmatch(name)
            if found is not None:
                agent = _around(span, by_id)
                pending[_slug(found[1])] = (agent or span).id


def _slug(name: Any) -> str:
    return re.sub(r"\W+|_+", "", str(name)).lower()
