"""Other processes: a provider to call, and programs whose own time is what counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks._timing import Timer

_DOUBLE = """
import sys
from trace_ops.double import ProviderDouble
with ProviderDouble(event_delay={delay!r}) as double:
    print(double.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def provider(event_delay: float = 0.0) -> Iterator[str]:
    """The URL of a provider double in a process of its own."""
    command = [sys.executable, "-c", _DOUBLE.format(delay=event_delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Ours, but with byte code cached as it is for users, and the same order of sets in every run."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", **(extra or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def timed(timer: Timer, command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
    """Run a program to its end: its CPU time, user and system, and how long it took."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=_environment(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    timer.wall = time.perf_counter() - began
    timer.cpu = used.ru_utime + used.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{said.decode()[-2000:]}")


def ask(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Any:
    """The JSON that a program prints last."""
    done = subprocess.run(command, env=_environment(environ), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
