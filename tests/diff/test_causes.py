"""What came first, and what merely followed from it."""

from __future__ import annotations

from typing import Any

from tests.diff.agents import Call, Talk, Turn, run
from tests.diff.kit import calls, chat, json_body, step, trace
from trace_ops.diff import Change, TraceDiff, diff_traces
from trace_ops.exchange import Response
from trace_ops.trace import Span


def _told(diff: TraceDiff) -> list[tuple[str, int | None, str | None]]:
    return [(change.cause, change.root, change.follows) for change in diff.changes]


def _agent(*, result: str = "mild", city: str = "Oslo", answer: str = "It is mild.") -> list[Talk]:
    first = Turn("Let me look.", "How is the weather?", [Call("weather", {"query": city}, result)])
    return [Talk("You know the weather.", [first, Turn(answer), Turn("Goodbye.", "Thanks.")])]


def _diff(old: list[Talk], new: list[Talk]) -> TraceDiff:
    return diff_traces(run(old, seed=1).trace, run(new, seed=2).trace)


def test_a_result_is_the_root_of_the_message_that_carries_it_and_of_the_answer_to_it() -> None:
    diff = _diff(_agent(), _agent(result="stormy", answer="It is stormy."))

    assert _told(diff) == [
        ("tool result", None, None),  # of the tool itself
        ("tool result", 0, "carries"),  # as the next request holds it
        ("provider's answer", 0, "answers"),
        ("tool result", 0, "repeats"),
        ("message 5 (assistant)", 0, "carries"),
    ]
    assert diff.first_divergence is diff.changes[0]
    assert diff.following(diff.changes[0]) == list(diff.changes[1:])


def test_arguments_are_the_root_of_the_call_made_with_them() -> None:
    diff = _diff(_agent(), _agent(city="Bergen", result="wet"))

    causes = _told(diff)
    assert causes[0] == ("tool arguments", None, None)
    assert ("tool arguments", 0, "carries") in causes
    assert ("tool result", 0, "answers") in causes
    assert len(diff.roots) == 1


def test_a_system_prompt_changed_in_many_calls_is_one_root() -> None:
    old = [chat("a", messages=_messages("Be kind.", text)) for text in "abcdef"]
    new = [chat("a", messages=_messages("Be brief.", text)) for text in "abcdef"]

    assert _told(diff_traces(trace(*old), trace(*new))) == [
        ("system prompt", None, None),
        *[("system prompt", 0, "repeats")] * 5,
    ]


def _messages(system: str, user: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def test_the_same_edit_of_a_template_is_one_root_whatever_it_is_filled_with() -> None:
    old = [chat("a", messages=_messages("s", f"Sum up {n}.")) for n in range(4)]
    new = [chat("a", messages=_messages("s", f"Sum up {n}. Be brief.")) for n in range(4)]

    assert [change.follows for change in diff_traces(trace(*old), trace(*new)).changes] == [
        None,
        *["repeats"] * 3,
    ]


def test_a_prompt_whose_answer_stays_explains_no_other_answer() -> None:
    old = [chat("a", messages=_messages("s", "one")), chat("b", messages=_messages("s", "two"))]
    new = [chat("a", messages=_messages("s", "one!")), chat("c", messages=_messages("s", "two"))]

    assert [change.root for change in diff_traces(trace(*old), trace(*new)).changes] == [None, None]


def test_text_that_an_answer_brought_into_a_prompt_is_carried() -> None:
    def pipeline(plan: str) -> list[Span]:
        prompt = f"Write an essay by this plan: {plan} Take your time."
        return [
            chat(plan, messages=_messages("Plan.", "Tides")),
            chat("Essay.", messages=_messages("s", prompt)),
        ]

    diff = diff_traces(trace(*pipeline("Moon, then sun.")), trace(*pipeline("Start with the sailors.")))

    assert _told(diff) == [("provider's answer", None, None), ("message 2 (user)", 0, "carries")]


def test_a_value_out_of_a_result_is_carried() -> None:
    def shop(price: int) -> list[Span]:
        found = step("tool", "price", {"of": "tea"}, {"item": "tea", "price": price})
        return [found, chat("Fine.", messages=_messages("s", f"It costs {price} euros."))]

    diff = diff_traces(trace(*shop(1250)), trace(*shop(9900)))

    assert _told(diff) == [("tool result", None, None), ("message 2 (user)", 0, "carries")]


def test_a_tool_no_longer_asked_for_takes_its_step_along() -> None:
    ask = chat(calls(("search", {"q": "a"}), ("read", {"u": "b"})))
    less = chat(calls(("search", {"q": "a"})))
    search, read = step("tool", "search", {"q": "a"}, 1), step("tool", "read", {"u": "b"}, 2)

    diff = diff_traces(trace(ask, search, read), trace(less, search))

    assert _told(diff) == [("provider's answer", None, None), ("step removed", 0, "after")]


def test_steps_after_another_answer_follow_until_a_call_is_made_as_before() -> None:
    same = chat("Same.", messages=_messages("s", "same"))
    route = [chat("left"), chat("right")]
    extra = [step("tool", "log", n) for n in range(3)]

    lost = diff_traces(trace(route[0]), trace(route[1], extra[0]))
    found = diff_traces(trace(route[0], same), trace(route[1], same, extra[0]))

    assert _told(lost) == [("provider's answer", None, None), ("step added", 0, "after")]
    assert _told(found) == [("provider's answer", None, None), ("step added", None, None)]


def test_what_is_beneath_an_added_step_is_added_with_it() -> None:
    agent = [step("agent", "critic", "look"), step("tool", "grade", 1, 2, parent=1), chat("Good.")]
    agent[2].parent = 1

    assert _told(diff_traces(trace(), trace(*agent))) == [
        ("step added", None, None),
        ("step added", 0, "after"),
        ("step added", 0, "after"),
    ]


def test_the_output_of_an_agent_follows_from_what_changed_in_it_and_its_input_explains_its_prompt() -> None:
    def asked(task: str, answer: str) -> list[Span]:
        inner = chat(answer, messages=_messages("s", f"Your task: {task}"))
        inner.parent = 1
        return [step("agent", "writer", task, answer), inner]

    inside = diff_traces(trace(*asked("tides", "Low.")), trace(*asked("tides", "High.")))
    outside = diff_traces(trace(*asked("tides", "Low.")), trace(*asked("comets", "High.")))

    assert _told(inside) == [("output", 1, "carries"), ("provider's answer", None, None)]
    assert inside.first_divergence is inside.changes[1]
    assert [change.cause for change in outside.roots] == ["input"]


def test_a_model_that_answers_under_another_name_is_told_once() -> None:
    old, new = (
        trace(*(chat(_served(served), messages=_messages("s", text)) for text in "abc"))
        for served in ("gpt-5-2026-01", "gpt-5-2026-08")
    )

    assert _told(diff_traces(old, new)) == [
        ("model served", None, None),
        *[("model served", 0, "repeats")] * 2,
    ]


def _served(model: str) -> Any:
    choice = {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    return Response(200, [], json_body({"object": "chat.completion", "model": model, "choices": [choice]}))


def test_no_change_follows_from_one_that_follows_itself() -> None:
    diff = _diff(_agent(), _agent(city="Bergen", result="wet", answer="Take a coat."))

    def root(change: Change) -> Change:
        return change if change.root is None else diff.changes[change.root]

    assert all(root(change).is_root for change in diff.changes)
