"""Mode ``verify``: a live answer is judged by its schema, the tools it asks for, and its words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from trace_ops import Recorder
from trace_ops._verify import Drift, Verify
from trace_ops._verify.judge import judge
from trace_ops.double import CutStream, ProviderDouble, Status, ToolUse, Turn
from trace_ops.errors import UnplayedCallsError, UsageError, VerifyError
from trace_ops.exchange import Body, Exchange, Failure, Request, Response, Stream
from trace_ops.trace import Span

TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
    for name in ("weather", "news")
]
PARIS = ToolUse("weather", {"city": "Paris", "days": 2})


@pytest.fixture
def other(double: ProviderDouble) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=double.url, api_key="test", max_retries=0) as client:
        yield client


@pytest.fixture
def drift(path: Path, double: ProviderDouble) -> Callable[..., list[Drift]]:
    """Record a run with some turns, and verify it with others."""

    def drift(run: Callable[[], Any], recorded: list[Turn], live: list[Turn], **verify: Any) -> list[Drift]:
        double.script(*recorded)
        with Recorder(path):
            run()
        before = path.read_bytes()
        double.script(*live)
        recorder = Recorder(path, mode="verify", verify=verify or None)
        problem = ""
        try:
            with recorder:
                run()
        except VerifyError as error:
            problem = str(error)
        assert bool(problem) == any(one.fails for one in recorder.drift)
        assert not problem or all(one.what in problem for one in recorder.drift)
        assert path.read_bytes() == before
        return recorder.drift

    return drift


def chat(client: openai.OpenAI, **options: Any) -> Callable[[], Any]:
    def run() -> Any:
        said: list[Any] = [{"role": "user", "content": "How is Paris?"}]
        got: Any = client.chat.completions.create(model="gpt-5-mini", messages=said, **options)
        return list(got) if options.get("stream") else got

    return run


def responses(client: openai.OpenAI, **options: Any) -> Callable[[], Any]:
    def run() -> Any:
        tools = [{"type": "function", **tool["function"]} for tool in options.get("tools", ())]
        given = {**options, "tools": tools} if tools else options
        got: Any = client.responses.create(model="gpt-5-mini", input="How is Paris?", **given)
        return list(got) if options.get("stream") else got

    return run


def messages(client: anthropic.Anthropic, **options: Any) -> Callable[[], Any]:
    def run() -> Any:
        tools = [
            {"name": tool["function"]["name"], "input_schema": tool["function"]["parameters"]}
            for tool in options.get("tools", ())
        ]
        given = {**options, "tools": tools} if tools else options
        said: list[Any] = [{"role": "user", "content": "How is Paris?"}]
        got: Any = client.messages.create(model="claude-sonnet-5", max_tokens=99, messages=said, **given)
        return list(got) if options.get("stream") else got

    return run


@pytest.fixture(params=["chat", "responses", "messages"])
def asked(
    request: pytest.FixtureRequest, client: openai.OpenAI, other: anthropic.Anthropic
) -> Callable[..., Callable[[], Any]]:
    """Ways to ask the same, by API."""
    ways: dict[str, Callable[..., Callable[[], Any]]] = {
        "chat": lambda **options: chat(client, **options),
        "responses": lambda **options: responses(client, **options),
        "messages": lambda **options: messages(other, **options),
    }
    return ways[request.param]


@pytest.mark.parametrize("stream", [False, True])
class TestEveryApi:
    def test_the_same_answer_is_no_drift(
        self, drift: Callable[..., list[Drift]], asked: Callable[..., Any], stream: bool
    ) -> None:
        turn = Turn(text="It is sunny there.", calls=(PARIS,))
        assert drift(asked(stream=stream, tools=TOOLS), [turn], [turn]) == []

    def test_other_words_are_told_and_fail_nothing(
        self, drift: Callable[..., list[Drift]], asked: Callable[..., Any], stream: bool
    ) -> None:
        (one,) = drift(asked(stream=stream), [Turn(text="It is sunny.")], [Turn(text="It is rainy.")])

        assert (one.span, one.severity, one.path, one.fails) == (1, "text", "text", False)
        assert one.what == "text 75% alike"
        assert one.detail == ("- It is sunny.", "+ It is rainy.")

    def test_another_tool(
        self, drift: Callable[..., list[Drift]], asked: Callable[..., Any], stream: bool
    ) -> None:
        run = asked(stream=stream, tools=TOOLS)
        (one,) = drift(run, [Turn(calls=(PARIS,))], [Turn(calls=(ToolUse("news", {"city": "Paris"}),))])

        assert (one.severity, one.fails) == ("tools", True)
        assert one.what == 'tools: ["weather"] -> ["news"]'

    def test_another_argument(
        self, drift: Callable[..., list[Drift]], asked: Callable[..., Any], stream: bool
    ) -> None:
        london = ToolUse("weather", {"city": "London", "days": 2})
        (one,) = drift(asked(stream=stream, tools=TOOLS), [Turn(calls=(PARIS,))], [Turn(calls=(london,))])

        assert (one.severity, one.path, one.fails) == ("tools", "weather.city", True)
        assert one.what == 'weather.city: "Paris" -> "London"'

    def test_tools_that_are_not_asked_for_any_more(
        self, drift: Callable[..., list[Drift]], asked: Callable[..., Any], stream: bool
    ) -> None:
        found = drift(asked(stream=stream, tools=TOOLS), [Turn(calls=(PARIS,))], [Turn(text="Sunny.")])

        assert [(one.severity, one.what) for one in found] == [
            ("tools", 'tools: ["weather"] -> []'),
            ("text", 'text: "Sunny.", recorded none'),
        ]


def test_the_order_of_parallel_calls_says_nothing(
    drift: Callable[..., list[Drift]], client: openai.OpenAI
) -> None:
    rome, oslo = ToolUse("weather", {"city": "Rome"}), ToolUse("weather", {"city": "Oslo"})
    run = chat(client, tools=TOOLS)

    assert drift(run, [Turn(calls=(rome, oslo))], [Turn(calls=(oslo, rome))]) == []


def test_an_error_where_there_was_an_answer(
    path: Path, client: openai.OpenAI, double: ProviderDouble
) -> None:
    with Recorder(path):
        chat(client)()
    double.fail(Status(429, message="slow down"))
    recorder = Recorder(path, mode="verify")

    with pytest.raises(openai.RateLimitError), recorder:
        chat(client)()

    (one,) = recorder.drift
    assert (one.severity, one.path) == ("schema", "status")
    assert one.what.startswith("status: 200 -> 429")


def test_an_answer_that_breaks_off(path: Path, client: openai.OpenAI, double: ProviderDouble) -> None:
    with Recorder(path):
        chat(client, stream=True)()
    double.fail(CutStream(2))
    recorder = Recorder(path, mode="verify")

    with pytest.raises(openai.APIConnectionError), recorder:
        chat(client, stream=True)()

    assert [(one.severity, one.path) for one in recorder.drift] == [("schema", "end")]


def test_a_refusal_is_of_the_schema(drift: Callable[..., list[Drift]], client: openai.OpenAI) -> None:
    found = drift(chat(client), [Turn(text="Yes.")], [Turn(refusal="No.")])

    assert ("schema", "answers with a refusal, recorded without") in [
        (one.severity, one.what) for one in found
    ]


@pytest.mark.parametrize(
    ("recorded", "live", "found"),
    [
        ({"city": "Paris", "days": 2}, {"city": "Paris", "days": 2}, []),
        (
            {"city": "Paris", "days": 2},
            {"city": "Rome", "days": 3},
            [("text", 'text.city: "Paris" -> "Rome"'), ("text", "text.days: 2 -> 3")],
        ),
        ({"city": "Paris", "days": 2}, {"city": "Paris"}, [("schema", "text.days is gone")]),
        ({"days": 2}, {"days": "two"}, [("schema", "text.days is a text, recorded a number")]),
        ({"days": 2}, "two", [("schema", "the text is no JSON, as recorded"), ("text", "text 40% alike")]),
    ],
)
def test_json_in_a_text_is_judged_by_its_shape_and_leaves(
    drift: Callable[..., list[Drift]], client: openai.OpenAI, recorded: Any, live: Any, found: Any
) -> None:
    then, now = (Turn(text=json.dumps(value)) for value in (recorded, live))

    assert [(one.severity, one.what) for one in drift(chat(client), [then], [now])] == found


def test_an_agent_is_followed_past_other_words(
    path: Path, client: openai.OpenAI, double: ProviderDouble
) -> None:
    """It sends on what the model said: the later requests are not those recorded, and yet the same."""

    def agent() -> None:
        said: list[Any] = []
        for prompt in ("one", "two", "three"):
            said.append({"role": "user", "content": prompt})
            got = client.chat.completions.create(model="gpt-5-mini", messages=said)
            said.append({"role": "assistant", "content": got.choices[0].message.content})
        summary = f"In short: {said[1]['content']} And then: {said[3]['content']}"
        client.chat.completions.create(model="gpt-5-mini", messages=[{"role": "user", "content": summary}])

    with Recorder(path):
        agent()
    double.script(Turn(text="The first answer is another."), Turn(text="So is the second answer."))
    with Recorder(path, mode="verify") as recorder:
        agent()

    assert double.hits == 8
    assert [one.span for one in recorder.drift if one.path == "text"][:2] == [1, 2]
    assert recorder.counts["missed"] == recorder.counts["unplayed"] == 0


def test_calls_that_are_not_recorded_follow_from_other_arguments(
    path: Path, client: openai.OpenAI, double: ProviderDouble
) -> None:
    def agent() -> None:
        said: list[Any] = [{"role": "user", "content": "How is it there?"}]
        got: Any = client.chat.completions.create(model="gpt-5-mini", messages=said, tools=TOOLS)
        call = got.choices[0].message.tool_calls[0]
        found = f"sun in {json.loads(call.function.arguments)['city']}"
        said += [got.choices[0].message.model_dump(exclude_none=True)]
        said += [{"role": "tool", "tool_call_id": call.id, "content": found}]
        client.chat.completions.create(model="gpt-5-mini", messages=said, tools=TOOLS)

    double.script(Turn(calls=(PARIS,)), Turn(text="Fine."))
    with Recorder(path):
        agent()
    double.script(Turn(calls=(ToolUse("weather", {"city": "Rome", "days": 2}),)))

    recorder = Recorder(path, mode="verify")
    with pytest.raises(Exception, match="no recorded call"), recorder:
        agent()
    problem = str(recorder.problem)
    assert 'weather.city: "Paris" -> "Rome"' in problem
    assert "then 1 call that is not recorded" in problem


def test_recorded_calls_that_are_not_made_fail_too(
    path: Path, client: openai.OpenAI, double: ProviderDouble
) -> None:
    with Recorder(path):
        chat(client)()
        chat(client)()
    with pytest.raises(UnplayedCallsError), Recorder(path, mode="verify"):
        chat(client)()


# --- what fails


@pytest.mark.parametrize(
    ("verify", "fails"),
    [
        (None, {"schema", "tools"}),
        ("schema", {"schema"}),
        ("schema, text", {"schema", "text"}),
        ([], set()),
        (["text"], {"text"}),
        ({"fail": ["tools"]}, {"tools"}),
        ({"threshold": 0.5}, {"schema", "tools"}),
    ],
)
def test_severities_that_fail(verify: Any, fails: set[str]) -> None:
    assert Verify.of(verify).fail == fails


@pytest.mark.parametrize(
    ("verify", "problem"),
    [
        ("words", "unknown severity 'words' to verify; choose of schema, tools, text"),
        ([1], "unknown severity 1"),
        (3, "verify takes any of schema, tools, text, not 3"),
        ({"tolerance": 1}, "verify has no 'tolerance'; it takes fail, threshold, similarity"),
        ({"threshold": 2}, "verify's threshold is a number from 0 to 1, not 2"),
        ({"threshold": "much"}, "verify's threshold is a number from 0 to 1, not 'much'"),
        ({"threshold": float("nan")}, "verify's threshold is a number from 0 to 1, not nan"),
        ({"similarity": "words"}, "verify's similarity is a function of two texts, not 'words'"),
    ],
)
def test_what_verify_cannot_be(verify: Any, problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        Recorder(verify=verify)
    assert problem in str(raised.value)


def test_texts_fail_where_that_is_asked_for(drift: Callable[..., list[Drift]], client: openai.OpenAI) -> None:
    (one,) = drift(chat(client), [Turn(text="It is sunny.")], [Turn(text="It is rainy.")], fail=["text"])
    assert one.fails


@pytest.mark.parametrize(("threshold", "found"), [(0.7, 0), (0.8, 1)])
def test_texts_that_are_alike_are_the_same(
    drift: Callable[..., list[Drift]], client: openai.OpenAI, threshold: float, found: int
) -> None:
    turns = [Turn(text="It is sunny.")], [Turn(text="It is rainy.")]
    assert len(drift(chat(client), *turns, threshold=threshold)) == found


def test_a_measure_of_ones_own(drift: Callable[..., list[Drift]], client: openai.OpenAI) -> None:
    turns = [Turn(text="Yes.")], [Turn(text="Indeed.")]
    assert drift(chat(client), *turns, similarity=lambda recorded, now: 1.0) == []


# --- odd answers


def answered(body: Any, status: int = 200, path: str = "/chat/completions") -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = Response(status, [("content-type", "application/json")], Body(raw))
    return Exchange("openai", Request("POST", path, body=Body(b'{"model": "m"}')), response)


def judged(recorded: Exchange, now: Exchange) -> list[str]:
    span = Span(1, "llm", "openai chat.completions", exchange=recorded)
    return [f"{one.severity}: {one.what}" for one in judge(span, now, Verify())]


CHAT: dict[str, Any] = {
    "id": "1",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}],
}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ({**CHAT, "usage": None}, ["schema: usage is new"]),
        ({"choices": CHAT["choices"]}, ["schema: id is gone"]),
        ({**CHAT, "id": 1}, ["schema: id is a number, recorded a text"]),
        ({**CHAT, "id": None}, []),
        (
            {**CHAT, "choices": [{**CHAT["choices"][0], "finish_reason": "length"}]},
            ['schema: finish: "stop" -> "length"'],
        ),
        ([1, 2], ["schema: the body is a list, recorded an object", "schema: choices: 1 -> 0"]),
        (b"no json", ["schema: the answer is no JSON any more"]),
    ],
)
def test_the_shape_of_the_body(now: Any, found: list[str]) -> None:
    assert judged(answered(CHAT), answered(now)) == found


def test_other_endpoints_are_judged_by_their_shape() -> None:
    def vectors(*numbers: float) -> Exchange:
        return answered({"data": [{"embedding": list(numbers)}]}, path="/embeddings")

    assert judged(vectors(0.1, 0.2), vectors(0.3, 0.4)) == []
    text = answered({"data": [{"embedding": "AAAA"}]}, path="/embeddings")
    assert judged(vectors(0.1), text) == ["schema: data.*.embedding is a text, recorded a list"]


def test_errors_are_judged_by_their_type() -> None:
    def error(kind: str, message: str) -> Exchange:
        return answered({"error": {"type": kind, "message": message}}, status=400)

    assert judged(error("invalid", "one"), error("invalid", "two")) == []
    assert judged(error("invalid", "one"), error("overloaded", "one")) == [
        'schema: error: "invalid" -> "overloaded"'
    ]


def test_exceptions_are_judged_by_their_type() -> None:
    timeout = Exchange("openai", Request("POST", "/chat/completions"), Failure("ReadTimeout", "late"))
    assert judged(timeout, timeout) == []
    assert judged(timeout, answered(CHAT)) == ['schema: outcome: "ReadTimeout" -> "status 200"']


DEEP = json.loads("[" * 200 + "]" * 200)


@pytest.mark.parametrize(
    "body",
    [None, 1, "text", [], {}, DEEP, {"choices": 3}, {"choices": [None]}, {"choices": [{"message": 1}]},
     {"choices": [{"message": {"content": "\ud800\u0000\x1b[31m"}}]}, {"": {"": ""}},
     {"choices": [{"message": {"tool_calls": [{"function": {"name": 1, "arguments": "{{"}}]}}]},
     {"usage": {"prompt_tokens": 10**400}}, b"\xff\xfe", b""],
)  # fmt: skip
def test_odd_answers_are_judged_without_an_error(body: Any) -> None:
    assert judged(answered(body), answered(body)) == []
    for lines in (judged(answered(CHAT), answered(body)), judged(answered(body), answered(CHAT))):
        assert all(line.isprintable() for line in lines)


def test_odd_streams_are_judged_without_an_error() -> None:
    def stream(*events: str) -> Exchange:
        response = Response(200, [], Stream(events, [0] * len(events)))
        return Exchange("openai", Request("POST", "/chat/completions"), response)

    odd = stream("data: 1\n\n", ": ping\n\n", "data: {\n\n", "data: [DONE]\n\n", 'data: {"choices": 1}\n\n')
    assert judged(odd, odd) == []
    assert isinstance(judged(stream(), odd), list)
