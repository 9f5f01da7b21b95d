"""Plug-ins of others: found by their entry points, checked, and never in the way of a recording."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.test_example import install
from trace_ops import Recorder, Replayer, _plugins
from trace_ops.errors import TraceOpsWarning, UnrecordedCallError, UsageError
from trace_ops.frameworks import _registry as frameworks_registry
from trace_ops.frameworks import record_step, record_step_async
from trace_ops.providers import Body, Request, record_stream_async
from trace_ops.providers import _registry as providers_registry

CACHES: tuple[Any, ...] = (
    _plugins._mentioned,
    providers_registry.providers,
    frameworks_registry.frameworks,
)
Declare = Callable[..., None]


class Seam:
    name: Any = "acme"
    modules: Any = ("acme_of_nobody",)
    distributions: Any = ()
    credentials: Any = {}

    def install(self, module: str) -> None:
        raise AssertionError("nothing imports it")


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Install a distribution that declares an entry point to an object."""

    def declare(seam: Any, group: str = "trace_ops.providers", name: str = "acme") -> None:
        module = types.ModuleType(f"seam_of_{name}")
        vars(module)["seam"] = seam
        monkeypatch.setitem(sys.modules, module.__name__, module)
        install(tmp_path / name, name, f"[{group}]\n{name} = {module.__name__}:seam\n")
        monkeypatch.syspath_prepend(tmp_path / name)
        _forget()

    yield declare
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    for cache in CACHES:
        cache.cache_clear()


@pytest.mark.parametrize("seam", [Seam, Seam()], ids=["a class", "an object"])
def test_a_seam_of_others_has_a_flag_of_its_own(declare: Declare, seam: Any) -> None:
    declare(seam)
    Recorder(intercept_acme=False)


def test_without_one_there_is_no_such_flag() -> None:
    with pytest.raises(UsageError, match="intercept_acme"):
        Recorder(intercept_acme=False)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": "ac-me"}, "its name 'ac-me' is none that intercept_... can have"),
        ({"name": "openai"}, "there is a seam with its name 'openai'"),
        ({"modules": "acme"}, "its modules are no sequence of names, but 'acme'"),
        ({"distributions": (1,)}, r"its distributions are no sequence of names, but \(1,\)"),
        ({"install": None}, "its install is no method"),
        ({"credentials": None}, "its credentials are no mapping, but None"),
    ],
)
def test_one_that_is_wrong_is_left_out_with_the_reason(
    declare: Declare, wrong: dict[str, Any], why: str
) -> None:
    declare(type("Wrong", (Seam,), wrong))
    with pytest.warns(TraceOpsWarning, match=f"plug-in 'acme' of trace_ops.providers is left out: {why}"):
        Recorder().start().stop()


def test_one_that_cannot_be_loaded_is_left_out_with_the_reason(declare: Declare) -> None:
    def broken() -> None:
        raise RuntimeError("a bug")

    declare(type("Broken", (), {"__init__": lambda _: broken()}))
    with pytest.warns(TraceOpsWarning, match="is left out: RuntimeError\\('a bug'\\)"):
        Recorder().start().stop()


def test_one_whose_install_fails_lets_the_program_import(declare: Declare) -> None:
    declare(type("Failing", (Seam,), {"modules": ("json",)}))
    with pytest.warns(TraceOpsWarning, match="acme calls cannot be recorded: json is not as expected"):
        recorder = Recorder().start()
    recorder.stop()
    assert recorder.trace.passed_through["acme"].startswith("json is not as expected (AssertionError")
    vars(sys.modules["trace_ops._imports"])["_failed"].clear()


def test_a_framework_of_others_tells_steps(declare: Declare, tmp_path: Path) -> None:
    declare(Seam, "trace_ops.frameworks")
    path, ran = tmp_path / "run.yaml", []

    def search(query: str) -> list[dict[str, Any]]:
        def run() -> list[dict[str, Any]]:
            ran.append(query)
            if query == "nothing":
                raise LookupError("no such thing")
            return [{"id": "1", "text": "Hours", "score": 0.5}]

        return record_step("acme", "retrieval", "shelf", run, input={"query": query})

    with Recorder(path) as recorded:
        given = search("hours")
        with pytest.raises(LookupError):
            search("nothing")
    assert recorded.trace.captured == {"steps": {"acme": 2}}
    with Replayer(path, freeze={"llm", "retrieval"}) as replayed:
        assert search("hours") == given
        with pytest.raises(LookupError, match="no such thing"):
            search("nothing")
    assert ran == ["hours", "nothing"]
    assert [span.output for span in replayed.trace] == [given, None]
    with Recorder(intercept_acme=False) as left:
        search("hours")
    assert left.trace.passed_through == {"acme": "intercept_acme=False"}
    with pytest.raises(UnrecordedCallError), Replayer(path, freeze={"llm", "retrieval"}):
        search("else")


async def test_steps_and_streams_are_awaited_too(declare: Declare, tmp_path: Path) -> None:
    declare(Seam, "trace_ops.frameworks")
    asked = []

    async def words() -> Any:
        asked.append("words")
        for word in ("one", "two"):
            yield word

    async def run() -> list[str]:
        pieces = record_stream_async(
            "acme", Request("POST", "/say", body=Body(b"{}")), words, keep=str.encode, rebuild=bytes.decode
        )
        return [piece async for piece in pieces]

    path = tmp_path / "run.yaml"
    with Recorder(path) as recorded:
        assert await record_step_async("acme", "tool", "speak", run) == ["one", "two"]
    assert [(span.kind, span.parent) for span in recorded.trace] == [("tool", None), ("custom", 1)]

    with Replayer(path):
        assert await record_step_async("acme", "tool", "speak", run) == ["one", "two"]
    assert asked == ["words"]
