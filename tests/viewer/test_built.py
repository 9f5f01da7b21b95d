"""The page in the package is the one that its source builds; to build it: ``npm ci && npm run build``."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from pathlib import Path

VIEWER = Path(__file__).parents[2] / "viewer"
PAGE = (files("trace_ops.viewer") / "viewer.html").read_text("utf-8")


def digest() -> str:
    """What ``vite.config.ts`` writes into the page: a hash of all that it is built from."""
    sources = sorted(str(path) for path in (VIEWER / "src").rglob("*") if path.is_file())
    sources += [str(VIEWER / name) for name in ("index.html", "package-lock.json", "vite.config.ts")]
    found = hashlib.sha256()
    for source in sources:
        found.update(f"{Path(source).relative_to(VIEWER).as_posix()}\0".encode())
        found.update(Path(source).read_bytes())
        found.update(b"\0")
    return found.hexdigest()


def test_the_page_is_built_from_the_source_beside_it() -> None:
    (built,) = re.findall(r'<meta name="viewer-src" content="([0-9a-f]+)">', PAGE)

    assert built == digest(), "viewer/ changed since the page was built: npm ci && npm run build in viewer/"


def test_the_page_has_one_place_for_data_and_lets_nothing_else_run() -> None:
    assert PAGE.count("<!--data-->") == 1
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', PAGE)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == "'none'"
    assert rules["script-src"].startswith("'sha256-")
    assert "unsafe" not in rules["script-src"]


def test_the_page_is_part_of_the_package() -> None:
    assert (Path(__file__).parents[2] / "trace_ops" / "viewer" / "viewer.html").is_file()
    assert len(PAGE.encode()) < 200_000
