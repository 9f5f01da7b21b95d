"""A pytest plugin that writes down which cassettes the collected tests use; loaded by ``replay prune``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trace_ops.cli._users import TARGET
from trace_ops.pytest_plugin import paths
from trace_ops.pytest_plugin.collected import Collected


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write what is known once everything has been collected; without the plugin of TraceOps, nothing."""
    collected = session.config.pluginmanager.get_plugin("trace_ops_collected")
    target = os.environ.get(TARGET)
    if not target or not isinstance(collected, Collected):
        return
    told = collected.told()
    uncollected = (session.config.rootpath / name for name in told["uncollected"])
    told["unknown"] = [str(paths.module_directory(session.config, path)) for path in uncollected]
    told["rootdir"] = str(session.config.rootpath)
    told["exitstatus"] = int(exitstatus)
    Path(target).write_text(json.dumps(told), "utf-8")
