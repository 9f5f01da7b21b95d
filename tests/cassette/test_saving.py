"""A cassette is replaced as a whole or stays as it was."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from tests.cassette.kit import sample
from tests.cassette.processes import line, python
from trace_ops.cassette import Cassette, dumps, load, save
from trace_ops.errors import CassetteError
from trace_ops.trace import Span, Trace

HANG_AT = """
import os, sys, time
from tests.cassette.kit import sample
from trace_ops.cassette import save
def hang(*_):
    print("here", flush=True)
    time.sleep(60)
setattr(os, sys.argv[2], hang)
save(sample(), sys.argv[1])
"""

SAVE_FOREVER = """
import sys
from tests.cassette.test_saving import large
from trace_ops.cassette import save
print("here", flush=True)
while True:
    save(large("a"), sys.argv[1])
    save(large("b"), sys.argv[1])
"""


def large(text: str) -> Cassette:
    """A cassette of a few megabytes."""
    return Cassette(Trace(name=text, spans=[Span(1, "tool", "t", output=f"{text} " * 2_000_000)]))


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_during_the_last_write_leaves_the_old_file_whole(moment: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    save(Cassette(Trace(name="old")), path)
    before = path.read_bytes()

    with python(HANG_AT, path, moment) as process:
        assert line(process) == "here"

    assert path.read_bytes() == before
    assert load(path).trace.name == "old"


def test_killed_at_any_moment_there_is_one_whole_cassette(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    whole = {dumps(large("a")), dumps(large("b"))}
    save(large("a"), path)

    for pause in (0.0, 0.02, 0.05, 0.09, 0.14):
        with python(SAVE_FOREVER, path) as process:
            assert line(process) == "here"
            time.sleep(pause)

        assert path.read_bytes() in whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.yaml"
    save(Cassette(Trace(name="old")), path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CassetteError, match="cannot be written: No space left on device") as caught:
        save(sample(), path)

    assert caught.value.path == str(path)
    assert caught.value.remedy
    assert os.listdir(tmp_path) == ["x.yaml"]
    assert load(path).trace.name == "old"


def test_directories_are_made(tmp_path: Path) -> None:
    save(sample(), tmp_path / "a" / "b" / "x.yaml")

    assert load(tmp_path / "a/b/x.yaml") == sample()


def test_a_directory_that_cannot_be_made_is_a_cassette_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CassetteError, match="cannot be written"):
        save(sample(), tmp_path / "file" / "x.yaml")


@pytest.mark.skipif(os.name == "nt", reason="permissions and links as POSIX has them")
def test_links_and_permissions_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "target.yaml", tmp_path / "link.yaml"
    save(Cassette(), target)
    target.chmod(0o640)
    link.symlink_to(target)

    save(sample(), link)

    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert load(target) == sample()


def test_what_a_killed_writer_left_is_removed_in_time(tmp_path: Path) -> None:
    old, new = tmp_path / ".x.yaml.0123.tmp", tmp_path / ".x.yaml.4567.tmp"
    for left in (old, new):
        left.write_text("half a")
    os.utime(old, (0, 0))

    save(sample(), tmp_path / "x.yaml")

    assert not old.exists()
    assert new.exists()
