"""Which models of a run answer themselves, and which pass on to an SDK, as far as it is known."""

from __future__ import annotations

import threading
from collections import defaultdict
from weakref import WeakKeyDictionary

from trace_ops._summarise import summarise
from trace_ops.exchange import Failure
from trace_ops.frameworks._recorded_answer import json_of
from trace_ops.tape import Tape
from trace_ops.trace import Span

METHOD = "CALL"
"""The method of a call within the process."""

_lock = threading.Lock()
_known: WeakKeyDictionary[Tape, Known] = WeakKeyDictionary()


class Known:
    """What the recording and the run so far tell of models, by the names of their classes.

    A class that passed on once is never served: it may answer some calls itself, from a cache say, and
    does so again on replay. Its own answers are steps of the trace without being exchanges.
    """

    @staticmethod
    def of(tape: Tape) -> Known:
        """What is known on a tape."""
        with _lock:
            if tape not in _known:
                _known[tape] = Known(tape)
            return _known[tape]

    def __init__(self, tape: Tape) -> None:
        self._recorded: set[str] = set()
        self._running: set[str] = set()
        self._has_sdk = False
        self._wrappers: set[str] = set()
        self._made: defaultdict[str, list[Span]] = defaultdict(list)
        for span in (*(tape.recorded or ()), *tape.unplayed_resumed()):
            self._read(span)

    def _read(self, span: Span) -> None:
        exchange = span.exchange
        if exchange is None:
            if span.kind == "llm":
                self._running.add(span.name)
        elif exchange.request.method == METHOD:
            self._recorded.add(exchange.request.path.removeprefix("/"))
            self._running.update(span.attributes.get("through") or ())
        elif span.kind != "embedding":
            self._has_sdk = True

    def may_run(self, name: str) -> bool:
        """Whether a call that is not recorded may turn out to be one that is, made by an SDK."""
        return self.runs(name) or (self._has_sdk and name not in self._recorded)

    def passes_on(self, name: str) -> bool:
        """Whether the calls of a model are those of others, as far as this run and the recording tell."""
        return name in self._wrappers and name not in self._recorded

    def runs(self, name: str) -> bool:
        """Whether what a model answers itself is no call to be served."""
        return name in self._running or name in self._wrappers

    def made(self, name: str, span: Span) -> None:
        """A model answered itself."""
        self._made[name].append(span)

    def passed_on(self, name: str, held: list[Span]) -> None:
        """A model called others, which are recorded in its place."""
        self._wrappers.add(name)
        for span in self._made.pop(name, ()):
            as_step(span)
        for span in held:
            if span.exchange is not None and span.exchange.request.method == METHOD:
                through = span.attributes.setdefault("through", [])
                through += [] if name in through else [name]


def passes_on(held: list[Span]) -> bool:
    """Whether a call of a model was recorded among the steps beneath another."""
    return any(span.exchange is not None and span.kind != "embedding" for span in held)


def as_step(span: Span) -> None:
    """Make a call a step that tells the same, and is never served."""
    exchange = span.exchange
    assert exchange is not None
    summarise(span)
    asked = exchange.request.body.json if exchange.request.body is not None else {}
    span.exchange, span.via, span.input = None, exchange.provider, asked.get("messages", asked)
    span.attributes["inexact"] = True
    if isinstance(exchange.outcome, Failure):
        span.error = exchange.outcome
    else:
        span.output = json_of(exchange.outcome)
