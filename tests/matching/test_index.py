from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.kit import MESSAGES, RESPONSES, chat, exchange, request, span
from trace_ops.matching import Index, Rules, canonical
from trace_ops.matching import index as index_module
from trace_ops.matching.canonical import Canonical
from trace_ops.trace import Span

Call = tuple[str, "int | None", int]


def now(index: Index, body: Any, path: str = "/chat/completions", **options: str) -> Canonical:
    return canonical(request(body, path, **options), "openai", index.rules, index.minted)


def take(index: Index, body: Any, *place: Any, path: str = "/chat/completions") -> int | None:
    found = index.take(now(index, body, path), *place)
    return None if found is None else found.id


def test_equal_calls_are_served_in_recorded_order_and_once() -> None:
    index = Index([span(number, chat("a" if number % 2 else "b")) for number in range(1, 6)])
    assert [take(index, chat("a")) for _ in range(4)] == [1, 3, 5, None]
    assert [take(index, chat("b")) for _ in range(3)] == [2, 4, None]
    assert take(index, chat("c")) is None


def test_played_and_unplayed_are_in_recorded_order() -> None:
    index = Index([span(number, chat(str(number))) for number in (1, 2, 3)])
    take(index, chat("3"))
    take(index, chat("1"))
    assert [one.id for one in index.played] == [1, 3]
    assert [one.id for one in index.unplayed()] == [2]


def test_spans_without_an_exchange_are_left_alone() -> None:
    index = Index([Span(1, "agent", "a"), span(2, chat())])
    assert [one.id for one in index.unplayed()] == [2]
    assert take(index, chat()) == 2


def test_of_equal_calls_the_one_of_the_same_parent_and_lane_comes_first() -> None:
    places = [(None, 0), (7, 1), (7, 2), (8, 2), (7, 1)]
    index = Index(
        [span(number, chat(), parent=parent, lane=lane) for number, (parent, lane) in enumerate(places, 1)]
    )
    assert take(index, chat(), 7, 2) == 3, "parent and lane"
    assert take(index, chat(), 7, 1) == 2, "the first of both that fit"
    assert take(index, chat(), 7, 9) == 5, "the parent alone"
    assert take(index, chat(), 9, 9) == 1, "any"
    assert take(index, chat(), 9, 9) == 4
    assert take(index, chat(), 9, 9) is None


def follow_up(tool_call: str) -> Any:
    use = {"type": "tool_use", "id": tool_call, "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": tool_call, "content": "sunny"}
    return {"messages": [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]}


def test_of_equal_calls_the_one_with_the_same_ids_comes_first() -> None:
    index = Index([span(number, follow_up(f"toolu_{number}"), MESSAGES) for number in (1, 2, 3)])
    assert take(index, follow_up("toolu_3"), path=MESSAGES) == 3
    assert take(index, follow_up("toolu_new"), path=MESSAGES) == 1
    assert take(index, follow_up("toolu_1"), path=MESSAGES) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([None, 1, 2]), st.integers(0, 2)), max_size=12
    ).flatmap(lambda calls: st.tuples(st.just(calls), st.permutations(calls))),
)
def test_any_interleaving_serves_every_recorded_span_once(plan: tuple[list[Call], list[Call]]) -> None:
    recorded, replayed = plan
    index = Index(
        [
            span(number, chat(text), parent=parent, lane=lane)
            for number, (text, parent, lane) in enumerate(recorded, 1)
        ]
    )
    served = []
    for text, parent, lane in replayed:
        found = index.take(now(index, chat(text)), parent, lane)
        assert found is not None
        assert found.exchange is not None
        assert found.exchange.request == request(chat(text)), "never the answer to another call"
        served.append(found.id)
    assert sorted(served) == list(range(1, len(recorded) + 1))
    assert index.unplayed() == []


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12).flatmap(
        lambda calls: st.tuples(st.just(calls), st.permutations(calls))
    )
)
def test_places_that_changed_lose_no_span(plan: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    recorded, replayed = plan
    index = Index(
        [
            span(number, follow_up(f"toolu_{name}"), MESSAGES, lane=lane)
            for number, (name, lane) in enumerate(recorded, 1)
        ]
    )
    served = [take(index, follow_up(f"toolu_{name + 1}"), 9, lane, path=MESSAGES) for name, lane in replayed]
    assert sorted(filter(None, served)) == list(range(1, len(recorded) + 1))


def ask(previous: str) -> Any:
    return {"model": "gpt-5", "input": "And then?", "previous_response_id": previous}


def first(prompt: str) -> Any:
    return {"model": "gpt-5", "input": prompt}


def conversations() -> list[Span]:
    """Two conversations that differ in their first prompt only, recorded one within the other."""
    return [
        span(1, first("Tell me of cats"), RESPONSES, answer={"id": "resp_cats"}),
        span(2, first("Tell me of dogs"), RESPONSES, answer={"id": "resp_dogs"}),
        span(3, ask("resp_cats"), RESPONSES, answer={"id": "resp_cats2"}),
        span(4, ask("resp_dogs"), RESPONSES, answer={"id": "resp_dogs2"}),
    ]


def test_conversations_kept_by_the_server_never_merge() -> None:
    index = Index(conversations())
    assert take(index, first("Tell me of dogs"), path=RESPONSES) == 2
    assert take(index, ask("resp_dogs"), path=RESPONSES) == 4
    assert take(index, ask("resp_dogs"), path=RESPONSES) is None
    assert take(index, first("Tell me of cats"), path=RESPONSES) == 1
    assert take(index, ask("resp_cats"), path=RESPONSES) == 3


def test_a_live_answer_to_a_recorded_call_continues_its_conversation() -> None:
    index = Index(conversations())
    recorded = index.take(now(index, first("Tell me of dogs"), RESPONSES))
    assert recorded is not None
    live = exchange(request(first("Tell me of dogs"), RESPONSES), {"id": "resp_live"})
    index.minted.learn(live, index.reference(recorded))
    assert take(index, ask("resp_live"), path=RESPONSES) == 4


@pytest.mark.parametrize("minted_now", ["resp_live", "resp_cats"])
def test_a_changed_first_prompt_never_gets_old_answers_to_what_follows(minted_now: str) -> None:
    """Not even if the server, started anew, mints the id of the recorded answer again."""
    index = Index(conversations())
    assert take(index, first("Tell me of bats"), path=RESPONSES) is None
    live = exchange(request(first("Tell me of bats"), RESPONSES), {"id": minted_now})
    index.minted.learn(live, "call 1")
    assert take(index, ask(minted_now), path=RESPONSES) is None


def test_an_id_from_outside_the_recording_is_compared_by_its_letters() -> None:
    index = Index([span(1, ask("resp_outside"), RESPONSES)])
    assert take(index, ask("resp_elsewhere"), path=RESPONSES) is None
    assert take(index, ask("resp_outside"), path=RESPONSES) == 1


class CountingSet(set[int]):
    looked = 0

    def __contains__(self, item: object) -> bool:
        self.looked += 1
        return super().__contains__(item)


@pytest.mark.parametrize("keys", [1, 7, 10_000])
def test_ten_thousand_calls_are_built_and_taken_in_linear_time(
    keys: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 10_000
    built = 0

    def counting(*arguments: Any) -> Canonical:
        nonlocal built
        built += 1
        return canonical(*arguments)

    monkeypatch.setattr(index_module, "canonical", counting)
    spans = [span(number, chat(str(number % keys)), lane=number % 5) for number in range(count)]
    index = Index(spans)
    assert built == 0, "built on first use"
    index._played = played = CountingSet()
    served = [take(index, chat(str(number % keys)), None, number % 3) for number in range(count)]
    assert sorted(one for one in served if one is not None) == list(range(count))
    assert take(index, chat("0")) is None
    assert built == count
    # A span stands on three shelves at most where its ids have no letters, and is looked at once on each.
    assert played.looked <= 3 * count


def test_answers_are_searched_for_ids_only_where_an_id_is_asked_for() -> None:
    spans = conversations()
    index = Index(spans[:2])
    take(index, first("Tell me of dogs"), path=RESPONSES)
    for one in spans[:2]:
        assert one.exchange is not None
        assert "_json" not in json.dumps(repr(one.exchange.outcome))
    assert index.minted._found == {}
    assert dict(index.minted) == {"resp_dogs": "span 2"}


def test_rules_hold_for_recorded_calls_too() -> None:
    index = Index([span(1, chat("at 2024-01-01", seed=1))], Rules.of(ignore=["seed"], normalize="dates"))
    assert take(index, chat("at 2026-11-21", seed=2)) == 1


def test_nearest_is_the_one_with_most_in_common() -> None:
    prompts = ["Write a poem about the sea", "Sum up the report on whales", "Write a letter to the mayor"]
    index = Index([span(number, chat(text)) for number, text in enumerate(prompts, 1)])
    found = index.nearest(now(index, chat("Sum up the report on dolphins")))
    assert found is not None
    assert (found.span.id, found.played, [one.path for one in found.differences]) == (
        2,
        False,
        ["messages.0.content"],
    )


def test_of_equally_near_calls_the_first_unplayed_one_is_named() -> None:
    index = Index([span(number, chat("one two three")) for number in (1, 2, 3)])
    take(index, chat("one two three"))
    found = index.nearest(now(index, chat("one two four")))
    assert found is not None
    assert (found.span.id, found.played) == (2, False)


def test_nearest_looks_at_its_own_group_and_no_further_than_the_limit() -> None:
    spans = [span(number, chat(f"question {number}")) for number in range(1, 21)]
    index = Index([*spans, span(21, chat("question 20 !"), RESPONSES)])
    for number in range(1, 6):
        take(index, chat(f"question {number}"))

    def nearest(prompt: str, limit: int) -> int:
        found = index.nearest(now(index, chat(prompt)), limit)
        assert found is not None
        return found.span.id

    assert nearest("question 20 !", 100) == 20
    assert nearest("question 20 !", 3) == 6, "of the next three"
    assert nearest("question 5 !", 16) == 5, "the last one played"
    assert index.nearest(now(index, chat(), "/v1/other")) is None
