"""How a diff is told, to the letter."""

from __future__ import annotations

import json
import re
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_ops.diff import Change, ChangeKind, Metric, Pair, TraceDiff, figures
from trace_ops.diff.markdown import Named, code, combined
from trace_ops.diff.report import lines, summary, to_dict, to_markdown
from trace_ops.exchange import Body, Exchange, Request, Response
from trace_ops.trace import Span, Trace

HOSTILE = "```\n</details>\n@octocat #1 \x1b[2J\u202e `` ` <script> | * _ \ud800 \x00"


def llm(number: int, answer: str = "Hi") -> Span:
    body = json.dumps({"choices": [{"message": {"role": "assistant", "content": answer}}]}).encode()
    exchange = Exchange("openai", Request("POST", "/chat/completions"), Response(200, [], Body(body)))
    return Span(number, "llm", "openai chat.completions", model="gpt-5", exchange=exchange, ms=1.0)


def tool(number: int, name: str = "search", given: Any = None) -> Span:
    return Span(number, "tool", name, input=given or {"q": "sun"}, output="found", ms=1.0)


def diff(
    *changes: Change, old: Any = None, new: Any = None, metrics: Any = (), pairs: Any = None
) -> TraceDiff:
    """A diff of two runs, of four LLM calls unless told otherwise."""
    before = Trace(spans=old if old is not None else [llm(number) for number in range(1, 5)])
    after = Trace(spans=new if new is not None else [llm(number) for number in range(1, 5)])
    if pairs is None:
        pairs = [Pair(a, b) for a, b in zip(before, after, strict=True)]
    return TraceDiff(before, after, tuple(pairs), changes, tuple(Metric(*metric) for metric in metrics))


def change(
    kind: ChangeKind = "prompt", cause: str = "system prompt", at: int | None = 1, **fields: Any
) -> Change:
    defaults: dict[str, Any] = {
        "severity": "minor",
        "old": at,
        "new": at,
        "before": "Be short",
        "after": "Be long",
    }
    return Change(kind, cause, **{**defaults, **fields})


def text(lines: str) -> str:
    return dedent(lines).strip("\n")


def test_nothing_changed() -> None:
    assert summary(diff()) == "no difference: 4 steps as before"
    assert summary(diff(old=[], new=[])) == "no difference: both runs are empty"


def test_the_first_difference_and_what_followed() -> None:
    found = diff(
        change(at=1),
        change(at=2, root=0, follows="repeats"),
        change(at=3, root=0, follows="repeats"),
        change("prompt", "message 3 (assistant)", at=3, root=0, follows="carries"),
        change("response", "provider's answer", at=2, root=0, follows="answers"),
        change("response", "provider's answer", at=3, root=0, follows="answers"),
        change("arguments", "tool arguments", at=4, root=0, follows="after", severity="major"),
    )

    assert summary(found) == text("""
    first difference: step 1, openai chat.completions gpt-5: system prompt changed; 6 other changes follow from it
      - Be short
      + Be long
      followed from it:
        the same change in 2 later steps (steps 2-3)
        handed on to 1 later step (step 3)
        steps 2-4: 2 other answers, 1 tool call with other arguments
    """)  # noqa: E501


def test_other_differences_that_do_not_follow() -> None:
    found = diff(
        change("model", "model", before="gpt-5", after="gpt-5-mini", severity="major"),
        change("response", "provider's answer", root=0, follows="answers"),
        change("parameters", "parameter temperature", at=3, before=0.2, after=None),
        change("finish", "finish", at=4, before="stop", after="length", severity="major"),
    )

    assert summary(found) == text("""
    first difference: step 1, openai chat.completions gpt-5: model: "gpt-5" -> "gpt-5-mini"; 1 other change follows from it, 2 others do not
      followed from it:
        step 1: 1 other answer

    other differences:
      step 3, openai chat.completions gpt-5: parameter temperature: 0.2 -> none
      step 4, openai chat.completions gpt-5: finish reason: "stop" -> "length"
    """)  # noqa: E501


def test_steps_that_came_and_went_are_shown_where_they_are() -> None:
    old = [llm(1), tool(2), *(llm(number) for number in range(3, 9))]
    new = [llm(1), *(llm(number) for number in range(2, 8)), tool(8, "read", {"path": "a"})]
    pairs = [Pair(old[0], new[0]), Pair(old[1], None), *map(Pair, old[2:], new[1:7]), Pair(None, new[7])]
    found = diff(
        change("trajectory", "step removed", at=None, old=2, severity="major", before=None, after=None),
        change("trajectory", "step added", at=None, new=8, severity="major", before=None, after=None),
        old=old,
        new=new,
        pairs=pairs,
    )

    assert summary(found) == text("""
    first difference: old step 2, tool search: step removed; 1 other difference
      - with {"q": "sun"}
      - gave "found"

    another difference:
      step 8, tool read: step added
        + with {"path": "a"}
        + gave "found"

    steps:
        1 openai chat.completions gpt-5
      - 2 tool search {"q": "sun"}
        2 openai chat.completions gpt-5
      … 4 steps as before
        7 openai chat.completions gpt-5
      + 8 tool read {"path": "a"}
    """)


def test_steps_that_changed_places_say_where_they_were() -> None:
    old, new = [tool(1, "plan"), tool(2, "read"), tool(3)], [tool(1, "plan"), tool(2), tool(3, "read")]
    swapped = Change("trajectory", "steps swapped", "major", 2, 2, before=[2, 3], after=[3, 2])
    pairs = [Pair(old[0], new[0]), Pair(old[2], new[1]), Pair(old[1], new[2])]

    assert summary(diff(swapped, old=old, new=new, pairs=pairs)) == text("""
    first difference: step 2, tool search: steps swapped (old steps 2 and 3)

    steps:
        1 tool plan {"q": "sun"}
        2 tool search {"q": "sun"} (was step 3)
        3 tool read {"q": "sun"} (was step 2)
    """)


def test_json_is_told_by_its_leaves_also_where_it_is_a_text() -> None:
    before, after = {"city": "Oslo", "days": 2, "unit": "C"}, {"city": "Rome", "days": 2, "wind": True}
    for one, other in ((before, after), (json.dumps(before), json.dumps(after))):
        found = diff(change("result", "tool result", before=one, after=other))

        assert summary(found).splitlines()[1:] == [
            '    city: "Oslo" -> "Rome"',
            '  - unit removed: "C"',
            "  + wind added: true",
        ]


def test_tools_and_calls_are_told_by_name() -> None:
    def headline(*args: Any, **fields: Any) -> str:
        return summary(diff(change(*args, **fields))).splitlines()[0].partition("gpt-5: ")[2]

    offered = {"name": "search", "parameters": {"type": "object"}}
    called = {"tool": "search", "arguments": {}}
    assert headline("tools", "tool list", path="tools.search", before=None, after=offered) == (
        "tool list: search added"
    )
    assert headline("response", "provider's answer", path="tool_calls.0", before=called, after=None) == (
        "provider's answer: call of tool search removed"
    )
    path = "tool_calls.0.arguments.city"
    assert headline("arguments", "tool arguments", path=path, before="Oslo", after="Rome") == (
        'tool arguments, city: "Oslo" -> "Rome"'
    )
    assert headline("error", "error", before=None, after="HTTP 429: " + "slow down " * 9) == "error is new"


def test_totals_are_told_where_they_differ() -> None:
    metrics = [
        ("llm_calls", 2, 3), ("tool_calls", 1, 1), ("input_tokens", 1000, 1004), ("tokens", 1000, 1004),
        ("cost_usd", 0.00123, None), ("ms", 100, 101),
    ]  # fmt: skip

    assert summary(diff(metrics=metrics)) == text("""
    no difference: 4 steps as before

    totals:
      LLM calls        2 ->       3   +50 %
      tokens in    1,000 ->   1,004  +0.4 %
      cost       $0.0012 -> unknown
    """)
    slower = change("latency", "latency", at=None, severity="info", before=100, after=900)
    assert "  time        100 ms ->  900 ms  +800 %" in summary(
        diff(slower, metrics=[*metrics[:5], ("ms", 100, 900)])
    )


def test_other_words_of_the_same_meaning_are_no_difference() -> None:
    reworded = change("response", "provider's answer", at=2, severity="info", similarity=0.954)

    assert summary(diff(reworded)) == text("""
    no difference: 4 steps as before, 1 text in other words
    the same in other words, not counted: step 2, 95 % alike or more
    """)
    assert summary(diff(change(), reworded)).splitlines()[0].endswith("system prompt changed")


def test_detailed_tells_every_change_and_cuts_nothing() -> None:
    long = " ".join(f"w{number}" for number in range(500))
    found = diff(
        change(before=None, after=long),
        change(at=2, root=0, follows="repeats"),
        change("response", "provider's answer", at=2, root=0, follows="answers"),
    )
    told = [line.text for line in lines(found, detailed=True)]

    assert told[1] == f"  + {long}"
    assert told[2:] == [
        "  followed from it:",
        "    step 2, openai chat.completions gpt-5: system prompt changed (the same change)",
        "    step 2, openai chat.completions gpt-5: provider's answer changed",
        "      - Be short",
        "      + Be long",
    ]


def test_many_differences_are_counted() -> None:
    changes = [change("parameters", f"parameter p{number}", before=1, after=2) for number in range(40)]

    assert summary(diff(*changes)).splitlines()[-1] == "  and 29 more: 29 other parameters"
    assert len(list(lines(diff(*changes), detailed=True))) == 42


def test_what_changed_in_a_line_is_marked() -> None:
    removed, added = [line for line in lines(diff(change())) if line.marks]

    assert [removed.text[slice(*mark)] for mark in removed.marks] == ["short"]
    assert [added.text[slice(*mark)] for mark in added.marks] == ["long"]
    assert (removed.style, added.style) == ("removed", "added")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.builds(
    Change,
    kind=st.sampled_from(["trajectory", "prompt", "tools", "arguments", "response", "error", "usage"]),
    cause=st.text(max_size=20),
    severity=st.sampled_from(["major", "minor", "info"]),
    old=st.sampled_from([None, 1, 2, 99]),
    new=st.sampled_from([None, 1, 2, 99]),
    path=st.text(max_size=10) | st.just("tool_calls.0.arguments.x"),
    before=JSON,
    after=JSON,
    root=st.none(),
    similarity=st.none() | st.floats(0, 1),
)


@given(st.lists(CHANGES, max_size=4), st.booleans())
def test_whatever_was_recorded_can_be_told(changes: list[Change], detailed: bool) -> None:
    found = diff(*changes)

    assert all(line.text.isprintable() for line in lines(found, detailed))
    json.dumps(to_dict(found), allow_nan=False, ensure_ascii=False).encode()
    to_markdown(found).encode()


def test_data() -> None:
    found = diff(
        change("response", "provider's answer", similarity=0.5, before=HOSTILE, after={"a": float("nan")}),
        change(at=2, root=0, follows="after"),
        change("trajectory", "step added", at=None, new=3, severity="major", before=None, after=None),
        new=[llm(1), llm(2), tool(3, "read"), tool(4)],
        old=[llm(1), llm(2), tool(3), tool(4)],
        metrics=[("tokens", 100, 150), ("cost_usd", None, 1.0)],
    )
    told = to_dict(found)

    assert list(told) == [
        "version", "has_changes", "severity", "first_divergence", "changes", "metrics", "pairs",
        "added_tools", "removed_tools",
    ]  # fmt: skip
    assert (told["version"], told["has_changes"], told["severity"]) == (1, True, "major")
    assert told["first_divergence"] == told["changes"][0]
    assert told["changes"][1] == {
        "number": 1,
        "kind": "prompt",
        "cause": "system prompt",
        "severity": "minor",
        "old": {"step": 2, "label": "openai chat.completions gpt-5"},
        "new": {"step": 2, "label": "openai chat.completions gpt-5"},
        "path": "",
        "before": "Be short",
        "after": "Be long",
        "root": 0,
        "follows": "after",
        "similarity": None,
    }
    assert told["changes"][2]["old"] is None
    assert told["metrics"] == {
        "tokens": {"before": 100, "after": 150, "ratio": 0.5},
        "cost_usd": {"before": None, "after": 1.0, "ratio": None},
    }
    assert told["pairs"] == {"both": 4, "old_only": 0, "new_only": 0}
    assert (told["added_tools"], told["removed_tools"]) == (["read"], [])
    json.dumps(told, allow_nan=False, ensure_ascii=False).encode()


class TestMarkdown:
    def test_a_comment(self) -> None:
        found = diff(
            change(),
            change("response", "provider's answer", root=0, follows="answers"),
            metrics=[("llm_calls", 2, 3)],
        )

        assert to_markdown(found) == text("""
        ### First difference: `step 1, openai chat.completions gpt-5`: `system prompt changed`

        1 other change follows from it.

        ```diff
        - Be short
        + Be long
        ```

        | | before | after | |
        |---|--:|--:|--:|
        | LLM calls | 2 | 3 | +50 % |

        <details><summary>What followed, and what else changed</summary>

        ```diff
          followed from it:
            step 1, openai chat.completions gpt-5: provider's answer changed
        -       Be short
        +       Be long
        ```

        </details>
        """) + "\n"  # fmt: skip

    def test_nothing_changed(self) -> None:
        assert to_markdown(diff()) == "### No difference\n\n`4 steps as before`\n"

    def test_what_a_model_says_stays_within_code(self) -> None:
        hostile = change(
            "response", HOSTILE, before=f"{HOSTILE}\n````\n~~~", after=[HOSTILE, {HOSTILE: HOSTILE}]
        )
        new = [llm(1), *(tool(number, HOSTILE, HOSTILE) for number in (2, 3, 4))]
        told = to_markdown(diff(hostile, change("trajectory", HOSTILE, at=3), hostile, new=new))

        outside = without_code(told)
        assert "octocat" in told
        assert re.findall(r"[@#`<>|*]|octocat|script", outside.replace("### First difference", "")) == list(
            "<><><><>"
        )
        assert outside.count("<details>") == outside.count("</details>") == 1

    @pytest.mark.parametrize("limit", [2_000, 10_000, 60_000])
    @pytest.mark.parametrize("what", ["`" * 9_000, "word " * 20_000, "line\n" * 20_000, HOSTILE * 2_000])
    def test_a_comment_has_a_limit(self, limit: int, what: str) -> None:
        changes = [change("response", what, before=None, after=what) for _ in range(300)]
        told = to_markdown(diff(*changes), limit)
        outside = without_code(told)

        assert len(told) <= limit
        assert outside.count("<details>") == outside.count("</details>") == 1

    def test_many_cassettes_in_one_comment(self) -> None:
        many = [Named(f"a<b>@{number}.yaml", diff(change())) for number in range(500)]
        told = combined(many, [("new`.yaml", "added: 1 call")], 7, [Metric("tokens", 1, 2)], 20_000)

        assert told.startswith("### Cassettes: 500 changed, 1 added, removed, renamed or broken, 7 equal\n")
        assert "- ``new`.yaml``: `added: 1 call`" in told
        assert "<code>a&lt;b&gt;@0.yaml</code>" in told
        assert re.search(r"and more: this is cut to fit: \d+ cassettes\n$", told)
        assert told.count("<details>") == told.count("</details>")
        assert len(told) <= 20_000

    @given(st.text(max_size=30))
    def test_a_code_span_holds_any_text(self, text: str) -> None:
        span = code(text)
        fence = re.match("`+", span)

        assert fence
        assert span.endswith(fence[0])
        assert fence[0] not in span[len(fence[0]) : -len(fence[0])].strip(" ") or fence[0] == ""
        assert "\n" not in span


def without_code(told: str) -> str:
    """Markdown less its code, as CommonMark reads it: fenced blocks first, then spans."""
    kept: list[str] = []
    fence = ""
    for line in told.split("\n"):
        mark = re.match("`{3,}", line)
        if fence:
            fence = "" if re.fullmatch(rf"{fence}`*\s*", line) else fence
        elif mark:
            fence = mark[0]
        else:
            kept.append(re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", line))
    assert not fence, "a block is not closed"
    return "\n".join(kept)


def test_texts_that_differ_are_never_all_alike() -> None:
    assert [figures.share(ratio) for ratio in (0.5, 0.9999, 0.99, 1.0)] == ["50 %", "99 %", "99 %", "100 %"]
