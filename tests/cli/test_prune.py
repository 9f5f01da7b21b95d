"""``replay prune``: nothing goes that was not asked for, and nothing that could not be had again."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.cli.samples import chat, replay, replay_process, write
from tests.cli.test_validate import abandon

NOW = datetime.now(timezone.utc)
TESTS = """
import pytest

def test_used(cassette): ...

@pytest.mark.parametrize("city", ["Oslo"])
def test_cities(cassette, city): ...

@pytest.mark.cassette("shared/one")
def test_shared(): ...
"""


TAKES = ("test_app/test_often.yaml", "test_app/test_often.take-2.yaml")
INI = """[pytest]
addopts = -p no:recording -p no:cassetter
"""


def recorded(path: Path, days: float) -> Path:
    return write(path, chat(1), recorded=NOW - timedelta(days=days))


def git(directory: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with one old cassette and one of today."""
    recorded(tmp_path / "cassettes" / "a" / "old.yaml", 40.5)
    recorded(tmp_path / "cassettes" / "new.yaml", 1)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cassettes"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with tests, cassettes that they use, and one that none does."""
    (tmp_path / "test_app.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(INI)
    for name in ("test_app/test_used", "test_app/test_cities[Oslo]", "shared/one", "test_app/test_gone"):
        recorded(tmp_path / "cassettes" / f"{name}.yaml", 1)
    monkeypatch.chdir(tmp_path)
    # Options of the run that these tests are part of are not the project's.
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return tmp_path / "cassettes"


def names(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_old_cassettes_go_by_the_date_they_were_recorded(old: Path) -> None:
    os.utime(old / "new.yaml", (0, 0))
    done = replay("prune", "--older-than", "30d", "--yes")

    assert done.exit_code == 0
    assert done.stdout == "cassettes/a/old.yaml: recorded 1 mo ago\n"
    assert "1 cassette deleted" in done.stderr
    assert names(old) == {"new.yaml"}
    assert not (old / "a").exists()


def test_a_dry_run_deletes_nothing_and_says_that_there_is_something(old: Path) -> None:
    done = replay("prune", "--older-than", "30d", "--dry-run")

    assert done.exit_code == 1
    assert done.stdout == "cassettes/a/old.yaml: recorded 1 mo ago\n"
    assert names(old) == {"a/old.yaml", "new.yaml"}
    assert replay("prune", "--older-than", "60d", "--dry-run").exit_code == 0


def test_without_a_terminal_nothing_goes_unless_told_so(old: Path) -> None:
    done = replay_process("prune", "--older-than", "30d")

    assert done.returncode == 2
    assert "add --yes" in done.stderr
    assert names(old) == {"a/old.yaml", "new.yaml"}


@pytest.mark.parametrize(
    ("answer", "code", "left"), [("y", 0, {"new.yaml"}), ("n", 1, {"a/old.yaml", "new.yaml"})]
)
def test_a_person_is_asked(old: Path, answer: str, code: int, left: set[str]) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "trace_ops.cli", "prune", "--older-than", "30d"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        os.write(ours, answer.encode() + b"\n")
        _, said = process.communicate(timeout=60)
    os.close(ours)

    assert b"Delete 1 cassette?" in said
    assert process.returncode == code
    assert names(old) == left


@pytest.mark.parametrize("age", ["30", "d", "-3d", "30 days", "99999999999d", ""])
def test_what_is_no_age_is_refused(old: Path, age: str) -> None:
    done = replay("prune", "--older-than", age, "--yes")

    assert done.exit_code == 2
    assert names(old) == {"a/old.yaml", "new.yaml"}


def test_something_must_be_asked_for(old: Path) -> None:
    assert replay("prune", "--yes").exit_code == 2


def test_what_is_no_cassette_stays(old: Path) -> None:
    (old / "notes.yaml").write_text("version: 1\nspans: [")
    (old / "cut.yaml").write_bytes((old / "a" / "old.yaml").read_bytes()[:-20])
    done = replay("prune", "--older-than", "30d", "--yes")

    assert done.exit_code == 1
    assert names(old) == {"new.yaml", "notes.yaml", "cut.yaml"}
    assert done.stderr.count("cannot be read as a cassette") == 2


def test_a_recording_that_is_unfinished_keeps_its_cassette_and_its_journal(old: Path) -> None:
    abandon(old / "a" / "old.yaml", 2)
    before = names(old)
    done = replay("prune", "--older-than", "30d", "--yes")

    assert done.exit_code == 0
    assert len(before) == 3
    assert names(old) == before
    assert "kept cassettes/a/old.yaml: a recording of it is unfinished" in done.stderr


def test_a_date_without_a_zone_is_utc(old: Path) -> None:
    write(old / "plain.yaml", chat(1), recorded=datetime(2020, 1, 1))  # noqa: DTZ001

    assert "cassettes/plain.yaml: recorded" in replay("prune", "--older-than", "30d", "--dry-run").stdout
    assert "2020-01-01" in replay("stats").stdout
    assert "2020-01-01" in replay("costs", "--by", "day").stdout


def test_a_cassette_without_a_date_stays(old: Path) -> None:
    write(old / "undated.yaml", chat(1), recorded=None)
    done = replay("prune", "--older-than", "30d", "--yes")

    assert names(old) == {"new.yaml", "undated.yaml"}
    assert "it does not say when it was recorded" in done.stderr


def test_what_git_could_not_bring_back_stays(old: Path) -> None:
    committed, changed, new = (
        recorded(old / f"{n} ü.yaml", 40) for n in ("committed", "changed", "untracked")
    )
    git(old.parent, "init", "-q")
    git(old.parent, "add", str(committed), str(changed), "cassettes/a/old.yaml")
    git(old.parent, "commit", "-qm", "x")
    recorded(changed, 50)
    done = replay("prune", "--older-than", "30d", "--yes")

    assert done.exit_code == 0
    assert names(old) == {changed.name, new.name, "new.yaml"}
    assert "kept cassettes/changed ü.yaml: modified, says git" in done.stderr
    assert "kept cassettes/untracked ü.yaml: not in git yet" in done.stderr


def test_ignored_by_git_is_no_reason_to_stay(old: Path) -> None:
    git(old.parent, "init", "-q")
    (old.parent / ".gitignore").write_text("cassettes/\n")

    assert replay("prune", "--older-than", "30d", "--yes").exit_code == 0
    assert names(old) == {"new.yaml"}


def test_orphans_are_what_no_test_uses(project: Path) -> None:
    done = replay_process("prune", "--orphans", "--yes")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "cassettes/test_app/test_gone.yaml: no test uses it\n"
    assert names(project) == {"shared/one.yaml", "test_app/test_cities[Oslo].yaml", "test_app/test_used.yaml"}


def test_with_both_options_what_goes_is_old_and_unused(project: Path) -> None:
    recorded(project / "test_app" / "test_used.yaml", 90)
    assert replay_process("prune", "--orphans", "--older-than", "30d", "--dry-run").returncode == 0

    recorded(project / "test_app" / "test_gone.yaml", 90)
    done = replay_process("prune", "--orphans", "--older-than", "30d", "--dry-run")
    assert done.stdout == "cassettes/test_app/test_gone.yaml: recorded 2 mo ago, no test uses it\n"


def test_a_cassette_that_a_program_names_is_no_orphan(project: Path) -> None:
    recorded(project / "agent.yaml", 1)
    recorded(project / "agent-2.yaml", 1)
    (project.parent / "app.py").write_text('Recorder(save_to="cassettes/agent.yaml")\n')
    done = replay_process("prune", "--orphans", "--yes")

    assert "kept cassettes/agent.yaml: app.py names it" in done.stderr
    assert "agent.yaml" in names(project)
    assert "agent-2.yaml" not in names(project)


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("test_bad.py", "import nothing_of_that_name\n", "pytest cannot collect the tests"),
        ("pytest.ini", INI.rstrip() + " -k used", "pytest leaves tests out"),
        ("conftest.py", "collect_ignore = ['test_app.py']\n", "pytest finds no tests here"),
    ],
)
def test_orphans_are_not_told_unless_all_tests_are_known(
    project: Path, file: str, text: str, why: str
) -> None:
    (project.parent / file).write_text(text)
    before = names(project)
    done = replay_process("prune", "--orphans", "--yes")

    assert done.returncode == 1
    assert f"replay: which cassettes are used is not known: {why}" in done.stderr
    assert names(project) == before


def test_cassettes_of_a_module_that_is_skipped_stay(project: Path) -> None:
    (project.parent / "test_other.py").write_text("import pytest\npytest.importorskip('nothing_there')\n")
    recorded(project / "test_other" / "test_x.yaml", 1)
    done = replay_process("prune", "--orphans", "--yes")

    assert done.returncode == 0
    assert "test_other/test_x.yaml" in names(project)
    assert "kept cassettes/test_other/test_x.yaml: pytest does not tell of it" in done.stderr


def test_options_of_the_project_are_its_own(project: Path) -> None:
    (project.parent / "pytest.ini").write_text(INI.rstrip() + " -n 2 -q --color=yes --maxfail=1\n")
    done = replay_process("prune", "--orphans", "--dry-run")

    assert done.stdout == "cassettes/test_app/test_gone.yaml: no test uses it\n", done.stderr


def test_takes_of_a_test_are_used(project: Path) -> None:
    with (project.parent / "test_app.py").open("a") as file:
        file.write("\n@pytest.mark.takes(2)\ndef test_often(cassette): ...\n")
    for path in TAKES:
        recorded(project / path, 1)
    done = replay_process("prune", "--orphans", "--yes")

    assert done.returncode == 0, done.stderr
    assert names(project) >= set(TAKES)


def test_no_test_is_run(project: Path) -> None:
    with (project.parent / "test_app.py").open("a") as file:
        file.write("\ndef test_writes():\n    open('ran', 'w')\n")
    replay_process("prune", "--orphans", "--dry-run")

    assert not (project.parent / "ran").exists()


def test_json(old: Path) -> None:
    (old / "bad.yaml").write_text("- 1\n")
    done = replay("prune", "--older-than", "30d", "--yes", "--json")
    gone, bad = json.loads(done.stdout)

    assert (gone["cassette"], gone["why"], gone["deleted"]) == (
        "cassettes/a/old.yaml",
        ["recorded 1 mo ago"],
        True,
    )
    assert gone["bytes"] > 0
    assert (bad["cassette"], bad["deleted"]) == ("cassettes/bad.yaml", False)
    assert bad["kept"].startswith("cannot be read as a cassette")
