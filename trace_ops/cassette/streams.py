"""Streamed bodies in a document: a hundred chunks of text are one event with the whole text to read.

Exact for any input: an event that does not re-serialise to its own text is kept verbatim.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, groupby, pairwise
from typing import Any

from trace_ops import _json_text
from trace_ops._json_text import COMPACT, JsonStyle
from trace_ops.cassette.bodies import decode_base64, decode_style, is_shallow
from trace_ops.cassette.document import EventDocument, StreamDocument
from trace_ops.cassette.fields import DocumentError, Fields, describe
from trace_ops.cassette.filling import fill
from trace_ops.cassette.framing import FRAMINGS, USUAL, Framing, detect_framing
from trace_ops.cassette.reader import Place
from trace_ops.cassette.runs import Event, check_varying, encode_events
from trace_ops.exchange import Stream

_KNOWN = StreamDocument.__annotations__.keys()
_KNOWN_EVENT = EventDocument.__annotations__.keys()
_MOST_EVENTS = 1_000_000
_MOST_TEXT = 1_000_000_000
"""A line that claims more events or text than this is refused."""

_Parsed = tuple["str | None", str, Any, JsonStyle | None]
"""Event name, data, its JSON, and the style of that (``None``: the data is not JSON)."""


class RecordedStream(Stream):
    """A stream that was read from a cassette: its events are worked out when they are asked for."""

    __slots__ = ("document",)

    def __init__(self, document: dict[str, Any], at_ms: Sequence[int]) -> None:
        super().__init__(lambda: list(_expand(document)), at_ms)
        self.document = document


def encode_stream(stream: Stream) -> dict[str, Any]:
    """Write a stream so that it reads well and takes little."""
    if isinstance(stream, RecordedStream):
        return stream.document
    name = detect_framing(stream.events)
    framing = FRAMINGS[name] if name else USUAL
    parsed = [_parse(block, framing) for block in stream.events]
    style = _common_style(item[3] for item in parsed if isinstance(item, tuple))
    document: dict[str, Any] = {} if style == COMPACT else {"format": str(style)}
    if name:
        document["framing"] = name
    document["events"] = list(_encode(parsed, style))
    document["gaps_ms"] = [at - before for before, at in pairwise((0, *map(round, stream.at_ms)))]
    return document


def decode_stream(value: Any, place: Place) -> RecordedStream:
    """The stream that :func:`encode_stream` wrote; everything is checked, nothing expanded yet."""
    fields = Fields(value, _KNOWN, place)
    decode_style(fields, "format", COMPACT)
    fields.one_of("framing", FRAMINGS.keys(), None)
    fields.need("events", list)
    times = fields.items("events", _check_event)
    gaps = fields.need("gaps_ms", list)
    if not all(type(gap) is int for gap in gaps):
        raise fields.wrong("gaps_ms", "not all of them are whole numbers")
    if sum(times) > _MOST_EVENTS:
        raise fields.wrong("events", f"more than {_MOST_EVENTS} events")
    return RecordedStream(value, list(accumulate(gaps)))


def _parse(block: str, framing: Framing) -> _Parsed | dict[str, Any]:
    try:
        raw = block.encode()
    except UnicodeEncodeError:
        return {"base64": base64.b64encode(block.encode("utf-8", "surrogatepass")).decode()}
    parts = framing.split(block)
    if parts is None:
        return {"raw": block}
    event, data = parts
    json = _json_text.parse(data) if data[:1] == "{" else None
    style = None if json is None or not is_shallow(raw, json) else _json_text.detect(data, json)
    return event, data, json, style if style is None or not style.end else None


def _common_style(styles: Iterable[JsonStyle | None]) -> JsonStyle:
    known = [style for style in styles if style is not None]
    if not known:
        return COMPACT
    layout = Counter(style.layout for style in known).most_common(1)[0][0]
    return JsonStyle(layout, any(style.ascii for style in known if style.layout == layout))


def _encode(parsed: list[_Parsed | dict[str, Any]], style: JsonStyle) -> Iterator[dict[str, Any]]:
    items = [item if isinstance(item, dict) else _event(*item, common=style) for item in parsed]
    for is_json, group in groupby(items, lambda item: isinstance(item, Event)):
        if is_json:
            yield from encode_events([item for item in group if isinstance(item, Event)])
            continue
        for _, same in groupby(group):
            first, *rest = same
            assert isinstance(first, dict)
            yield {"times": 1 + len(rest), **first} if rest else first


def _event(
    event: str | None, data: str, json: Any, style: JsonStyle | None, common: JsonStyle
) -> Event | dict[str, Any]:
    if style is None:
        return {"text": data} if event is None else {"event": event, "text": data}
    own = JsonStyle(style.layout, style.ascii)
    fits = own == common or _json_text.render(json, _padded(common, style.pad)) == data
    return Event(event, None if fits else str(own), style.pad, json)


def _check_event(value: Any, place: Place) -> int:
    """Check one event of the document and tell how many of the stream it stands for."""
    fields = Fields(value, _KNOWN_EVENT, place)
    found = fields.only("data", "text", "raw", "base64")
    times: int = fields.get("times", int, 1)
    if found is None or not 0 < times <= _MOST_EVENTS:
        raise DocumentError("an event without data" if found is None else "not a number of events", place)
    fields.get("event", str)
    decode_style(fields, "format", COMPACT)
    size = _check_data(fields, times) if found == "data" else len(_check_text(fields, found))
    if size * times > _MOST_TEXT:
        raise fields.wrong("times", f"more than {_MOST_TEXT} characters")
    return times


def _check_data(fields: Fields, times: int) -> int:
    """Check an event of JSON; the size is that of its template, as far as it matters."""
    fields.need("data", dict)
    check_varying(fields, times)
    _check_pad(fields, times)
    return len(repr(fields.any("data"))) if times > 1000 else 0


def _check_text(fields: Fields, found: str) -> str:
    for name in ("varying", "pad", "format"):
        if name in fields:
            raise fields.wrong(name, "it belongs to field 'data', which is missing")
    if found != "base64":
        return fields.need(found, str)
    try:
        return decode_base64(fields, found).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise fields.wrong(found, "not the text of an event") from None


def _check_pad(fields: Fields, times: int) -> None:
    if "pad" not in fields:
        return
    pad = fields.any("pad")
    pads = pad if type(pad) is list else [pad]
    if not all(type(item) is int and 0 <= item <= 10_000 for item in pads):
        raise fields.wrong("pad", f"{describe(pad)} where a number of blanks or a list of them belongs")
    if type(pad) is list and len(pad) != times:
        raise fields.wrong("pad", f"not {times} numbers")


def _expand(document: dict[str, Any]) -> Iterator[str]:
    common = JsonStyle.from_text(document.get("format", "compact"))
    framing = FRAMINGS.get(document.get("framing", ""), USUAL)
    for event in document["events"]:
        times = event.get("times", 1)
        if "raw" in event:
            yield from (event["raw"] for _ in range(times))
        elif "base64" in event:
            block = base64.b64decode(event["base64"]).decode("utf-8", "surrogatepass")
            yield from (block for _ in range(times))
        elif "text" in event:
            yield from (framing.join(event.get("event"), event["text"]) for _ in range(times))
        else:
            yield from _expand_data(event, times, common, framing)


def _expand_data(event: dict[str, Any], times: int, common: JsonStyle, framing: Framing) -> Iterator[str]:
    style = JsonStyle.from_text(event["format"]) if "format" in event else common
    frame = partial(framing.join, event.get("event"))
    return fill(times, event["data"], event.get("varying", {}), style, event.get("pad", 0), frame)


def _padded(style: JsonStyle, blanks: int) -> JsonStyle:
    return replace(style, pad=blanks) if style.pad != blanks else style
