"""Mode ``update``: only what changed is called live, and only that changes in the file."""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from trace_ops import Recorder, load_cassette
from trace_ops.double import ProviderDouble, Turn

SYSTEM = "You are an agent with a system prompt of some length, which all of the calls repeat."
PROMPTS = [f"Question number {number}, to be answered at length and with care." for number in range(1, 11)]
LATE = [*PROMPTS[:7], "Something else altogether, and not what was asked before.", *PROMPTS[8:]]

Agent = Callable[..., None]
"""Asks the prompts given."""

HEADER = re.compile(r"recorded: |  (llm_calls|input_tokens|output_tokens|cost_usd): ")
"""Lines above the spans that sum up the run."""
ANCHOR = re.compile(r"(&\w+-\d+ ?)|(?<=: )\*\w+-\d+$")


@pytest.fixture
def other(double: ProviderDouble) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=double.url, api_key="test", max_retries=0) as client:
        yield client


def chat(client: openai.OpenAI, prompts: list[str], *, stream: bool = False, tool: Any = None) -> None:
    """One conversation: each call sends all that was said before, and what a tool found."""
    messages: list[Any] = [{"role": "system", "content": SYSTEM}]
    for number, prompt in enumerate(prompts, 1):
        messages.append({"role": "user", "content": prompt})
        if stream:
            chunks = client.chat.completions.create(model="gpt-5-mini", messages=messages, stream=True)
            said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        else:
            got = client.chat.completions.create(model="gpt-5-mini", messages=messages)
            said = got.choices[0].message.content or ""
        messages.append({"role": "assistant", "content": said})
        if tool is not None:
            messages.append({"role": "user", "content": tool(number)})


def messages(client: anthropic.Anthropic, prompts: list[str], *, stream: bool = False) -> None:
    """The same, of Anthropic."""
    said: list[Any] = []
    for prompt in prompts:
        said.append({"role": "user", "content": prompt})
        given: dict[str, Any] = {
            "model": "claude-sonnet-5",
            "max_tokens": 99,
            "system": SYSTEM,
            "messages": said,
        }
        if stream:
            with client.messages.stream(**given) as events:
                text = events.get_final_text()
        else:
            text = client.messages.create(**given).content[0].text
        said.append({"role": "assistant", "content": text})


def apart(client: openai.OpenAI, prompts: list[str]) -> None:
    """Calls that know nothing of each other."""
    for prompt in prompts:
        asked: list[Any] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": prompt}]
        client.chat.completions.create(model="gpt-5-mini", messages=asked)


def side_by_side(client: openai.OpenAI, prompts: list[str]) -> None:
    """Calls from as many threads."""
    threads = [threading.Thread(target=apart, args=(client, [prompt])) for prompt in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Update:
    """A cassette before and after it was updated."""

    def __init__(self, path: Path, double: ProviderDouble, first: Callable[[], Any], now: Callable[[], Any]):
        with Recorder(path):
            first()
        self.before = path.read_text().splitlines()
        double.reset()
        double.seed = "another day"
        with Recorder(path, mode="update") as self.recorder:
            now()
        self.after = path.read_text().splitlines()
        self.live = double.hits
        double.reset()
        with Recorder(path, mode="none"):
            now()
        assert double.hits == 0, "what was updated is replayed"

    def touched(self) -> set[int]:
        """The spans of the new file in which a line changed, anchors aside; 0 is the header."""
        return {span for span, _ in self._changed()}

    def _changed(self) -> Iterator[tuple[int, str]]:
        span, place = 0, []
        for line in self.after:
            found = re.match(r"- span: (\d+)", line)
            span = int(found[1]) if found else span
            place.append(span)
        for tag, _, _, start, end in self._steps():
            if tag != "equal":
                yield from ((place[n], self.after[n]) for n in range(start, max(end, start + 1)))

    def header(self) -> list[str]:
        """What changed above the spans."""
        return [line for span, line in self._changed() if span == 0]

    def changed(self) -> int:
        """How many lines of the new file were not in the old one, anchors aside."""
        return sum(max(b - a, d - c) for tag, a, b, c, d in self._steps() if tag != "equal")

    def _steps(self) -> Sequence[tuple[str, int, int, int, int]]:
        old, new = ([ANCHOR.sub("", line) for line in lines] for lines in (self.before, self.after))
        return difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


@pytest.fixture
def update(path: Path, double: ProviderDouble) -> Callable[..., Update]:
    return lambda first, now: Update(path, double, first, now)


@pytest.mark.parametrize("stream", [False, True])
def test_a_late_prompt_of_a_conversation(
    update: Callable[..., Update], client: openai.OpenAI, stream: bool
) -> None:
    done = update(lambda: chat(client, PROMPTS, stream=stream), lambda: chat(client, LATE, stream=stream))

    assert done.live == 3
    assert done.recorder.counts == {"replayed": 7, "recorded": 3, "missed": 0, "unplayed": 3}
    assert done.touched() <= {0, 8, 9, 10}
    assert {8, 9, 10} <= done.touched()
    assert all(HEADER.match(line) for line in done.header())


@pytest.mark.parametrize("stream", [False, True])
def test_a_late_prompt_of_a_conversation_with_anthropic(
    update: Callable[..., Update], other: anthropic.Anthropic, stream: bool
) -> None:
    done = update(
        lambda: messages(other, PROMPTS, stream=stream), lambda: messages(other, LATE, stream=stream)
    )

    assert done.live == 3
    assert done.touched() <= {0, 8, 9, 10}
    assert all(HEADER.match(line) for line in done.header())


def test_a_prompt_on_which_nothing_depends(update: Callable[..., Update], client: openai.OpenAI) -> None:
    done = update(lambda: apart(client, PROMPTS), lambda: apart(client, LATE))

    assert done.live == 1
    assert done.changed() <= len(done.after) / 10 + 10


@pytest.mark.parametrize("gone", [0, 4, 9])
def test_a_call_that_is_not_made_any_more(
    update: Callable[..., Update], client: openai.OpenAI, gone: int
) -> None:
    done = update(lambda: apart(client, PROMPTS), lambda: apart(client, PROMPTS[:gone] + PROMPTS[gone + 1 :]))

    assert done.live == 0
    # What the first call had written once for all is written with the next one then.
    most = len(done.before) / (10 if gone else 4) + 20
    assert len(done.before) - len(done.after) <= done.changed() <= most


@pytest.mark.parametrize("place", [0, 4, 10])
def test_a_call_that_is_put_in(update: Callable[..., Update], client: openai.OpenAI, place: int) -> None:
    more = [*PROMPTS[:place], "A question that was not asked before.", *PROMPTS[place:]]
    done = update(lambda: apart(client, PROMPTS), lambda: apart(client, more))

    assert done.live == 1
    assert done.changed() <= len(done.before) / (10 if place else 4) + 20


def test_another_result_of_a_tool(update: Callable[..., Update], client: openai.OpenAI) -> None:
    from trace_ops import tool

    results = {number: f"result {number}" for number in range(1, 11)}

    @tool
    def look(number: int) -> str:
        return results[number]

    def now() -> None:
        results[8] = "another result"
        chat(client, PROMPTS, tool=look)

    done = update(lambda: chat(client, PROMPTS, tool=look), now)

    # Calls and tools take turns: the eighth tool is step 16. A tool after a call made anew may start later.
    assert done.live == 2
    assert done.touched() <= {0, 16, 17, 18, 19, 20}
    assert all(HEADER.match(line) for line in done.header())


def test_tools_that_gave_the_same_keep_the_times_of_the_recording(
    update: Callable[..., Update], client: openai.OpenAI, path: Path
) -> None:
    import time

    from trace_ops import tool

    @tool
    def look(number: int) -> str:
        time.sleep(0.001)
        return f"result {number}"

    recorded: list[Any] = []

    def now() -> None:
        recorded.append(recorded or load_cassette(path))
        chat(client, LATE, tool=look)

    update(lambda: chat(client, PROMPTS, tool=look), now)

    before, after = (
        [(step.start_ms, step.ms) for step in trace.of_kind("tool")][:7]
        for trace in (recorded[0], load_cassette(path))
    )
    assert before == after


def test_calls_made_at_the_same_time(update: Callable[..., Update], client: openai.OpenAI) -> None:
    done = update(lambda: side_by_side(client, PROMPTS), lambda: side_by_side(client, LATE))

    assert done.live == 1
    assert done.recorder.counts["replayed"] == 9


def test_what_was_scrubbed_of_replayed_calls_stays_told(
    update: Callable[..., Update], client: openai.OpenAI, path: Path
) -> None:
    done = update(lambda: chat(client, PROMPTS), lambda: chat(client, LATE))

    before, after = ([line for line in lines if "secret: " in line] for lines in (done.before, done.after))
    assert before
    assert set(before) <= set(after)


def test_a_run_that_fails_leaves_the_file_and_the_next_one_pays_for_nothing_twice(
    path: Path, client: openai.OpenAI, double: ProviderDouble
) -> None:
    with Recorder(path):
        chat(client, PROMPTS)
    before = path.read_bytes()
    double.reset()

    with pytest.raises(ZeroDivisionError), Recorder(path, mode="update"):
        chat(client, LATE[:9])
        raise ZeroDivisionError
    assert (path.read_bytes(), double.hits) == (before, 2)

    double.script(Turn(text="A last word."))
    with pytest.warns(UserWarning, match="unfinished recording"), Recorder(path, mode="update"):
        chat(client, LATE)
    assert double.hits == 3


def test_what_is_new_starts_after_what_it_follows(
    update: Callable[..., Update], client: openai.OpenAI, path: Path
) -> None:
    """Replayed calls take no time now, and did when they were recorded: both are told on one clock."""
    import time

    from trace_ops import tool

    @tool
    def look(number: int) -> str:
        time.sleep(0.005)
        return f"result {number}"

    update(lambda: chat(client, PROMPTS, tool=look), lambda: chat(client, LATE, tool=look))

    steps = load_cassette(path).spans
    ends = [step.start_ms + (step.ms or 0.0) for step in steps]
    assert all(end <= later.start_ms + 0.01 for end, later in zip(ends, steps[1:]))


def test_a_step_is_as_long_as_what_it_holds(
    update: Callable[..., Update], client: openai.OpenAI, path: Path
) -> None:
    from trace_ops import span

    def within(prompts: list[str]) -> None:
        with span("agent", "guide"):
            chat(client, prompts)

    update(lambda: within(PROMPTS), lambda: within(LATE))

    agent, *calls = load_cassette(path).spans
    assert agent.ms is not None
    assert all(call.start_ms + (call.ms or 0.0) <= agent.start_ms + agent.ms + 0.01 for call in calls)
