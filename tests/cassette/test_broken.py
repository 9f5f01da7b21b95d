"""A file that is not a cassette gives one error that says which file, which line and what to do."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cassette.agents import STREAMS, agent_run, streamed
from tests.cassette.kit import plain_data, sample
from trace_ops.cassette import Cassette, dumps, load, loads, reader, to_document
from trace_ops.cassette.writer import write
from trace_ops.errors import CassetteError, CassetteMissingError

GOOD = dumps(sample())
SEEDS = [
    GOOD,
    dumps(agent_run(3, words=5)),
    *(dumps(streamed(api, [*blocks[:12], *blocks[-6:]])) for api, blocks in STREAMS.items()),
]
BOMB = b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)
)

BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "nothing in it"),
    "blank": (b"\n\n# nothing\n", "nothing in it"),
    "a text": (b"hello\n", "not a TraceOps cassette: it has no version"),
    "a list": (b"- version: 1\n", "not a TraceOps cassette: it has no version"),
    "no version": (b"interactions: []\n", "not a TraceOps cassette: it has no version"),
    "not YAML": (b"version: 1\nspans: [}\n", "not valid YAML: while parsing a flow node"),
    "tab indented": (b"version: 1\n\tspans: []\n", "not valid YAML"),
    "JSON cut off": (b'{"version": 1, "spans": [{', "not valid YAML"),
    "HTML": (b"<!DOCTYPE html>\n<html><body>404: Not Found</body></html>\n", "not valid YAML"),
    "merge conflict": (b"<<<<<<< HEAD\nversion: 1\n=======\nversion: 1\n>>>>>>> b\n", "not valid YAML"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not UTF-8 text: byte 0x89"),
    "zeros": (b"\x00" * 4096, "not text"),
    "pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.", "not UTF-8 text: byte 0x80"),
    "UTF-16": ("version: 1\nspans: []\n".encode("utf-16"), "not UTF-8 text"),
    "UTF-16 without mark": ("version: 1\nspans: []\n".encode("utf-16-le"), "not text"),
    "Latin-1": ("version: 1\nname: Müller\nspans: []\n".encode("latin-1"), "not UTF-8 text: byte 0xfc"),
    "newer version": (b"version: 2\nspans: []\n", "version 2 of the format; this TraceOps reads up to 1"),
    "version text": (b"version: '1'\nspans: []\n", "version: version '1' is not a version of the format"),
    "version zero": (b"version: 0\nspans: []\n", "version 0 is not a version"),
    "two documents": (b"version: 1\nspans: []\n---\nversion: 1\n", "more than one document"),
    "a Python object": (b"version: 1\nspans: !!python/object/apply:os.system [ls]\n", "tags are not read"),
    "a harmless tag": (b"version: 1\nname: !!str 1\nspans: []\n", "tags are not read"),
    "a tag on a key": (b"version: 1\n!!str name: x\nspans: []\n", "tags are not read"),
    "alias bomb": (b"version: 1\n" + BOMB + b"spans: []\n", "its aliases expand to more than can be read"),
    "recursive alias": (b"version: 1\nspans: &a [*a]\n", "alias *a stands within what it refers to"),
    "unknown alias": (b"version: 1\nspans: *a\n", "alias *a refers to nothing before it"),
    "anchor twice": (b"version: 1\ntags: [&a x, &a y]\nspans: []\n", "anchor a is defined twice"),
    "alias as key": (b"version: 1\nname: &a x\n*a : y\nspans: []\n", "an alias stands for a key"),
    "merge key": (
        b"version: 1\nwith: &a {x: y}\nmetadata: {<<: *a}\nspans: []\n",
        "merge keys (<<) are not read",
    ),
    "key that is a list": (b"version: 1\n? [a]\n: b\nspans: []\n", "a key is not text"),
    "key twice": (b"version: 1\nname: a\nname: b\nspans: []\n", "key 'name' occurs twice"),
    "nested deep": (b"version: 1\nspans: " + b"[" * 500 + b"]" * 500 + b"\n", "nested deeper than 200"),
    "nested very deep": (b"version: 1\nspans: " + b"[" * 100_000 + b"\n", "nested deeper than 200"),
    "nested in blocks": (
        b"version: 1\nspans:\n" + b"".join(b" " * n + b"-\n" for n in range(300)),
        "nested deeper than 200",
    ),
    "endless number": (b"version: 1\nspans: [" + b"9" * 5000 + b"]\n", "a number of too many digits"),
    "no spans": (b"version: 1\nname: x\n", "field 'spans' is missing"),
    "spans is text": (b"version: 1\nspans: none\n", "spans: text where a list belongs"),
    "spans is null": (b"version: 1\nspans:\n", "spans: null where a list belongs"),
    "span is text": (b"version: 1\nspans: [x]\n", "spans[0]: text where a mapping belongs"),
    "unknown field": (b"version: 1\nspan: []\nspans: []\n", "span: unknown field 'span'"),
    "unknown field of a span": (
        b"version: 1\nspans:\n- {span: 1, kind: llm, name: x, colour: red}\n",
        "unknown field",
    ),
    "span without kind": (b"version: 1\nspans:\n- span: 1\n  name: x\n", "spans[0]: field 'kind' is missing"),
    "unknown kind": (
        b"version: 1\nspans:\n- {span: 1, kind: dream, name: x}\n",
        "'dream' is none of agent, chain",
    ),
    "span number twice": (
        b"version: 1\nspans:\n- {span: 1, kind: tool, name: x}\n- {span: 1, kind: tool, name: y}\n",
        "spans[1].span: span 1 occurs twice",
    ),
    "name is a number": (
        b"version: 1\nspans:\n- {span: 1, kind: tool, name: 5}\n",
        "whole number where text belongs",
    ),
    "date before the calendar": (
        b"version: 1\nrecorded: '0001-01-01T00:00:00+01:00'\nspans: []\n",
        "recorded: '0001-01-01T00:00:00+01:00' is not a date and time",
    ),
    "date after the calendar": (
        b"version: 1\nrecorded: '9999-12-31T23:59:59-01:00'\nspans: []\n",
        "'9999-12-31T23:59:59-01:00' is not a date and time",
    ),
    "bad date": (b"version: 1\nrecorded: yesterday\nspans: []\n", "'yesterday' is not a date and time"),
}

for _kind in list(BROKEN)[list(BROKEN).index("no spans") :]:
    BROKEN[_kind] = (BROKEN[_kind][0] + b"...\n", BROKEN[_kind][1])

CALL = "version: 1\nspans:\n- span: 1\n  kind: llm\n  name: x\n  provider: openai\n  call: POST /x\n"
STREAM = CALL + "  response:\n    status: 200\n    stream:\n"
BROKEN_CALLS = {
    "no answer": (CALL, "a call without 'response' or 'error'"),
    "no provider": (
        CALL.replace("  provider: openai\n", "") + "  error: {type: a, message: b}\n",
        "'provider' is missing",
    ),
    "no path": (
        CALL.replace("POST /x", "POST") + "  error: {type: a, message: b}\n",
        "not a method and a path",
    ),
    "no call": (CALL.replace("  call: POST /x\n", ""), "field 'call' is missing"),
    "status text": (CALL + "  response: {status: OK, body: {}}\n", "text where a whole number belongs"),
    "status true": (
        CALL + "  response: {status: true, body: {}}\n",
        "true or false where a whole number belongs",
    ),
    "status 7": (CALL + "  response: {status: 7, body: {}}\n", "7 is not an HTTP status"),
    "no body": (CALL + "  response: {status: 200}\n", "field 'body' is missing"),
    "two bodies": (
        CALL + "  response: {status: 200, body: {}, text: a}\n",
        "'body' and 'text' exclude each other",
    ),
    "unknown style": (
        CALL + "  response: {status: 200, format: wild, body: {}}\n",
        "unknown JSON style 'wild'",
    ),
    "style without JSON": (
        CALL + "  response: {status: 200, format: spaced, text: a}\n",
        "it belongs to field 'body'",
    ),
    "not base64": (CALL + "  response: {status: 200, base64: '???'}\n", "not base64"),
    "header number": (
        CALL + "  response: {status: 200, body: {}, headers: {age: 5}}\n",
        "number where text belongs",
    ),
    "headers text": (CALL + "  response: {status: 200, body: {}, headers: x}\n", "text where headers belong"),
    "time": (CALL + "  ms: .inf\n  error: {type: a, message: b}\n", "a number where a number belongs"),
    "usage": (
        CALL + "  usage: {input: many}\n  error: {type: a, message: b}\n",
        "text where a whole number belongs",
    ),
    "stream without events": (STREAM + "      gaps_ms: []\n", "field 'events' is missing"),
    "event without data": (
        STREAM + "      events: [{event: x}]\n      gaps_ms: [1]\n",
        "an event without data",
    ),
    "endless run": (
        STREAM + "      events: [{times: 99999999, data: {}}]\n      gaps_ms: []\n",
        "not a number of events",
    ),
    "huge run": (
        STREAM + f"      events: [{{times: 900000, raw: {'a' * 2000}}}]\n      gaps_ms: []\n",
        "more than 1000000000 characters",
    ),
    "cuts": (
        STREAM
        + "      gaps_ms: []\n"
        + "      events: [{times: 2, data: {a: null}, varying: {/a: {text: ab, cuts: [1, 0]}}}]\n",
        "it is not cut into 2 values",
    ),
    "pointer": (
        STREAM
        + "      events: [{times: 2, data: {a: null}, varying: {/b: {values: [1, 2]}}}]\n      gaps_ms: []\n",
        "it does not point to a null in the data",
    ),
    "request as none": (
        CALL + "  request_as: 1\n  request_adds: {messages: [x]}\n  error: {type: a, message: b}\n",
        "no span before this one that has such a request",
    ),
    "request without additions": (
        f"{CALL}  request: {{messages: []}}\n  error: {{type: a, message: b}}\n"
        + CALL.partition("spans:\n")[2].replace("1", "2")
        + "  request_as: 1\n  error: {type: a, message: b}\n",
        "field 'request_adds' is missing",
    ),
    "request adds to text": (
        f"{CALL}  request: {{messages: x}}\n  error: {{type: a, message: b}}\n"
        + CALL.partition("spans:\n")[2].replace("1", "2")
        + "  request_as: 1\n  request_adds: {messages: [x]}\n  error: {type: a, message: b}\n",
        "a list that cannot be added to the earlier request",
    ),
    "pointer without slash": (
        STREAM
        + "      gaps_ms: []\n"
        + "      events: [{times: 2, data: {a: null}, varying: {x/a: {values: [1, 2]}}}]\n",
        "it does not point to a null in the data",
    ),
    "pointer from the end": (
        STREAM
        + "      gaps_ms: []\n"
        + "      events: [{times: 2, data: {a: [null]}, varying: {/a/-1: {values: [1, 2]}}}]\n",
        "it does not point to a null in the data",
    ),
    "pad is null": (
        STREAM + "      events: [{data: {}, pad: null}]\n      gaps_ms: []\n",
        "null where a number of",
    ),
    "framing": (STREAM + "      framing: loose\n      events: []\n      gaps_ms: []\n", "'loose' is none of"),
    "text with a pad": (
        STREAM + "      events: [{text: a, pad: 3}]\n      gaps_ms: []\n",
        "it belongs to field 'data'",
    ),
    "event that is no text": (
        STREAM + "      events: [{base64: /w==}]\n      gaps_ms: []\n",
        "not the text of an",
    ),
    "gaps": (STREAM + "      events: []\n      gaps_ms: [1.5]\n", "not all of them are whole numbers"),
}


def error_of(data: bytes, path: Path) -> CassetteError:
    """What loading gives, which has to be an error with everything in it."""
    path.write_bytes(data)
    with pytest.raises(CassetteError) as caught:
        load(path)
    error = caught.value
    assert error.path == str(path)
    assert error.line is not None
    assert 1 <= error.line <= data.count(b"\n") + 1
    assert error.remedy
    assert str(error).startswith(f"{path}:{error.line}: ")
    return error


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_not_a_cassette_is_one_clear_error(kind: str, tmp_path: Path) -> None:
    data, problem = BROKEN[kind]

    assert problem in error_of(data, tmp_path / "x.yaml").problem


@pytest.mark.parametrize("kind", BROKEN_CALLS)
def test_what_is_not_a_call_is_one_clear_error(kind: str, tmp_path: Path) -> None:
    data, problem = BROKEN_CALLS[kind]

    assert problem in error_of(f"{data}...\n".encode(), tmp_path / "x.yaml").problem


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (("with: {TraceOps: 0.1.0}", "recorded: '0001-01-01T00:00:00+01:00'"), 2),
        (("name: tool", "name: 5"), 9),
        (("celsius: 20.5", "celsius: !!float 20.5"), 17),
        (("- span: 2", "- span: two"), 12),
        (("fails", "[fails]"), 22),
    ],
)
def test_the_line_is_that_of_the_fault(broken: tuple[str, str], line: int, tmp_path: Path) -> None:
    text = """\
version: 1
with: {TraceOps: 0.1.0}
metadata:
  note: |
    two
    lines
spans:
- span: 1
  name: tool
  kind: tool
  start_ms: 0
- span: 2
  kind: tool
  name: weather
  input: {city: Paris}
  output:
    celsius: 20.5
    sky: clear
- span: 3
  kind: tool
  # a comment
  name: fails
  error: {type: ValueError, message: no}
...
"""
    assert len(loads(text.encode()).trace) == 3

    assert error_of(text.replace(*broken).encode(), tmp_path / "x.yaml").line == line


def test_a_newer_version_asks_for_an_upgrade(tmp_path: Path) -> None:
    error = error_of(b"version: 2\nspans: []\nunheard_of: true\n", tmp_path / "x.yaml")

    assert error.remedy is not None
    assert error.remedy.startswith("Upgrade TraceOps")


def test_a_cassette_cut_off_anywhere_is_an_error(tmp_path: Path) -> None:
    for end in range(len(GOOD) - 1):
        error_of(GOOD[:end], tmp_path / "x.yaml")

    # All but the last line end is all there is to lose.
    assert loads(GOOD[:-1]) == loads(GOOD)


def test_a_cassette_that_is_cut_off_where_a_span_ends_is_said_to_be(tmp_path: Path) -> None:
    error = error_of(GOOD[: GOOD.index(b"- span: 4")], tmp_path / "x.yaml")

    assert error.problem == "cut off: the line '...' that ends every cassette is missing"


def test_what_was_put_together_by_hand_needs_the_end_mark_only() -> None:
    assert loads(b"version: 1\nspans: []\n...\n") == Cassette()


@pytest.mark.parametrize("kind", ["good", *BROKEN, *BROKEN_CALLS, "surrogate", "beyond Unicode", "NUL"])
def test_without_libyaml_it_is_the_same(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {
        "good": (GOOD, ""),
        "surrogate": (b'version: 1\nname: "\\ud83d"\nspans: []\n...\n', ""),
        "beyond Unicode": (b'version: 1\nname: "\\UFFFFFFFF"\nspans: []\n...\n', ""),
        "NUL": (b"version: 1\nname: a\0b\nspans: []\n...\n", ""),
    }
    calls = {name: (f"{text}...\n".encode(), problem) for name, (text, problem) in BROKEN_CALLS.items()}
    data = {**BROKEN, **calls, **more}[kind][0]
    with_it = _is_cassette(data)

    monkeypatch.delattr(yaml, "CSafeLoader")

    assert _is_cassette(data) == with_it


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with path.open("wb") as file:
        file.truncate(1024**3)

    with pytest.raises(
        CassetteError, match=r"1,073,741,824 bytes; a cassette has at most 536,870,912"
    ) as caught:
        load(path)

    assert caught.value.path == str(path)
    assert caught.value.remedy


def test_too_many_values_are_refused() -> None:
    with pytest.raises(reader.YamlError, match="more than 3 values"):
        reader.read("[[], [], [], []]", reader.Limits(values=3))


def test_text_that_aliases_multiply_counts_by_its_length() -> None:
    text = f"a: &a {'x' * 6400}\nb: [{', '.join(['*a'] * 50)}]\n"

    assert reader.read(text, reader.Limits(expanded=6000)).document["b"][49] == "x" * 6400
    with pytest.raises(reader.YamlError, match="expand to more"):
        reader.read(text, reader.Limits(expanded=5000))


def test_no_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(CassetteMissingError, match="there is no such cassette") as caught:
        load(tmp_path / "none.yaml")

    assert caught.value.remedy


@pytest.mark.parametrize("path", [".", "a\0b", "x" * 5000])
def test_what_is_no_file_is_an_error(path: str) -> None:
    with pytest.raises(CassetteError):
        load(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(CassetteError, match="not a file"):
        load(tmp_path / "pipe")


@given(st.data())
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_with_other_bytes_in_it_is_a_cassette_or_a_cassette_error(data: st.DataObject) -> None:
    mutated = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutated)))
        count = data.draw(st.integers(0, 12))
        mutated[at : at + count] = data.draw(
            st.one_of(
                st.binary(max_size=6), st.sampled_from([b"&", b"*", b"!", b": ", b"\n", b"- ", b"[", b"}"])
            )
        )

    _only_cassette_errors(bytes(mutated))


@given(st.data(), plain_data)
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_with_other_values_in_it_is_a_cassette_or_a_cassette_error(
    data: st.DataObject, value: Any
) -> None:
    document = copy.deepcopy(to_document(sample()))
    holder, step = data.draw(st.sampled_from(list(_places(document))))
    if data.draw(st.booleans()):
        holder[step] = value
    else:
        del holder[step]

    _only_cassette_errors(
        write({"spans": [document]}).encode() if type(document) is not dict else _written(document)
    )


def test_lines_dropped_and_doubled_give_a_cassette_or_a_cassette_error() -> None:
    rng = random.Random(7)
    for _ in range(300):
        lines = rng.choice(SEEDS).splitlines(keepends=True)
        mutated = list(lines)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(mutated))
            mutated[at:at] = rng.choice([[], [mutated[at]], [b"  " + mutated[at]], [rng.choice(lines)]])
            del mutated[rng.randrange(len(mutated))]
        _only_cassette_errors(b"".join(mutated))


def _written(document: dict[str, Any]) -> bytes:
    spans = document.get("spans")
    if isinstance(spans, list) and all(isinstance(span, dict) and span for span in spans):
        return write(document).encode()
    return write({"spans": [{"not spans": document}]}).encode()


def _is_cassette(data: bytes) -> bool:
    """Whether the bytes are a cassette; if not, it is told as it should be."""
    try:
        loads(data, "x.yaml")
    except CassetteError as error:
        return not (error.path and error.line and error.remedy)
    return True


def _only_cassette_errors(data: bytes) -> None:
    """Load, use everything that was loaded, and write it again."""
    try:
        found = loads(data, "x.yaml")
    except CassetteError as error:
        caught = error
    else:
        _use(found)
        return
    assert caught.path == "x.yaml"
    assert caught.line
    assert caught.remedy


def _use(cassette: Cassette) -> None:
    for span in cassette.trace:
        if span.exchange is not None:
            repr(span.exchange.request.body and span.exchange.request.body.raw)
            for outcome in [span.exchange.outcome, *span.exchange.retried]:
                repr(getattr(getattr(outcome, "body", None), "raw", None))
    assert loads(dumps(cassette)) == cassette
    repr((cassette.trace.total_tokens, cassette.trace.trajectory))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    steps = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield value, step
        yield from _places(value[step])
