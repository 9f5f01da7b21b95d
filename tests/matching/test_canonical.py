from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.matching.kit import (
    CHAT,
    MESSAGES,
    RESPONSES,
    at,
    bodies,
    call,
    changed,
    chat,
    key,
    leaves,
    shuffled,
    tool,
    values,
)
from trace_ops.exchange import Body, Request
from trace_ops.matching import canonical

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0K" * 400}}
AGENT: dict[str, Any] = {
    "model": "gpt-5",
    "temperature": 0.2,
    "stream": False,
    "stop": None,
    "messages": [
        {"role": "system", "content": "You are terse."},
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, IMAGE]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_a1",
                    "type": "function",
                    "function": {"name": "look_up", "arguments": '{"id":1}'},
                },
                {
                    "id": "call_b2",
                    "type": "function",
                    "function": {"name": "look_up", "arguments": '{"id":2}'},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "call_a1", "content": "a cat"},
        {"role": "tool", "tool_call_id": "call_b2", "content": "a dog"},
    ],
    "tools": [tool("look_up"), tool("search")],
    "stream_options": {"include_usage": True},
}


@pytest.mark.parametrize("path", leaves(AGENT), ids=lambda path: ".".join(map(str, path)))
def test_any_changed_leaf_of_an_agent_call_changes_the_key(path: tuple[Any, ...]) -> None:
    old = at(AGENT, path)
    new = old[:-1] + "~" if isinstance(old, str) else "~"
    # That goes for ids as well: one that is changed in one place no longer ties a call to its result.
    assert key(changed(AGENT, path, new)) != key(AGENT)


def test_a_changed_pixel_of_an_image_changes_the_key() -> None:
    path = ("messages", 1, "content", 1, "image_url", "url")
    url = at(AGENT, path)
    assert key(changed(AGENT, path, url[:900] + "X" + url[901:])) != key(AGENT)


@given(bodies, values, st.data(), st.sampled_from([CHAT, RESPONSES, MESSAGES, "/embeddings", "/files"]))
def test_any_changed_leaf_changes_the_key(body: Any, new: Any, data: st.DataObject, path: str) -> None:
    place = data.draw(st.sampled_from(leaves(body)))
    other = changed(body, place, new)
    assume(json.dumps(other, sort_keys=True) != json.dumps(body, sort_keys=True))
    assert key(other, path) != key(body, path)


@given(bodies)
def test_key_order_never_matters(body: Any) -> None:
    assert key(shuffled(body)) == key(body)


def test_key_order_never_matters_to_ids() -> None:
    assert key(shuffled(AGENT)) == key(AGENT)
    items = [{"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}]
    assert key(shuffled({"input": items}), RESPONSES) == key({"input": items}, RESPONSES)


@given(bodies)
def test_how_the_json_was_written_never_matters(body: Any) -> None:
    spaced = Request("POST", CHAT, body=Body(json.dumps(body, indent=2, ensure_ascii=False).encode()))
    assert canonical(spaced, "openai").key == key(body)


@given(bodies)
def test_the_value_differs_where_the_key_does_not(body: Any) -> None:
    assert call(body).value["body"] == body


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"stop": None}, {}),
        ({"n": 1}, {"n": 1.0}),
        ({"n": 1}, {"n": True}),
        ({"n": 1}, {"n": "1"}),
        ({"messages": ["a", "b"]}, {"messages": ["b", "a"]}),
        ({"tools": [tool("a"), tool("b")]}, {"tools": [tool("b"), tool("a")]}),
        ({"stream": True}, {"stream": False}),
        ({"stream_options": {"include_usage": True}}, {}),
        ({"input": "a", "encoding_format": "base64"}, {"input": "a", "encoding_format": "float"}),
        ({"a": {}}, {"a": []}),
        ({}, None),
    ],
)
def test_what_can_change_the_answer_is_in_the_key(one: Any, other: Any) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (path, field)
        for path in (CHAT, RESPONSES, "/deployments/gpt/chat/completions")
        for field in (
            "user",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "prompt_cache_options",
            "metadata",
            "store",
            "service_tier",
        )
    ]
    + [("/completions", "user"), ("/embeddings", "user"), (MESSAGES, "anthropic_version")],
)
def test_fields_that_never_change_the_meaning_are_out_of_the_key(path: str, field: str) -> None:
    assert key({"model": "m", field: "x"}, path) == key({"model": "m"}, path)


@pytest.mark.parametrize("path", ["/batches", "/vector_stores", "/threads/thread_1/messages", "/files"])
def test_elsewhere_the_same_fields_are_content(path: str) -> None:
    assert key({"metadata": {"a": "b"}}, path) != key({"metadata": {"a": "c"}}, path)


def test_of_anthropic_metadata_only_the_user_is_out_of_the_key() -> None:
    assert key({"metadata": {"user_id": "u"}}, MESSAGES) == key({}, MESSAGES)
    assert key({"metadata": {"user_id": "u", "a": 1}}, MESSAGES) == key({"metadata": {"a": 1}}, MESSAGES)
    assert key({"metadata": {"a": 1}}, MESSAGES) != key({}, MESSAGES)


@pytest.mark.parametrize(
    "path", [MESSAGES, "/model/claude/invoke", "/v1/projects/p/locations/l/publishers/a/models/c:rawPredict"]
)
def test_cache_marks_signatures_and_sealed_text_are_out_of_the_key(path: str) -> None:
    def body(mark: Any, seal: str) -> Any:
        thinking = {"type": "thinking", "thinking": "hm", "signature": seal}
        found = {"type": "web_search_result", "url": "https://a.example", "encrypted_content": seal}
        content = [
            thinking,
            {"type": "redacted_thinking", "data": seal},
            {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [found]},
        ]
        return {"system": [{"type": "text", "text": "s", **mark}], "messages": [{"content": content}]}

    marked = body({"cache_control": {"type": "ephemeral"}}, "sealed one way")
    assert key(marked, path) == key(body({}, "sealed another way"), path)
    assert key(body({"cache_control": None}, "s"), path) == key(body({}, "s"), path)


def test_a_compaction_is_all_that_is_left_of_a_conversation_and_stays_in_the_key() -> None:
    def body(sealed: str) -> Any:
        return {"input": [{"type": "compaction", "id": "cmp_1", "encrypted_content": sealed}]}

    assert key(body("one"), RESPONSES) != key(body("other"), RESPONSES)


@pytest.mark.parametrize("name", ["cache_control", "signature", "encrypted_content", "id", "call_id"])
def test_what_a_user_names_like_a_server_field_is_content(name: str) -> None:
    def body(value: str) -> Any:
        use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {name: value}}
        return {"messages": [{"role": "assistant", "content": [use]}]}

    assert key(body("a"), MESSAGES) != key(body("b"), MESSAGES)
    schema = {"type": "object", "properties": {name: {"description": "x"}}}
    assert key({"tools": [{"name": "f", "input_schema": schema}]}, MESSAGES) != key(
        {"tools": [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]}, MESSAGES
    )


def test_the_address_is_in_the_key() -> None:
    body = chat()
    assert len({key(body), key(body, RESPONSES), key(body, provider="groq"), key(body, method="PUT")}) == 4
    assert key(body, "/deployments/a/chat/completions") != key(body, "/deployments/b/chat/completions")


@pytest.mark.parametrize("query", ["api-version=2024-02-01", "key=AIza", "api_key=x", "api-version=1&key=2"])
def test_api_versions_and_credentials_in_the_query_are_out_of_the_key(query: str) -> None:
    assert key(chat(), query=query) == key(chat())


def test_the_rest_of_the_query_is_in_the_key_in_any_order() -> None:
    assert key(path="/models", query="after=a") != key(path="/models", query="after=b")
    assert key(path="/models", query="a=1&b=2") == key(path="/models", query="b=2&a=1")
    assert key(path="/models", query="a=1&a=2") != key(path="/models", query="a=2&a=1")
    assert key(path="/models", query="a=") != key(path="/models")


def test_anthropic_betas_are_in_the_key_as_a_set() -> None:
    one = key({}, MESSAGES, anthropic_beta="a-1, b-2")
    assert one == key({}, MESSAGES, **{"Anthropic-Beta": "b-2,a-1,a-1"})
    assert one != key({}, MESSAGES, anthropic_beta="a-1")
    assert one != key({}, MESSAGES)


def test_where_a_vertex_call_is_billed_is_out_of_the_key() -> None:
    def path(project: str, region: str, model: str) -> str:
        return f"/v1/projects/{project}/locations/{region}/publishers/anthropic/models/{model}:rawPredict"

    assert key({}, path("mine", "us-east5", "claude")) == key({}, path("ci", "global", "claude"))
    assert key({}, path("mine", "global", "claude")) != key({}, path("mine", "global", "other"))


def test_no_body_and_an_empty_one_are_the_same() -> None:
    empty = Request("GET", "/models", body=Body(b""))
    assert canonical(empty, "openai").key == key(path="/models", method="GET")


def test_text_and_bytes_are_compared_as_they_are() -> None:
    def of(raw: bytes) -> str:
        return canonical(Request("POST", "/x", body=Body(raw), content_type="text/plain"), "openai").key

    assert len({of(b"a"), of(b"b"), of(b"\xff\x00"), of(b"\xff\x01"), of(b"x" * 200_000)}) == 5


def test_deep_nesting_is_compared_too() -> None:
    def of(inner: str) -> str:
        raw = '{"a":' * 900 + inner + "}" * 900
        return canonical(Request("POST", "/x", body=Body(raw.encode())), "openai").key

    assert of("1") == of("1")
    assert of("1") != of("2")


def test_the_group_has_no_ids() -> None:
    assert call(path="/responses/resp_0123456789abcdef", method="GET").group == "openai GET /responses/{id}"
    assert call(path="/files/file-0123456789abcdef/content").group == "openai POST /files/{id}/content"
    assert call(chat(), "/deployments/gpt-4o-mini-2024-07-18/chat/completions").group == (
        "openai POST /deployments/gpt-4o-mini-2024-07-18/chat/completions"
    )


def test_large_base64_is_shown_as_its_hash() -> None:
    shown = at(call(AGENT).value["body"], ("messages", 1, "content", 1, "image_url", "url"))
    assert shown == "<base64, 3222 characters, sha256 " + shown[-17:-1] + ">"
    assert call({"a": "words and more words " * 100}).value["body"]["a"].startswith("words")
