"""What real calls say, and that the model of messages holds all of it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pytest

from tests.corpus.completeness import leaves
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.wire import (
    _anthropic,
    _chat,
    _responses,
    api_of,
    operation,
    read_request,
    read_response,
    summarise,
)
from trace_ops.wire._events import Payload, payloads
from trace_ops.wire.messages import ChatResponse

DATA = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev.jsonl.zst"
EVERY = 3
APIS = {
    "openai.chat": ("llm", "chat.completions"),
    "openai.responses": ("llm", "responses"),
    "openai.completions": ("llm", "completions"),
    "openai.embeddings": ("embedding", "embeddings"),
    "anthropic.messages": ("llm", "messages"),
}
MODELLED = ("openai.chat", "openai.completions", "openai.responses", "anthropic.messages")
TOTAL = re.compile(r'"total_tokens": ?(\d+)')
USAGE = re.compile(r'"usage": ?\{')
# A gateway that wraps the answer in another one, a report on usage, and an agent that adds up its calls.
ODD = ('"data": {"status"', '"organization.usage', '"usage_breakdown"')

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(_sample())


@pytest.fixture(scope="module")
def calls() -> list[dict[str, Any]]:
    """Every call of the formats that are read here, failed ones included."""
    return [record for record in _records() if record["api"] in MODELLED and record.keys() & ANSWERS]


def test_every_success_names_its_model_and_its_tokens_add_up(records: list[dict[str, Any]]) -> None:
    for record in records:
        text = record.get("response_text") or json.dumps(record.get("response_body"))
        seen = summarise(_exchange(record))
        assert seen.model, record["id"]
        if USAGE.search(text):
            assert seen.usage is not None, record["id"]
            totals = TOTAL.findall(text)
            assert not totals or str(seen.usage.total) in (totals[0], totals[-1]), record["id"]

    assert len(records) > 1000


def test_the_path_tells_the_operation(records: list[dict[str, Any]]) -> None:
    for record in records:
        path = urlsplit(record["url"]).path
        assert operation("any", record["method"], path) == APIS[record["api"]], path


def test_answers_that_ask_for_tools_name_them(records: list[dict[str, Any]]) -> None:
    asked = [record for record in records if re.search(r'"finish_reason": ?"tool_calls"', _text(record))]

    assert len(asked) > 50
    for record in asked:
        assert summarise(_exchange(record)).tools, record["id"]


def test_every_request_and_every_answer_is_read(calls: list[dict[str, Any]]) -> None:
    read: Counter[str] = Counter()
    for record in calls:
        exchange = _exchange(record)
        assert api_of(exchange) == record["api"], record["id"]
        assert read_request(exchange) is not None or record["request_body"] is None, record["id"]
        read["requests"] += record["request_body"] is not None
        answer = read_response(exchange)
        assert (answer is None) == (record["status"] >= 400), record["id"]
        if answer is not None:
            understood = answer.messages or answer.error
            read["no choices" if not understood else "streams" if record["is_stream"] else "answers"] += 1

    # Wrapped in an object of the gateway's own (3), a stream of comments, and one of bare values.
    assert read["no choices"] == 5
    assert read["requests"] > 4000
    assert read["answers"] > 3000
    assert read["streams"] > 900


def test_nothing_that_is_sent_or_answered_is_dropped(calls: list[dict[str, Any]]) -> None:
    """Every text and number of a body is in the model, but for what ``EXPLAINED`` lists."""
    dropped: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    checked = 0
    for record in calls:
        exchange = _exchange(record)
        read: list[tuple[Any, Any]] = [(record["request_body"], read_request(exchange))]
        if record["status"] < 400 and "response_body" in record:
            read.append((record["response_body"], read_response(exchange)))
        for body, model in read:
            left = _not_found(body, model)
            checked += sum(1 for _ in _leaves(body))
            for path, value in left:
                reason = next((why for why, is_it in EXPLAINED.items() if is_it(path, value)), None)
                if reason is None:
                    dropped[f"{record['id']} {path} {value!r:.60}"] += 1
                else:
                    explained[reason] += 1

    assert not dropped
    assert set(explained) == set(EXPLAINED), "an exception that nothing needs"
    assert checked > 120_000


def test_no_text_of_a_stream_is_dropped(calls: list[dict[str, Any]]) -> None:
    """Whatever an event says is a part of some text of the model, but for what ``UNSAID`` lists."""
    dropped: Counter[str] = Counter()
    unsaid: Counter[str] = Counter()
    for record in calls:
        outcome = _exchange(record).outcome
        assert isinstance(outcome, Response)
        if not record["is_stream"] or record["status"] >= 400:
            continue
        model = read_response(_exchange(record))
        assert model is not None
        texts = [text for _, text in _leaves(model) if isinstance(text, str)]
        for call in (call for turn in model.messages for call in turn.tool_calls):
            # Arguments come in pieces of JSON, spaced in this way or that.
            texts += [json.dumps(call.arguments), json.dumps(call.arguments, separators=(",", ":"))]
            texts += [json.dumps(call.arguments, ensure_ascii=False)]
            texts += [json.dumps(call.arguments, ensure_ascii=False, separators=(",", ":"))]
        said = "\0".join(texts)
        for event in payloads(outcome) or []:
            for path, value in _leaves(event.data):
                if isinstance(value, str) and value not in said:
                    key = path.rpartition(".")[2]
                    if key in UNSAID:
                        unsaid[key] += 1
                    else:
                        dropped[f"{record['id']} {path} {value!r:.60}"] += 1

    assert not dropped
    assert set(unsaid) == set(UNSAID), "an exception that nothing needs"


def test_streams_of_chat_read_as_the_sdk_puts_them_together(calls: list[dict[str, Any]]) -> None:
    from openai._models import construct_type
    from openai.lib.streaming.chat import ChatCompletionStreamState
    from openai.types.chat import ChatCompletionChunk

    def of_the_sdk(events: Events) -> ChatResponse:
        state: Any = ChatCompletionStreamState()
        for event in events:
            state.handle_chunk(construct_type(type_=ChatCompletionChunk, value=event))
        return _chat.response(state.current_completion_snapshot.to_dict())

    seen = _compare(calls, "openai.chat", of_the_sdk, CHAT_SDK)

    assert set(seen) == {SAME, *CHAT_SDK}
    assert seen[SAME] > 350


def test_streams_of_messages_read_as_the_sdk_puts_them_together(calls: list[dict[str, Any]]) -> None:
    from anthropic._models import construct_type
    from anthropic.lib.streaming._messages import accumulate_event
    from anthropic.types import RawMessageStreamEvent

    def of_the_sdk(events: Events) -> ChatResponse:
        snapshot: Any = None
        buffers: dict[int, bytes] = {}
        for event in events:
            if event["type"] != "ping":
                typed: Any = construct_type(type_=RawMessageStreamEvent, value=event)
                snapshot = accumulate_event(event=typed, current_snapshot=snapshot, json_bufs=buffers)
        return _anthropic.response(snapshot.to_dict(warnings=False))

    seen = _compare(calls, "anthropic.messages", of_the_sdk, MESSAGES_SDK)

    assert set(seen) == {SAME, *MESSAGES_SDK}
    assert seen[SAME] > 250


def test_streams_of_responses_read_as_the_answer_they_end_with(calls: list[dict[str, Any]]) -> None:
    def last(events: Events) -> ChatResponse:
        return _responses.response(events[-1]["response"])

    def pieces(events: Events) -> ChatResponse:
        """The last event, and the messages as put together from all that come before it."""
        cut = _responses.assemble(Payload(None, event) for event in events[:-1])
        assert not cut.complete
        return replace(last(events), messages=cut.messages)

    whole = _compare(calls, "openai.responses", last, {})
    cut_short = _compare(calls, "openai.responses", pieces, RESPONSES_PIECES)

    assert set(whole) == {SAME}
    assert set(cut_short) == {SAME, *RESPONSES_PIECES}
    assert cut_short[SAME] > 240


# Texts of events that are not in what they are put together to, by the key that holds them.
UNSAID = {
    "": "[DONE]",
    "encrypted_content": "replaced by that of the finished item",
    "id": "some number each event; items get their own when they are finished",
    "item_id": "tells which item grows",
    "object": "a chunk of a completion becomes a completion",
    "obfuscation": "padding",
    "status": "in progress, until it is completed",
    "type": "the class of a part, or of an event",
    "value": "a stream in a format of its own",
}
Events: TypeAlias = list[dict[str, Any]]
Explains: TypeAlias = Callable[[set[str], ChatResponse, ChatResponse | Exception], bool]
ANSWERS = {"response_body", "response_text"}
SAME = "the same"
FIELDS = ("messages", "finish", "finish_words", "usage", "model", "error", "complete")
# Where the SDK does not put a stream together as it was meant, and how many streams that is.
CHAT_SDK: dict[str, Explains] = {
    "the first event is empty, and the SDK keeps the model it does not name": lambda differing, _, sdk: (
        differing == {"model"} and isinstance(sdk, ChatResponse) and sdk.model is None
    ),
    "the tokens are in an event the SDK does not look at": lambda differing, _, sdk: (
        differing == {"usage"} and isinstance(sdk, ChatResponse) and sdk.usage is None
    ),
    "the SDK leaves an error out": lambda differing, ours, _: (
        differing == {"error", "complete"} and ours.error is not None
    ),
    "the SDK strings together names that each event repeats": lambda differing, ours, sdk: (
        differing == {"messages"}
        and isinstance(sdk, ChatResponse)
        and ours.tool_calls != []
        and [call.name * 2 for call in ours.tool_calls] == [call.name for call in sdk.tool_calls]
    ),
    "the SDK keeps the first word of what is said beside the deltas": lambda differing, ours, sdk: (
        differing == {"messages"} and isinstance(sdk, ChatResponse) and sdk.text.endswith(ours.text)
    ),
    "the SDK stops at an event without choices": lambda differing, _, sdk: isinstance(sdk, TypeError),
}
MESSAGES_SDK: dict[str, Explains] = {
    "the SDK does not know the calls of MCP": lambda differing, ours, sdk: (
        differing == {"messages"} and any("server_name" in (call.extra or {}) for call in ours.tool_calls)
    ),
}
RESPONSES_PIECES: dict[str, Explains] = {
    "what is compacted is encrypted anew in the last event": lambda differing, ours, _: (
        differing == {"messages"} and "compaction" in repr(ours.messages)
    ),
    "what was thought is encrypted anew in the last event": lambda differing, ours, _: (
        differing == {"extra"} and "'encrypted_content'" in repr(_extras(ours))
    ),
    "an item gets another id in the last event": lambda differing, ours, _: (
        differing == {"extra"} and "'rs_tmp_" in repr(_extras(ours))
    ),
}
# What need not be found again as it was written, and why.
EXPLAINED: dict[str, Callable[[str, Any], bool]] = {
    "the class of a part says its type": lambda path, value: path.endswith(".type"),
    "the role of a message with nothing but results is the tool's": lambda path, value: (
        path == ".messages.*.role" and value == "user"
    ),
    "an item of the output is the assistant's": lambda path, value: path == ".output.*.role",
    "the place of a choice is its index": lambda path, value: path == ".choices.*.index",
    "thoughts are given under two names": lambda path, value: path.endswith(
        (".reasoning", ".reasoning_content")
    ),
    "the format of audio is in its MIME type": lambda path, value: path.endswith(".input_audio.format"),
}


def _compare(
    calls: list[dict[str, Any]],
    api: str,
    of_the_sdk: Callable[[Events], ChatResponse],
    reasons: dict[str, Explains],
) -> Counter[str]:
    """How many streams read the same, and why the others do not."""
    seen: Counter[str] = Counter()
    for record in calls:
        if record["api"] != api or not record["is_stream"] or record["status"] >= 400:
            continue
        exchange = _exchange(record)
        assert isinstance(exchange.outcome, Response)
        events = [event.data for event in payloads(exchange.outcome) or [] if isinstance(event.data, dict)]
        ours = read_response(exchange)
        assert ours is not None
        theirs: ChatResponse | Exception
        try:
            theirs = of_the_sdk(events)
            differing = {name for name in FIELDS if getattr(ours, name) != getattr(theirs, name)}
            if api != "openai.chat" and not differing and _extras(ours) != _extras(theirs):
                # Of chat the SDK strings together whatever word stands beside the text.
                differing = {"extra"}
        except TypeError as error:
            theirs, differing = error, set()
        if not differing and isinstance(theirs, ChatResponse):
            seen[SAME] += 1
            continue
        reason = next((why for why, explains in reasons.items() if explains(differing, ours, theirs)), None)
        seen[reason or f"{record['id']}: {', '.join(sorted(differing)) or theirs}"] += 1
    print(dict(seen))
    return seen


def _extras(answer: ChatResponse) -> list[Any]:
    """Citations, signatures, ids: what takes no part when messages are compared."""
    parts = [part for turn in answer.messages for part in turn.parts]
    return [getattr(each, "extra", None) for each in (*answer.messages, *parts)]


def _not_found(body: Any, model: Any) -> list[tuple[str, Any]]:
    """The leaves of a body that are not in a model of it; those that most likely are not come last."""
    found = Counter(_typed(leaf) for _, leaf in _leaves(model))
    missing = []
    unseen = list(_leaves(body))
    unseen.sort(key=lambda leaf: any(explains(*leaf) for explains in EXPLAINED.values()))
    while unseen:
        path, value = unseen.pop(0)
        key = next((key for key in _forms(value) if found[key] > 0), None)
        if key is not None:
            found[key] -= 1
        elif path.endswith(".arguments") and (parsed := _parsed(value)) is not None:
            unseen[:0] = _leaves(parsed, f"{path}()")
        else:
            missing.append((path, value))
    return missing


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _forms(value: Any) -> Iterator[tuple[type, Any]]:
    """A leaf as it is, and as the hash of the data it holds."""
    yield _typed(value)
    if isinstance(value, str) and len(value) > 40:
        data = value.partition(",")[2] if value.startswith("data:") else value
        try:
            raw = base64.b64decode(data, validate=True)
        except ValueError:
            raw = data.encode("utf-8", "surrogatepass")
        yield str, hashlib.sha256(raw).hexdigest()


def _typed(value: Any) -> tuple[type, Any]:
    return type(value), value


def _leaves(value: Any, under: str = "") -> Iterator[tuple[str, Any]]:
    """Texts and numbers, and where they stand, whichever item of a list it is."""
    for where, leaf in leaves(value):
        if not isinstance(leaf, bool):
            yield under + "".join(f".{'*' if isinstance(key, int) else key}" for key in where), leaf


def _text(record: dict[str, Any]) -> str:
    return record.get("response_text") or json.dumps(record.get("response_body"))


def _exchange(record: dict[str, Any]) -> Exchange:
    body: Body | Stream
    if record["is_stream"]:
        body = Stream(
            [event for event in re.split(r"(?<=\n\n)|(?<=\r\n\r\n)", record["response_text"]) if event], []
        )
    else:
        body = Body(json.dumps(record.get("response_body")).encode())
    request = Request(
        record["method"], urlsplit(record["url"]).path, body=Body(json.dumps(record["request_body"]).encode())
    )
    return Exchange(record["provider"], request, Response(record["status"], [], body))


def _sample() -> Iterator[dict[str, Any]]:
    for number, record in enumerate(_records()):
        if number % EVERY or record["api"] not in APIS or record["status"] >= 400:
            continue
        whole = record.get("response_text" if record["is_stream"] else "response_body")
        if whole and not any(odd in _text(record) for odd in ODD):
            yield record


def _records() -> Iterator[dict[str, Any]]:
    zstandard = pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    with DATA.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        yield from map(json.loads, io.TextIOWrapper(stream, encoding="utf-8"))
