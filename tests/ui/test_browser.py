"""The real server in a real browser: the list, what grows, search, comparison, and nobody else."""

from __future__ import annotations

import re
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import openai
import pytest

from tests.cli.samples import chat, replay_process, tool, write
from tests.ui.conftest import Open, running
from trace_ops import Recorder, span
from trace_ops import tool as traced
from trace_ops.double import ProviderDouble

NAMES = ["a greeting", "test_busy", "test_sunny"]


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with running(folder) as address:
        yield address


def test_all_runs_are_listed_and_what_is_broken_says_why(address: str, opened: Open) -> None:
    window = opened(address)
    window.shows("line 3: ").shows("a greeting")
    assert window.runs == ["test_broken.yaml", *NAMES]
    assert window.page.title().endswith("cassettes · TraceOps")
    window.page.get_by_role("link", name="test_sunny").click()
    window.until("document.querySelectorAll('.row').length === 2")
    assert window.hash == "#/run/trip-test_sunny.yaml"
    window.page.get_by_role("link", name="Runs").click()
    window.shows("a greeting")


def test_the_list_is_accessible_wide_and_narrow(address: str, opened: Open) -> None:
    for size in ((1280, 800), (800, 700)):
        window = opened(address, "#/library?find=rome&picked=test_hello.yaml", size=size)
        window.page.locator(".library-hits").wait_for()
        window.settle()
        assert window.accessible() == []


def test_the_list_is_filtered_and_sorted(address: str, opened: Open) -> None:
    window = opened(address)
    window.shows("a greeting")
    window.page.get_by_role("button", name="Run", exact=True).click()
    assert window.runs[1:] == NAMES
    window.page.get_by_role("button", name="Run", exact=True).click()
    assert window.runs[1:] == NAMES[::-1]
    window.page.get_by_label("Filter", exact=True).fill("trip")
    assert window.runs == ["test_sunny", "test_busy"]
    window.page.get_by_label("Filter", exact=True).fill("")
    window.page.get_by_role("button", name="with errors 1").click()
    assert window.runs == ["test_busy"]
    assert "filter=is:error" in window.hash
    window.page.get_by_role("button", name="with errors 1").click()
    window.page.get_by_role("button", name="broken 1").click()
    assert window.runs == ["test_broken.yaml"]
    window.press("Escape")
    assert len(window.runs) == 4


def test_what_was_said_is_found_and_leads_to_its_step(address: str, opened: Open) -> None:
    window = opened(address)
    window.shows("a greeting")
    window.press("s").type("and sun")
    hit = window.page.locator(".library-hits a")
    hit.wait_for()
    assert window.runs == ["test_sunny"]
    assert hit.locator("mark").inner_text() == "and"
    window.page.get_by_label("Search in all runs").fill('"and sun"')
    window.until("document.querySelector('.library-hits mark')?.textContent === 'and sun'")
    hit.click()
    window.page.locator('.row[aria-selected="true"]').wait_for()
    assert window.selected == "get_weather"
    assert window.page.get_by_label("Filter", exact=True).input_value() == '"and sun"'


def test_a_search_that_is_none_says_what_is_wrong(address: str, opened: Open) -> None:
    window = opened(address, "#/library?find=foo:x")
    window.shows('there is no field "foo"')
    assert any("400 (Bad Request)" in trouble for trouble in window.troubles), "a browser says so too"
    window.troubles.clear()


def test_a_new_a_changed_and_a_deleted_cassette_are_seen_at_once(
    address: str, opened: Open, folder: Path
) -> None:
    window = opened(address)
    window.shows("a greeting")
    write(folder / "test_new.yaml", chat(1), name="just recorded")
    window.shows("just recorded")
    (folder / "trip" / "test_busy.yaml").unlink()
    window.page.get_by_role("link", name="test_busy").wait_for(state="detached")
    window.page.get_by_role("link", name="just recorded").click()
    window.until("document.querySelectorAll('.row').length === 1")
    write(folder / "test_new.yaml", chat(1), tool(2, "look", 1, 2), name="just recorded")
    window.until("document.querySelectorAll('.row').length === 2")
    write(folder / "test_broken.yaml", chat(1), name="mended")
    window.page.get_by_role("link", name="Runs").click()
    window.shows("mended")
    assert window.page.locator(".library-broken").count() == 0


def test_a_run_is_seen_while_it_is_recorded(address: str, opened: Open, folder: Path) -> None:
    goes_on = threading.Event()

    @traced
    def look(city: str) -> str:
        goes_on.wait(60)
        goes_on.clear()
        return f"{city}: sunny"

    def ask(client: openai.OpenAI, prompt: str) -> None:
        client.chat.completions.create(model="gpt-5-mini", messages=[{"role": "user", "content": prompt}])

    def record(url: str) -> None:
        with openai.OpenAI(base_url=url, api_key="test") as client, Recorder(folder / "test_live.yaml"):
            with span("agent", "planner"):
                ask(client, "Where is it warm?")
                look("Rome")
                look("Oslo")
                ask(client, "And now?")

    window = opened(address)
    window.shows("a greeting")
    with ProviderDouble() as double:
        recording = threading.Thread(target=record, args=(double.openai_url,))
        recording.start()
        try:
            window.page.get_by_role("link", name="test_live").wait_for()
            row = window.page.locator("tr", has=window.page.get_by_role("link", name="test_live"))
            assert row.locator(".badge").inner_text() == "running"
            row.get_by_role("link").click()
            window.until("document.querySelectorAll('.row').length === 3")
            assert window.rows == ["planner", ".gpt-5-mini", ".look"]
            assert window.page.locator(".row .badge").all_inner_texts() == ["running", "running"]
            assert window.figure("LLM calls") == "1"
            goes_on.set()
            window.until("document.querySelectorAll('.row').length === 4")
            goes_on.set()
            window.until("document.querySelectorAll('.badge').length === 0")
            assert window.rows == ["planner", ".gpt-5-mini", ".look", ".look", ".gpt-5-mini"]
            assert window.hash == "#/run/test_live.yaml", "the recording has become its cassette"
        finally:
            goes_on.set()
            recording.join(30)


def test_any_two_runs_are_compared(address: str, opened: Open, folder: Path) -> None:
    write(folder / "test_later.yaml", chat(1, asked="Where is it cold?"), name="later")
    window = opened(address, "#/library")
    window.shows("later")
    window.page.get_by_label("Compare trip/test_sunny.yaml").check()
    window.shows("choose another run")
    window.page.get_by_label("Compare test_later.yaml").check()
    window.page.get_by_role("link", name=re.compile("Compare .* with .*")).click()
    window.shows("Where is it cold?")
    assert window.hash.startswith("#/compare/")
    assert "~" in window.hash
    window.page.go_back()
    assert window.page.get_by_label("Compare test_later.yaml").is_checked()
    window.press("c")
    window.shows("Where is it cold?")


def test_a_chart_leads_to_what_it_shows(address: str, opened: Open, folder: Path) -> None:
    window = opened(address)
    window.shows("a greeting")
    assert window.page.locator(".trend").count() == 3
    assert window.page.get_by_role("button", name="by recording").get_attribute("aria-pressed") == "true"
    cost = window.page.locator(".trend").first
    assert cost.locator("b").inner_text() == "$0.00038"
    assert cost.locator(".trend-bar").count() == 3
    write(
        folder / "test_old.yaml",
        chat(1),
        name="older",
        recorded=datetime(2026, 11, 18, 12, tzinfo=timezone.utc),
    )
    window.shows("older")
    window.page.get_by_role("button", name="by day").click()
    bars = cost.locator(".trend-bar")
    assert bars.count() == 3
    bars.first.locator(".trend-ground").click()
    assert window.runs == ["older"]
    assert "filter=day:2026-11-18" in window.hash


def test_a_link_to_a_run_opens_it_and_one_to_nothing_the_list(address: str, opened: Open) -> None:
    window = opened(address, "#/run/trip-test_sunny.yaml?span=2")
    window.page.locator(".row").first.wait_for()
    assert window.selected == "get_weather"
    window.visit("#/run/none.yaml")
    window.shows("a greeting")
    window.visit("#/compare/test_hello.yaml~none.yaml")
    window.shows("a greeting")


def test_an_empty_folder_says_so_until_something_is_recorded(tmp_path: Path, opened: Open) -> None:
    with running(tmp_path) as address:
        window = opened(address)
        window.shows("There is no cassette in")
        write(tmp_path / "test_first.yaml", chat(1), name="the first")
        window.shows("the first")
        assert window.hash in ("", "#/library")


def test_hostile_names_are_text(tmp_path: Path, opened: Open) -> None:
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202e'
    write(tmp_path / "test_evil.yaml", chat(1, said=evil, model=evil), name=evil, tags=[evil, "x y"])
    (tmp_path / "cassettes").mkdir()
    (tmp_path / "cassettes" / "<b>bold<b>.yaml").write_text("version: 1\nspans: <script>alert(3)</script>\n")
    with running(tmp_path) as address:
        window = opened(address, "#/library?find=onerror")
        window.page.locator(".library-hits").wait_for()
        window.visit("#/library").shows("<b>bold<b>")
        assert window.page.locator("img, script[src]").count() == 0


def test_a_server_that_ends_is_told_of_and_what_is_shown_stays(folder: Path, opened: Open) -> None:
    with running(folder) as address:
        window = opened(address)
        window.shows("a greeting")
    window.shows("The server cannot be reached")
    assert window.runs[1:] == NAMES
    assert all("ERR_" in trouble for trouble in window.troubles)
    with running(folder, "--port", address.rpartition(":")[2].strip("/")):
        write(folder / "test_new.yaml", chat(1), name="just recorded")
        window.shows("just recorded")
    window.troubles.clear()


def test_another_name_that_leads_here_is_refused(address: str) -> None:
    request = urllib.request.Request(f"{address}api/bundle", headers={"Host": "rebound.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=10)


def test_a_page_of_another_origin_gets_nothing(address: str, folder: Path, opened: Open) -> None:
    with running(folder) as other:
        window = opened(other)
        window.shows("a greeting")
        answer = window.page.evaluate(
            "url => fetch(url, {mode: 'no-cors'}).then((answer) => answer.type, (error) => String(error))",
            f"{address}api/bundle",
        )
        assert "TypeError" in answer
        assert any("Content Security Policy" in trouble for trouble in window.troubles)
        window.troubles.clear()


def test_only_this_machine_is_listened_to(address: str) -> None:
    port = int(address.rpartition(":")[2].strip("/"))
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_a_port_that_is_taken_is_told(address: str, folder: Path) -> None:
    port = address.rpartition(":")[2].strip("/")
    done = replay_process("ui", folder, "--no-open", "--port", port)
    assert done.returncode == 2
    assert done.stderr.startswith(f"replay: port {port} cannot be had: ")
    assert done.stderr.count("\n") == 1
