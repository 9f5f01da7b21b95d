"""``docs/checks.md`` shows what its scripts print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checks.md").read_text("utf-8")
SHOWN = re.compile(
    r"```python\n((?:(?!```).)*)```\n(?:(?!```).)*<!-- output of the script -->\n```\n(.*?)```", re.DOTALL
)


def test_two_outputs_are_shown() -> None:
    assert len(SHOWN.findall(PAGE)) == PAGE.count("<!-- output of the script -->") == 2


@pytest.mark.parametrize(("script", "output"), SHOWN.findall(PAGE), ids=["loops", "trajectory"])
def test_output_is_what_the_script_prints(script: str, output: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{script}"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip

    assert (done.stderr, done.stdout) == ("", output)
