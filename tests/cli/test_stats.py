"""``replay stats``."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.cli.samples import chat, refused, replay, tool, write
from trace_ops.trace import Usage


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    old = datetime(2026, 10, 1, 9, 30, tzinfo=timezone.utc)
    cached = Usage(100, 20, cache_read=60)
    write(
        tmp_path / "cassettes" / "one.yaml",
        chat(1, usage=cached, cost_usd=0.5, ms=4000.0, tools=["search", "book"]),
        tool(2, "search", "x", "y"),
        chat(3, model="claude-opus-5-5", cost_usd=None, ms=100.0),
        recorded=old,
    )
    write(tmp_path / "cassettes" / "two.yaml", *(chat(n) for n in range(1, 19)), refused(19, 429))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_is_summed_up(directory: Path) -> None:
    done = replay("stats")
    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line}

    assert (done.exit_code, done.stderr) == (0, "")
    assert lines["recorded"][1:] == "2026-10-01 09:30 UTC to 2026-11-20 12:00 UTC".split()
    assert lines["calls"][1:] == "21 · 21 llm · 1 failed".split()
    assert lines["tokens"][1:] == "328 in, 60 of them cached · 115 out".split()
    assert lines["cost"][1:] == "$0.50 · 1 call of unknown price".split()
    assert lines["latency"][1:] == "median 812 ms · p95 812 ms".split()
    assert lines["gpt-5"][1:] == "20 1 316 60 110 $0.50 812 ms 812 ms".split()
    assert lines["claude-opus-5-5"][1:] == "1 0 12 0 5 ? 100 ms 100 ms".split()
    assert lines["search"][1:] == "1 0 2 ms 2 ms".split()
    assert lines["book"][1:] == "1 0".split()


def test_the_largest_and_the_slowest_are_named(directory: Path) -> None:
    told = json.loads(replay("stats", "--json").stdout)

    assert [entry["cassette"] for entry in told["largest"]] == ["cassettes/two.yaml", "cassettes/one.yaml"]
    assert told["largest"][0]["bytes"] == (directory / "cassettes" / "two.yaml").stat().st_size
    assert told["slowest"][0] == {
        "cassette": "cassettes/one.yaml",
        "span": 1,
        "model": "gpt-5",
        "ms": 4000.0,
    }


def test_json(directory: Path) -> None:
    told = json.loads(replay("stats", "--json").stdout)

    assert (told["cassettes"], told["broken"]) == (2, [])
    assert (told["oldest"], told["newest"]) == ("2026-10-01T09:30:00+00:00", "2026-11-20T12:00:00+00:00")
    assert told["totals"]["known_cost_usd"] == pytest.approx(0.5 + 18 * 0.000125)
    assert told["totals"]["unpriced_calls"] == 1
    assert told["kinds"] == {"llm": 21}
    assert [entry["model"] for entry in told["models"]] == ["gpt-5", "claude-opus-5-5"]
    assert {entry["tool"]: entry["calls"] for entry in told["tools"]} == {"search": 1, "book": 1}


def test_a_tail_shows_in_p95_and_not_in_the_median(tmp_path: Path) -> None:
    write(tmp_path / "x.yaml", *(chat(n, ms=100.0 if n < 10 else 9000.0) for n in range(1, 11)))
    totals = json.loads(replay("stats", "--json", tmp_path).stdout)["totals"]

    assert (totals["median_ms"], totals["p95_ms"]) == (100.0, 9000.0)


def test_a_broken_cassette_is_told_and_left_out(directory: Path) -> None:
    (directory / "cassettes" / "bad.yaml").write_text("version: 1\nspans: [")
    done = replay("stats")

    assert done.exit_code == 1
    assert "calls      21 " in done.stdout
    assert done.stderr.startswith("left out: cassettes/bad.yaml cannot be read: ")


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"])
def test_a_date_that_utc_does_not_have_makes_a_cassette_a_broken_one(tmp_path: Path, moment: str) -> None:
    path = dated(tmp_path, moment)
    told = f"{moment!r} is not a date and time"

    for verb in ("stats", "costs", "ls", "inspect", "validate"):
        done = replay(verb, path if verb in ("inspect", "validate") else tmp_path)
        assert told in " ".join((done.stdout + done.stderr).split())
    assert told in replay("export", "--format", "json", path).stderr
    assert told in replay("prune", "--older-than", "1d", "--dry-run", tmp_path).stderr


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59", "0001-01-01T00:00:00Z"])
def test_the_ends_of_the_calendar_are_dates_like_others(tmp_path: Path, moment: str) -> None:
    path, day = dated(tmp_path, moment), moment[:10]

    assert day in replay("stats", tmp_path).stdout
    assert day in replay("stats", "--json", tmp_path).stdout
    assert day in replay("costs", "--by", "day", tmp_path).stdout
    assert day in replay("inspect", path).stdout
    assert ("now" in replay("ls", tmp_path).stdout) == (moment > "2026")
    for form in ("json", "csv"):
        assert f"{moment.rstrip('Z')}+00:00" in replay("export", "--format", form, path).stdout
    pruned = replay("prune", "--older-than", "1d", "--dry-run", tmp_path)
    assert ("x.yaml: recorded" in pruned.stdout) == (moment < "2026")


def dated(directory: Path, moment: str) -> Path:
    path = write(directory / "x.yaml", chat(1))
    path.write_text(path.read_text().replace("2026-11-20T12:00:00Z", moment))
    return path


def test_names_cannot_steer_a_terminal(tmp_path: Path) -> None:
    write(tmp_path / "x.yaml", chat(1, model="\x1b[2Jevil", tools=["\x1b]0;t\x07tool"]))

    assert "\x1b" not in replay("stats", tmp_path).stdout


def test_nothing_there_is_a_note(tmp_path: Path) -> None:
    done = replay("stats", tmp_path)

    assert (done.exit_code, done.stdout) == (0, "")
    assert "no cassettes in" in done.stderr
