"""The composite action as the runner would run it, and a double of the API that it writes comments to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "TraceOps"
SCRIPTS = ACTION / "scripts"
REPOSITORY = "someone/agents"
COMMENTS = f"/repos/{REPOSITORY}/issues"
ARTIFACT = f"https://github.example/{REPOSITORY}/actions/runs/123/artifacts/9"


@dataclass
class Fault:
    """What the next request of a method gets; ``done`` if it has its effect all the same."""

    method: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    done: bool = False


class CommentApi:
    """Comments of pull request 7, kept as GitHub keeps them."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.log: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self._next = 100
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> CommentApi:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, body: str) -> int:
        """A comment that is there already."""
        self._next += 1
        self.comments.append({"id": self._next, "body": body})
        return self._next

    @property
    def bodies(self) -> list[str]:
        """The texts of all comments."""
        return [comment["body"] for comment in self.comments]

    @property
    def methods(self) -> list[str]:
        """The methods of all requests, in order."""
        return [method for method, _ in self.log]

    def answer(self, method: str, target: str, body: Any) -> tuple[int, dict[str, str], Any]:
        """What a request gets."""
        self.log.append((method, target))
        fault = next((fault for fault in self.faults if fault.method in (method, "*")), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault.done:
                self._do(method, target, body)
            return fault.status, fault.headers, {"message": "No"}
        return self._do(method, target, body)

    def _do(self, method: str, target: str, body: Any) -> tuple[int, dict[str, str], Any]:
        url = urlsplit(target)
        if url.path == f"{COMMENTS}/7/comments":
            if method == "POST":
                self.add(body["body"])
                return 201, {}, self.comments[-1]
            query = parse_qs(url.query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, {}, self.comments[(page - 1) * size : page * size]
        match = re.fullmatch(rf"{COMMENTS}/comments/(\d+)", url.path)
        comment = next((each for each in self.comments if match and each["id"] == int(match[1])), None)
        if comment is None:
            return 404, {}, {"message": "Not Found"}
        if method == "DELETE":
            self.comments.remove(comment)
            return 204, {}, None
        comment["body"] = body["body"]
        return 200, {}, comment

    def _handler(api) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                api.tokens.add(self.headers.get("authorization", ""))
                status, headers, answer = api.answer(self.command, self.path, body)
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


class Runner:
    """The environment that GitHub gives a job, and the steps of the action in it."""

    def __init__(self, scratch: Path, workspace: Path, api: CommentApi, event: Mapping[str, Any]) -> None:
        self.workspace = workspace
        self.scratch = scratch
        self.log = ""
        self.outputs: dict[str, dict[str, str]] = {}
        self.skipped: list[str] = []
        (scratch / "temp").mkdir(parents=True)
        (scratch / "event.json").write_text(json.dumps(event))
        self.summary = scratch / "summary.md"
        self._env = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("GITHUB_", "PYTEST_"))
            },
            "CI": "true",
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_API_URL": api.url,
            "GITHUB_EVENT_PATH": str(scratch / "event.json"),
            "GITHUB_JOB": "tests",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "123",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKFLOW": "ci",
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(scratch / "temp"),
            "TRACE_OPS_SECOND": "0.001",
            "PYTHONPATH": str(ROOT),
        }

    def setenv(self, **env: str) -> None:
        """Set what else the job has."""
        self._env |= env

    def run(self, **inputs: str) -> int:
        """Run the whole action; gives 1 if a step failed, as the job would."""
        action = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= action["inputs"].keys()
        values = {name: str(each.get("default", "")) for name, each in action["inputs"].items()}
        context = {
            f"inputs.{name}": value for name, value in {**values, "python": sys.executable, **given}.items()
        }
        context = {name: "t0ken" if "github.token" in value else value for name, value in context.items()}
        failed = False
        for number, step in enumerate(action["runs"]["steps"]):
            name = step.get("id", f"step-{number}")
            if not self._wanted(str(step.get("if", "success()")), context, failed):
                self.skipped.append(step["name"])
                continue
            if "uses" in step:
                context |= {f"steps.{name}.outputs.artifact-url": ARTIFACT}
                continue
            assert step["shell"] == "bash"
            failed = self._step(step, name, context) != 0 or failed
            context |= {f"steps.{name}.outputs.{key}": each for key, each in self.outputs[name].items()}
        self.results = {
            name: _filled(str(each["value"]), context) for name, each in action["outputs"].items()
        }
        return int(failed)

    def _step(self, step: Mapping[str, Any], name: str, context: Mapping[str, str]) -> int:
        outputs = self.scratch / f"{name}.outputs"
        outputs.write_text("")
        own = {key: _filled(str(value), context) for key, value in step.get("env", {}).items()}
        done = subprocess.run(
            # As the runner runs `shell: bash`.
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace / _filled(str(step.get("working-directory", ".")), context),
            env={**self._env, **own, "GITHUB_OUTPUT": str(outputs)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=False,
        )
        self.log += f"--- {step['name']}\n{done.stdout}"
        self.outputs[name] = dict(_parsed(outputs.read_text("utf-8")))
        return done.returncode

    def _wanted(self, condition: str, context: Mapping[str, str], failed: bool) -> bool:
        inner = condition.removeprefix("${{").removesuffix("}}").strip()
        terms = [term.strip() for term in inner.split("&&")]
        if not any(term in ("!cancelled()", "always()") for term in terms) and failed:
            return False
        return all(_holds(term, context) for term in terms)


def _holds(term: str, context: Mapping[str, str]) -> bool:
    if term in ("!cancelled()", "always()", "success()"):
        return True
    match = re.fullmatch(r"([\w.-]+) (==|!=) '([^']*)'", term)
    assert match, f"a condition that this kit does not know: {term}"
    return (_value(match[1], context) == match[3]) == (match[2] == "==")


def _filled(text: str, context: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: _value(match[1], context), text)


def _value(name: str, context: Mapping[str, str]) -> str:
    # An output that was not set is empty; an input has to be there.
    return context.get(name, "") if name.startswith("steps.") else context[name]


def _parsed(text: str) -> Iterator[tuple[str, str]]:
    """The outputs of a step: ``name=value``, or several lines up to a delimiter."""
    lines = iter(text.splitlines())
    for line in lines:
        name, separator, end = line.partition("<<")
        if not separator:
            name, _, value = line.partition("=")
            yield name, value
            continue
        yield name, "\n".join(iter(lambda: next(lines), end))


def git(directory: Path, *arguments: str) -> str:
    """Run git with an identity of its own; gives what it writes."""
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    options = ["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]
    done = subprocess.run(
        ["git", *identity, *options, *arguments],
        cwd=directory,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout.strip()
