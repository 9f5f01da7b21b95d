"""``docs/providers.json``: what each environment of ``noxfile.py`` showed when it was last run for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

PATH = Path(__file__).parents[2] / "docs" / "providers.json"
TESTS = "tests"
"""How many tests passed that tell of a library, in whatever column."""


class Shown(TypedDict):
    """Of one library: its version, and how many tests passed by column."""

    version: str
    passed: dict[str, int]


class Part(TypedDict):
    """Of one environment: its Python, and its libraries by distribution."""

    python: str
    shown: dict[str, Shown]


Data = dict[str, Part]


def read(path: Path = PATH) -> Data:
    """All environments, by name."""
    found: Data = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def write(data: Data, path: Path = PATH) -> None:
    """Write all environments, in the order of their names."""
    path.write_text(json.dumps(dict(sorted(data.items())), indent=1) + "\n", "utf-8")


def lost(claimed: Part | None, shown: Part) -> list[str]:
    """What is claimed of an environment and was not shown in a run of it; nothing is where it never ran."""
    if claimed is None:
        return []
    found = []
    for name, told in claimed["shown"].items():
        passed = shown["shown"][name]["passed"] if name in shown["shown"] else {}
        found += [f"{name}: {column}" for column in told["passed"] if not passed.get(column)]
    return found
