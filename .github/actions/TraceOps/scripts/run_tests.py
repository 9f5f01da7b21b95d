"""Run the tests with reports; how they end is told to the steps after, which are to run in any case."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import runner


def main() -> int:
    """Run pytest and keep its exit code as an output."""
    try:
        arguments = shlex.split(os.environ.get("TRACE_OPS_PYTEST_ARGS", ""))
    except ValueError as error:
        runner.annotate("error", f"pytest-args cannot be taken apart: {error}")
        return 2
    scratch = Path(tempfile.mkdtemp(prefix="traceops-", dir=os.environ.get("RUNNER_TEMP")))
    report = scratch / "report"
    report.mkdir()
    runner.output("report", os.fspath(report))
    command = [
        sys.executable,
        "-m",
        "pytest",
        f"--trace-report=json:{report / 'tests.json'}",
        f"--trace-report=md:{report / 'tests.md'}",
        f"--trace-report=html:{report / 'tests.html'}",
        *arguments,
    ]
    # An empty mode leaves the choice to the project.
    env = {
        name: value for name, value in os.environ.items() if name != "TRACE_OPS_RECORD_MODE" or value.strip()
    }
    code = subprocess.run(command, env=env, check=False).returncode  # noqa: S603
    runner.output("exit-code", str(code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
