"""``replay check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.samples import chat, replay, tool, write


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    """An agent that searches five times."""
    searches = [tool(number, "search", {"query": f"q{number}"}, "found") for number in range(2, 7)]
    return write(tmp_path / "agent.yaml", chat(1), *searches, chat(7, "It rains in Oslo"))


def test_a_run_within_its_limits_is_clean(agent: Path) -> None:
    done = replay(
        "check", agent, "--max-usd", 0.01, "--max-tokens", 34, "--max-llm-calls", 2, "--max-tool-calls", 5,
        "--max-seconds", 2, "--max-errors", 0, "--trajectory", "search,search,search,search,search",
        "--contains", "Oslo", "--contains", "rain",
    )  # fmt: skip

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "1 cassette, no violations\n"


def test_each_violation_is_on_a_line_with_its_file(agent: Path) -> None:
    done = replay(
        "check", agent, "--max-tokens", "30", "--max-llm-calls", 1, "--no-loops", "--contains", "sun",
    )  # fmt: skip

    assert done.exit_code == 1
    assert done.stdout == (
        f"{agent}: max_tokens: 34 tokens, 4 over the limit of 30 (+13%)\n"
        "  span 1 (llm:gpt-5): 17 tokens\n"
        "  span 7 (llm:gpt-5): 17 tokens\n"
        f"{agent}: max_llm_calls: 2 LLM calls, 1 over the limit of 1 (+100%)\n"
        f"{agent}: max_consecutive_same_tool: tool 'search' was called 5 times in a row, "
        "2 over the limit of 3\n"
        f'{agent}: the answer of span 7 (llm:gpt-5) does not contain "sun"\n'
        '  answer: "It rains in Oslo"\n'
        "  trajectory: [llm:gpt-5] -> [tool:search x5] -> [llm:gpt-5]\n"
    )
    assert done.stderr == "1 cassette, 1 with violations\n"


def test_a_trajectory_with_groups(tmp_path: Path) -> None:
    spans = [tool(1, "plan", {}, None), tool(2, "read", {}, None), tool(3, "search", {}, None)]
    path = write(tmp_path / "a.yaml", *spans)

    assert replay("check", path, "--trajectory", "plan,search|read").exit_code == 0
    assert replay("check", path, "--trajectory", "plan,read", "--trajectory-mode", "in_order").exit_code == 0
    done = replay("check", path, "--trajectory", "plan,read")
    assert done.exit_code == 1
    assert done.stdout == (
        f"{path}: not the expected trajectory (strict): 1 not expected\n"
        "    expected  actual\n"
        "    plan      tool:plan  (span 1)\n"
        "    read      tool:read  (span 2)\n"
        "  +           tool:search  (span 3)\n"
        "  trajectory: tool:plan -> tool:read -> [tool:search]\n"
    )


def test_no_step_at_all_is_a_trajectory(agent: Path) -> None:
    assert replay("check", agent, "--trajectory", "").exit_code == 1


def test_directories(agent: Path, tmp_path: Path) -> None:
    write(tmp_path / "more" / "other.yaml", chat(1), chat(2), chat(3))
    done = replay("check", tmp_path, "--max-llm-calls", 2)

    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if "max_llm_calls" in line] == [
        f"{tmp_path / 'more' / 'other.yaml'}: max_llm_calls: 3 LLM calls, 1 over the limit of 2 (+50%)"
    ]
    assert done.stderr == "2 cassettes, 1 with violations\n"


def test_json(agent: Path) -> None:
    done = replay("check", agent, "--max-tool-calls", 4, "--json")
    (report,) = json.loads(done.stdout)

    assert done.exit_code == 1
    assert (report["cassette"], report["ok"], report["problem"]) == (str(agent), False, None)
    assert report["trajectory"][:2] == ["llm:gpt-5", "tool:search"]
    (violation,) = report["violations"]
    assert violation == {
        "what": "max_tool_calls",
        "text": "max_tool_calls: 5 tool calls, 1 over the limit of 4 (+25%)",
        "by": "1 tool call",
        "where": [6],
        "limit": 4,
        "actual": 5,
        "details": [],
    }


# --- against a baseline


def test_limits_relative_to_a_cassette(agent: Path, tmp_path: Path) -> None:
    before = write(tmp_path / "base" / "x.yaml", chat(1), chat(2))

    assert replay("check", agent, "--max-tokens", "+0%", "--baseline", before).exit_code == 0
    done = replay("check", agent, "--max-tokens", "-5%", "--baseline", before)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == (
        f"{agent}: max_tokens: 34 tokens, 2 over the limit of 32, -5% on the recorded 34 (+6.2%)"
    )


def test_limits_relative_to_a_directory(agent: Path, tmp_path: Path) -> None:
    now, base = tmp_path / "now", tmp_path / "base"
    for directory, calls in ((now, (1, 2)), (base, (1,))):
        write(directory / "deep" / "a.yaml", *map(chat, calls))
    write(now / "new.yaml", chat(1))
    done = replay("check", now, "--max-llm-calls", "+10%", "--baseline", base)

    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == (
        f"{now / 'deep' / 'a.yaml'}: max_llm_calls: 2 LLM calls, 1 over the limit of 1, "
        "+10% on the recorded 1 (+100%)"
    )
    assert done.stderr == (
        f"{now / 'new.yaml'}: there is no {base / 'new.yaml'}: limits relative to it were not checked\n"
        "2 cassettes, 1 with violations\n"
    )


def test_a_broken_cassette_is_told(agent: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 99\nspans: []\n")
    done = replay("check", agent, broken, "--max-errors", 0)

    assert done.exit_code == 1
    assert done.stdout.startswith(f"{broken}: cannot be read: ")
    done = replay("check", agent, "--max-errors", "+0%", "--baseline", broken)
    assert done.stdout.startswith(f"{agent}: the baseline cannot be read: ")


# --- what cannot be meant


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ([], "replay: nothing to check: give a limit, such as --max-usd 0.05, or --trajectory, --contains\n"),
        (["--max-usd", "ten"], "for '--max-usd': 'ten': give a number, or a change against the baseline"),
        (["--max-usd", "5%"], "for '--max-usd': '5%': give a number, or a change against the baseline"),
        (["--max-usd", "nan"], "Invalid value for '--max-usd': 'nan': a limit is a number from 0 on"),
        (["--max-tokens", "-5"], "Invalid value for '--max-tokens': '-5': a limit is a number from 0 on"),
        (["--max-llm-calls", "1.5"], "for '--max-llm-calls': '1.5': what is counted is limited by a whole"),
        (["--max-usd", "+10%"], "replay: +10% of what? Name the cassettes to compare with: --baseline"),
        (["--max-usd", "1", "--baseline", "."], "replay: --baseline is for limits relative to it, such as "),
        (["--max-usd", "+1%", "--baseline", "gone"], "there is no 'gone'"),
        (["--trajectory", "a,,b"], "replay: the trajectory 'a,,b' has an empty step; write it as "),
        (["--trajectory", "", "--trajectory-mode", "superset"], "replay: mode 'superset' with no"),
        (["--trajectory", "a", "--trajectory-mode", "loose"], "Invalid value for '--trajectory-mode'"),
        (["--contains", ""], "replay: '' is no text that an answer could contain"),
    ],
)  # fmt: skip
def test_wrong_usage(agent: Path, args: list[str], text: str) -> None:
    done = replay("check", agent, *args)

    assert done.exit_code == 2
    assert text in done.stderr
    assert done.stdout == ""


def test_nothing_to_look_at_is_wrong_usage(tmp_path: Path) -> None:
    assert "no cassettes in" in replay("check", tmp_path, "--max-errors", 0).stderr
    assert replay("check", tmp_path, "--max-errors", 0).exit_code == 2
    assert replay("check", tmp_path / "gone.yaml", "--max-errors", 0).exit_code == 2
    assert replay("check", "--max-errors", 0).exit_code == 2


def test_one_baseline_is_not_for_many(agent: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "b.yaml", chat(1))
    done = replay("check", agent, other, "--max-tokens", "+1%", "--baseline", other)

    assert done.exit_code == 2
    assert "is one cassette, and there are 2 to check" in done.stderr


def test_recorded_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", tool(1, "\x1b[2J\nx", {}, None), chat(2, "\x1b]0;evil\x07"))
    done = replay("check", path, "--max-tool-calls", 0, "--contains", "y", "--trajectory", "z")

    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
