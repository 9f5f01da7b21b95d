"""Which commit a change is based on, and the recordings in it, in checkouts as shallow as CI's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.action.kit import SCRIPTS, git

PROGRAM = """
import json, sys, pathlib
sys.path.insert(0, sys.argv[1])
import base
try:
    commit = base.find(sys.argv[2], json.loads(sys.argv[3]))
    found = base.checkout(commit, json.loads(sys.argv[4]), pathlib.Path(sys.argv[5]))
    files = [sorted(str(f.relative_to(d)) for f in d.rglob("*") if f.is_file()) for d in found]
    texts = [[(d / name).read_text() for name in names] for d, names in zip(found, files)]
    print(json.dumps({"commit": commit, "files": files, "texts": texts}))
except base.NoBaseError as error:
    print(json.dumps({"none": str(error)}))
"""
Find = Callable[..., dict[str, Any]]


class Origin:
    """A repository with a branch, the merge of the two that GitHub makes, and a base that moved on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        git(path, "init", "-q", "-b", "main")
        # As GitHub allows it.
        git(path, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.first = self.commit("first", old="1")
        for number in range(3):
            self.fork = self.commit(f"main {number}", old=str(number))
        git(path, "checkout", "-q", "-b", "branch")
        for number in range(60):
            self.head = self.commit(f"branch {number}", new=str(number))
        git(path, "checkout", "-q", "main")
        self.tip = self.commit("moved on", other="x")
        git(path, "checkout", "-q", "--detach")
        git(path, "merge", "-q", "--no-ff", "-m", "merge", "branch")
        self.merge = git(path, "rev-parse", "HEAD")
        git(path, "update-ref", "refs/pull/7/merge", self.merge)
        git(path, "checkout", "-q", "main")

    def commit(self, message: str, **recordings: str) -> str:
        """Write recordings and commit them; gives the commit."""
        for name, text in recordings.items():
            file = self.path / "app" / "cassettes" / "ü b" / f"{name}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        git(self.path, "add", "-A")
        git(self.path, "commit", "-qm", message)
        return git(self.path, "rev-parse", "HEAD")

    def checkout(self, to: Path, ref: str) -> Path:
        """A checkout of one commit and no history, as actions/checkout makes it."""
        to.mkdir()
        git(to, "init", "-q")
        git(to, "remote", "add", "origin", self.path.as_uri())
        git(to, "fetch", "-q", "--no-tags", "--depth=1", "origin", ref)
        git(to, "checkout", "-q", "--detach", "FETCH_HEAD")
        return to


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    return Origin(tmp_path_factory.mktemp("git") / "origin")


@pytest.fixture
def find(tmp_path: Path) -> Find:
    def run(clone: Path, event: Any, given: str = "", directories: Any = ("cassettes",), **env: str) -> Any:
        to = Path(tempfile.mkdtemp(dir=tmp_path)) / "base"
        arguments = [given, json.dumps(event), json.dumps(directories), str(to)]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(SCRIPTS), *arguments],
            cwd=clone / "app",
            env={**os.environ, "GITHUB_WORKSPACE": str(clone), **env},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return json.loads(done.stdout)

    return run


def pull_request(base: str) -> dict[str, Any]:
    return {"pull_request": {"number": 7, "base": {"sha": base}}}


def test_of_a_merge_it_is_the_parent_on_the_base_even_if_that_moved_on(
    origin: Origin, find: Find, tmp_path: Path
) -> None:
    clone = origin.checkout(tmp_path / "clone", "refs/pull/7/merge")
    ref = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": origin.merge}
    found = find(clone, pull_request(origin.first), **ref)

    assert found["commit"] == origin.tip
    assert found["files"] == [["ü b/old.yaml", "ü b/other.yaml"]]
    assert git(clone, "status", "--porcelain") == ""


def test_of_a_head_it_is_where_it_left_the_base(origin: Origin, find: Find, tmp_path: Path) -> None:
    clone = origin.checkout(tmp_path / "clone", "branch")
    found = find(clone, pull_request(origin.tip), GITHUB_REF="refs/pull/7/merge", GITHUB_SHA=origin.merge)

    assert found["commit"] == origin.fork
    assert (found["files"], found["texts"]) == ([["ü b/old.yaml"]], [["2"]])


def test_of_a_push_it_is_what_was_there_before(origin: Origin, find: Find, tmp_path: Path) -> None:
    clone = origin.checkout(tmp_path / "clone", "main")

    assert find(clone, {"before": origin.first})["commit"] == origin.first
    assert find(clone, {"before": "0" * 40}) == {"none": "the branch is new"}
    assert find(clone, {"merge_group": {"base_sha": origin.fork}})["commit"] == origin.fork


@pytest.mark.parametrize("event", [{}, {"before": 1}, {"before": "--upload-pack=x"}, {"merge_group": []}])
def test_an_event_may_have_no_base(origin: Origin, find: Find, tmp_path: Path, event: Any) -> None:
    clone = origin.checkout(tmp_path / "clone", "main")

    assert find(clone, event) == {"none": "this event has no base"}


def test_a_base_can_be_given_by_name(origin: Origin, find: Find, tmp_path: Path) -> None:
    clone = origin.checkout(tmp_path / "clone", "branch")

    assert find(clone, {}, "main")["commit"] == origin.tip
    assert find(clone, {}, origin.first)["commit"] == origin.first


@pytest.mark.parametrize("name", ["--upload-pack=touch x", "-x", "no-such-branch", "0" * 40])
def test_a_name_that_is_none_is_told(origin: Origin, find: Find, tmp_path: Path, name: str) -> None:
    clone = origin.checkout(tmp_path / "clone", "main")

    assert find(clone, {}, name)["none"]


def test_recordings_that_were_not_there_are_none(origin: Origin, find: Find, tmp_path: Path) -> None:
    clone = origin.checkout(tmp_path / "clone", "main")
    found = find(clone, {"before": origin.first}, directories=["elsewhere", "cassettes"])

    assert found["files"] == [[], ["ü b/old.yaml"]]


def test_without_a_repository_it_is_told(find: Find, tmp_path: Path) -> None:
    (tmp_path / "clone" / "app").mkdir(parents=True)

    assert "not a git repository" in find(tmp_path / "clone", pull_request("1" * 40))["none"]


def test_what_is_staged_stays_staged(origin: Origin, find: Find, tmp_path: Path) -> None:
    clone = origin.checkout(tmp_path / "clone", "main")
    (clone / "app" / "new.txt").write_text("x")
    git(clone, "add", "-A")
    find(clone, {"before": origin.first})

    assert git(clone, "status", "--porcelain") == "A  app/new.txt"
