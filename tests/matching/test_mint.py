from __future__ import annotations

import json
from typing import Any

from tests.matching.kit import CHAT, MESSAGES, RESPONSES, exchange, request
from trace_ops.exchange import Exchange, Failure
from trace_ops.matching import Minted, mint

ITEMS = [
    {"type": "reasoning", "id": "rs_1"},
    {"type": "function_call", "id": "fc_1", "call_id": "call_1"},
    {"type": "code_interpreter_call", "id": "ci_1", "container_id": "cntr_1"},
]
MINTED = {
    "resp_1": "span 7",
    "rs_1": "span 7 item 1",
    "fc_1": "span 7 item 2",
    "call_1": "span 7 call 2",
    "ci_1": "span 7 item 3",
    "cntr_1": "span 7 container 3",
}


def event(name: str, **data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"


def test_a_response_and_its_items_are_named_by_place() -> None:
    assert mint(exchange(request({}, RESPONSES), {"id": "resp_1", "output": ITEMS}), "span 7") == MINTED


def test_a_streamed_response_is_named_alike() -> None:
    events = [
        event("response.created", response={"id": "resp_1", "output": []}),
        *(
            event("response.output_item.added", output_index=index, item=item)
            for index, item in enumerate(ITEMS)
        ),
        event("response.output_text.delta", delta="id", item_id="msg_1"),
        event("response.completed", response={"id": "resp_1", "output": ITEMS}),
    ]
    assert mint(exchange(request({}, RESPONSES), events=events), "span 7") == MINTED
    assert mint(exchange(request({}, RESPONSES), events=events[:-1]), "span 7") == MINTED, "cut off"


def test_other_answers() -> None:
    chat = {"id": "chatcmpl-1", "choices": [{"message": {"audio": {"id": "audio_1"}}}]}
    assert mint(exchange(request({}, CHAT), chat), "s") == {"chatcmpl-1": "s", "audio_1": "s audio 1"}
    run = {
        "id": "run_1",
        "required_action": {"submit_tool_outputs": {"tool_calls": [{"id": "call_1"}]}},
    }
    assert mint(exchange(request({}, "/threads/t/runs"), run), "s") == {"run_1": "s", "call_1": "s call 1"}
    start = event("message_start", message={"id": "msg_1", "content": []})
    delta = event("message_delta", delta={"container": {"id": "container_1"}})
    assert mint(exchange(request({}, MESSAGES), events=[start, delta]), "s")["msg_1"] == "s"
    container = {"id": "msg_1", "container": {"id": "container_1"}}
    assert mint(exchange(request({}, MESSAGES), container), "s")["container_1"] == "s container"


def test_nothing_is_minted_by_what_is_no_object() -> None:
    assert mint(Exchange("openai", request({}), Failure("ReadTimeout", "")), "s") == {}
    answer: Any
    for answer in (None, [], "id", {"id": 7, "output": {"id": "x"}, "choices": ["x"]}):
        assert mint(exchange(request({}), answer), "s") == {}
    assert (
        mint(exchange(request({}), events=['data: {"id"\n\n', 'data: ["id"]\n\n', "data: [DONE]\n\n"]), "s")
        == {}
    )


def test_a_server_started_anew_may_mint_an_id_again() -> None:
    minted = Minted()
    minted.learn(exchange(request({}), {"id": "resp_1"}), "span 1")
    assert dict(minted) == {"resp_1": "span 1"}
    minted.learn(exchange(request({}), {"id": "resp_1"}), "call 2")
    assert minted["resp_1"] == "call 2"
    assert len(minted) == 1
