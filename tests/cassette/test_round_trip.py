"""Whatever was recorded comes back to the byte, and any YAML loader reads the same data."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cassette.kit import bodies, cassettes, compact, plain_data, sample, streams, text
from trace_ops.cassette import Cassette, dumps, from_document, loads, to_document
from trace_ops.cassette.reader import read
from trace_ops.cassette.writer import write
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.trace import Span, Trace

slow_to_draw = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def through_a_file(body: Body | Stream) -> Body | Stream:
    """A response body, written and read again."""
    exchange = Exchange("openai", Request("POST", "/x"), Response(200, [], body))
    again = loads(dumps(Cassette(Trace(spans=[Span(1, "llm", "x", exchange=exchange)]))))
    found = again.trace.spans[0].exchange
    assert found is not None
    assert isinstance(found.outcome, Response)
    return found.outcome.body


@given(cassettes())
@settings(slow_to_draw, max_examples=150)
def test_a_cassette_comes_back_as_it_was(cassette: Cassette) -> None:
    assert loads(dumps(cassette)) == cassette


@given(cassettes())
@settings(slow_to_draw, max_examples=100)
def test_other_yaml_loaders_read_the_same_data(cassette: Cassette) -> None:
    written = dumps(cassette)
    document = json.dumps(read(written.decode()).document)

    assert json.dumps(yaml.load(written, yaml.SafeLoader)) == document
    assert json.dumps(yaml.load(written, yaml.CSafeLoader)) == document
    assert json.dumps(to_document(cassette)) == document


@given(cassettes())
@settings(slow_to_draw, max_examples=100)
def test_what_is_read_is_written_as_it_was(cassette: Cassette) -> None:
    written = dumps(cassette)

    assert dumps(loads(written)) == written


@given(st.lists(plain_data, max_size=4).map(lambda items: [{"data": item, "again": items} for item in items]))
def test_any_data_is_written_so_that_it_is_read_again(spans: list[object]) -> None:
    written = write({"spans": spans})
    expected = json.dumps({"spans": spans})

    assert json.dumps(read(written).document) == expected
    assert json.dumps(yaml.load(written, yaml.SafeLoader)) == expected


@given(bodies)
@settings(max_examples=300)
def test_a_body_comes_back_to_the_byte(body: Body) -> None:
    assert through_a_file(body).raw == body.raw


@given(streams)
@settings(slow_to_draw, max_examples=300)
@example(Stream(["data: {}\n\n"] * 5, [0] * 5))
@example(
    Stream(['data: {"a":1}\n\n', 'data: {"a":1.0}\n\n', 'data: {"a":true}\n\n', 'data: {"a":1}\n\n'], [0] * 4)
)
@example(Stream(['data: {"a":0.0}\n\n', 'data: {"a":-0.0}\n\n', 'data: {"a":0.0}\n\n'], [0] * 3))
@example(Stream(['data: {"a":"\\u00e9"}\n\n', 'data: {"a":"e"}\n\n', 'data: {"a":"é"}\n\n'], [0] * 3))
@example(Stream(['data: "\udc80"\n\n', 'data: {"a":"\udcff"}\n\n', "\ud800"], [0] * 3))
@example(Stream([f'data: {{"n":{n}}}\n\n' for n in (1, 3, 5, 7)], [3, 2, 1, 0]))
@example(Stream(['data: {"0": "","": 0}\nevent: \x00\n\n'], [0]))
@example(Stream(['event: \x00\x00\ndata: {"0": ""}\n\n'], [0]))
@example(Stream([f'data: {{"n":{n * 10**30}}}\n\n' for n in range(4)], [0] * 4))
def test_a_stream_comes_back_block_by_block(stream: Stream) -> None:
    again = through_a_file(stream)

    assert isinstance(again, Stream)
    assert list(again.events) == list(stream.events)
    assert list(again.at_ms) == list(stream.at_ms)


@given(text, text, text)
def test_text_comes_back_wherever_it_stands(name: str, tool: str, message: str) -> None:
    span = Span(1, "tool", tool, input={message: [message, {"nested": message}]}, output=message)
    cassette = Cassette(Trace(name=name, spans=[span]))

    assert loads(dumps(cassette)) == cassette


def test_a_run_with_a_bit_of_everything_comes_back() -> None:
    assert loads(dumps(sample())) == sample()
    assert from_document(to_document(sample())) == sample()


@pytest.mark.parametrize(
    "raw",
    [
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; filename="a.wav"\r\nX: 1\r\n\r\n\x00\xff\r\n--b--\r\n',
        b"--b\r\nX: 1\r\nX: 2\r\n\r\ntwice\r\n--b--\r\n",
        b"--b\r\nno header\r\n--b--\r\n",
        b"--b--\r\n",
        b"--b\r\n\r\nno end",
        b"preamble--b\r\nX: 1\r\n\r\n1\r\n--b--\r\n",
        b"--b\r\nX: 1\r\n\r\n--b in the text\r\n--b--\r\n",
        b"",
    ],
)
def test_multipart_requests_come_back_to_the_byte(raw: bytes) -> None:
    request = Request("POST", "/files", body=Body(raw), content_type="multipart/form-data; boundary=b")
    exchange = Exchange("openai", request, Response(200, [], Body(b"{}")))
    cassette = Cassette(Trace(spans=[Span(1, "custom", "x", exchange=exchange)]))

    assert loads(dumps(cassette)) == cassette


def test_multipart_requests_are_written_part_by_part() -> None:
    raw = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--b--\r\n'
    request = Request("POST", "/files", body=Body(raw), content_type="multipart/form-data; boundary=b")
    exchange = Exchange("openai", request, Response(200, [], Body(b"{}")))
    document = to_document(Cassette(Trace(spans=[Span(1, "custom", "x", exchange=exchange)])))

    assert document["spans"][0]["request_parts"] == {
        "boundary": "b",
        "parts": [{"headers": {"Content-Disposition": 'form-data; name="purpose"'}, "text": "assistants"}],
    }


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (b'{"a":1.0,"b":1,"c":[true,null]}', {"body": {"a": 1.0, "b": 1, "c": [True, None]}}),
        (b'{"a": 1}', {"format": "spaced", "body": {"a": 1}}),
        (b'{\n  "a": 1\n}', {"format": "indent2", "body": {"a": 1}}),
        (b'{"a":1}\n', {"format": "compact end=n", "body": {"a": 1}}),
        (b"null", {"body": None}),
        (b'{"a":1.50}', {"text": '{"a":1.50}'}),
        (b'{"a":1,"a":2}', {"text": '{"a":1,"a":2}'}),
        (b'{"a":NaN}', {"text": '{"a":NaN}'}),
        (b'"\\ud83d"', {"text": '"\\ud83d"'}),
        (b"[" * 51 + b"]" * 51, {"text": "[" * 51 + "]" * 51}),
        (b'{"a":1e400}', {"text": '{"a":1e400}'}),
        (b"", {"text": ""}),
        (b"\xff\xfe", {"base64": "//4="}),
    ],
)
def test_json_is_parsed_only_where_that_is_exact(raw: bytes, stored: dict[str, object]) -> None:
    exchange = Exchange("openai", Request("POST", "/x"), Response(200, [], Body(raw)))
    document = to_document(Cassette(Trace(spans=[Span(1, "llm", "x", exchange=exchange)])))

    assert json.dumps(document["spans"][0]["response"]) == json.dumps({"status": 200, **stored})
    assert through_a_file(Body(raw)).raw == raw


def test_response_headers_keep_their_order_and_their_repetitions() -> None:
    sets = [
        [("date", "1"), ("link", "a"), ("x-id", "1" * 90), ("link", "b")],
        [("date", "1"), ("server", "s" * 90), ("x-id", "1")],
        [("date", "2"), ("server", "s" * 90), ("x-id", "2")],
        [("server", "s" * 90), ("date", "2"), ("x-id", "2")],
        [("date", "2"), ("server", "s" * 90), ("x-id", "2"), ("more", "m")],
        [("date", "2"), ("server", "s" * 90)],
        [],
    ]
    made = [
        Span(
            n,
            "llm",
            "x",
            exchange=Exchange("openai", Request("POST", "/x"), Response(200, headers, Body(b"{}"))),
        )
        for n, headers in enumerate(sets, 1)
    ]
    cassette = Cassette(Trace(spans=made))

    assert loads(dumps(cassette)) == cassette


def test_bodies_that_were_read_need_not_be_serialised_to_be_written() -> None:
    again = loads(dumps(sample()))

    assert dumps(again) == dumps(sample())
    assert compact({"a": "é"}) == '{"a":"é"}'.encode()
