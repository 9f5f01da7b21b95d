"""Cassettes for pytest: a test records on its first run and replays from then on.

Loaded by every pytest run of every project that has TraceOps installed, so nothing heavy is imported here:
what records is imported when a test asks for it.
"""

from trace_ops.pytest_plugin.options import pytest_addoption, pytest_load_initial_conftests
from trace_ops.pytest_plugin.session import pytest_configure

__all__ = ["pytest_addoption", "pytest_configure", "pytest_load_initial_conftests"]
