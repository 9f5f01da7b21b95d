"""The file is there to be read: what it looks like, and what is written once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.cassette.agents import TOOLS, agent_run, chat_blocks, messages_blocks, responses_blocks, streamed
from tests.cassette.kit import call, sample
from trace_ops.cassette import Cassette, dumps, loads, to_document
from trace_ops.exchange import Response, Stream
from trace_ops.trace import Span, Trace

SAMPLE = """\
version: 1
name: test_weather
recorded: '2026-11-21T00:41:22Z'
with: {TraceOps: 0.1.0, openai: 3.52.0, mcp: 2.3.0}
captured: {calls: {openai: 2}, steps: {mcp: 1}}
passed_through: {chroma: intercept_chroma=False}
uncaptured: [openai WebSocket Realtime]
tags: [slow]
metadata: {commit: abc}
totals: {llm_calls: 2, tool_calls: 2, input_tokens: 12, output_tokens: 5}
scrubbed: [{secret: openai-key, as: '<openai-key:0123456789ab>', times: 1}]
spans:
- span: 1
  kind: llm
  name: openai chat.completions
  model: gpt-5
  provider: openai
  start_ms: 0
  ms: 812
  usage: {input: 12, output: 5}
  tools: [weather]
  call: POST /chat/completions
  request:
    model: gpt-5
    messages:
    - &messages-1
      role: system
      content: |-
        You answer briefly.
        You never guess.
    - &messages-2
      role: user
      content: How warm is it in Paris at the moment?
    tools: &tools-1 [{type: function, function: {name: weather, parameters: {type: object}}}]
    temperature: 0.2
  response:
    status: 200
    body: {id: chatcmpl-1, choices: [{index: 0, message: {role: assistant, content: null}}]}
    headers: &headers-1
      date: Fri, 20 Nov 2026 10:00:00 GMT
      content-type: application/json
      x-request-id: r1
- span: 2
  parent: 1
  kind: tool
  name: weather
  via: mcp
  start_ms: 0
  input: {city: Paris}
  output: {celsius: 20.5}
- span: 3
  kind: llm
  name: openai chat.completions
  provider: openai
  start_ms: 900
  cost_usd: 0.0001
  call: POST /chat/completions
  request:
    model: gpt-5
    messages:
    - *messages-1
    - *messages-2
    - {role: tool, content: '20 degrees'}
    tools: *tools-1
    temperature: 0.2
    stream: true
  response:
    status: 200
    stream:
      events:
      - times: 5
        data: {id: chatcmpl-2, choices: [{index: 0, delta: {content: null}}]}
        varying: {/choices/0/delta/content: {text: It is 20 degrees., cuts: [3, 3, 3, 7, 1]}}
      - {text: '[DONE]'}
      gaps_ms: [10, 10, 10, 10, 10, 1]
    headers:
    - *headers-1
    - {x-request-id: r2}
  links: [{kind: continues, to: 1}]
- span: 4
  kind: tool
  name: fails
  start_ms: 0
  error: {type: builtins.ValueError, message: no such city}
...
"""


def test_a_small_run_reads_like_this() -> None:
    assert dumps(sample()).decode() == SAMPLE


def test_a_turn_of_an_agent_reads_as_what_is_new_in_it() -> None:
    spans = to_document(agent_run(3))["spans"]
    turns = [span["request_adds"]["messages"] for span in spans[1:]]

    assert [span.get("request_as") for span in spans] == [None, 1, 2]
    assert [[message["role"] for message in messages] for messages in turns] == [["assistant", "tool"]] * 2
    assert "tools" not in spans[1]["request_adds"]


def test_every_anchor_is_referred_to_and_named_by_the_field_it_is_in() -> None:
    text = dumps(agent_run(6)).decode()
    anchors = [word[1:] for word in text.split() if word.startswith("&")]
    aliases = [word.strip(",]}")[1:] for word in text.replace("[*", "[ *").split() if word.startswith("*")]

    assert anchors
    assert set(anchors) == set(aliases)
    assert len(anchors) == len(set(anchors))
    assert {anchor.rpartition("-")[0] for anchor in anchors} <= set(re.findall(r"[A-Za-z0-9]+", text))


def test_anchors_keep_their_names_whatever_is_put_in_before_them() -> None:
    long = [f"text number {number} is long enough to be written once" for number in range(3)]
    told = [{"text": text} for text in (*long, *long)]
    before = dumps(Cassette(Trace(spans=[Span(1, "tool", "t", input={"told": told})]))).decode()
    more = [Span(1, "tool", "new", input=["a new text that is long enough to be shared"] * 2)]
    after = dumps(Cassette(Trace(spans=[*more, Span(2, "tool", "t", input={"told": told})]))).decode()

    aliases = re.findall(r"\*told-\w+", before)
    assert len(aliases) == 3
    assert re.findall(r"\*told-\w+", after) == aliases


def test_anchors_of_odd_fields_can_be_read() -> None:
    long = "a text that is long enough to be worth it, is it not?"
    fields = {"": long, "&*!": long, "ключ": long, "k" * 99: long, "a b": long}
    cassette = Cassette(Trace(spans=[Span(1, "tool", "t", input=fields)]))

    assert loads(dumps(cassette)) == cassette


def test_the_same_run_gives_the_same_text() -> None:
    assert dumps(agent_run(5)) == dumps(agent_run(5))


def test_interleaved_conversations_each_go_on_from_their_own() -> None:
    def request(who: str, turns: int) -> dict[str, object]:
        said = [{"role": "user", "content": f"{who} says {turn}"} for turn in range(turns)]
        return {"model": who, "messages": [{"role": "system", "content": who}, *said]}

    order = [("a", 1), ("b", 1), ("a", 2), ("b", 3), ("b", 3), ("a", 4), ("c", 1)]
    spans = [call(number, request(*what), {}) for number, what in enumerate(order, 1)]
    cassette = Cassette(Trace(spans=spans))
    document = to_document(cassette)

    assert [span.get("request_as") for span in document["spans"]] == [None, None, 1, 2, 2, 3, None]
    assert loads(dumps(cassette)) == cassette


def test_a_changed_request_is_written_whole() -> None:
    first: dict[str, Any] = {"model": "m", "messages": ["a" * 50, "b" * 50], "stream": False}
    changes = [
        {**first, "temperature": 1},
        {"model": "m", "stream": False, "messages": [*first["messages"], "c"]},
        {**first, "messages": [*first["messages"], "c"], "stream": 0},
        {**first, "messages": ["c", *first["messages"]]},
        {**first, "messages": first["messages"][:1]},
    ]
    for change in changes:
        cassette = Cassette(Trace(spans=[call(1, first, {}), call(2, change, {})]))

        assert "request_as" not in to_document(cassette)["spans"][1]
        assert loads(dumps(cassette)) == cassette


def test_what_is_equal_in_python_but_not_in_json_is_not_shared() -> None:
    long = "a text that is long enough to be worth it, is it not?"
    values = [1, 1.0, True, -0.0, 0.0, 0]
    spans = [Span(number, "tool", "t", input=[value, long]) for number, value in enumerate(values, 1)]
    text = dumps(Cassette(Trace(spans=spans))).decode()

    lists = [line[9:] for line in text.splitlines() if line.startswith("  input: [")]
    assert lists == [
        "[1.0, *input-1]",
        "[true, *input-1]",
        "[-0.0, *input-1]",
        "[0.0, *input-1]",
        "[0, *input-1]",
    ]


def test_the_order_of_keys_counts() -> None:
    one, other = {"first": "a" * 50, "second": 2}, {"second": 2, "first": "a" * 50}
    spans = [Span(1, "tool", "t", input=one), Span(2, "tool", "t", input=other)]

    again = loads(dumps(Cassette(Trace(spans=spans)))).trace

    assert [list(span.input) for span in again] == [["first", "second"], ["second", "first"]]


def test_the_text_of_a_stream_is_there_to_read() -> None:
    for blocks in (chat_blocks(), responses_blocks(), messages_blocks()):
        cassette = streamed("x", blocks)
        (span,) = to_document(cassette)["spans"]
        runs = [event for event in span["response"]["stream"]["events"] if "varying" in event]

        assert len(runs) == 1
        assert runs[0]["times"] == 100
        texts = [column["text"] for column in runs[0]["varying"].values() if "text" in column]
        assert any("leave" in text and len(text) > 300 for text in texts)


def test_the_text_that_a_stream_repeats_at_its_end_is_written_once() -> None:
    text = dumps(streamed("openai", responses_blocks())).decode()
    (span,) = loads(text.encode()).trace
    assert span.exchange is not None
    assert isinstance(span.exchange.outcome, Response)
    assert isinstance(span.exchange.outcome.body, Stream)
    whole = "".join(span.exchange.outcome.body.events)

    assert whole.count("gulls ships leavetidegulls") == 4
    assert text.count("gulls ships leavetidegulls") == 1


def test_content_blocks_of_a_stream_are_runs_of_their_own() -> None:
    blocks = [
        f'event: delta\ndata: {{"index":{index},"delta":"{"ab"[index]}{n}"}}\n\n'
        for index in (0, 1)
        for n in range(8)
    ]
    (span,) = to_document(streamed("x", blocks))["spans"]

    assert [event["data"]["index"] for event in span["response"]["stream"]["events"]] == [0, 1]


def test_a_tool_list_is_written_once_for_runs_that_do_not_go_on_from_each_other() -> None:
    spans = [
        call(number, {"messages": [f"question number {number}"], "tools": TOOLS}, {}) for number in (1, 2, 3)
    ]
    text = dumps(Cassette(Trace(spans=spans))).decode()

    assert text.count("search_documents") == 1
    assert text.count("tools: *tools-") == 2


def test_secrets_of_yaml_do_not_reach_the_reader_of_a_diff() -> None:
    """Line ends that only some loaders know, and invisible characters, are escaped where they stand."""
    text = dumps(Cassette(Trace(spans=[Span(1, "tool", "t", input="a\u2028b\ufeffc\x1b[0md")]))).decode()

    assert r'input: "a\u2028b\ufeffc\x1b[0md"' in text


def test_the_documentation_shows_this_very_file() -> None:
    page = Path(__file__).parents[2] / "docs" / "cassette.md"

    assert f"```yaml\n{SAMPLE}```\n" in page.read_text("utf-8")
