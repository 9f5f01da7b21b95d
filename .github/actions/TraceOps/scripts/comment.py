"""Keep one comment on the pull request: made, brought up to date, and gone when nothing differs any more."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from typing import Any

import markdown
import runner
from api import Api, ApiError

_LIMIT = 60_000
"""GitHub takes 65,536 characters."""

_TRIES = 3
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def main() -> int:
    """Bring the comment up to date; whatever keeps it from that does not fail the job."""
    number = _pull_request(runner.event())
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if number is None or not _REPOSITORY.fullmatch(repository):
        runner.say("no pull request, no comment")
        return 0
    body = None
    if runner.setting("CHANGED") == "true":
        diff = (runner.report() / "diff.md").read_text("utf-8", "replace")
        body = text(diff, _run_url())
    try:
        runner.say(Comments(Api(runner.setting("TOKEN")), repository, number, marker()).sync(body))
    except ApiError as error:
        if error.refused:
            why = "the token may not write comments, as on pull requests from forks"
            runner.annotate("notice", f"{why}; what changed is in the summary of the job ({error})")
        else:
            runner.annotate("warning", f"the comment could not be written: {error}")
    return 0


def marker() -> str:
    """The first line of the comment, which nobody sees: it tells the comment of this job from all others."""
    parts = (
        os.environ.get("GITHUB_WORKFLOW", ""),
        os.environ.get("GITHUB_JOB", ""),
        runner.setting("COMMENT_KEY"),
    )
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return f"<!-- TraceOps {digest} -->"


def text(diff: str, run_url: str) -> str:
    """The comment."""
    link = f"[the run]({run_url})" if run_url else "the run"
    head = f"{marker()}\n## Recordings against the base\n\n"
    pages = runner.pages()
    look = f"to look at, step by step: {pages}" if pages else "the report is among its artifacts"
    foot = f"\n\n<sub>From {link}; {look}.</sub>\n"
    room = _LIMIT - len((head + foot).encode())
    return (
        head + markdown.cut(diff, room, f"_Cut here; all of it is in the summary of {link}._").strip() + foot
    )


class Comments:
    """The comments of one pull request."""

    def __init__(self, api: Api, repository: str, number: int, marker: str) -> None:
        self._api = api
        self._issue = f"/repos/{repository}/issues/{number}/comments"
        self._comment = f"/repos/{repository}/issues/comments"
        self._marker = marker

    def sync(self, body: str | None) -> str:
        """Have exactly one comment with this text, or none; tells what was done. Raises :class:`ApiError`."""
        for number in range(_TRIES):
            try:
                return self._sync(body)
            except ApiError as error:
                # The answer is lost or the comment is: look again what there is, and go on from that.
                gone = error.status == 404 and number == 0
                if number == _TRIES - 1 or not (error.passing or gone):
                    raise
        raise AssertionError("unreachable")

    def _sync(self, body: str | None) -> str:
        found = [each for each in self._api.pages(self._issue) if self._is_ours(each)]
        if body is None:
            self._delete(found)
            return "nothing differs any more: comment deleted" if found else "nothing differs, no comment"
        if not found:
            self._api.request("POST", self._issue, {"body": body})
            return "comment written"
        first, *others = found
        # Two runs at once may both have found none.
        self._delete(others)
        if first.get("body") == body:
            return "comment is up to date"
        self._api.request("PATCH", f"{self._comment}/{int(first['id'])}", {"body": body})
        return "comment brought up to date"

    def _delete(self, comments: list[dict[str, Any]]) -> None:
        for comment in comments:
            try:
                self._api.request("DELETE", f"{self._comment}/{int(comment['id'])}")
            except ApiError as error:
                if error.status != 404:
                    raise

    def _is_ours(self, comment: dict[str, Any]) -> bool:
        return str(comment.get("body") or "").startswith(self._marker)


def _pull_request(event: dict[str, Any]) -> int | None:
    pull = event.get("pull_request")
    number = pull.get("number") if isinstance(pull, dict) else None
    return number if isinstance(number, int) else None


def _run_url() -> str:
    server, repository, run = (
        os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")
    )
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run.isdigit() else ""


if __name__ == "__main__":
    sys.exit(main())
