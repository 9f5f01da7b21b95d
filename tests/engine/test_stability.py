"""Recording an unchanged run again changes only ids, times and what the provider itself changed."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import openai
import pytest

from trace_ops import Recorder
from trace_ops.double import ProviderDouble

IDS = re.compile(r"\b(?:call_|chatcmpl-|req_|fp_)\w+")
VOLATILE = re.compile(
    r"\s*(?:- )?(?:recorded|start_ms|ms|elapsed_ms|gaps_ms|created|date|openai-processing-ms|cf-ray"
    r"|x-envoy-upstream-service-time|x-ratelimit-[a-z-]+|content-length|obfuscation): "
    r"|\s*- '?[A-Za-z0-9]{1,20}'?$"  # the noise in each event, of a length of its own
)
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def agent(client: openai.OpenAI) -> None:
    messages: list[dict[str, object]] = [{"role": "user", "content": "What is the weather in Paris?"}]
    for _ in range(3):
        got = client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=TOOLS)  # type: ignore[arg-type]
        answer = got.choices[0].message
        messages.append(answer.model_dump(exclude_none=True))
        for call in answer.tool_calls or ():
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "sunny"})
    stream = client.chat.completions.create(model="gpt-5-mini", messages=messages, stream=True)  # type: ignore[arg-type]
    for _ in stream:
        pass


def test_only_ids_and_times_change(path: Path, client: openai.OpenAI, double: ProviderDouble) -> None:
    with Recorder(path):
        agent(client)
    before = path.read_text().splitlines()
    double.reset()
    double.seed = "another day"
    with Recorder(path):
        agent(client)
    after = path.read_text().splitlines()
    assert before != after
    steady = (
        [IDS.sub("ID", line.lstrip(" -")) for line in lines if not VOLATILE.match(line)]
        for lines in (before, after)
    )
    assert next(steady) == next(steady)


@pytest.mark.parametrize("mode", ["update", "new_episodes", "once"])
def test_an_unchanged_run_leaves_the_file_untouched(mode: str, path: Path, client: openai.OpenAI) -> None:
    with Recorder(path):
        agent(client)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    with Recorder(path, mode=mode):  # type: ignore[arg-type]
        agent(client)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_update_makes_only_what_changed_live(
    path: Path, client: openai.OpenAI, double: ProviderDouble
) -> None:
    def run(last: str) -> None:
        for number in range(9):
            prompt = last if number == 8 else f"step {number}"
            messages = [{"role": "user", "content": prompt}]
            client.chat.completions.create(model="gpt-5-mini", messages=messages)  # type: ignore[arg-type]

    with Recorder(path):
        run("step 8")
    before = path.read_text().splitlines()
    double.reset()
    with Recorder(path, mode="update") as rec:
        run("step eight")
    after = path.read_text().splitlines()
    assert (double.hits, rec.verdict) == (1, "PARTIAL")
    first_change = next(n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    changed = [
        line
        for line in difflib.unified_diff(before, after, lineterm="", n=0)
        if line[:1] in "+-" and "step" in line
    ]
    assert first_change < len(before)
    assert not any(f"step {n}" in line for n in range(8) for line in changed)
