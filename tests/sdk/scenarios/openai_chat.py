"""Chat completions and legacy completions of the OpenAI SDK."""

from __future__ import annotations

from typing import Any

from tests.sdk.kit import Kit, acollect, apieces, collect, each, pieces, scenario
from tests.sdk.scenarios.inputs import ASK, CHAT, CHAT_TOOL, Forecast
from trace_ops.double import ToolUse, Turn

LOGPROBS = {"logprobs": True, "top_logprobs": 0}


@each("openai")
def chat_create(client: Any) -> Any:
    return client.chat.completions.create(**CHAT)


@each("openai")
def chat_create_with_many_options(client: Any) -> Any:
    return client.chat.completions.create(
        model="gpt-5",
        messages=[{"role": "system", "content": "Be brief.\nÄrger & ‹quotes› \u2028 \U0001f642"}, *ASK],
        temperature=0.1,
        top_p=1,
        seed=7,
        stop=["\n\n"],
        user="someone",
        logit_bias={"50256": -100},
        extra_body={"made_up": {"nested": [1, 1.0, None, 1e-7]}},
        extra_headers={"x-mine": "1"},
        extra_query={"trace": "yes"},
        timeout=8.0,
    )


@each("openai")
def chat_create_n_3(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, n=3)


@each("openai")
def chat_create_logprobs(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, **LOGPROBS)


@each("openai")
def chat_create_tools(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, tools=[CHAT_TOOL], tool_choice="auto")


@each("openai")
def chat_create_images_in_the_prompt(client: Any) -> Any:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0KGgo" * 400}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]}]
    return client.chat.completions.create(model="gpt-5", messages=messages)


@each("openai", turns=[Turn(text="")])
def chat_create_empty_answer(client: Any) -> Any:
    return client.chat.completions.create(**CHAT)


@each("openai", turns=[Turn(text='Ünïcödé \U0001f680 \u2028 \u0085 "quoted" \\ back\r\nslash\tand\x00nul')])
def chat_create_awkward_text(client: Any) -> Any:
    return client.chat.completions.create(**CHAT)


@each("openai")
def chat_stream(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, stream=True)


@each("openai")
def chat_stream_with_usage(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, stream=True, stream_options={"include_usage": True})


@each("openai")
def chat_stream_tools(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, tools=[CHAT_TOOL], stream=True)


@each("openai")
def chat_stream_n_2_logprobs(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, **LOGPROBS, n=2, stream=True)


@each("openai", turns=[Turn(text='Ünïcödé \U0001f680 \u2028 \u0085 "quoted" \\ back\r\nslash\tand\x00nul')])
def chat_stream_awkward_text(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, stream=True)


@each("openai", gzip=True)
def chat_create_gzip(client: Any) -> Any:
    return client.chat.completions.create(**CHAT)


@each("openai", gzip=True)
def chat_stream_gzip(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, stream=True)


def _parse(client: Any, **options: Any) -> Any:
    """Where structured answers are asked for: beneath ``beta`` in older versions."""
    home = (
        client.chat.completions if hasattr(client.chat.completions, "parse") else client.beta.chat.completions
    )
    return home.parse(**CHAT, **options)


@each("openai", "beta.chat.completions.parse")
def chat_parse(client: Any) -> Any:
    return _parse(client, response_format=Forecast)


@each("openai", "beta.chat.completions.parse")
def beta_chat_parse(client: Any) -> Any:
    return client.beta.chat.completions.parse(**CHAT, response_format=Forecast)


@each("openai", "beta.chat.completions.parse")
def chat_parse_cut_short(client: Any) -> Any:
    return _parse(client, response_format=Forecast, max_tokens=3)


@each("openai", "beta.chat.completions.parse", turns=[Turn(refusal="I will not do that.")])
def chat_parse_refusal(client: Any) -> Any:
    return _parse(client, response_format=Forecast)


@each("openai", "beta.chat.completions.parse")
def chat_parse_tools(client: Any) -> Any:
    import openai

    return _parse(client, tools=[openai.pydantic_function_tool(Forecast, name="get_forecast")])


@each("openai")
def chat_raw(client: Any) -> Any:
    return client.chat.completions.with_raw_response.create(**CHAT)


@scenario(needs=["openai"])
def chat_raw_parsed(kit: Kit) -> Any:
    raw = kit.openai().chat.completions.with_raw_response.create(**CHAT)
    return [raw, raw.parse(), raw.text, raw.content, raw.headers, raw.http_response.json()]


@scenario(needs=["async_openai"])
async def async_chat_raw_parsed(kit: Kit) -> Any:
    raw = await kit.async_openai().chat.completions.with_raw_response.create(**CHAT)
    return [raw, raw.parse(), raw.text, raw.content, raw.headers, raw.http_response.json()]


@scenario(needs=["openai"])
def chat_raw_stream(kit: Kit) -> Any:
    raw = kit.openai().chat.completions.with_raw_response.create(**CHAT, stream=True)
    return [raw.headers, collect(raw.parse()), raw]


@scenario(needs=["async_openai"])
async def async_chat_raw_stream(kit: Kit) -> Any:
    raw = await kit.async_openai().chat.completions.with_raw_response.create(**CHAT, stream=True)
    return [raw.headers, await acollect(raw.parse()), raw]


@scenario(needs=["openai"])
def chat_streaming_response_read_in_every_way(kit: Kit) -> Any:
    create = kit.openai().chat.completions.with_streaming_response.create
    seen: list[Any] = []
    with create(**CHAT) as response:
        seen += [response.headers, response.is_closed, response.parse(), response]
    with create(**CHAT) as response:
        seen += [response.read(), response.text(), response.json(), response]
    with create(**CHAT) as response:
        seen += [pieces(response.iter_lines()), response]
    with create(**CHAT) as response:
        seen += [b"".join(response.iter_bytes()), response]
    with create(**CHAT) as response:
        seen += [pieces(response.iter_text(50)), response]
    with create(**CHAT) as response:
        seen += [response.status_code]
    return [*seen, response]


@scenario(needs=["async_openai"])
async def async_chat_streaming_response_read_in_every_way(kit: Kit) -> Any:
    create = kit.async_openai().chat.completions.with_streaming_response.create
    seen: list[Any] = []
    async with create(**CHAT) as response:
        seen += [response.headers, response.is_closed, await response.parse(), response]
    async with create(**CHAT) as response:
        seen += [await response.read(), await response.text(), await response.json(), response]
    async with create(**CHAT) as response:
        seen += [await apieces(response.iter_lines()), response]
    async with create(**CHAT) as response:
        seen += [b"".join(await apieces(response.iter_bytes())), response]
    async with create(**CHAT) as response:
        seen += [await apieces(response.iter_text(50)), response]
    async with create(**CHAT) as response:
        seen += [response.status_code]
    return [*seen, response]


@scenario(needs=["openai"])
def chat_streaming_response_of_a_stream(kit: Kit) -> Any:
    create = kit.openai().chat.completions.with_streaming_response.create
    with create(**CHAT, stream=True) as response:
        parsed = collect(response.parse())
    with create(**CHAT, stream=True) as response:
        lines = pieces(response.iter_lines())
    with create(**CHAT, stream=True) as response:
        chunks = pieces(response.iter_bytes(64))
    return [parsed, lines, chunks, response]


@scenario(needs=["async_openai"])
async def async_chat_streaming_response_of_a_stream(kit: Kit) -> Any:
    create = kit.async_openai().chat.completions.with_streaming_response.create
    async with create(**CHAT, stream=True) as response:
        parsed = await acollect(await response.parse())
    async with create(**CHAT, stream=True) as response:
        lines = await apieces(response.iter_lines())
    async with create(**CHAT, stream=True) as response:
        chunks = await apieces(response.iter_bytes(64))
    return [parsed, lines, chunks, response]


def _helper(client: Any) -> Any:
    return getattr(client.chat.completions, "stream", None) or client.beta.chat.completions.stream


@scenario(needs=["openai.beta.chat.completions.stream"])
def chat_stream_helper(kit: Kit) -> Any:
    with _helper(kit.openai())(**CHAT, stream_options={"include_usage": True}) as stream:
        events = list(stream)
        return [events, stream.get_final_completion(), stream._response]


@scenario(needs=["async_openai.beta.chat.completions.stream"])
async def async_chat_stream_helper(kit: Kit) -> Any:
    async with _helper(kit.async_openai())(**CHAT) as stream:
        events = [event async for event in stream]
        return [events, await stream.get_final_completion(), stream._response]


@scenario(needs=["openai.beta.chat.completions.stream"])
def chat_stream_helper_structured_with_tools(kit: Kit) -> Any:
    with _helper(kit.openai())(**CHAT, response_format=Forecast, tools=[CHAT_TOOL]) as stream:
        events = list(stream)
        called = stream.get_final_completion()
    with _helper(kit.openai())(**CHAT, response_format=Forecast) as stream:
        return [events, called, stream.until_done().get_final_completion()]


@scenario(needs=["async_openai.beta.chat.completions.stream"])
async def async_chat_stream_helper_left_early(kit: Kit) -> Any:
    async with _helper(kit.async_openai())(**CHAT) as stream:
        return [await stream.__anext__(), await stream.__anext__(), stream._response.is_closed]


@scenario(needs=["openai"])
def chat_tool_loop(kit: Kit) -> Any:
    client, messages, answers = kit.openai(), list[Any](ASK), list[Any]()
    while True:
        answer = client.chat.completions.create(model="gpt-5", messages=messages, tools=[CHAT_TOOL])
        answers.append(answer)
        message = answer.choices[0].message
        if not message.tool_calls:
            return answers
        messages.append(message)
        for call in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "sunny, 21 degrees"})


@scenario(
    needs=["async_openai"],
    turns=[
        Turn(calls=(ToolUse("get_weather", {"city": "Paris"}), ToolUse("get_weather", {"city": "Rome"}))),
        Turn(text="Sunny in both."),
    ],
)
async def async_chat_tool_loop_streamed(kit: Kit) -> Any:
    client = kit.async_openai()
    first = await acollect(await client.chat.completions.create(**CHAT, tools=[CHAT_TOOL], stream=True))
    calls: dict[int, dict[str, Any]] = {}
    for chunk in first["items"]:
        for part in chunk.choices[0].delta.tool_calls or ():
            call = calls.setdefault(
                part.index, {"type": "function", "function": {"name": "", "arguments": ""}}
            )
            call["id"] = part.id or call["id"]
            call["function"]["name"] += part.function.name or ""
            call["function"]["arguments"] += part.function.arguments or ""
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in calls.values()]
    messages = [*ASK, {"role": "assistant", "tool_calls": list(calls.values())}, *results]
    last = await client.chat.completions.create(
        model="gpt-5", messages=messages, tools=[CHAT_TOOL], stream=True
    )
    return [first, await acollect(last)]


@each("openai")
def completion_create(client: Any) -> Any:
    return client.completions.create(
        model="gpt-3.5-turbo-instruct", prompt=["Once", "Twice"], n=2, max_tokens=9
    )


@each("openai")
def completion_stream(client: Any) -> Any:
    return client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Once", stream=True)


@scenario(needs=["openai"])
def same_prompt_twice_gets_its_own_answers(kit: Kit) -> Any:
    client = kit.openai()
    return [client.chat.completions.create(**CHAT) for _ in range(3)]


@scenario(needs=["openai"])
def module_level_client(kit: Kit) -> Any:
    import openai

    openai.base_url = f"{kit.url}/v1/"
    try:
        return openai.chat.completions.create(**CHAT)
    finally:
        openai.base_url = None
        openai._reset_client()  # type: ignore[attr-defined]


@scenario(needs=["openai"])
def untyped_post(kit: Kit) -> Any:
    import openai

    client = kit.openai()
    base: Any = openai._base_client
    http = getattr(base, "httpx2", None) or base.httpx
    return [
        client.post("/chat/completions", body=CHAT, cast_to=object),
        client.post("/chat/completions", body=CHAT, cast_to=http.Response),
        client.get("/models", cast_to=object),
    ]
