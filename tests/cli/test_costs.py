"""``replay costs``."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.cli.samples import chat, refused, replay, tool, write


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    module = tmp_path / "cassettes" / "tests" / "test_agent"
    write(module / "Agent.test_weather[Oslo].yaml", chat(1, cost_usd=0.5), tool(2, "search", 1, 2))
    write(
        module / "Agent.test_weather[Rome].yaml", chat(1, cost_usd=0.25), chat(2, model="gpt-4", cost_usd=3)
    )
    write(
        tmp_path / "cassettes" / "shared.yaml",
        chat(1, model="mine", cost_usd=None),
        name="a run",
        recorded=datetime(2026, 10, 1, tzinfo=timezone.utc),
        prices="genai-prices 0.0.1",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(*args: str) -> list[list[str]]:
    return [line.split() for line in replay("costs", *args).stdout.splitlines()]


def test_models_are_listed_dearest_first_and_unknown_prices_are_said(directory: Path) -> None:
    done = replay("costs")

    assert done.exit_code == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["model", "calls", "in", "cached", "out", "cost", "share"],
        ["gpt-4", "1", "12", "0", "5", "$3.00", "80%"],
        ["gpt-5", "2", "24", "0", "10", "$0.75", "20%"],
        ["mine", "1", "12", "0", "5", "?"],
        ["total", "4", "48", "0", "20", "$3.75", "+", "?", "100%"],
    ]
    assert "no price is known for calls of mine" in done.stderr
    assert "prices: genai-prices 0.0.1" in done.stderr


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("test", {"tests/test_agent.py::Agent::test_weather": 3.75, "a run": 0}),
        ("day", {"2026-11-20": 3.75, "2026-10-01": 0}),
        ("provider", {"openai": 3.75}),
        (
            "cassette",
            {
                "cassettes/tests/test_agent/Agent.test_weather[Rome].yaml": 3.25,
                "cassettes/tests/test_agent/Agent.test_weather[Oslo].yaml": 0.5,
                "cassettes/shared.yaml": 0,
            },
        ),
    ],
)
def test_other_keys(directory: Path, key: str, expected: dict[str, float]) -> None:
    told = json.loads(replay("costs", "--json", "--by", key).stdout)

    assert {entry[key]: entry["known_cost_usd"] for entry in told["costs"]} == expected
    assert [entry[key] for entry in told["costs"]] == list(expected)


@pytest.mark.parametrize(("verb", "table"), [("costs", "costs"), ("stats", "models")])
def test_a_call_that_failed_is_one_to_the_model_it_asked_for(tmp_path: Path, verb: str, table: str) -> None:
    write(tmp_path / "x.yaml", chat(1), refused(2, 500, model=None))

    told = json.loads(replay(verb, "--json", tmp_path).stdout)

    assert [(entry["model"], entry["calls"], entry["failed"]) for entry in told[table]] == [("gpt-5", 2, 1)]


def test_takes_of_a_test_are_one(tmp_path: Path) -> None:
    for name in ("test_x", "test_x.take-2", "test_y[a.b]", "test_y[a.b].take-12"):
        write(tmp_path / "cassettes" / "test_app" / f"{name}.yaml", chat(1))
    told = json.loads(replay("costs", "--json", "--by", "test", tmp_path).stdout)

    assert {entry["test"]: entry["calls"] for entry in told["costs"]} == {
        "test_app.py::test_x": 2,
        "test_app.py::test_y": 2,
    }


def test_several_keys_make_finer_groups(directory: Path) -> None:
    told = json.loads(replay("costs", "--json", "--by", "day", "--by", "model").stdout)

    assert [(entry["day"], entry["model"]) for entry in told["costs"]] == [
        ("2026-11-20", "gpt-4"),
        ("2026-11-20", "gpt-5"),
        ("2026-10-01", "mine"),
    ]


def test_top_hides_groups_but_not_from_the_total(directory: Path) -> None:
    done = replay("costs", "--top", "1")
    lines = [line.split() for line in done.stdout.splitlines()]

    assert [line[0] for line in lines] == ["model", "gpt-4", "total"]
    assert lines[-1][1] == "4"
    assert "2 more not shown" in done.stderr


def test_repricing_takes_the_prices_of_now(directory: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"mine": {"input": 1_000_000, "output": 0}}))
    done = replay("costs", "--json", "--reprice", env={"TRACE_OPS_PRICES": str(prices)})
    told = json.loads(done.stdout)

    assert told["costs"][0]["model"] == "mine"
    assert told["costs"][0]["known_cost_usd"] == pytest.approx(12)
    assert "own prices" in told["prices"][0]


def test_a_broken_file_of_prices_is_one_error(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text("[")
    done = replay("costs", "--reprice", env={"TRACE_OPS_PRICES": str(tmp_path / "prices.json")})

    assert (done.exit_code, done.stdout) == (2, "")
    assert "TRACE_OPS_PRICES: " in done.stderr


def test_a_broken_cassette_is_told(directory: Path) -> None:
    (directory / "cassettes" / "bad.yaml").write_text("version: 1\nspans: [")
    done = replay("costs")

    assert done.exit_code == 1
    assert "left out: cassettes/bad.yaml" in done.stderr


def test_an_unknown_key_is_refused() -> None:
    assert replay("costs", "--by", "moon").exit_code == 2
