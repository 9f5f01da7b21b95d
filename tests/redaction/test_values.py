"""Headers, queries, JSON values, bytes, parts: each kind of value keeps its form."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.redaction.kit import SHAPED, leaks, made
from trace_ops.errors import UsageError
from trace_ops.redaction import Scrubber, _scrubber, placeholders
from trace_ops.redaction._hit import Hit

KEY = SHAPED["openai project"]


def test_headers_lose_credentials_and_cookies_and_keep_their_order() -> None:
    headers = [
        ("date", "Thu, 20 Nov 2025 08:00:00 GMT"),
        ("Set-Cookie", "__cf_bm=abc; path=/"),
        ("set-cookie", "_cfuvid=def"),
        ("authorization", f"Bearer {KEY}"),
        ("x-api-key", KEY),
        ("api-key", KEY),
        ("x-request-id", made("req_", 24)),
        ("x-ratelimit-remaining-tokens", "1999"),
        ("date", "again"),
    ]

    assert Scrubber({}).headers(headers) == [headers[0], *headers[-3:]]


def test_headers_that_name_an_organization_are_scrubbed() -> None:
    organization, workspace = SHAPED["organization"], made("wrkspc_", 24)
    scrubber = Scrubber({})

    headers = scrubber.headers(
        [
            ("openai-organization", organization),
            ("openai-organization", "acme-corporation"),
            ("openai-project", SHAPED["project"]),
            ("anthropic-organization-id", "5ba6d482-b475-4c66-8cd2-5815694764e3"),
            ("anthropic-workspace-id", workspace),
            ("x-echo", f"you sent {KEY}"),
        ]
    )

    values = [value for _, value in headers]
    assert values[0] == scrubber.text(organization)
    assert values[3] in scrubber.text("organization: 5ba6d482-b475-4c66-8cd2-5815694764e3")
    assert [len(placeholders(value)) for value in values] == [1] * 6
    assert scrubber.headers(headers) == headers


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("api-version=2024-10-21", "api-version=2024-10-21"),
        ("key=abc123&alt=sse", "alt=sse"),
        ("alt=sse&api_key=abc", "alt=sse"),
        ("api-key=x", ""),
        ("access_token=x&limit=2", "limit=2"),
        ("X-Amz-Signature=x&X-Amz-Date=y&a=1", "a=1"),
        ("sig=x&sv=1", "sv=1"),
        ("next_page_token=abc&page_token=def", "next_page_token=abc&page_token=def"),
        ("beta=true&after=msg_1", "beta=true&after=msg_1"),
    ],
)
def test_queries_lose_credentials(query: str, kept: str) -> None:
    assert Scrubber({}).query(query) == kept


def test_queries_are_scrubbed_of_the_rest() -> None:
    assert leaks(KEY, Scrubber({}).query(f"q={KEY}&n=1")) == []


def test_values_are_new_only_where_something_was_found() -> None:
    clean = {"a": [1, 2.5, None, True, "x"], "b": {"c": "y"}}
    value = {"clean": clean, "dirty": [f"a {KEY}", {KEY: (KEY, 1)}]}

    scrubbed = Scrubber({}).value(value)

    placeholder = Scrubber({}).text(KEY)
    assert scrubbed == {"clean": clean, "dirty": [f"a {placeholder}", {placeholder: (placeholder, 1)}]}
    assert scrubbed["clean"] is clean
    assert Scrubber({}).value(clean) is clean
    assert Scrubber({}).value(scrubbed) is scrubbed


def test_values_under_secret_names_are_found_as_in_text() -> None:
    value = {"login": {"user": "bob", "dbPassword": "hunter2-x", "api_key": "abc123def", "token": "hello"}}
    scrubber = Scrubber({})

    assert scrubber.value(value) == json.loads(scrubber.text(json.dumps(value)))
    assert scrubber.value(value)["login"]["token"] == "hello"


def test_bytes_that_are_no_utf8_are_scrubbed_around_the_rest() -> None:
    data = b"\xff\xfe\x00" + KEY.encode() + b"\x80\x81"

    scrubbed = Scrubber({}).bytes(data)

    assert scrubbed == b"\xff\xfe\x00" + Scrubber({}).text(KEY).encode() + b"\x80\x81"


def test_parts_keep_their_number_and_the_placeholder_stands_where_the_secret_began() -> None:
    placeholder = Scrubber({}).text(KEY)
    parts = ["so: ", "k " + KEY[:9], KEY[9:30], "", KEY[30:] + " end", "more"]

    assert Scrubber({}).parts(parts) == ["so: ", "k " + placeholder, "", "", " end", "more"]


def test_parts_without_a_secret_stay() -> None:
    assert Scrubber({}).parts(["a", "", "b"]) == ["a", "", "b"]


def test_found_tells_kind_placeholder_and_times() -> None:
    scrubber = Scrubber.from_environment({"DB_PASSWORD": "hunter2hunter2"})
    placeholder = Scrubber({}).text(KEY)

    scrubber.text(f"{KEY} and {KEY}, hunter2hunter2, {placeholder}")
    scrubber.value({"a": KEY})

    assert scrubber.found == [
        {"secret": "env:DB_PASSWORD", "as": "<env:DB_PASSWORD>", "times": 1},
        {"secret": "openai-key", "as": placeholder, "times": 3},
    ]


def test_placeholders_lists_what_a_text_was_scrubbed_of() -> None:
    text = "<env:A> <env:B.base64> x <openai-key:0123456789ab> <b> <secret:xyz> <a:0123456789ab>"

    assert placeholders(text) == [
        "<env:A>",
        "<env:B.base64>",
        "<openai-key:0123456789ab>",
        "<a:0123456789ab>",
    ]


def test_threads_share_a_scrubber() -> None:
    scrubber = Scrubber.from_environment({"DB_PASSWORD": "hunter2hunter2"})
    texts = [f"{number} {KEY} hunter2hunter2 {made('call_', 24, seed=number)}" for number in range(200)]

    with ThreadPoolExecutor(8) as pool:
        scrubbed = list(pool.map(scrubber.text, texts))

    assert scrubbed == [
        Scrubber.from_environment({"DB_PASSWORD": "hunter2hunter2"}).text(text) for text in texts
    ]
    assert [found["times"] for found in scrubber.found] == [200, 200]


def test_a_pattern_that_does_not_compile_is_named() -> None:
    with pytest.raises(UsageError, match=r"no regular expression of a secret: 'a\('"):
        Scrubber.from_environment({}, extra=["a("])


def test_the_environment_is_that_of_the_process_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SERVICE_TOKEN", "tok-4711-tok")

    assert Scrubber.from_environment().text("tok-4711-tok") == "<env:SOME_SERVICE_TOKEN>"


@pytest.mark.parametrize("depth", [300, 900, 5000])
def test_what_is_nested_deep_is_scrubbed_or_not_kept(depth: int) -> None:
    text = "[" * depth + json.dumps(KEY) + "]" * depth
    value: object = KEY
    for _ in range(depth):
        value = [value]

    assert leaks(KEY, Scrubber({}).text(text)) == []
    assert Scrubber({}).events([f"data: {text}\n\n"]) == [f"data: {Scrubber({}).text(text)}\n\n"]
    scrubbed = Scrubber({}).value(value)
    while isinstance(scrubbed, list):
        scrubbed = scrubbed[0]
    assert scrubbed in (Scrubber({}).text(KEY), "<nested too deep to be scrubbed>")


def test_a_stream_that_garbage_collection_ends_is_scrubbed_by_the_thread_that_counts() -> None:
    scrubber = Scrubber({})

    class Dropped(str):
        """A placeholder whose counting sets off what garbage collection might."""

        __slots__ = ()

        def __hash__(self) -> int:
            if scrubber.found == []:
                scrubber.text(KEY)
            return super().__hash__()

    done = threading.Thread(
        target=scrubber._count, args=([Hit(0, 1, "secret", Dropped("<secret:0>"))],), daemon=True
    )
    done.start()
    done.join(10)

    assert not done.is_alive()
    assert {found["times"] for found in scrubber.found} == {1}
    assert len(scrubber.found) == 2


class Position(int):
    """A place in a text that counts how often places are compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Position.compared += 1
        return int(self) < int(other)

    def __le__(self, other: int) -> bool:
        Position.compared += 1
        return int(self) <= int(other)

    def __gt__(self, other: int) -> bool:
        Position.compared += 1
        return int(self) > int(other)

    def __add__(self, other: int) -> Position:
        return Position(int(self) + int(other))

    def __sub__(self, other: int) -> Position:
        return Position(int(self) - int(other))

    def __eq__(self, other: object) -> bool:
        Position.compared += 1
        return int(self) == other

    __hash__ = int.__hash__


MANY = 3000
WORK = [Hit(Position(at * 30), Position(at * 30 + 10), "secret", "<secret:x>") for at in range(MANY)]


@pytest.mark.parametrize(
    ("work", "found"),
    [
        (lambda: _scrubber._first_come("", [lambda _: iter(WORK), lambda _: iter(WORK)]), WORK),
        (lambda: _scrubber._first_come("", [lambda _: iter(WORK[1::2]), lambda _: iter(WORK)]), WORK),
        (lambda: _scrubber._in_original(WORK, WORK), WORK),
        (lambda: _scrubber._cut(["x" * 15] * (2 * MANY), WORK), ["<secret:x>xxxxx", "x" * 15] * MANY),
    ],
)
def test_the_work_grows_with_the_number_of_secrets_and_not_with_its_square(work: Any, found: Any) -> None:
    Position.compared = 0

    assert work() == found
    assert Position.compared < 100 * MANY
