"""Run a Python program in this process, as ``python script.py`` or ``python -m module`` would."""

from __future__ import annotations

import io
import os
import runpy
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, TracebackType

import click


def stage(args: Sequence[str], module: bool) -> None:
    """Give the program its ``sys.argv`` and ``sys.path``; refuse one that is not there."""
    target = Path(args[0])
    if not module and not target.exists():
        raise click.UsageError(f"there is no program {args[0]!r}")
    path = list(sys.path)
    if not getattr(sys.flags, "safe_path", False) and (module or target.is_file()):
        sys.path[:1] = [os.getcwd() if module else str(target.resolve().parent)]
    if module and not _exists(args[0].partition(".")[0]):
        sys.path[:] = path
        raise click.UsageError(f"no module named {args[0]!r}")
    sys.argv = list(args)


def execute(target: str, module: bool) -> BaseException | None:
    """Run to the end, threads included; gives the exception the program ended with, if any."""
    path = os.path.abspath(target)
    try:
        if module:
            runpy.run_module(target, run_name="__main__", alter_sys=True)
        elif os.path.isfile(path) and path.endswith((".py", ".pyw")):
            _run_script(path)
        else:
            runpy.run_path(path, run_name="__main__")
    except BaseException as error:  # noqa: BLE001 - also SystemExit and KeyboardInterrupt end a program
        return error
    finally:
        _await_threads()
    return None


def exit_code(ended: BaseException | None) -> int:
    """Tell of an uncaught exception as Python would, and give the code it would exit with."""
    if ended is None:
        return 0
    if isinstance(ended, SystemExit):
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        click.echo(str(ended.code), err=True)
        return 1
    ended.__traceback__ = _own_frames(ended.__traceback__)
    sys.excepthook(type(ended), ended, ended.__traceback__)
    return 130 if isinstance(ended, KeyboardInterrupt) else 1


def _run_script(path: str) -> None:
    # Not by runpy: it makes `__file__` and `sys.argv[0]` the same, and takes `__main__` away at the end, when
    # threads and exit handlers may still need it.
    main = ModuleType("__main__")
    main.__dict__.update(__file__=path, __cached__=None, __builtins__=__builtins__)
    main.__loader__ = SourceFileLoader("__main__", path)
    sys.modules["__main__"] = main
    with io.open_code(path) as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, main.__dict__)  # noqa: S102 - it is what the user asks for


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _own_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's first frame on."""
    ours = (__file__, runpy.__file__, "<frozen runpy>")
    while trace is not None and trace.tb_frame.f_code.co_filename in ours:
        trace = trace.tb_next
    return trace


def _await_threads() -> None:
    """Wait as Python does at exit: first for pools, which hear of no other end, then for plain threads."""
    pools = sys.modules.get("concurrent.futures.thread")
    finish = getattr(pools, "_python_exit", None)
    if finish is not None:
        finish()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
