"""``import trace_ops`` stays cheap: what it loads is counted, not timed."""

from __future__ import annotations

import json
import subprocess
import sys

from trace_ops.frameworks import frameworks
from trace_ops.providers import providers

HEAVY = {
    "anthropic",
    "asyncio",
    "click",
    "filelock",
    "genai_prices",
    "httpx",
    "httpx2",
    "openai",
    "pydantic",
    "pytest",
    "rich",
    "yaml",
}


def modules_after(statement: str, *, whole: bool = False) -> set[str]:
    """Names of the modules that a fresh interpreter holds after a statement; the first parts of them."""
    code = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name if whole else name.partition(".")[0] for name in json.loads(done.stdout)}


def test_import_loads_no_sdk_and_nothing_heavy() -> None:
    assert modules_after("import trace_ops") & HEAVY == set()


def test_what_is_heavy_would_be_seen() -> None:
    """The check above could not pass by looking in the wrong place."""
    assert modules_after("import trace_ops, yaml") & HEAVY == {"yaml"}


def test_recorder_loads_no_sdk_until_the_program_does() -> None:
    loaded = modules_after("import trace_ops; trace_ops.Recorder(); trace_ops.Replayer")

    assert loaded & {"anthropic", "httpx", "httpx2", "openai", "pydantic", "genai_prices", "yaml"} == set()


def test_entering_a_recorder_imports_nothing_that_a_seam_is_for() -> None:
    libraries = [seam for seam in (*providers(), *frameworks()) if seam.distributions]  # not Python's own
    seams = {module for seam in libraries for module in seam.modules}
    loaded = modules_after("import trace_ops; trace_ops.Recorder().start()", whole=True)

    assert len(seams) > 50
    assert loaded & {name for module in seams for name in (module, module.partition(".")[0])} == set()


def test_an_empty_pytest_run_pays_for_little() -> None:
    """The plugin is loaded by pytest in every run of every project that has us installed."""
    loaded = modules_after("import trace_ops.pytest_plugin")

    assert loaded & {"anthropic", "click", "openai", "pydantic", "rich", "yaml"} == set()
