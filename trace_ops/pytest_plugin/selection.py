"""Whether a run of pytest leaves tests of the project out."""

from __future__ import annotations

import glob
from pathlib import Path

import pytest

_SELECTING = (
    "keyword", "markexpr", "lf", "stepwise", "deselect", "ignore", "ignore_glob", "pyargs",
)  # fmt: skip


def leaves_tests_out(config: pytest.Config) -> bool:
    """By options that select and by the paths given; plugins that take items out show by their number."""
    return any(config.getoption(name, default=None) for name in _SELECTING) or not _covers_project(config)


def _covers_project(config: pytest.Config) -> bool:
    given = {_resolved(config.invocation_params.dir, arg) for arg in config.args}
    if config.rootpath.resolve() in given:
        return True
    base = config.inipath.parent if config.inipath else config.rootpath
    wanted = {
        _resolved(base, path)
        for pattern in config.getini("testpaths")
        for path in glob.glob(str(base / pattern))
    }
    return bool(wanted) and wanted <= given


def _resolved(base: Path, argument: str) -> Path:
    return (base / argument).resolve()
