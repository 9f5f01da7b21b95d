"""What cassettes are made of, at random and by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from hypothesis import strategies as st

from trace_ops.cassette import Cassette
from trace_ops.exchange import Body, Exchange, Failure, Outcome, Request, Response, Stream
from trace_ops.trace import Link, Span, Trace, Usage

NASTY = [
    *("", " ", "\n", "\r\n", "\t", "\x00", "\x1b[0m", "\x7f", "\x85", "\u00a0", "\u2028", "\u2029"),
    *("\ufeff", "\ufffe", "\uffff", "\U0001f600", "\U0010ffff", "e\u0301", "日本"),
    *(
        "- ",
        "? ",
        ": ",
        " #",
        "#",
        "&a",
        "*a",
        "!t",
        "%",
        "@",
        "`",
        "|",
        ">",
        "'",
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
    ),
    *("---", "...", "--- a", "<<", "=", "~", "null", "True", "no", "y", "N", "on", ".nan", "-.inf"),
    *("1", "1.0", "01", "0x1F", "0o17", "1_000", "1:30", "1e5", "1.5e-7", "+1", "-0", ".5", "5.", "1,2"),
    *("2026-11-20", "2026-11-20T00:41:22Z", "3.12.1", "key: value", "a #b", "trailing ", " leading", "a:"),
]
"""Pieces of text that some YAML loader reads as something else, or does not read at all."""

valid_characters = st.characters(codec="utf-8")
text = st.one_of(
    st.text(valid_characters, max_size=40),
    st.lists(st.sampled_from([*NASTY, "\n", "\n ", "word"]), max_size=8).map("".join),
    st.sampled_from(NASTY),
    st.text(valid_characters, max_size=12).map(lambda piece: piece * 9),
)
numbers = st.one_of(
    st.integers(),
    st.integers(-(10**60), 10**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1.0, 1e-05, 1e22, 5e-324, 1.7976931348623157e308, 123456789012345680.0]),
)


def nested(leaves: st.SearchStrategy[Any], keys: st.SearchStrategy[str] = text) -> st.SearchStrategy[Any]:
    """Lists and mappings of leaves."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
        max_leaves=12,
    )


plain_data = nested(st.one_of(st.none(), st.booleans(), numbers, text))

json_texts = st.one_of(
    st.builds(
        json.dumps,
        plain_data,
        ensure_ascii=st.booleans(),
        separators=st.sampled_from([(",", ":"), (", ", ": "), (",", ": ")]),
        indent=st.sampled_from([None, None, 2, 4]),
    ),
    st.sampled_from(
        [
            *(
                '{"a":1,"a":2}',
                '{"a":1.50}',
                '{"a":1E5}',
                "NaN",
                "[Infinity]",
                '"\\ud83d"',
                '{"a":"\\ud83d\\ude00"}',
            ),
            *(
                '{"a": 1 }',
                "null",
                " null",
                "1.0",
                "1",
                '{"big":' + "9" * 400 + "}",
                "[" * 150 + "]" * 150,
                "",
            ),
            *(
                '{"a":"\\u00e9"}',
                '{"a":"é\\u00e9"}',
                '{"a":"\\/"}',
                "\ufeff{}",
                '{"a":1}\r\n',
                "{'a':1}",
                "{}",
            ),
        ]
    ),
)
bodies = st.one_of(
    json_texts.map(lambda value: Body(value.encode())),
    text.map(lambda value: Body(value.encode())),
    st.binary(max_size=60).map(Body),
)

_event_data = st.one_of(
    json_texts,
    text,
    st.builds(
        lambda piece, pad: json.dumps({"d": piece, "i": 0})[:-1] + " " * pad + "}",
        text,
        st.integers(0, 3),
    ),
)
blocks = st.one_of(
    st.builds(lambda data: f"data: {data}\n\n", _event_data),
    st.builds(lambda name, data: f"event: {name}\ndata: {data}\n\n", text, _event_data),
    st.builds(lambda data: f"data: {data}\r\n\r\n", _event_data),
    st.builds(lambda data: f"data:{data}\n\n", _event_data),
    st.builds(lambda name, data: f"data: {data}\nevent: {name}\n\n", text, _event_data),
    st.builds(lambda data: f"{data}\n", json_texts),
    st.sampled_from(
        [": ping\n\n", "data: [DONE]\n\n", "\n", "", "data: {}", "retry: 1\nid: 2\ndata: {}\n\n"]
    ),
    st.text(max_size=20),
    st.binary(max_size=20).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)
streams = st.lists(blocks, max_size=12).flatmap(
    lambda events: st.builds(
        Stream,
        st.just(events),
        st.lists(st.integers(0, 10**6), min_size=len(events), max_size=len(events)),
    )
)

failures = st.builds(Failure, text, text)
_names = st.text("abcdefghij-", min_size=1, max_size=20)
headers = st.lists(st.tuples(_names, text), max_size=6)
milliseconds = st.integers(0, 10**7).map(lambda tenths: tenths / 10)
responses = st.builds(
    Response,
    status=st.integers(100, 599),
    headers=headers,
    body=st.one_of(bodies, streams),
    end=st.sampled_from(["complete", "closed", "cancelled", "abandoned", "failed"]),
    failure=st.none() | failures,
    http_version=st.sampled_from(["HTTP/1.1", "HTTP/2"]),
    reason=st.sampled_from(["", "OK", "Zu viele\tAnfragen"]),
    elapsed_ms=milliseconds,
)
outcomes: st.SearchStrategy[Outcome] = st.one_of(responses, failures)
requests = st.builds(
    Request,
    method=st.sampled_from(["POST", "GET", "DELETE"]),
    path=text.map(lambda path: f"/{path}"),
    query=st.just("") | text,
    headers=st.dictionaries(_names, text, max_size=2),
    body=st.none() | bodies,
    content_type=st.sampled_from(["application/json", "text/plain", "multipart/form-data; boundary=abc"]),
)
exchanges = st.builds(Exchange, _names, requests, outcomes, st.lists(outcomes, max_size=2))
_kinds: st.SearchStrategy[Any] = st.sampled_from(
    ["llm", "embedding", "tool", "retrieval", "agent", "chain", "decision", "custom"]
)
_counts = st.none() | st.integers(0, 10**9)
_tags = text.filter(bool)


@st.composite
def spans(draw: st.DrawFn, number: int) -> Span:
    """A span in which everything may be anything."""
    exchange = draw(st.none() | exchanges)
    error = draw(st.none() | failures)
    if exchange is not None and isinstance(exchange.outcome, Failure):
        error = exchange.outcome
    return Span(
        id=number,
        kind=draw(_kinds),
        name=draw(text),
        parent=draw(st.none() | st.integers(1, number)),
        lane=draw(st.integers(0, 3)),
        start_ms=draw(milliseconds),
        ms=draw(st.none() | milliseconds),
        exchange=exchange,
        input=draw(plain_data),
        output=draw(plain_data),
        error=error,
        attributes=draw(st.dictionaries(text, plain_data, max_size=2)),
        links=draw(
            st.lists(
                st.builds(Link, st.sampled_from(["retry_of", "result_of"]), st.integers(1, 9)), max_size=2
            )
        ),
        model=draw(st.none() | text),
        usage=draw(st.none() | st.builds(Usage, _counts, _counts, _counts, _counts, _counts)),
        tools=draw(st.lists(text, max_size=2)),
        finish=draw(st.none() | text),
        cost_usd=draw(st.none() | st.floats(0, 1e6)),
    )


@st.composite
def cassettes(draw: st.DrawFn) -> Cassette:
    """A cassette of a few spans; some of them occur twice, so that there is something to share."""
    made: list[Span] = [draw(spans(number)) for number in range(1, draw(st.integers(0, 3)) + 1)]
    repeated: bool = draw(st.booleans())
    if made and repeated:
        first = made[0]
        made.append(Span(len(made) + 1, first.kind, first.name, exchange=first.exchange, input=first.input))
        if first.exchange is not None and isinstance(first.exchange.outcome, Failure):
            made[-1].error = first.exchange.outcome
    trace = Trace(
        name=draw(text),
        recorded=draw(
            st.none()
            | st.datetimes(timezones=st.just(timezone.utc)).map(lambda moment: moment.replace(microsecond=0))
        ),
        spans=made,
        tags=draw(st.lists(_tags, max_size=2)),
        metadata=draw(st.dictionaries(text, plain_data, max_size=2)),
        libraries=draw(st.dictionaries(text, text, max_size=2)),
        passed_through=draw(st.dictionaries(text, text, max_size=2)),
        uncaptured=draw(st.lists(text, max_size=2)),
        prices=draw(st.none() | _tags),
    )
    found = [{"secret": "openai-key", "as": "<openai-key:0123456789ab>", "times": 2}]
    return Cassette(trace, scrubbed=draw(st.sampled_from([[], found])))


def compact(value: Any) -> bytes:
    """JSON as providers write it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def call(
    number: int, request: Any, answer: Any, headers: Sequence[tuple[str, str]] = (), **fields: Any
) -> Span:
    """A chat call."""
    body = answer if isinstance(answer, Stream) else Body(compact(answer))
    exchange = Exchange(
        "openai",
        Request("POST", "/chat/completions", body=Body(compact(request))),
        Response(200, list(headers), body),
    )
    return Span(number, "llm", "openai chat.completions", exchange=exchange, **fields)


def sample() -> Cassette:
    """A small run with a bit of everything in it."""
    weather = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    system = {"role": "system", "content": "You answer briefly.\nYou never guess."}
    question = {"role": "user", "content": "How warm is it in Paris at the moment?"}
    request = {"model": "gpt-5", "messages": [system, question], "tools": [weather], "temperature": 0.2}
    answer = {
        "id": "chatcmpl-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": None}}],
    }
    chunks = [
        f'data: {{"id":"chatcmpl-2","choices":[{{"index":0,"delta":{{"content":"{piece}"}}}}]}}\n\n'
        for piece in ("It ", "is ", "20 ", "degrees", ".")
    ]
    headers = [
        ("date", "Fri, 20 Nov 2026 10:00:00 GMT"),
        ("content-type", "application/json"),
        ("x-request-id", "r1"),
    ]
    again = [*headers[:2], ("x-request-id", "r2")]
    stream = Stream([*chunks, "data: [DONE]\n\n"], [10, 20, 30, 40, 50, 51])
    follow_up = {
        **request,
        "messages": [system, question, {"role": "tool", "content": "20 degrees"}],
        "stream": True,
    }
    made = [
        call(1, request, answer, headers, model="gpt-5", usage=Usage(12, 5), tools=["weather"], ms=812.0),
        Span(2, "tool", "weather", 1, input={"city": "Paris"}, output={"celsius": 20.5}, via="mcp"),
        call(3, follow_up, stream, again, start_ms=900.0, cost_usd=0.0001, links=[Link("continues", 1)]),
        Span(4, "tool", "fails", error=Failure("builtins.ValueError", "no such city")),
    ]
    trace = Trace("test_weather", datetime(2026, 11, 21, 0, 41, 22, tzinfo=timezone.utc), made, ["slow"])
    trace.libraries = {"TraceOps": "0.1.0", "openai": "3.52.0", "mcp": "2.3.0"}
    trace.passed_through, trace.metadata = {"chroma": "intercept_chroma=False"}, {"commit": "abc"}
    trace.uncaptured = ["openai WebSocket Realtime"]
    return Cassette(trace, [{"secret": "openai-key", "as": "<openai-key:0123456789ab>", "times": 1}])
