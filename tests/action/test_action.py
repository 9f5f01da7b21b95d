"""The action from end to end: its own steps, on a base and a head as GitHub checks them out."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.action.kit import ACTION, ARTIFACT, CommentApi, Fault, Runner, git
from tests.cli.samples import chat, write
from tests.viewer.kit import Page

TEST = """
import os
from openai import OpenAI

def test_greeting(cassette):
    with OpenAI(api_key="x", base_url="http://127.0.0.1:9/v1", max_retries=0) as client:
        client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "PROMPT"}])
"""
INI = """[pytest]
addopts = -p trace_ops.pytest_plugin
"""
ACTION_YML = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))


pytestmark = pytest.mark.slow


@pytest.fixture
def api() -> Iterator[CommentApi]:
    with CommentApi() as double:
        yield double


class Project:
    """A repository with a test and its recording, and a pull request to it."""

    def __init__(self, scratch: Path, api: CommentApi) -> None:
        self.scratch = scratch
        self.api = api
        self.path = scratch / "origin"
        self.path.mkdir()
        git(self.path, "init", "-q", "-b", "main")
        git(self.path, "config", "uploadpack.allowAnySHA1InWant", "true")
        (self.path / "pytest.ini").write_text(INI)
        self.write("Hi")
        self.base = self.commit()
        git(self.path, "checkout", "-q", "-b", "branch")

    def write(
        self, prompt: str, recorded: str | None = None, *, test: str = "def test_greeting(): ..."
    ) -> None:
        """A recording of something asked, and a test, which need not play it."""
        (self.path / "test_app.py").write_text(test.replace("PROMPT", prompt))
        cassettes = self.path / "cassettes" / "test_app"
        write(cassettes / "test_greeting.yaml", chat(1, asked=recorded or prompt), name="test_greeting")

    def commit(self) -> str:
        git(self.path, "add", "-A")
        git(self.path, "commit", "-qm", "x", "--allow-empty")
        return git(self.path, "rev-parse", "HEAD")

    def pull_request(self) -> Runner:
        """Commit what is there, and check the merge with the base out as actions/checkout does."""
        head = self.commit()
        git(self.path, "checkout", "-q", "--detach", self.base)
        git(self.path, "merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "merge", head)
        merge = git(self.path, "rev-parse", "HEAD")
        git(self.path, "checkout", "-q", "branch")
        workspace = self.scratch / "workspace"
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.rmtree(self.scratch / "runner", ignore_errors=True)
        workspace.mkdir()
        git(workspace, "init", "-q")
        git(workspace, "remote", "add", "origin", self.path.as_uri())
        git(workspace, "fetch", "-q", "--no-tags", "--depth=1", "origin", merge)
        git(workspace, "checkout", "-q", "--detach", "FETCH_HEAD")
        event = {"pull_request": {"number": 7, "base": {"sha": self.base}}}
        runner = Runner(self.scratch / "runner", workspace, self.api, event)
        # The project has no plugin but ours, which is quicker.
        runner.setenv(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        runner.setenv(GITHUB_REF="refs/pull/7/merge", GITHUB_SHA=merge)
        return runner


@pytest.fixture
def project(tmp_path: Path, api: CommentApi) -> Project:
    return Project(tmp_path, api)


def test_a_change_is_told_in_summary_and_comment_and_no_change_takes_the_comment_away(
    project: Project, api: CommentApi
) -> None:
    project.write("Good day", test=TEST)
    runner = project.pull_request()

    assert runner.run() == 0, runner.log
    assert runner.results["verdict"] == "passed"
    assert runner.results["changed"] == "true"
    report = Path(runner.results["report"])
    assert {path.name for path in report.iterdir()} == {
        f"{name}.{form}" for name in ("tests", "diff") for form in ("json", "md", "html")
    }
    page = Page(report / "diff.html").check()
    assert page.bundle["comparisons"][0]["first"].startswith("first difference: step 1")
    assert len(Page(report / "tests.html").check().bundle["session"]["tests"]) == 1
    assert json.loads((report / "tests.json").read_text())["totals"]["tests"] == 1
    (comment,) = api.bodies
    summary = runner.summary.read_text()
    for text in (comment, summary):
        assert "test_app/test_greeting.yaml" in text
        assert "Good day" in text
        assert str(project.scratch) not in text
        assert (
            f"to look at, step by step: `diff.html` and `tests.html` in [the artifact]({ARTIFACT})"
            in text.replace("To", "to")
        )
    assert summary.startswith("## TraceOps")
    assert api.tokens == {"Bearer t0ken"}

    project.write("Hi")
    runner = project.pull_request()
    assert runner.run() == 0, runner.log
    assert runner.results["changed"] == "false"
    assert api.bodies == []
    assert "None differs." in runner.summary.read_text()
    assert (
        f"To look at, step by step: `tests.html` in [the artifact]({ARTIFACT})." in runner.summary.read_text()
    )


def test_failing_tests_fail_the_job_after_all_has_been_told(project: Project, api: CommentApi) -> None:
    project.write("Good day", recorded="Good evening", test=TEST)
    runner = project.pull_request()

    assert runner.run() == 1
    assert runner.results["verdict"] == "failed"
    assert "::error title=TraceOps::tests failed" in runner.log
    assert len(api.comments) == 1
    assert "test_greeting" in runner.summary.read_text()
    assert runner.skipped == []


def test_fail_on_fails_the_job_for_what_it_names_only(project: Project) -> None:
    project.write("Good day")
    runner = project.pull_request()
    assert runner.run(fail_on="prompt") == 1
    assert runner.results["verdict"] == "differs"
    assert "fails on cassettes/" in runner.log or "fails on test_app/" in runner.log

    runner = project.pull_request()
    assert runner.run(fail_on="model") == 0
    assert runner.results == {**runner.results, "verdict": "passed", "changed": "true"}


def test_a_fail_on_that_is_none_does_not_pass_unseen(project: Project) -> None:
    runner = project.pull_request()

    assert runner.run(fail_on="moon") == 1
    assert "the comparison that fail-on asks for could not be made" in runner.log


def test_a_fork_gets_the_summary(project: Project, api: CommentApi) -> None:
    api.faults = [Fault("POST", 403)]
    project.write("Good day")
    runner = project.pull_request()

    assert runner.run() == 0
    assert api.comments == []
    assert "::notice title=TraceOps::the token may not write comments" in runner.log
    assert "Good day" in runner.summary.read_text()


def test_without_a_comment_nothing_is_asked_of_the_api(project: Project, api: CommentApi) -> None:
    project.write("Good day")
    runner = project.pull_request()

    assert runner.run(post_diff_comment="false") == 0
    assert api.log == []
    assert runner.skipped == ["Comment on the pull request"]


def test_arguments_and_mode_reach_pytest(project: Project) -> None:
    runner = project.pull_request()

    assert runner.run(pytest_args="-k 'greeting and not other' -q", record_mode="none") == 0
    assert "1 passed" in runner.log
    runner = project.pull_request()
    assert runner.run(record_mode="moon") == 1
    assert "moon" in runner.log
    runner = project.pull_request()
    assert runner.run(pytest_args="'") == 1
    assert "pytest-args cannot be taken apart" in runner.log


def test_inputs_are_data(project: Project) -> None:
    evil = "\"; touch pwned; '$(touch pwned)' `touch pwned`\n::error::pwned"
    runner = project.pull_request()
    runner.run(
        pytest_args=f"-k {shlex.quote(evil)}", cassette_dir=evil, fail_on=evil, base=evil, comment_key=evil
    )

    assert not list(project.scratch.rglob("pwned"))
    assert "::error::pwned" not in runner.log.splitlines()


def test_new_recordings_and_none_at_all(project: Project, api: CommentApi) -> None:
    shutil.rmtree(project.path / "cassettes")
    runner = project.pull_request()
    assert runner.run() == 0, runner.log
    assert runner.results["changed"] == "true"
    assert "removed" in api.bodies[0]

    runner = project.pull_request()
    assert runner.run(cassette_dir="nowhere") == 0, runner.log
    assert runner.results["changed"] == "false"


def test_what_was_broken_before_is_no_change(project: Project, api: CommentApi) -> None:
    bad = project.path / "cassettes" / "bad.yaml"
    git(project.path, "checkout", "-q", "main")
    bad.write_text("version: 1\nspans: [")
    project.base = project.commit()
    git(project.path, "checkout", "-q", "branch")
    git(project.path, "merge", "-q", "main")
    runner = project.pull_request()
    assert runner.run() == 0, runner.log
    assert (runner.results["changed"], api.bodies) == ("false", [])

    bad.write_text("version: 1\nspans: {")
    runner = project.pull_request()
    assert runner.run() == 0, runner.log
    assert runner.results["changed"] == "true"
    assert "bad.yaml" in api.bodies[0]


def test_a_project_in_a_directory_with_an_interpreter_of_its_own(project: Project, api: CommentApi) -> None:
    def move() -> None:
        (project.path / "app").mkdir(exist_ok=True)
        for name in ("pytest.ini", "test_app.py", "cassettes"):
            git(project.path, "mv", "-k", name, "app")

    git(project.path, "checkout", "-q", "main")
    move()
    project.base = project.commit()
    git(project.path, "checkout", "-q", "-B", "branch")
    path = project.path / "app" / "cassettes" / "test_app" / "test_greeting.yaml"
    write(path, chat(1, asked="Good day"), name="test_greeting")
    runner = project.pull_request()
    python = runner.workspace / "app" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)

    assert runner.run(working_directory="app", python=".venv/bin/python") == 0, runner.log
    assert runner.results["changed"] == "true"
    assert "Good day" in api.bodies[0]
    assert "1 changed" in api.bodies[0]


@pytest.mark.parametrize("outside", ["/etc", "../x", "cassettes/../.."])
def test_directories_outside_are_refused(project: Project, outside: str) -> None:
    runner = project.pull_request()

    assert runner.run(cassette_dir=outside) == 1
    assert "cassette-dir is to be within the working directory" in runner.log


def test_without_a_base_the_tests_run_and_nothing_is_compared(project: Project, api: CommentApi) -> None:
    runner = project.pull_request()
    (project.scratch / "runner" / "event.json").write_text('{"schedule": "0 3 * * *"}')

    assert runner.run() == 0
    assert runner.results["changed"] == ""
    assert "Not compared: this event has no base." in runner.summary.read_text()
    assert api.log == []


def _expressions(value: Any) -> set[str]:
    return set(re.findall(r"\$\{\{\s*(.*?)\s*\}\}", json.dumps(value)))


def test_no_expression_stands_in_a_program() -> None:
    for step in ACTION_YML["runs"]["steps"]:
        assert not _expressions(step.get("run", ""))


def test_every_expression_refers_to_something() -> None:
    steps = {step["id"] for step in ACTION_YML["runs"]["steps"] if "id" in step}
    for expression in _expressions([ACTION_YML["runs"], ACTION_YML["outputs"]]):
        for name in re.findall(r"\b(?:inputs|steps)\.[\w.-]+", expression):
            kind, _, rest = name.partition(".")
            assert rest in ACTION_YML["inputs"] if kind == "inputs" else rest.partition(".")[0] in steps


def test_all_inputs_are_used() -> None:
    used = " ".join(_expressions(ACTION_YML["runs"]))

    assert [name for name in ACTION_YML["inputs"] if not re.search(rf"inputs\.{name}\b", used)] == []
