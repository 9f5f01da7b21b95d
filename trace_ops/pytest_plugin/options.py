"""Options, ini keys, environment and marker of the plugin, and which of them decides."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from trace_ops.modes import ModeName

MODE_VARIABLE = "TRACE_OPS_RECORD_MODE"
RECORD, RECORD_MODE = "--record", "--record-mode"

MARKER = (
    "cassette(path=None, *, mode, match_on, ignore, normalize, allow_unplayed, freeze, live, freeze_tools, "
    "name, tags, metadata, scope, scrub, verify): record this test's model calls to a cassette, and replay "
    "them later (TraceOps)."
)
BUDGET_MARKER = (
    "budget(*, max_usd, max_tokens, max_llm_calls, max_tool_calls, max_seconds, no_loops, ...): fail this "
    "test if its run takes more; '+10%' is relative to the recording (TraceOps)."
)
TRAJECTORY_MARKER = (
    "trajectory(expected, *, mode='strict'): fail this test if its run takes other steps (TraceOps)."
)
GUARD_MARKER = (
    "trace_block_network(enabled=True, *, allowed_hosts=()): refuse connections to other hosts in this test "
    "(TraceOps)."
)
TAKES_MARKER = (
    "takes(n, *, at_least=None): run and record this test n times, each take with a cassette of its own; at "
    "least that many takes have to pass, all by default (TraceOps)."
)
MARKERS = (MARKER, BUDGET_MARKER, TRAJECTORY_MARKER, TAKES_MARKER, GUARD_MARKER)
"""Each as pytest lists it; a marker that is not here is refused under ``--strict-markers``."""

RECORDING_MARKERS = ("cassette", "budget", "trajectory", "takes")
"""Markers that have a test recorded: what is to be judged must be seen."""

RECORDER_OPTIONS = frozenset(
    "match_on ignore normalize allow_unplayed name tags metadata scope scrub verify".split()
    + "freeze live freeze_tools".split()
)
MARKER_OPTIONS = RECORDER_OPTIONS | {"path", "mode"}
CONFIG_OPTIONS = RECORDER_OPTIONS - {"name"} | {"mode"}

_INI: tuple[tuple[str, str, Any, Any], ...] = (
    ("trace_record_mode", "record mode of cassettes (default: once, and none where CI is set)", "string", ""),
    (
        "trace_cassette_dir",
        "directory of cassettes, relative to the rootdir (default: cassettes)",
        "string",
        "",
    ),
    ("trace_cassettes_beside_tests", "keep cassettes in a directory beside each test module", "bool", False),
    ("trace_block_network", "refuse connections to other hosts while tests run", "bool", False),
    ("trace_allowed_hosts", "hosts the network guard lets through: names, patterns, addresses", "args", []),
    ("trace_match_on", "what of a call is compared with the recording", "args", []),
    ("trace_ignore", "body paths that are not compared", "args", []),
    ("trace_normalize", "named normalizers: dates, uuids", "args", []),
    ("trace_scrub", "regular expressions of more secrets", "linelist", []),
    ("trace_verify", "what fails mode verify: schema, tools, text (default: schema tools)", "args", []),
    ("trace_verify_threshold", "from where on mode verify takes texts for the same, 0 to 1", "string", ""),
    ("trace_freeze", "what replays serve: llm, tools, retrieval (default: llm)", "args", []),
    ("trace_live", "names of frozen tools and retrievals that run all the same", "args", []),
    ("trace_allow_unplayed", "accept that recorded calls are not made", "bool", False),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options and ini keys that nobody else has."""
    group = parser.getgroup("trace_ops", "TraceOps")
    group.addoption(
        "--trace-cassette-dir",
        metavar="DIR",
        default=None,
        help="directory of cassettes, relative to the rootdir (default: cassettes)",
    )
    group.addoption(
        "--trace-beside-tests",
        action="store_true",
        default=False,
        help="keep cassettes in a directory beside each test module",
    )
    group.addoption(
        "--trace-block-network",
        action="store_true",
        default=False,
        help="refuse connections to other hosts while tests run, loopback excepted",
    )
    group.addoption(
        "--trace-update-snapshots",
        action="store_true",
        default=False,
        help="write the snapshots of trace_snapshot as they are now, and drop those not compared any more",
    )
    group.addoption(
        "--trace-diff",
        metavar="BASE_DIR",
        default=None,
        help="compare the cassettes with those of the same names in another directory: a base branch's",
    )
    group.addoption(
        "--trace-report",
        metavar="FORMAT:PATH",
        action="append",
        default=[],
        help="write what became of each test to a file: json:PATH, md:PATH, or html:PATH, which shows each "
        "run; may be given several times",
    )
    for name, text, kind, default in _INI:
        parser.addini(name, text, type=kind, default=default)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Generator[None, Any, Any]:
    """Register ``--record`` and ``--record-mode`` where no plugin and no conftest offers them.

    Only now are all of those loaded, and an option registered twice ends every run of pytest.
    """
    result = yield
    taken = {name for group in _groups(parser) for option in group.options for name in option.names()}
    group = parser.getgroup("trace_ops", "TraceOps")
    if RECORD not in taken:
        group.addoption(
            RECORD,
            action="store_true",
            default=False,
            dest="trace_ops_record",
            help="record what is not recorded yet, and drop what is not called any more (mode update)",
        )
    if RECORD_MODE not in taken:
        group.addoption(
            RECORD_MODE,
            metavar="MODE",
            default=None,
            dest="record_mode",
            help="none, once, new_episodes, update, all, rewrite or verify",
        )
    return result


def _groups(parser: Any) -> list[Any]:
    anonymous = getattr(parser, "_anonymous", None)
    return [group for group in (anonymous, *getattr(parser, "_groups", ())) if group is not None]


class Choice(NamedTuple):
    """A record mode and who chose it, in words."""

    mode: ModeName
    chosen_by: str


def chosen_for_all(config: pytest.Config) -> Choice | None:
    """The mode that the command line, else the environment, sets for every test."""
    record = config.getoption("trace_ops_record", default=False)
    named = config.getoption("record_mode", default=None)
    if record and named not in (None, "update"):
        raise pytest.UsageError(
            f"{RECORD} means {RECORD_MODE}=update; give one of the two, not {RECORD_MODE}={named}"
        )
    if record:
        return _checked("update", RECORD)
    if named is not None:
        return _checked(named, RECORD_MODE)
    variable = os.environ.get(MODE_VARIABLE)
    return _checked(variable, MODE_VARIABLE) if variable else None


def choose(config: pytest.Config, marker: str | None, fixture: str | None) -> Choice:
    """The mode of one test: command line, environment, marker, fixture, ini, default."""
    for_all = chosen_for_all(config)
    if for_all is not None:
        return for_all
    if marker is not None:
        return _checked(marker, "the cassette marker")
    if fixture is not None:
        return _checked(fixture, "trace_ops_config")
    ini = config.getini("trace_record_mode")
    if ini:
        return _checked(ini, "trace_record_mode")
    return Choice("none", "CI is set") if in_ci() else Choice("once", "default")


def in_ci() -> bool:
    """Whether the environment says that this is continuous integration."""
    return os.environ.get("CI", "").strip().lower() not in ("", "0", "false", "no", "off")


def _checked(mode: str, chosen_by: str) -> Choice:
    from trace_ops.errors import UsageError
    from trace_ops.modes import get_mode

    try:
        return Choice(get_mode(mode).name, chosen_by)
    except UsageError as error:
        raise pytest.UsageError(f"{chosen_by}: {error}") from None


def marker_path(item: pytest.Item) -> str | os.PathLike[str] | None:
    """The path that the closest marker with one gives, whatever else it says."""
    for mark in item.iter_markers("cassette"):
        path = mark.args[0] if mark.args else mark.kwargs.get("path")
        if isinstance(path, (str, os.PathLike)):
            return path
    return None


def marker_options(item: pytest.Item) -> dict[str, Any]:
    """What the ``cassette`` markers of a test say, the closest last and therefore stronger."""
    merged: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("cassette"))):
        if len(mark.args) > 1:
            raise pytest.UsageError(f"the cassette marker takes one path, not {mark.args!r}")
        options = {"path": mark.args[0], **mark.kwargs} if mark.args else mark.kwargs
        merged.update(_known(options, MARKER_OPTIONS, "the cassette marker"))
    if not isinstance(merged.get("path"), (str, os.PathLike, type(None))):
        raise pytest.UsageError(f"the cassette marker's path is a path, not {merged['path']!r}")
    return merged


def recorder_options(
    config: pytest.Config, marker: Mapping[str, Any], fixture: Mapping[str, Any]
) -> dict[str, Any]:
    """Arguments for the Recorder, mode and path aside: marker over fixture over ini."""
    ini = {
        "match_on": config.getini("trace_match_on") or None,
        "ignore": config.getini("trace_ignore"),
        "normalize": config.getini("trace_normalize"),
        "scrub": config.getini("trace_scrub"),
        "allow_unplayed": config.getini("trace_allow_unplayed"),
        "freeze": config.getini("trace_freeze") or None,
        "live": config.getini("trace_live"),
        "verify": {
            "fail": config.getini("trace_verify") or None,
            "threshold": config.getini("trace_verify_threshold") or 1.0,
        },
    }
    given = {**ini, **_known(fixture, CONFIG_OPTIONS, "trace_ops_config"), **marker}
    return {name: value for name, value in given.items() if name in RECORDER_OPTIONS}


def _known(options: Mapping[str, Any], names: frozenset[str], where: str) -> Mapping[str, Any]:
    unknown = sorted(options.keys() - names)
    if unknown:
        raise pytest.UsageError(f"{where} has no {', '.join(unknown)}; it takes {', '.join(sorted(names))}")
    return options


def record_command(config: pytest.Config, nodeid: str) -> str:
    """The command that records a test, to be run where pytest was started."""
    if hasattr(config.option, "trace_ops_record"):
        return f"{test_command(config, nodeid)} {RECORD}"
    return f"{MODE_VARIABLE}=update {test_command(config, nodeid)}"


def test_command(config: pytest.Config, nodeid: str) -> str:
    """The command that runs a test, to be run where pytest was started."""
    import shlex

    file, separator, names = nodeid.partition("::")
    here = os.path.relpath(config.rootpath / file, config.invocation_params.dir).replace(os.sep, "/")
    return f"pytest {shlex.quote(here + separator + names)}"
