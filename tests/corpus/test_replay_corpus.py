"""Every recorded exchange of openai and anthropic: recorded and replayed, the outcome is the direct one."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from trace_ops import Recorder, Replayer

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
DATA = CORPUS / "dev.jsonl.zst"
APIS = (
    "openai.chat",
    "openai.responses",
    "openai.completions",
    "openai.embeddings",
    "anthropic.messages",
)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
    # The SDKs warn of deprecated models, and the driver leaves clients to the garbage collector.
    pytest.mark.filterwarnings("ignore"),
]

Outcomes = dict[str, dict[str, Any]]
GroupContext = Callable[[str, list[dict[str, Any]]], AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def drive() -> Iterator[Any]:
    pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    sys.path.insert(0, str(CORPUS))
    try:
        import drive

        yield drive
    finally:
        sys.path.remove(str(CORPUS))


@pytest.fixture(scope="module")
def groups(drive: Any) -> list[Any]:
    return list(drive.select(str(DATA), APIS))


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_replay_cannot_be_told_from_live(mode: str, drive: Any, groups: list[Any], tmp_path: Path) -> None:
    def cassette(group: str) -> Path:
        return tmp_path / f"{hashlib.sha256(group.encode()).hexdigest()[:24]}.yaml"

    def run(context: GroupContext | None) -> Outcomes:
        return dict(drive.drive(groups, upstream.base, mode=mode, group_ctx=context))

    with drive.Upstream(str(DATA)) as upstream:
        direct = run(None)
        upstream.reset()
        recorded = run(lambda group, _records: Recorder(cassette(group)))
        upstream.reset()
        replayed = run(lambda group, _records: Replayer(cassette(group)))
        requests = upstream.get("/__stats")["total"]

    assert len(direct) > 3500
    for outcomes in (recorded, replayed):
        compared = drive.compare(direct, outcomes)
        assert [difference for difference in compared["different"] if not _is_nan(difference)] == []
        assert (compared["only_a"], compared["only_b"]) == ([], [])
    assert requests == 0


def _is_nan(difference: tuple[str, str, str, str]) -> bool:
    """A provider did answer NaN, which is not equal to itself."""
    _call, _path, one, other = difference
    return one == other == "nan"
