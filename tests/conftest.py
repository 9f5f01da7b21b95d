"""What every test may count on: an environment that says nothing about CI, modes or keys."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Only the outermost conftest may name plugins.
pytest_plugins = ["pytester", "tests.support.plugin", "tests.support.chromium"]

# Times on a shared machine say nothing about the code.
settings.register_profile("trace_ops", deadline=None, print_blob=True)
settings.load_profile("trace_ops")

_AMBIENT = ("CI", "NO_COLOR", "FORCE_COLOR", "PYTEST_ADDOPTS")
_AMBIENT_PREFIXES = ("TRACE_OPS_", "OPENAI_", "ANTHROPIC_", "AZURE_OPENAI_", "AWS_")


def _is_ambient(name: str) -> bool:
    return name in _AMBIENT or name.startswith(_AMBIENT_PREFIXES)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out what the machine says: with ``CI`` set the default mode is another one."""
    for name in filter(_is_ambient, list(os.environ)):
        monkeypatch.delenv(name)
