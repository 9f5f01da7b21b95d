"""The objects that are registered as plugins."""

from __future__ import annotations

import pytest

from trace_ops.pytest_plugin.collected import Collected
from trace_ops.pytest_plugin.session import CassetteSession


@pytest.mark.parametrize("plugin", [CassetteSession, Collected])
def test_a_plugin_has_no_properties(plugin: type) -> None:
    """Before version 8.3 pytest reads every attribute of a plugin, long before there are tests."""
    assert [name for name, value in vars(plugin).items() if isinstance(value, property)] == []
