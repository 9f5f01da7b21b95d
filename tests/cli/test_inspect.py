"""``replay inspect``."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import dropwhile
from pathlib import Path

import pytest

from tests.cli.samples import chat, conversation, refused, replay, streamed, tool, unreachable, write
from trace_ops.trace import Span


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(
        tmp_path / "agent.yaml",
        Span(1, "agent", "researcher", ms=1500.0, via="langgraph"),
        chat(2, parent=1, said="", tools=["search"], finish="tool_calls"),
        replace(tool(3, "search", {"q": "Oslo"}, "rainy", parent=1), via="mcp"),
        streamed(4, ["It ", "rains ", "in Oslo."], parent=1),
        refused(5, 429),
        unreachable(6),
        name="research",
        tags=["nightly"],
        passed_through={"chroma": "intercept_chroma=False"},
        uncaptured=["a WebSocket"],
    )


def _tree(lines: list[str]) -> list[str]:
    """What stands below the header."""
    return list(dropwhile(lambda line: line[0] not in "├└", lines))


def test_steps_are_shown_as_a_tree(path: Path) -> None:
    done = replay("inspect", path, env={"COLUMNS": "100"})

    assert done.exit_code == 0
    assert done.stderr == ""
    title, *rest = done.stdout.splitlines()
    assert title.startswith("research  ")
    assert rest == [
        "recorded 2026-11-20 12:00 UTC · TraceOps 0.1.0 · python 3.12.1 · openai 3.52.0",
        "4 LLM calls · 1 tool call · 34 tokens · $0.00025 · 1.5 s",
        "tags: nightly",
        "captured calls: openai 4 · steps: langgraph 1, mcp 1",
        "passed through: chroma (intercept_chroma=False)",
        "not captured: a WebSocket",
        "├── 1 agent researcher  Σ 24 → 10 tokens · $0.00025 · 1.5 s",
        "│   ├── 2 gpt-5 chat.completions  12 → 5 tokens · $0.00013 · 812 ms",
        "│   │     asks for search",
        "│   ├── 3 tool search  2 ms",
        '│   │     {"q": "Oslo"} → rainy',
        "│   └── 4 gpt-5 chat.completions  12 → 5 tokens · $0.00013 · 812 ms · stream of 4 events",
        "│         It rains in Oslo.",
        "├── 5 gpt-5 chat.completions  812 ms  status 429: Slow down",
        "└── 6 gpt-5 chat.completions  812 ms  ConnectTimeout: timed out",
    ]


def test_a_line_a_step_is_enough_for_who_wants_little(path: Path) -> None:
    shown = replay("inspect", path, "--verbosity", "minimal").stdout.splitlines()

    assert [line[3:].lstrip("│ ├└─")[:7] for line in _tree(shown)] == [
        "1 agent", "2 gpt-5", "3 tool ", "4 gpt-5", "5 gpt-5", "6 gpt-5",
    ]  # fmt: skip


def test_all_that_is_said_is_shown_once(tmp_path: Path) -> None:
    question = {"role": "user", "content": "Where?"}
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at": "Oslo"}'}}
    asked = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "rainy\nand cold " + "very " * 60}
    path = write(
        tmp_path / "agent.yaml",
        conversation(1, [{"role": "system", "content": "Be brief."}, question], asked),
        tool(2, "look", {"at": "Oslo"}, None),
        conversation(
            3,
            [{"role": "system", "content": "Be brief."}, question, asked, result],
            {"role": "assistant", "content": "Stay\x1b[2J home."},
        ),
    )

    shown = replay("inspect", path, "--verbosity", "full", env={"COLUMNS": "100"}).stdout.splitlines()

    lines = [line.lstrip("│ ").rstrip() for line in _tree(shown) if "tokens" not in line]
    assert lines[:7] == [
        "system: Be brief.",
        "user: Where?",
        'assistant: calls look {"at": "Oslo"}',
        "├── 2 tool look  2 ms",
        'input: {"at": "Oslo"}',
        "tool: rainy",
        "and cold very very very very very very very very very very very very very very very very",
    ]
    assert " ".join(lines[7:-1]).split() == ["very"] * 44
    assert lines[-1] == "assistant: Stay\\x1b[2J home."


def test_a_filter_shows_what_it_means_and_what_that_runs_in(path: Path) -> None:
    done = replay("inspect", path, "--filter", "kind:llm rain", env={"COLUMNS": "100"})

    assert _tree(done.stdout.splitlines()) == [
        "└── 1 agent researcher  Σ 24 → 10 tokens · $0.00025 · 1.5 s",
        "    └── 4 gpt-5 chat.completions  12 → 5 tokens · $0.00013 · 812 ms · stream of 4 events",
        "          It rains in Oslo.",
        "1 of 6 steps fits",
    ]
    found = json.loads(replay("inspect", path, "--json", "--filter", "is:error").stdout)
    assert [span["span"] for span in found["spans"]] == [5, 6]
    assert "0 of 6 steps fit" in replay("inspect", path, "--filter", "nowhere").stdout


def test_a_filter_that_is_none_is_told_with_its_place(path: Path) -> None:
    done = replay("inspect", path, "--filter", "kind:llm dur:>2")

    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "replay: --filter: dur: needs a unit: ms, s or m",
        "  kind:llm dur:>2",
        "                ^",
    ]


def test_one_step_is_shown_in_full(path: Path) -> None:
    shown = replay("inspect", path, "--span", 4).stdout

    assert "POST /chat/completions" in shown
    assert '"content": "Go on"' in shown
    assert "200" in shown
    assert shown.count("data: ") == 4


def test_a_step_without_a_call_shows_what_went_in_and_out(path: Path) -> None:
    shown = replay("inspect", path, "--span", 3).stdout

    assert '"q": "Oslo"' in shown
    assert '"rainy"' in shown


def test_a_step_that_is_not_there_is_wrong_usage(path: Path) -> None:
    done = replay("inspect", path, "--span", 9)

    assert done.exit_code == 2
    assert "no step 9; they run from 1 to 6" in done.stderr


def test_json_tells_the_same(path: Path) -> None:
    told = json.loads(replay("inspect", path, "--json").stdout)

    assert told["totals"]["llm_calls"] == 4
    assert told["totals"]["tokens"] == 34
    assert told["trajectory"][:3] == ["agent:researcher", "llm:gpt-5", "tool:search"]
    assert [span["parent"] for span in told["spans"]] == [None, 1, 1, 1, None, None]
    assert told["spans"][3]["text"] == "It rains in Oslo."
    assert [span["failed"] for span in told["spans"]] == [False, False, False, False, True, True]


def test_json_of_a_step_holds_the_whole_exchange(path: Path) -> None:
    told = json.loads(replay("inspect", path, "--span", 4, "--json").stdout)

    assert told["request"]["json"]["stream"] is True
    assert len(told["response"]["events"]) == len(told["response"]["at_ms"]) == 4
    assert json.loads(replay("inspect", path, "--span", 6, "--json").stdout)["response"] == {
        "error": {"type": "ConnectTimeout", "message": "timed out"}
    }


def test_an_empty_cassette_has_no_steps(tmp_path: Path) -> None:
    done = replay("inspect", write(tmp_path / "empty.yaml"))

    assert done.exit_code == 0
    assert "no steps" in done.stdout


def test_what_a_model_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path / "evil.yaml", chat(1, said="\x1b[2J\x1b]0;title\x07 [bold]gone[/bold]"))
    shown = replay("inspect", path).stdout

    assert not {"\x1b", "\x07"} & set(shown)
    assert "[bold]gone[/bold]" in shown
