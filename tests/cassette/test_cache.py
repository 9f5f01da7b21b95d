"""The cache of parsed cassettes: a shortcut that changes nothing but the time taken."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cassette.agents import agent_run
from trace_ops.cassette import Cassette, cache, dumps, files, load, loads, reader, save
from trace_ops.errors import CassetteError
from trace_ops.trace import Span, Trace


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own for each test."""
    monkeypatch.setenv("TRACE_OPS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the texts that were parsed as YAML."""
    parsed: list[int] = []
    read = reader.read

    def counted(text: str, *arguments: Any) -> Any:
        parsed.append(len(text))
        return read(text, *arguments)

    monkeypatch.setattr(files, "read", counted)
    return parsed


def large(text: str = "x") -> Cassette:
    """A cassette that is worth caching, with much that is shared."""
    cassette = agent_run(60, words=120)
    cassette.trace.spans.append(
        Span(999, "tool", "t", input={"a": [text * 30] * 3}, output=[{"b": text * 90}] * 2)
    )
    return cassette


def entries(directory: Path) -> list[Path]:
    return sorted(directory.glob("*"))


def test_an_unchanged_large_cassette_is_parsed_once(tmp_path: Path, parses: list[int]) -> None:
    save(large(), tmp_path / "x.yaml")

    first, second = load(tmp_path / "x.yaml"), load(tmp_path / "x.yaml")

    assert len(parses) == 1
    assert first == second == large()
    assert dumps(second) == (tmp_path / "x.yaml").read_bytes()


def test_what_is_shared_in_the_file_is_shared_in_memory_either_way(tmp_path: Path) -> None:
    save(large(), tmp_path / "x.yaml")

    for _ in range(2):
        spans = load(tmp_path / "x.yaml").trace.spans
        assert spans[-1].output[0] is spans[-1].output[1]
        requests = [span.exchange.request.body for span in spans if span.exchange]
        assert requests[0]
        assert requests[5]
        assert requests[0].json["messages"][0] is requests[5].json["messages"][0]


def test_a_small_cassette_is_not_cached(tmp_path: Path, directory: Path) -> None:
    save(Cassette(Trace(name="small")), tmp_path / "x.yaml")
    load(tmp_path / "x.yaml")

    assert not directory.exists()


def test_an_edited_cassette_is_not_taken_from_the_cache(tmp_path: Path, parses: list[int]) -> None:
    path = tmp_path / "x.yaml"
    save(large(), path)
    load(path)
    before = path.stat()

    path.write_bytes(path.read_bytes().replace(b"name: test_agent", b"name: best_agent"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert load(path).trace.name == "best_agent"
    assert len(parses) == 2


def test_a_broken_cassette_is_as_broken_as_ever(tmp_path: Path, directory: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(dumps(large())[:-5])

    for _ in range(2):
        with pytest.raises(CassetteError, match="cut off"):
            load(path)

    assert entries(directory) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"gulls", b"geese", 1),
        lambda content: b"\x00" * len(content),
        lambda content: content.partition(b"\n")[2],
        lambda content: _signed(b"[]"),
        lambda content: _signed(b"[1,2,3]"),
        lambda content: _signed(b'[{"version":1,"spans":5},[]]'),
        lambda content: _signed(b'[{"version":1,"spans":[]},[[["spans",0],["x"]]]]'),
        lambda content: _signed(b'[{"version":1,"spans":[]},[[[],[]]]]'),
        lambda content: _signed(b"[" * 100_000),
        lambda content: _signed(b"\xff"),
    ],
)
def test_a_damaged_cache_is_as_good_as_none(damage: Any, tmp_path: Path, directory: Path) -> None:
    save(large(), tmp_path / "x.yaml")
    load(tmp_path / "x.yaml")
    (entry,) = entries(directory)
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))

    assert load(tmp_path / "x.yaml") == large()
    assert entry.read_bytes() == whole


@pytest.mark.skipif(os.name == "nt", reason="permissions as POSIX has them")
def test_a_cache_that_others_can_write_to_is_not_used(
    tmp_path: Path, directory: Path, parses: list[int]
) -> None:
    directory.mkdir()
    directory.chmod(0o777)
    save(large(), tmp_path / "x.yaml")

    load(tmp_path / "x.yaml")
    load(tmp_path / "x.yaml")

    assert len(parses) == 2
    assert entries(directory) == []


@pytest.mark.skipif(os.name == "nt", reason="permissions as POSIX has them")
def test_the_cache_is_private(tmp_path: Path, directory: Path) -> None:
    save(large(), tmp_path / "x.yaml")
    load(tmp_path / "x.yaml")

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_cache_that_cannot_be_made_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TRACE_OPS_CACHE_DIR", str(tmp_path / "file"))
    save(large(), tmp_path / "x.yaml")

    assert load(tmp_path / "x.yaml") == load(tmp_path / "x.yaml") == large()


def test_what_was_not_used_for_longest_goes_first(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = {name: dumps(large(name)) for name in "abc"}
    for name in "ab":
        (tmp_path / name).write_bytes(written[name])
        load(tmp_path / name)
    for entry, when in zip(sorted(entries(directory), key=os.path.getmtime), (1000, 2000)):
        os.utime(entry, (when, when))
    load(tmp_path / "a")
    size = sum(entry.stat().st_size for entry in entries(directory))
    monkeypatch.setattr(cache, "_MOST_BYTES", size)

    (tmp_path / "c").write_bytes(written["c"])
    load(tmp_path / "c")

    assert [cache.get(written[name]) is not None for name in "abc"] == [True, False, True]


def test_bytes_are_read_without_the_cache_changing_what_they_are() -> None:
    written = dumps(large())

    assert loads(written) == loads(written) == large()


def _signed(content: bytes) -> bytes:
    from trace_ops.cassette.store import hash_of

    return hash_of(content).encode() + b"\n" + content
