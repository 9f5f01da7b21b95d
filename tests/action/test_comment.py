"""The comment on a pull request: one, kept up to date, gone when there is nothing to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.kit import COMMENTS, REPOSITORY, SCRIPTS, CommentApi, Fault

TOKEN = "ghs_not_to_be_seen"
DIFF = "**tests/test_a.yaml** message 2 (user) changed\n"


@pytest.fixture
def api() -> Iterator[CommentApi]:
    with CommentApi() as double:
        yield double


class Step:
    """The step that comments, on pull request 7."""

    def __init__(self, scratch: Path, api: CommentApi) -> None:
        self.scratch = scratch
        (scratch / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
        self.env = {
            **os.environ,
            "GITHUB_API_URL": api.url,
            "GITHUB_EVENT_PATH": str(scratch / "event.json"),
            "GITHUB_JOB": "tests",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "123",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_WORKFLOW": "ci",
            "TRACE_OPS_REPORT": str(scratch),
            "TRACE_OPS_SECOND": "0.001",
            "TRACE_OPS_TOKEN": TOKEN,
        }

    def __call__(self, diff: str | None = DIFF, **env: str) -> str:
        """Run it, for a diff or for none; gives its log."""
        (self.scratch / "diff.md").write_text(diff or "", encoding="utf-8")
        changed = {"TRACE_OPS_CHANGED": "false" if diff is None else "true"}
        done = subprocess.run(
            [sys.executable, str(SCRIPTS / "comment.py")],
            env={**self.env, **changed, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert TOKEN not in done.stdout
        return done.stdout


@pytest.fixture
def step(tmp_path: Path, api: CommentApi) -> Step:
    return Step(tmp_path, api)


def test_a_comment_is_written_and_then_brought_up_to_date(step: Step, api: CommentApi) -> None:
    api.add("Looks good")

    assert "comment written" in step()
    assert len(api.comments) == 2
    assert DIFF.strip() in api.bodies[1]
    assert api.bodies[1].startswith("<!-- TraceOps ")
    assert "https://github.example/someone/agents/actions/runs/123" in api.bodies[1]

    assert "brought up to date" in step("other\n")
    assert len(api.comments) == 2
    assert "other" in api.bodies[1]
    assert DIFF.strip() not in api.bodies[1]
    assert api.tokens == {f"Bearer {TOKEN}"}


def test_the_same_again_changes_nothing(step: Step, api: CommentApi) -> None:
    step()
    api.log.clear()

    assert "is up to date" in step()
    assert api.methods == ["GET"]


def test_nothing_changed_is_silent_and_takes_the_comment_away(step: Step, api: CommentApi) -> None:
    assert "no comment" in step(None)
    assert api.methods == ["GET"]

    api.add("Looks good")
    step()
    assert "comment deleted" in step(None)
    assert api.bodies == ["Looks good"]


def test_the_comment_is_found_on_a_later_page(step: Step, api: CommentApi) -> None:
    for number in range(250):
        api.add(f"comment {number}")
    step()
    step("other\n")

    assert len(api.comments) == 251
    assert [target.rpartition("page=")[2] for method, target in api.log if method == "GET"] == list("123123")


def test_a_page_that_is_just_full_is_not_the_end(step: Step, api: CommentApi) -> None:
    for number in range(99):
        api.add(f"comment {number}")
    step()
    assert len(api.comments) == 100
    step("other\n")

    assert len(api.comments) == 100


def test_duplicates_are_removed(step: Step, api: CommentApi) -> None:
    step()
    api.add(api.bodies[0])
    step("other\n")

    assert len(api.comments) == 1
    assert "other" in api.bodies[0]


def test_a_comment_that_quotes_ours_is_let_be(step: Step, api: CommentApi) -> None:
    step()
    quoted = f"> {api.bodies[0]}"
    api.add(quoted)
    step(None)

    assert api.bodies == [quoted]


def test_jobs_have_comments_of_their_own(step: Step, api: CommentApi) -> None:
    step()
    step(GITHUB_JOB="other")
    step(TRACE_OPS_COMMENT_KEY="3.12")
    step()

    assert len(api.comments) == 3


@pytest.mark.parametrize("method", ["GET", "PATCH", "POST", "DELETE"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_faults_that_pass_are_tried_again(step: Step, api: CommentApi, method: str, status: int) -> None:
    if method != "POST":
        step()
    api.faults = [Fault(method, status), Fault(method, status)]
    step(None if method == "DELETE" else "other\n")

    assert api.faults == []
    assert ["other" in body for body in api.bodies] == ([] if method == "DELETE" else [True])


def test_a_comment_whose_answer_was_lost_is_not_written_twice(step: Step, api: CommentApi) -> None:
    api.faults = [Fault("POST", 502, done=True)]
    step()

    assert len(api.comments) == 1
    assert api.methods.count("POST") == 1


def test_a_server_that_stays_down_fails_no_job(step: Step, api: CommentApi) -> None:
    api.faults = [Fault("*", 503) for _ in range(50)]
    said = step()

    assert "::warning title=TraceOps::the comment could not be written: GET " in said
    assert len(api.log) < 20


def test_no_server_at_all_fails_no_job(step: Step) -> None:
    assert "::warning" in step(GITHUB_API_URL="http://127.0.0.1:9")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_token_that_may_not_write_falls_back_to_the_summary(
    step: Step, api: CommentApi, status: int
) -> None:
    api.faults = [Fault("POST", status) for _ in range(5)]
    said = step()

    assert "::notice title=TraceOps::the token may not write comments" in said
    assert "summary of the job" in said
    assert api.comments == []


def test_a_comment_that_somebody_deleted_meanwhile_is_written_anew(step: Step, api: CommentApi) -> None:
    step()
    gone = api.comments[0]
    real = api._do

    def vanish(method: str, target: str, body: object) -> tuple[int, dict[str, str], object]:
        if method == "PATCH" and gone in api.comments:
            api.comments.remove(gone)
        return real(method, target, body)

    api._do = vanish  # type: ignore[method-assign]
    step("other\n")

    assert len(api.comments) == 1
    assert "other" in api.bodies[0]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"retry-after": "2"}),
        (403, {"retry-after": "2"}),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "{soon}"}),
        (429, {}),
    ],
)
def test_a_limit_is_waited_for(step: Step, api: CommentApi, status: int, headers: dict[str, str]) -> None:
    soon = str(int(time.time()) + 5)
    api.faults = [Fault("POST", status, {name: value.format(soon=soon) for name, value in headers.items()})]
    step()

    assert len(api.comments) == 1
    assert api.methods.count("POST") == 2


def test_a_limit_that_is_far_off_is_told(step: Step, api: CommentApi) -> None:
    far = str(int(time.time()) + 3000)
    api.faults = [Fault("*", 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": far}) for _ in range(5)]

    assert "too many requests" in step()
    assert len(api.log) <= 3


def test_a_redirect_does_not_carry_the_token_elsewhere(step: Step, api: CommentApi) -> None:
    with CommentApi() as other:
        api.faults = [Fault("*", 302, {"location": other.url}) for _ in range(9)]
        said = step()

        assert other.log == []
    assert "::warning" in said


def test_a_long_diff_is_cut_to_what_a_comment_may_hold(step: Step, api: CommentApi) -> None:
    step("<details><summary>x</summary>\n\n```diff\n" + "+ é line\n" * 20_000 + "```\n</details>\n")

    assert len(api.bodies[0].encode()) < 65_536
    assert len(api.bodies[0].encode()) > 50_000
    assert "Cut here" in api.bodies[0]
    assert api.bodies[0].count("```") == 2
    assert api.bodies[0].count("</details>") == 1


@pytest.mark.parametrize(
    "event", ["{}", "[]", "not json", '{"pull_request": null}', '{"pull_request": {"number": "7; rm"}}']
)
def test_without_a_pull_request_nothing_is_asked(step: Step, api: CommentApi, event: str) -> None:
    (step.scratch / "event.json").write_text(event)

    assert "no pull request" in step()
    assert api.log == []


def test_a_message_of_the_server_is_no_command_to_the_runner(step: Step, api: CommentApi) -> None:
    answer = api.answer

    def evil(method: str, target: str, body: object) -> tuple[int, dict[str, str], object]:
        answer(method, target, body)
        return 422, {}, {"message": "no\n::error::pwned"}

    api.answer = evil  # type: ignore[method-assign]

    assert not any(line.startswith("::error") for line in step().splitlines())


def test_paths_are_those_of_the_issue_comments(step: Step, api: CommentApi) -> None:
    step()
    step("other\n")

    assert [f"{method} {target.partition('?')[0]}" for method, target in api.log] == [
        f"GET {COMMENTS}/7/comments",
        f"POST {COMMENTS}/7/comments",
        f"GET {COMMENTS}/7/comments",
        f"PATCH {COMMENTS}/comments/{api.comments[0]['id']}",
    ]
