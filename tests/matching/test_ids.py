from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.kit import CHAT, MESSAGES, RESPONSES, call, key

# As minted by OpenAI, Azure, Anthropic, Bedrock, vLLM, Groq, Mistral, DeepSeek, xAI, Gemini.
SHAPES = [
    "call_RoOCZqVMTe0Y7b70iuhsFQVE",
    "toolu_01UaDMN725vkJqkK44k4Dzs1",
    "toolu_bdrk_01GXXGYP5zQeyjGiZNURPj4S",
    "chatcmpl-tool-7a0c4f1e5c0c4a7f",
    "fc_0267f9c1931db10000697062d5ca50819698eb7ef2aba67bbf",
    "call_00_dTTMe84vrYVi0IrrxM172804",
    "call-5386e269-cd64-432e-aa64-5c80dd4e0286-0",
    "7lr99y60",
    "6ve1xq71k",
    "0",
    "tool_get_weather_S9ahEhRffDshS18YeSbL",
    "8545d516-2a7b-4b9d-b637-6b00312f8617",
]
OTHERS = [f"{shape[:-1]}Z" for shape in SHAPES]


def chat(one: str, two: str, results: list[tuple[str, str]]) -> Any:
    function = {"name": "weather", "arguments": "{}"}
    calls = [{"id": name, "type": "function", "function": function} for name in (one, two)]
    tools = [{"role": "tool", "tool_call_id": name, "content": text} for name, text in results]
    return {"messages": [{"role": "assistant", "tool_calls": calls}, *tools]}


def messages(one: str, two: str, results: list[tuple[str, str]]) -> Any:
    uses = [{"type": "tool_use", "id": name, "name": "weather", "input": {}} for name in (one, two)]
    found = [{"type": "tool_result", "tool_use_id": name, "content": text} for name, text in results]
    return {"messages": [{"role": "assistant", "content": uses}, {"role": "user", "content": found}]}


def responses(one: str, two: str, results: list[tuple[str, str]]) -> Any:
    calls = [
        {"type": "function_call", "id": f"fc_{name}", "call_id": name, "name": "weather", "arguments": "{}"}
        for name in (one, two)
    ]
    outputs = [{"type": "function_call_output", "call_id": name, "output": text} for name, text in results]
    return {"input": [*calls, *outputs]}


APIS = [(chat, CHAT), (messages, MESSAGES), (responses, RESPONSES)]


@pytest.mark.parametrize(("build", "path"), APIS)
@pytest.mark.parametrize(("shape", "other"), list(zip(SHAPES, OTHERS, strict=True)))
def test_ids_of_tool_calls_are_compared_by_ordinal(build: Any, path: str, shape: str, other: str) -> None:
    one = build(shape, "second", [(shape, "sunny"), ("second", "rainy")])
    two = build(other, "zweite", [(other, "sunny"), ("zweite", "rainy")])
    assert key(one, path) == key(two, path)
    assert call(one, path).letter != call(two, path).letter


@pytest.mark.parametrize(("build", "path"), APIS)
def test_swapped_results_of_parallel_tool_calls_differ(build: Any, path: str) -> None:
    straight = build("a", "b", [("a", "sunny"), ("b", "rainy")])
    swapped = build("a", "b", [("a", "rainy"), ("b", "sunny")])
    crossed = build("a", "b", [("b", "sunny"), ("a", "rainy")])
    assert len({key(body, path) for body in (straight, swapped, crossed)}) == 3


@pytest.mark.parametrize(("build", "path"), APIS)
@given(names=st.lists(st.text(min_size=1, max_size=12), min_size=4, max_size=4, unique=True))
def test_renaming_ids_never_changes_the_key(build: Any, path: str, names: list[str]) -> None:
    one, two, three, four = names
    body = build(one, two, [(one, "sunny"), (two, "rainy")])
    assert key(body, path) == key(build(three, four, [(three, "sunny"), (four, "rainy")]), path)
    assert key(body, path) != key(build(one, two, [(one, "sunny"), (one, "rainy")]), path)


def previous(response: str, **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-5", "previous_response_id": response, "input": "And then?", **fields}


def test_previous_responses_of_two_conversations_never_merge() -> None:
    made = {"resp_a": "span 1", "resp_b": "span 2", "resp_c": "span 1"}
    one, two = (key(previous(name), RESPONSES, minted=made) for name in ("resp_a", "resp_b"))
    assert one != two
    assert one == key(previous("resp_c"), RESPONSES, minted=made), "the same call, recorded anew"
    unknown = {key(previous(name), RESPONSES, minted=made) for name in ("resp_x", "resp_y")}
    assert len(unknown | {one, two}) == 4


def test_an_id_written_like_a_reference_is_not_one() -> None:
    made = {"resp_a": "span 1"}
    assert key(previous("resp_a"), RESPONSES, minted=made) != key(
        previous("<span 1>"), RESPONSES, minted=made
    )
    literal = "<literal><span 1>"
    assert key(previous("<span 1>"), RESPONSES) != key(previous(literal), RESPONSES)


def test_results_of_calls_that_only_the_server_knows_keep_their_calls_apart() -> None:
    def body(results: list[tuple[str, str]]) -> Any:
        items = [{"type": "function_call_output", "call_id": name, "output": text} for name, text in results]
        return previous("resp_a", input=items)

    straight = body([("call_1", "sunny"), ("call_2", "rainy")])
    crossed = body([("call_2", "sunny"), ("call_1", "rainy")])
    made = {"resp_a": "span 1", "call_1": "span 1 call 1", "call_2": "span 1 call 2"}
    assert key(straight, RESPONSES) != key(crossed, RESPONSES)
    assert key(straight, RESPONSES, minted=made) != key(crossed, RESPONSES, minted=made)


@pytest.mark.parametrize(
    "body",
    [
        lambda name: {"input": [{"type": "item_reference", "id": name}]},
        lambda name: {"input": "x", "conversation": name},
        lambda name: {"input": "x", "conversation": {"id": name}},
        lambda name: {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": name}]}]},
        lambda name: {"input": "x", "prompt": {"id": name}},
        lambda name: {"input": "x", "tools": [{"type": "file_search", "vector_store_ids": [name]}]},
        lambda name: {"input": "x", "tools": [{"type": "code_interpreter", "container": name}]},
        lambda name: {"input": "x", "plugins": [{"id": name}]},
    ],
)
def test_what_the_server_keeps_is_told_apart(body: Any) -> None:
    made = {"kept_1": "span 1", "kept_2": "span 1"}
    assert key(body("kept_a"), RESPONSES) != key(body("kept_b"), RESPONSES)
    assert key(body("kept_1"), RESPONSES, minted=made) == key(body("kept_2"), RESPONSES, minted=made)


def test_files_of_a_job_go_by_the_call_that_made_them() -> None:
    def of(name: str) -> str:
        return key({"training_file": name}, "/fine_tuning/jobs", minted={"f_1": "span 1", "f_2": "span 1"})

    assert of("f_1") == of("f_2")
    assert of("f_x") != of("f_y")


def test_reasoning_that_only_the_server_knows_is_told_apart_by_the_call_that_made_it() -> None:
    def body(name: str) -> Any:
        return {"input": [{"type": "reasoning", "id": name, "summary": []}]}

    made = {"rs_a": "span 1 item 1", "rs_b": "span 2 item 1"}
    assert key(body("rs_a"), RESPONSES, minted=made) != key(body("rs_b"), RESPONSES, minted=made)
    assert key(body("rs_x"), RESPONSES, minted=made) == key(body("rs_y"), RESPONSES, minted=made)


def test_ids_in_a_path_go_by_the_call_that_made_them() -> None:
    made = {"resp_0123456789": "span 1", "resp_9876543210": "span 1"}

    def of(name: str, minted: dict[str, str]) -> str:
        return key(path=f"/responses/{name}", method="GET", minted=minted)

    assert of("resp_0123456789", {}) != of("resp_9876543210", {})
    assert of("resp_0123456789", made) == of("resp_9876543210", made)


def test_approvals_refer_to_their_request() -> None:
    def body(one: str, two: str, approved: str) -> Any:
        asks = [{"type": "mcp_approval_request", "id": name, "name": "f"} for name in (one, two)]
        answer = {"type": "mcp_approval_response", "approval_request_id": approved, "approve": True}
        return {"input": [*asks, answer]}

    assert key(body("mcpr_1", "mcpr_2", "mcpr_1"), RESPONSES) == key(body("a", "b", "a"), RESPONSES)
    assert key(body("mcpr_1", "mcpr_2", "mcpr_1"), RESPONSES) != key(body("a", "b", "b"), RESPONSES)
