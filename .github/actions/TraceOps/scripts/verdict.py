"""Say how it went, and fail the job if it went wrong."""

from __future__ import annotations

import sys

import runner

_WHY = {
    "failed": "tests failed",
    "differs": "recordings differ from the base in what fail-on names",
}


def main() -> int:
    """Set the verdict; failed tests come first."""
    tests, differs = runner.setting("TESTS"), runner.setting("DIFFERS")
    verdict = "failed" if tests != "0" else "differs" if differs else "passed"
    runner.output("verdict", verdict)
    if verdict == "passed":
        return 0
    why = (
        "the comparison that fail-on asks for could not be made" if differs == "unknown" else _WHY["differs"]
    )
    runner.annotate("error", _WHY["failed"] if verdict == "failed" else why)
    return 1


if __name__ == "__main__":
    sys.exit(main())
