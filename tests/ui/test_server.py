"""Who is answered, and with what."""

from __future__ import annotations

import itertools
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.cli.samples import chat, write
from tests.viewer.contract import Contract
from tests.viewer.kit import check_run
from trace_ops.ui.index import Index
from trace_ops.ui.server import Application

CONTRACT = Contract()
PATHS = ("/", "/api/bundle", "/api/changes", "/api/events", "/api/search", "/api/runs/test_hello.yaml")


def test_the_page_may_ask_its_server_and_nobody_else(client: TestClient) -> None:
    answer = client.get("/")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', answer.text)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "connect-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["content-security-policy"] == f"{policy}; frame-ancestors 'none'"
    assert 'id="bundle"' not in answer.text, "the page holds no data"


def test_what_is_told_of_a_run_keeps_the_contract(client: TestClient) -> None:
    bundle = client.get("/api/bundle").json()
    assert CONTRACT.problems("Bundle", bundle) == []
    for head in bundle["runs"]:
        run = client.get(f"/api/runs/{head['key']}").json()
        details = client.get(f"/api/runs/{head['key']}/details").json()
        assert CONTRACT.problems("Run", run) == []
        assert CONTRACT.problems("Details", details) == []
        assert run["head"] == head
        check_run(run, details)


def test_any_two_runs_are_compared(client: TestClient) -> None:
    told = client.get("/api/comparisons/test_hello.yaml~trip-test_sunny.yaml").json()

    assert CONTRACT.problems("Comparison", told) == []
    assert (told["head"]["old"], told["head"]["new"]) == ("test_hello.yaml", "trip-test_sunny.yaml")
    assert told["head"]["roots"] > 0
    same = client.get("/api/comparisons/test_hello.yaml~test_hello.yaml").json()
    assert same["changes"] == []


@pytest.mark.parametrize(
    "path",
    [
        *("/api/runs/none", "/api/runs/none/details", "/api/comparisons/none", "/api/comparisons/a~b"),
        *(
            "/api/comparisons/test_hello.yaml",
            "/api/comparisons/test_hello.yaml~",
            "/api/runs/test_broken.yaml.x",
        ),
        *("/api/runs/..%2F..%2Fsecret.yaml", "/api/runs/%2Fetc%2Fpasswd", "/api/runs/../../../etc/passwd"),
        *("/api/runs/trip%2Ftest_sunny.yaml", "/api/runs/..", "/etc/passwd", "/viewer.html", "/api"),
    ],
)
def test_what_is_not_there_is_not_found(path: str, client: TestClient, tmp_path: Path) -> None:
    write(tmp_path / "secret.yaml", chat(1, said="the secret"))
    answer = client.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_a_run_that_broke_since_says_so(client: TestClient, folder: Path) -> None:
    (folder / "test_hello.yaml").write_text("version: 1\nspans: {", "utf-8")
    answer = client.get("/api/runs/test_hello.yaml")
    assert answer.status_code == 409
    assert "test_hello.yaml:" in answer.text
    client.get("/api/bundle")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:8000",
            "127.0.0.1.evil.example",
            "127.0.0.2",
            "localhost.evil.example",
        ),
        *("", "127.0.0.1@evil.example", "evil.example#127.0.0.1", "0.0.0.0:8000", "[::]", "LOCALHOST:80x"),
    ],
)
def test_another_host_is_refused(host: str, path: str, client: TestClient) -> None:
    answer = client.get(path, headers={"host": host})
    assert (answer.status_code, answer.text.count("\n")) == (403, 1)
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "127.0.0.1:65535", "LocalHost", "[::1]:8000"])
def test_this_machine_is_answered_by_any_port(host: str, client: TestClient) -> None:
    """A port of another machine that is forwarded here has another number."""
    assert client.get("/api/bundle", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
    ],
)
def test_another_page_is_refused(headers: dict[str, str], path: str, client: TestClient) -> None:
    assert client.get(path, headers=headers).status_code == 403


def test_its_own_page_is_answered(client: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}
    assert client.get("/api/bundle", headers=own).status_code == 200
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/", headers=visit).status_code == 200
    assert client.get("/api/bundle", headers=visit).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_can_be_changed(method: str, path: str, client: TestClient) -> None:
    answer = client.request(method, path, headers={"origin": "http://127.0.0.1:8000"})
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_the_head_of_all_can_be_had(path: str, client: TestClient) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/api/bundle", "/api/runs/none", "/nowhere"])
def test_every_answer_is_closed_to_others(path: str, client: TestClient) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_a_search_answers_and_says_what_is_wrong(client: TestClient) -> None:
    assert [each["key"] for each in client.get("/api/search?q=rome").json()["found"]] == [
        "trip-test_sunny.yaml"
    ]
    wrong = client.get("/api/search?q=foo:x")
    assert wrong.status_code == 400
    assert wrong.text.startswith('there is no field "foo", only kind, ')
    assert [client.get(f"/api/search?q=x&from={start}").status_code for start in ("-1", "x", "1" * 30)] == [
        400
    ] * 3


def test_changes_are_told_on_asking(client: TestClient, folder: Path, index: Index) -> None:
    told = client.get("/api/changes").json()
    assert CONTRACT.problems("Changes", told) == []
    write(folder / "test_new.yaml", chat(1))
    index.refresh(at_once=True)
    more = client.get("/api/changes", params={"since": told["library"]["at"]}).json()
    assert [run["key"] for run in more["runs"]] == ["test_new.yaml"]


def test_changes_are_told_as_they_come(folder: Path, index: Index) -> None:
    """The test client of Starlette reads a stream to its end; so the one that tells is asked itself."""
    application = Application(index)
    told = []
    with TestClient(application, base_url="http://127.0.0.1:8000") as client:

        def write_later() -> None:
            write(folder / "test_new.yaml", chat(1))
            for _ in range(200):
                index.refresh(at_once=True)
                if index.entry("test_new.yaml") is not None:
                    break
            threading.Timer(1.5, application.end).start()

        threading.Timer(0.5, write_later).start()
        told = [line for line in client.get("/api/events").text.splitlines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in told if line.startswith("data: ")]
    ids = [line.removeprefix("id: ") for line in told if line.startswith("id: ")]
    assert [event["whole"] for event in events] == [True, False]
    assert [run["key"] for run in events[1]["runs"]] == ["test_new.yaml"]
    assert ids == [event["library"]["at"] for event in events]


def test_who_comes_back_is_told_what_it_missed(folder: Path, index: Index) -> None:
    application = Application(index)
    at = index.changes(None)["library"]["at"]
    write(folder / "test_new.yaml", chat(1))
    index.refresh(at_once=True)
    threading.Timer(1.0, application.end).start()
    with TestClient(application, base_url="http://127.0.0.1:8000") as client:
        text = client.get("/api/events", headers={"last-event-id": at}).text
    (event,) = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert [run["key"] for run in event["runs"]] == ["test_new.yaml"]


def test_what_was_recorded_is_text_wherever_it_stands(client: TestClient, folder: Path, index: Index) -> None:
    hostile = "</script><script>alert(1)</script>\n\nid: 0\ndata: {}\n\n"
    write(folder / "test_hostile.yaml", chat(1, said=hostile), name=hostile, tags=[hostile])
    index.refresh(at_once=True)
    told: Any = client.get("/api/changes").json()
    (head,) = [run for run in told["runs"] if run["key"] == "test_hostile.yaml"]
    assert (head["name"], head["tags"]) == (hostile, [hostile])
    line = json.dumps(head)
    assert "\n" not in line
    for path, piece in itertools.product(PATHS[1:3], ("application/json",)):
        assert client.get(path).headers["content-type"] == piece
