"""The Responses API of the OpenAI SDK."""

from __future__ import annotations

from typing import Any

from tests.sdk.kit import Kit, acollect, collect, each, scenario
from tests.sdk.scenarios.inputs import RESPONSES_TOOL, Forecast
from trace_ops.double import Turn

QUESTION: dict[str, Any] = {"model": "gpt-5", "input": "How is the weather in Paris?"}
REASONING: dict[str, Any] = {"reasoning": {"effort": "low", "summary": "auto"}}


@each("openai", "responses.create")
def responses_create(client: Any) -> Any:
    return client.responses.create(**QUESTION)


@each("openai", "responses.create")
def responses_create_reasoning_and_tools(client: Any) -> Any:
    return client.responses.create(**QUESTION, **REASONING, tools=[RESPONSES_TOOL], metadata={"team": "a"})


@each("openai", "responses.create")
def responses_stream(client: Any) -> Any:
    return client.responses.create(**QUESTION, **REASONING, stream=True)


@each("openai", "responses.create")
def responses_stream_tools(client: Any) -> Any:
    return client.responses.create(**QUESTION, tools=[RESPONSES_TOOL], stream=True)


@each("openai", "responses.create", turns=[Turn(refusal="I will not.")])
def responses_stream_refusal(client: Any) -> Any:
    return client.responses.create(**QUESTION, stream=True)


@each("openai", "responses.parse")
def responses_parse(client: Any) -> Any:
    return client.responses.parse(**QUESTION, text_format=Forecast)


@each("openai", "responses.create")
def responses_raw(client: Any) -> Any:
    return client.responses.with_raw_response.create(**QUESTION)


@scenario(needs=["openai.responses.stream"])
def responses_stream_helper(kit: Kit) -> Any:
    with kit.openai().responses.stream(**QUESTION, text_format=Forecast) as stream:
        events = list(stream)
        return [events, stream.get_final_response()]


@scenario(needs=["async_openai.responses.stream"])
async def async_responses_stream_helper(kit: Kit) -> Any:
    async with kit.async_openai().responses.stream(**QUESTION, tools=[RESPONSES_TOOL]) as stream:
        events = [event async for event in stream]
        return [events, await stream.get_final_response()]


@scenario(needs=["openai.responses.create"])
def responses_conversation_by_previous_id(kit: Kit) -> Any:
    client = kit.openai()
    first = client.responses.create(**QUESTION)
    second = client.responses.create(model="gpt-5", input="And in Rome?", previous_response_id=first.id)
    third = client.responses.create(
        model="gpt-5", input="And in Oslo?", previous_response_id=second.id, stream=True
    )
    return [first, second, collect(third)]


@scenario(needs=["async_openai.responses.create"])
async def async_responses_tool_loop(kit: Kit) -> Any:
    client, items, answers = kit.async_openai(), [{"role": "user", "content": "Weather in Paris?"}], []
    while True:
        answer = await client.responses.create(
            model="gpt-5", input=items, tools=[RESPONSES_TOOL], **REASONING
        )
        answers.append(answer)
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            return answers
        items += answer.output
        items += [
            {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"} for call in calls
        ]


@scenario(needs=["openai.responses.retrieve"])
def responses_retrieve_and_delete(kit: Kit) -> Any:
    client = kit.openai()
    made = client.responses.create(**QUESTION)
    again = client.responses.retrieve(made.id)
    return [made, again, client.responses.delete(made.id)]


@scenario(needs=["openai.responses.input_items.list"])
def responses_input_items_pages(kit: Kit) -> Any:
    client = kit.openai()
    items = [{"role": "user", "content": f"Question {i} about Paris"} for i in range(5)]
    made = client.responses.create(model="gpt-5", input=items)
    page = client.responses.input_items.list(made.id, limit=2)
    return [page, page.has_next_page(), page.get_next_page(), list(page)]


@each("openai", "responses.input_tokens.count")
def responses_input_tokens(client: Any) -> Any:
    return client.responses.input_tokens.count(**QUESTION)


@scenario(needs=["async_openai.responses.create"])
async def async_responses_streaming_response(kit: Kit) -> Any:
    create = kit.async_openai().responses.with_streaming_response.create
    async with create(**QUESTION, stream=True) as response:
        return [response.headers, await acollect(await response.parse()), response]
