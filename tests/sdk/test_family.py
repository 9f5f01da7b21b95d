"""The other SDKs that Stainless generates: the same seam, a table entry each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble

FAMILY = [("groq", "Groq"), ("together", "Together"), ("cerebras.cloud.sdk", "Cerebras")]
REQUEST: dict[str, Any] = {"model": "llama-3.3-70b", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(params=FAMILY, ids=lambda param: param[1])
def sdk(request: pytest.FixtureRequest) -> tuple[Any, str]:
    package, client = request.param
    module = pytest.importorskip(package, reason=f"{package} is not installed")
    return module, client


def test_calls_and_streams_replay_as_they_were(sdk: tuple[Any, str], tmp_path: Path) -> None:
    module, name = sdk

    def run(url: str) -> list[Any]:
        options: dict[str, Any] = {"base_url": url, "max_retries": 0}
        if name == "Cerebras":
            options["warm_tcp_connection"] = False

        async def asynchronously() -> list[Any]:
            async with getattr(module, f"Async{name}")(**options) as client:
                plain = await client.chat.completions.create(**REQUEST, temperature=1)
                stream = await client.chat.completions.create(**REQUEST, stream=True, temperature=1)
                return [plain, *[chunk async for chunk in stream]]

        with getattr(module, name)(**options) as client:
            plain = client.chat.completions.create(**REQUEST)
            chunks = list(client.chat.completions.create(**REQUEST, stream=True))
        return [plain, *chunks, *asyncio.run(asynchronously())]

    path = tmp_path / "run.yaml"
    with ProviderDouble() as double:
        url = double.url
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv(f"{name.upper()}_API_KEY", "test")
            with Recorder(path) as rec:
                live = run(url)
    assert rec.trace.total_llm_calls == 4
    with Replayer(path) as rep:
        replayed = run(url)
    assert rep.verdict == "REPLAYED"
    assert [(type(one), one.model_dump()) for one in replayed] == [
        (type(one), one.model_dump()) for one in live
    ]
    assert {span.name for span in rec.trace} == {f"{name.lower()} chat.completions"}
