"""``replay diff``, also as git runs it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.cli.samples import chat, replay, replay_process, tool, write
from trace_ops.trace import Usage

SAID = "Go to Rome: 18 °C and sun."


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two recordings: the question of the first call changed, and what was found and said after it."""
    monkeypatch.chdir(tmp_path)
    write(
        Path("old.yaml"), chat(1, SAID), tool(2, "weather", {"city": "Rome"}, "sun"), chat(3, "Bye", "Thanks")
    )
    write(
        Path("new.yaml"),
        chat(1, SAID, "Hello"),
        tool(2, "weather", {"city": "Rome"}, "sun"),
        chat(3, "Bye", "Thanks", usage=Usage(15, 5), cost_usd=0.0002),
    )
    return tmp_path


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for side in ("old", "new"):
        write(Path(side, "a", "same.yaml"), chat(1))
        write(Path(side, "changed.yaml"), chat(1, SAID if side == "old" else "Stay at home."))
    write(Path("old", "gone.yaml"), chat(1))
    write(Path("new", "came.yaml"), chat(1), chat(2, "More"))
    return tmp_path


def text(lines: str) -> str:
    return dedent(lines).lstrip("\n")


def test_two_cassettes(pair: Path) -> None:
    done = replay("diff", "old.yaml", "new.yaml")

    assert done.exit_code == 1
    assert done.stdout == text("""
    first difference: step 1, openai chat.completions gpt-5: message 1 (user): "Hi" -> "Hello"

    totals:
      tokens in        24 ->       27  +12 %
      cost       $0.00025 -> $0.00032  +30 %
    """)
    assert done.stderr == ""


def test_the_same(pair: Path) -> None:
    done = replay("diff", "old.yaml", "old.yaml")

    assert (done.exit_code, done.stdout) == (0, "no difference: 3 steps as before\n")


@pytest.mark.parametrize(
    ("spec", "failing"),
    [
        ("trajectory", []),
        ("prompt", ["prompt: 1 change"]),
        ("major", []),
        ("minor", ["minor: 1 change"]),
        ("any", ["any: 1 change"]),
        ("major,model,cost:+50%", []),
        ("cost:+10%", ["cost:+10%: cost $0.00025 -> $0.00032 (+30 %)"]),
        ("tokens:+500", []),
        ("tokens:+2, llm_calls:0", ["tokens:+2: tokens 34 -> 37 (+8.8 %)"]),
        ("latency:+20%", []),
        ("cost", ["cost: 1 change"]),
    ],
)
def test_fail_on(pair: Path, spec: str, failing: list[str]) -> None:
    done = replay("diff", "old.yaml", "new.yaml", f"--fail-on={spec}")

    assert done.stderr.splitlines() == [f"fails on {reason}" for reason in failing]
    assert done.exit_code == (1 if failing else 0)


def test_a_limit_fails_for_a_price_that_nobody_knows(tmp_path: Path) -> None:
    known, unknown = write(tmp_path / "a.yaml", chat(1)), write(tmp_path / "b.yaml", chat(1, cost_usd=None))
    done = replay("diff", known, unknown, "--fail-on=cost:+10%")

    assert (done.exit_code, done.stderr) == (1, "fails on cost:+10%: cost of the new run is unknown\n")
    done = replay("diff", unknown, known, "--fail-on=cost:+10%")
    assert (done.exit_code, done.stderr) == (1, "fails on cost:+10%: cost of the old run is unknown\n")


def test_a_limit_fails_for_answers_that_do_not_tell_what_they_took(tmp_path: Path) -> None:
    told = write(tmp_path / "a.yaml", chat(1))
    silent = write(tmp_path / "b.yaml", *(chat(number, usage=None, cost_usd=None) for number in (1, 2)))
    done = replay("diff", told, silent, "--fail-on=cost:+10%,tokens:+10%")

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "fails on cost:+10%: cost of the new run is unknown",
        "fails on tokens:+10%: tokens of the new run are unknown",
    ]
    assert re.search(r"tokens in +12 -> unknown", done.stdout)
    assert [line.split()[1:4] for line in replay("ls", tmp_path).stdout.splitlines() if "b.yaml" in line] == [
        ["2", "0", "?"]
    ]


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("speed", "'speed' is none of trajectory, model, "),
        ("tokens", "tokens needs a limit, such as tokens:+10%"),
        ("prompt:3", "'prompt' has no total; these have: cost, "),
        ("cost:ten", "'ten' is no limit; it looks like +10%, +500 or 0"),
        (" ,", "it names nothing"),
    ],
)
def test_a_wrong_fail_on_is_wrong_usage(pair: Path, spec: str, problem: str) -> None:
    done = replay("diff", "old.yaml", "new.yaml", f"--fail-on={spec}")

    assert done.exit_code == 2
    assert problem in done.stderr


def test_ignore(pair: Path) -> None:
    for left_out in ("prompt", "messages.0.content"):
        done = replay("diff", "old.yaml", "new.yaml", "--ignore", left_out)

        assert done.exit_code == 0, done.stdout
        assert done.stdout.startswith("no difference: 3 steps as before\n")
    assert replay("diff", "old.yaml", "new.yaml", "--ignore", "a..b").exit_code == 2


def test_threshold(tmp_path: Path) -> None:
    old, new = (write(tmp_path / f"{end[0]}.yaml", chat(1, f"{SAID} {end}")) for end in ("Bye", "Ciao"))

    assert replay("diff", old, new).exit_code == 1
    done = replay("diff", old, new, "--threshold", "0.8")
    assert done.exit_code == 0
    assert done.stdout.startswith("no difference: 1 step as before, 1 text in other words\n")
    assert replay("diff", old, new, "--threshold", "0.8", "--fail-on=any").exit_code == 1
    assert replay("diff", old, new, "--threshold", "8").exit_code == 2


def test_json(pair: Path) -> None:
    done = replay("diff", "old.yaml", "new.yaml", "--json")
    told = json.loads(done.stdout)

    assert done.exit_code == 1
    assert (told["old"], told["new"], told["version"], told["has_changes"]) == (
        "old.yaml",
        "new.yaml",
        1,
        True,
    )
    assert told["first_divergence"]["after"] == "Hello"
    assert told["fails"] == ["minor: 1 change"]


def test_markdown(pair: Path) -> None:
    done = replay("diff", "old.yaml", "new.yaml", "--markdown")

    assert done.exit_code == 1
    assert done.stdout.startswith("### First difference: `step 1, openai chat.completions gpt-5`: ")
    assert "| tokens in | 24 | 27 | +12 % |" in done.stdout


def test_folders(folders: Path) -> None:
    done = replay("diff", "old", "new")

    assert done.exit_code == 1
    assert done.stdout == text("""
    4 cassettes: 1 changed, 1 added, 1 removed, 1 equal

    added came.yaml
      2 LLM calls · 34 tokens · $0.00025 · 912 ms

    changed changed.yaml
      first difference: step 1, openai chat.completions gpt-5: provider's answer changed (36 % alike)
        - Go to Rome: 18 °C and sun.
        + Stay at home.

    removed gone.yaml
      1 LLM call · 17 tokens · $0.00013 · 812 ms
    """).replace("(36 %", f"({re.search('[(]([0-9.]+) %', done.stdout)[1]} %")  # type: ignore[index]
    assert (
        "equal a/same.yaml\n  no difference: 1 step as before\n"
        in replay("diff", "old", "new", "--detailed").stdout
    )


def test_folders_for_other_programs(folders: Path) -> None:
    told = json.loads(replay("diff", "old", "new", "--json").stdout)

    states = {entry["cassette"]: entry["state"] for entry in told["cassettes"]}
    assert states == {
        "a/same.yaml": "equal", "came.yaml": "added", "changed.yaml": "changed", "gone.yaml": "removed",
    }  # fmt: skip
    assert [entry["cassette"] for entry in told["cassettes"] if entry["diff"]] == ["changed.yaml"]
    assert told["metrics"]["llm_calls"] == {"before": 2, "after": 2, "ratio": 0.0}
    assert told["fails"] == ["added: 1 cassette", "removed: 1 cassette", "changed.yaml: minor: 1 change"]
    markdown = replay("diff", "old", "new", "--markdown").stdout
    assert markdown.startswith("### Cassettes: 1 changed, 2 added, removed, renamed or broken, 1 equal\n")


def test_a_renamed_cassette_neither_came_nor_went(folders: Path) -> None:
    Path("new", "moved.yaml").write_bytes(Path("new", "a", "same.yaml").read_bytes())
    Path("new", "a", "same.yaml").unlink()
    Path("old", "gone.yaml").unlink()
    Path("new", "came.yaml").unlink()

    told = replay("diff", "old", "new").stdout
    assert told.startswith("2 cassettes: 1 changed, 1 renamed\n")
    assert "renamed moved.yaml\n  from a/same.yaml; no difference: 1 step as before\n" in told
    found = json.loads(replay("diff", "old", "new", "--json").stdout)
    assert [(each["cassette"], each["state"], each["renamed_from"]) for each in found["cassettes"]] == [
        ("changed.yaml", "changed", None),
        ("moved.yaml", "renamed", "a/same.yaml"),
    ]
    assert found["metrics"]["llm_calls"] == {"before": 2, "after": 2, "ratio": 0.0}
    assert replay("diff", "old", "new", "--fail-on=added,removed").exit_code == 0


def test_of_two_that_went_one_was_renamed(folders: Path) -> None:
    """What differs only by its name is paired once; the other one went."""
    Path("old", "twin.yaml").write_bytes(Path("old", "gone.yaml").read_bytes())
    Path("new", "moved.yaml").write_bytes(Path("old", "gone.yaml").read_bytes())

    told = replay("diff", "old", "new").stdout
    assert told.startswith("5 cassettes: 1 changed, 1 renamed, 1 added, 1 removed, 1 equal\n")
    assert "from gone.yaml;" in told
    assert "removed twin.yaml" in told


def test_equal_folders_and_what_fails_in_others(folders: Path) -> None:
    same = replay("diff", "old", "old")
    assert (same.exit_code, same.stdout) == (0, "3 cassettes: 3 equal\n")
    for spec, code in (("trajectory", 0), ("added", 1), ("removed", 1), ("response", 1), ("cost:+0%", 0)):
        assert replay("diff", "old", "new", "--fail-on", spec).exit_code == code, spec


def test_a_cassette_that_cannot_be_read_fails_and_the_others_are_told(folders: Path) -> None:
    Path("new", "changed.yaml").write_text("version: 1\nspans: [", "utf-8")
    done = replay("diff", "old", "new", "--fail-on=trajectory")

    assert done.exit_code == 1
    assert "broken changed.yaml\n  not valid YAML" in done.stdout
    assert done.stderr == "fails on changed.yaml: cannot be read\n"


@pytest.mark.parametrize(
    ("paths", "problem"),
    [
        (("old.yaml",), "two paths are needed: OLD NEW"),
        (("old.yaml", "new.yaml", "x"), "two paths are needed: OLD NEW"),
        (("old.yaml", "nowhere.yaml"), "there is no 'nowhere.yaml'"),
        (("old.yaml", "."), "compare two cassettes, or two folders"),
    ],
)
def test_wrong_paths(pair: Path, paths: tuple[str, ...], problem: str) -> None:
    done = replay("diff", *paths)

    assert done.exit_code == 2
    assert problem in done.stderr


def test_nothing_recorded_steers_the_terminal(tmp_path: Path) -> None:
    old = write(tmp_path / "a.yaml", chat(1, "a \x1b[2J b"), tool(2, "x\x1b[2J", "\x1b", "\x07"))
    new = write(tmp_path / "b.yaml", chat(1, "a \x1b[31m c\u202e"))
    for options in ((), ("--detailed",), ("--markdown",)):
        shown = replay("diff", old, new, *options).stdout
        assert shown.replace("\n", "").isprintable()


def test_a_narrow_terminal_gets_all_of_a_line(pair: Path) -> None:
    done = replay_process("diff", "old.yaml", "new.yaml", env={"COLUMNS": "40"})

    assert max(map(len, done.stdout.splitlines())) <= 40
    assert " ".join(done.stdout.partition("\n\n")[0].split()) == (
        'first difference: step 1, openai chat.completions gpt-5: message 1 (user): "Hi" -> "Hello"'
    )


class TestGit:
    """Real git, in a repository of its own."""

    @pytest.fixture
    def repository(self, pair: Path) -> Path:
        replay_ = f"{shlex.quote(sys.executable)} -m trace_ops.cli"
        git("init", "-q")
        git("config", "diff.traceops.command", f"{replay_} diff --git")
        git("config", "diff.traceops.textconv", f"{replay_} diff --textconv")
        Path(".gitattributes").write_text("*.yaml diff=traceops\n")
        Path("new.yaml").rename("later")
        git("add", ".")
        commit("first")
        return pair

    def test_a_changed_cassette(self, repository: Path) -> None:
        Path("later").replace("old.yaml")

        assert git("diff", "old.yaml") == text("""
        old.yaml
          first difference: step 1, openai chat.completions gpt-5: message 1 (user): "Hi" -> "Hello"

          totals:
            tokens in        24 ->       27  +12 %
            cost       $0.00025 -> $0.00032  +30 %
        """)

    def test_files_that_come_go_and_move(self, repository: Path) -> None:
        Path("old.yaml").rename("moved.yaml")
        write(Path("came.yaml"), chat(1))
        git("add", ".")

        told = git("diff", "--cached", "--no-renames")
        assert "came.yaml\n  cassette added: 1 LLM call · 17 tokens" in told
        assert "old.yaml\n  cassette removed: 2 LLM calls" in told
        assert "    - 2 tool weather" in told
        moved = git("diff", "--cached", "-M", "--", "old.yaml", "moved.yaml")
        assert moved.startswith("old.yaml -> moved.yaml\n  no difference: 3 steps as before\n")

    def test_other_yaml_and_broken_cassettes_are_told_as_text(self, repository: Path) -> None:
        Path("old.yaml").write_text("a: 1\nb: \x1b\n")

        told = git("diff")
        assert told.startswith("old.yaml\n  as text, for it cannot be read as a cassette: ")
        assert "\n  +a: 1\n  +b: \\u001b\n" in told

    def test_log_and_show_use_the_text(self, repository: Path) -> None:
        Path("later").replace("old.yaml")
        git("add", ".")
        commit("second")

        told = git("show", "--format=", "--unified=0", "old.yaml")
        assert [
            line for line in told.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ] == [
            "-  user: Hi",
            "+  user: Hello",
        ]

    def test_not_merged_and_wrong_usage(self, repository: Path) -> None:
        assert replay("diff", "--git", "a.yaml").stdout == "a.yaml: not merged yet\n"
        assert replay("diff", "--git", "a", "b").exit_code == 2
        assert replay("diff", "--textconv", "a", "b").exit_code == 2


def test_textconv_tells_nothing_twice_and_no_times(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.yaml", chat(1, SAID), tool(2, "weather", {"city": "Rome"}, "sun"), chat(3, "Bye")
    )

    assert replay("diff", "--textconv", path).stdout == text("""
    openai chat.completions gpt-5
      user: Hi
      answer: Go to Rome: 18 °C and sun.

    tool weather
      in: {"city": "Rome"}
      out: sun

    openai chat.completions gpt-5
      answer: Bye
    """)


def commit(message: str) -> None:
    git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", message)


def git(*arguments: str) -> str:
    """Run git with no configuration but the repository's."""
    root = str(Path(__file__).parents[2])
    environment = {
        # Workers of xdist are told how wide the terminal of the run is.
        **{n: value for n, value in os.environ.items() if not n.startswith("GIT_") and n != "COLUMNS"},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": root,
    }
    done = subprocess.run(
        ["git", *arguments], env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_folders_without_cassettes_are_wrong_usage_and_one_is_not(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    done = replay("diff", tmp_path / "old", tmp_path / "new")
    assert done.exit_code == 2
    assert "no cassettes in " in done.stderr

    write(tmp_path / "new" / "a.yaml", chat(1))
    assert replay("diff", tmp_path / "old", tmp_path / "new").exit_code == 1


def test_of_folders_other_differences_are_pointed_to_and_wrapped_lines_end_in_no_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("old/a.yaml"), chat(1), chat(2, asked="What?"))
    write(Path("new/a.yaml"), chat(1, "Good day!"), chat(2, "Thanks!", asked="What?"))
    done = replay("diff", "old", "new", env={"COLUMNS": "60"})

    assert "\n  all differences: replay diff old/a.yaml new/a.yaml\n" in done.stdout
    assert "1 other difference" in " ".join(done.stdout.split())
    assert not [line for line in done.stdout.splitlines() if line != line.rstrip()]
