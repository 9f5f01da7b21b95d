"""Messages of the Anthropic SDK: create, streams, helpers, tools, counting, models, batches, beta."""

from __future__ import annotations

from typing import Any

from tests.sdk.kit import Kit, aattempt, acollect, apieces, attempt, collect, each, pieces, scenario
from tests.sdk.scenarios.inputs import ANTHROPIC_TOOL, ASK, MESSAGE, THINKING, Forecast

THOUGHTFUL: dict[str, Any] = MESSAGE | {"max_tokens": 3000, "thinking": THINKING}
BETAS = ["files-api-2025-04-14", "interleaved-thinking-2025-05-14"]


@each("anthropic")
def message_create(client: Any) -> Any:
    return client.messages.create(**MESSAGE)


@each("anthropic")
def message_create_with_many_options(client: Any) -> Any:
    return client.messages.create(
        **MESSAGE,
        system=[
            {"type": "text", "text": "Be brief.\n\nÄ \U0001f642", "cache_control": {"type": "ephemeral"}}
        ],
        stop_sequences=["\n\nHuman:"],
        metadata={"user_id": "someone"},
        extra_body={"temperature": 0.5, "top_k": 5},
        extra_headers={"anthropic-beta": "prompt-caching-2024-07-31"},
        extra_query={"trace": "yes"},
    )


@each("anthropic")
def message_create_tools(client: Any) -> Any:
    return client.messages.create(**MESSAGE, tools=[ANTHROPIC_TOOL], tool_choice={"type": "any"})


@each("anthropic")
def message_create_thinking(client: Any) -> Any:
    return client.messages.create(**MESSAGE | {"max_tokens": 3000}, extra_body={"thinking": THINKING})


@each("anthropic")
def message_create_cut_short(client: Any) -> Any:
    return client.messages.create(**MESSAGE | {"max_tokens": 3})


@each("anthropic")
def message_stream(client: Any) -> Any:
    return client.messages.create(**MESSAGE, stream=True)


@each("anthropic")
def message_stream_thinking_and_tools(client: Any) -> Any:
    extra = {"thinking": THINKING}
    return client.messages.create(
        **MESSAGE | {"max_tokens": 3000}, tools=[ANTHROPIC_TOOL], stream=True, extra_body=extra
    )


@each("anthropic", gzip=True)
def message_create_gzip(client: Any) -> Any:
    return client.messages.create(**MESSAGE)


@each("anthropic", gzip=True)
def message_stream_gzip(client: Any) -> Any:
    return client.messages.create(**MESSAGE, stream=True)


@each("anthropic", "messages.parse")
def message_parse(client: Any) -> Any:
    return client.messages.parse(**MESSAGE, output_format=Forecast)


@scenario(needs=["anthropic"])
def message_raw(kit: Kit) -> Any:
    raw = kit.anthropic().messages.with_raw_response.create(**MESSAGE)
    return [raw, raw.parse(), raw.http_response.text, raw.headers]


@scenario(needs=["async_anthropic"])
async def async_message_raw(kit: Kit) -> Any:
    raw = await kit.async_anthropic().messages.with_raw_response.create(**MESSAGE)
    parsed = raw.parse()
    parsed = await parsed if hasattr(parsed, "__await__") else parsed
    return [raw, parsed, raw.http_response.text, raw.headers]


@scenario(needs=["anthropic"])
def message_raw_stream(kit: Kit) -> Any:
    raw = kit.anthropic().messages.with_raw_response.create(**MESSAGE, stream=True)
    return [raw.headers, collect(raw.parse()), raw]


@scenario(needs=["anthropic"])
def message_streaming_response(kit: Kit) -> Any:
    create = kit.anthropic().messages.with_streaming_response.create
    seen: list[Any] = []
    with create(**MESSAGE) as response:
        seen += [response.headers, response.parse(), response]
    with create(**MESSAGE) as response:
        seen += [response.read(), response.json(), response]
    with create(**MESSAGE, stream=True) as response:
        seen += [collect(response.parse()), response]
    with create(**MESSAGE, stream=True) as response:
        seen += [pieces(response.iter_lines()), response]
    return seen


@scenario(needs=["async_anthropic"])
async def async_message_streaming_response(kit: Kit) -> Any:
    create = kit.async_anthropic().messages.with_streaming_response.create
    seen: list[Any] = []
    async with create(**MESSAGE) as response:
        seen += [response.headers, await response.parse(), response]
    async with create(**MESSAGE) as response:
        seen += [await response.text(), response]
    async with create(**MESSAGE, stream=True) as response:
        seen += [await acollect(await response.parse()), response]
    async with create(**MESSAGE, stream=True) as response:
        seen += [await apieces(response.iter_text()), response]
    return seen


@scenario(needs=["anthropic.messages.stream"])
def message_stream_helper(kit: Kit) -> Any:
    with kit.anthropic().messages.stream(**MESSAGE, tools=[ANTHROPIC_TOOL]) as stream:
        events = list(stream)
        called = stream.get_final_message()
    with kit.anthropic().messages.stream(**MESSAGE) as stream:
        text = list(stream.text_stream)
        return [
            events,
            called,
            text,
            stream.get_final_text(),
            stream.current_message_snapshot,
            stream.response,
        ]


@scenario(needs=["async_anthropic.messages.stream"])
async def async_message_stream_helper(kit: Kit) -> Any:
    client = kit.async_anthropic()
    async with client.messages.stream(**MESSAGE) as stream:
        events = [event async for event in stream]
        whole = await stream.get_final_message()
    async with client.messages.stream(**MESSAGE) as stream:
        text = [piece async for piece in stream.text_stream]
        return [events, whole, text, await stream.get_final_text(), stream.response]


@scenario(needs=["anthropic.messages.stream"])
def message_stream_helper_only_the_final_message(kit: Kit) -> Any:
    with kit.anthropic().messages.stream(**MESSAGE) as stream:
        return [stream.get_final_message(), getattr(stream, "request_id", None)]


@scenario(needs=["anthropic.messages.stream"])
def message_stream_helper_left_early(kit: Kit) -> Any:
    with kit.anthropic().messages.stream(**MESSAGE) as stream:
        first = [next(stream.text_stream), next(stream.text_stream)]
    return [first, stream.response.is_closed]


@scenario(needs=["anthropic"])
def message_tool_loop(kit: Kit) -> Any:
    client, messages, answers = kit.anthropic(), list[Any](ASK), list[Any]()
    while True:
        answer = client.messages.create(**MESSAGE | {"messages": messages}, tools=[ANTHROPIC_TOOL])
        answers.append(answer)
        calls = [block for block in answer.content if block.type == "tool_use"]
        if not calls:
            return answers
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"} for call in calls]
        messages += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": results}]


@each("anthropic", "messages.count_tokens")
def count_tokens(client: Any) -> Any:
    return client.messages.count_tokens(model="claude-sonnet-5-5", messages=ASK, tools=[ANTHROPIC_TOOL])


@each("anthropic", "beta.messages.count_tokens")
def beta_count_tokens(client: Any) -> Any:
    return client.beta.messages.count_tokens(model="claude-sonnet-5-5", messages=ASK, betas=BETAS)


@each("anthropic", "models.retrieve")
def model_retrieve(client: Any) -> Any:
    return client.models.retrieve("claude-haiku-4-5")


@scenario(needs=["anthropic.models.list"])
def models_page_by_page(kit: Kit) -> Any:
    client = kit.anthropic()
    page = client.models.list(limit=3)
    return [page, page.has_next_page(), page.get_next_page(), list(client.models.list(limit=1))]


@scenario(needs=["async_anthropic.models.list"])
async def async_models_page_by_page(kit: Kit) -> Any:
    client = kit.async_anthropic()
    page = await client.models.list(limit=3)
    return [page, await page.get_next_page(), [model async for model in client.models.list(limit=1)]]


@each("anthropic", "beta.messages.create")
def beta_message_create(client: Any) -> Any:
    return client.beta.messages.create(**MESSAGE, betas=BETAS)


@each("anthropic", "beta.messages.create")
def beta_message_stream(client: Any) -> Any:
    return client.beta.messages.create(**MESSAGE, betas=BETAS, stream=True)


@each("anthropic", "beta.messages.parse")
def beta_message_parse(client: Any) -> Any:
    return client.beta.messages.parse(**MESSAGE, output_format=Forecast)


@scenario(needs=["anthropic.beta.messages.stream"])
def beta_message_stream_helper(kit: Kit) -> Any:
    with kit.anthropic().beta.messages.stream(**MESSAGE, betas=BETAS) as stream:
        return [list(stream), stream.get_final_message()]


@scenario(needs=["anthropic.beta.messages.tool_runner"])
def tool_runner(kit: Kit) -> Any:
    from anthropic import beta_tool

    @beta_tool
    def get_weather(city: str, days: int) -> str:
        """Tell the weather."""
        kit.seen.append((city, days))
        return "sunny"

    runner = kit.anthropic().beta.messages.tool_runner(**MESSAGE, tools=[get_weather])
    messages = list(runner)
    return [messages, kit.anthropic().beta.messages.tool_runner(**MESSAGE, tools=[get_weather]).until_done()]


@scenario(needs=["async_anthropic.beta.messages.tool_runner"])
async def async_tool_runner(kit: Kit) -> Any:
    from anthropic import beta_async_tool

    @beta_async_tool
    async def get_weather(city: str, days: int) -> str:
        """Tell the weather."""
        kit.seen.append((city, days))
        return "sunny"

    runner = kit.async_anthropic().beta.messages.tool_runner(**MESSAGE, tools=[get_weather])
    return [message async for message in runner]


@scenario(needs=["anthropic.beta.messages.tool_runner"])
def tool_runner_streamed(kit: Kit) -> Any:
    from anthropic import beta_tool

    @beta_tool
    def get_weather(city: str, days: int) -> str:
        """Tell the weather."""
        return "sunny"

    runner = kit.anthropic().beta.messages.tool_runner(**MESSAGE, tools=[get_weather], stream=True)
    return [[list(stream), stream.get_final_message()] for stream in runner]


@scenario(needs=["anthropic.messages.batches"])
def batches(kit: Kit) -> Any:
    client = kit.anthropic()
    asked = [{"custom_id": f"ask-{i}", "params": MESSAGE} for i in range(3)]
    made = client.messages.batches.create(requests=asked)
    results = client.messages.batches.results(made.id)
    return [
        made,
        client.messages.batches.retrieve(made.id),
        list(client.messages.batches.list(limit=1)),
        list(results),
    ]


@scenario(needs=["async_anthropic.messages.batches"])
async def async_batches(kit: Kit) -> Any:
    client = kit.async_anthropic()
    made = await client.messages.batches.create(requests=[{"custom_id": "one", "params": MESSAGE}])
    results = await client.messages.batches.results(made.id)
    return [made, [result async for result in results]]


@scenario(needs=["anthropic"])
def client_side_errors_make_no_call(kit: Kit) -> Any:
    client = kit.anthropic()
    return [
        attempt(lambda: client.messages.create(model="claude-sonnet-5-5", messages=ASK)),
        attempt(lambda: client.messages.create(**MESSAGE)),
    ]


@scenario(needs=["async_anthropic"])
async def async_client_side_errors_make_no_call(kit: Kit) -> Any:
    client = kit.async_anthropic()
    try:
        wrong = await aattempt(client.messages.create(model="claude-sonnet-5-5", messages=ASK))
    except TypeError as error:
        wrong = error
    return [wrong, await client.messages.create(**MESSAGE)]
