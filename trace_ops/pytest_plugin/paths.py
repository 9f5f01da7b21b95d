"""Which file a test's cassette is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

FORBIDDEN = "<>?%*:|\"'/\\"
"""Characters that some file system does not take; pytest-recording replaces the same ones."""

MAX_BYTES = 150
"""Longest stem of a name. File systems take 255 bytes, and journals and temporary files add to it."""

SNAPSHOT_SUFFIX = ".snapshot.json"

SIBLINGS: pytest.StashKey[list[Any]] = pytest.StashKey()
"""On a collector: all it collected, so that names do not depend on which tests were selected."""

_NAMES: pytest.StashKey[dict[str, str]] = pytest.StashKey()
_CLEAN = {ord(character): "-" for character in FORBIDDEN} | dict.fromkeys((*range(32), 127), "-")


def cassette_directory(config: pytest.Config) -> str:
    """The configured directory as given: command line, else ini, else ``cassettes``."""
    given = config.getoption("--trace-cassette-dir", default=None) or config.getini("trace_cassette_dir")
    return os.path.expanduser(given or "cassettes")


def beside_tests(config: pytest.Config) -> bool:
    """Whether cassettes are kept beside the test modules instead of at the rootdir."""
    return bool(
        config.getoption("--trace-beside-tests", default=False)
        or config.getini("trace_cassettes_beside_tests")
    )


def directory_of(item: pytest.Item) -> Path:
    """The cassette directory that is in force for a test; a marker's path is relative to it."""
    base = item.path.parent if beside_tests(item.config) else item.config.rootpath
    return base / cassette_directory(item.config)


def cassette_path(item: pytest.Item, given: str | os.PathLike[str] | None = None) -> Path:
    """The cassette of a test: the one its marker names, else one of its own, by module, class and name."""
    directory = directory_of(item)
    if given is not None:
        path = directory / os.path.expanduser(given)
        return path if path.suffix in (".yaml", ".yml") else path.with_name(path.name + ".yaml")
    return directory / module_directory(item.config, item.path) / f"{_stem(item)}.yaml"


def snapshot_path(item: pytest.Item) -> Path:
    """The snapshots of a test: beside the cassette of its own, whichever it uses."""
    # Not YAML: there every such file is taken for a cassette.
    return cassette_path(item).with_suffix(SNAPSHOT_SUFFIX)


def module_directory(config: pytest.Config, path: Path) -> Path:
    """Where the cassettes of a test module are, within the cassette directory."""
    module = path.with_suffix("")
    if beside_tests(config):
        return Path(module.name)
    try:
        return module.relative_to(config.rootpath)
    except ValueError:  # a module outside of the rootdir: two of them may have one name
        return Path(f"{module.name}-{digest(str(module.parent))}")


def _stem(item: pytest.Item) -> str:
    chain = item.listchain()
    module = max((n for n, node in enumerate(chain) if isinstance(node, pytest.File)), default=len(chain) - 2)
    chain = chain[module + 1 :]
    stem = ".".join(_distinct(node) for node in chain)
    if len(stem.encode()) <= MAX_BYTES:
        return stem
    mark = f"-{digest('::'.join(node.name for node in chain))}"
    return stem.encode()[: MAX_BYTES - len(mark)].decode(errors="ignore") + mark


def _distinct(node: Any) -> str:
    """A node's name made fit for files, with a hash if an earlier sibling comes to the same one."""
    if node.parent is None or SIBLINGS not in node.parent.stash:
        return clean(node.name)
    stash = node.parent.stash
    if _NAMES not in stash:
        stash[_NAMES] = distinct_names([sibling.name for sibling in stash[SIBLINGS]])
    return stash[_NAMES].get(node.name) or clean(node.name)


def distinct_names(names: list[str]) -> dict[str, str]:
    """File names for names, different even where upper and lower case are one."""
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in names:
        if name in result:
            continue
        fit = clean(name)
        if fit.casefold() in taken:
            fit = f"{fit}-{digest(name)}"
        taken.add(fit.casefold())
        result[name] = fit
    return result


def clean(name: str) -> str:
    """A name without the characters that file systems do not take."""
    return name.translate(_CLEAN)


def digest(text: str) -> str:
    """Ten characters that stand for a text."""
    import hashlib

    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]


def within(root: Path, path: str) -> str:
    """A path in the project as it reads on any machine."""
    try:
        return Path(path).relative_to(root).as_posix() if path else ""
    except ValueError:
        return path
