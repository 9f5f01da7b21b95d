"""Real exchanges of Google, Mistral, Cohere, Ollama and Bedrock through their SDKs: a replay cannot be told
from live.

These are some of each kind; ``python -m benchmarks.drive_sdks`` makes them all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks._corpus import DATA
from benchmarks.drive_sdks import SDK, SDKS, prove, select

EACH = 12
"""Runs of each kind of call."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
    # The SDKs warn of deprecated fields, and the driver leaves clients to the garbage collector.
    pytest.mark.filterwarnings("ignore"),
]
MODULES = {
    "google-genai": "google.genai",
    "mistralai": "mistralai.client",
    "cohere": "cohere",
    "ollama": "ollama",
    "boto3": "boto3",
    "aiobotocore": "aiobotocore",
}


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.name)
def test_replay_cannot_be_told_from_live(sdk: SDK, tmp_path: Path) -> None:
    pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    pytest.importorskip(MODULES[sdk.name], reason=f"{sdk.name} is not installed")
    runs = select(sdk, EACH)
    for mode in sdk.modes:
        result = prove(sdk, runs, mode, tmp_path)
        assert result.different == []
        assert result.replay_requests == 0
        # As many as there are calls, so that no call failed before it left.
        assert result.requests == result.calls > 8
        assert result.items > 2 * result.errors.total()
