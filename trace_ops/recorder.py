"""Recorder and Replayer: a run of an agent, recorded to a cassette or replayed from it."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from trace_ops import _manifest, cassette, context, frameworks, matching, pricing, providers, tracing
from trace_ops._freeze import Freeze
from trace_ops._storage import Storage, shown
from trace_ops._verify import Drift, Verify
from trace_ops._warn import warn
from trace_ops.errors import (
    ReplayError,
    UnplayedCallsError,
    UsageError,
    VerifyError,
)
from trace_ops.exchange import Exchange
from trace_ops.modes import Mode, ModeName, Unplayed, get_mode
from trace_ops.redaction import Scrubber
from trace_ops.tape import Tape
from trace_ops.trace import Span, Trace

if TYPE_CHECKING:
    from trace_ops.diff import TraceDiff

Verdict = Literal["REPLAYED", "RECORDED", "PARTIAL", "MISS", "EMPTY"]
_Callable = TypeVar("_Callable", bound=Callable[..., Any])
_Self = TypeVar("_Self", bound="Recorder")


class Recorder:
    """Record what an agent does, or replay it, by mode.

    A context manager (``with`` and ``async with``) and a decorator of functions, sync and async; each
    call of a decorated function is a run of its own.

    ``save_to`` is the cassette; ``None`` keeps the run in memory only. ``mode`` is one of the seven of
    :mod:`trace_ops.modes`. ``name``, ``tags`` and ``metadata`` are written to the cassette's header.
    ``match_on``, ``ignore`` and ``normalize`` relax how calls are matched (see :mod:`trace_ops.matching`).
    ``scope="context"`` confines the recorder to the task or thread that opened it and what that starts;
    ``"global"`` also sees plain threads. ``allow_unplayed`` accepts that recorded calls are not made.
    ``freeze`` says what is served from the recording on replay: ``{"llm"}`` by default,
    ``{"llm", "tools"}``, ``{"llm", "tools", "retrieval"}``; ``live`` are the names of tools and retrievals
    that run all the same. A step that is frozen so and not recorded is refused, and fails the run.
    ``freeze_tools`` serves recorded outputs of tools where there are any, and else runs them: all, or the
    named ones.
    ``scrub`` are regular expressions of more secrets. ``verify`` says how mode ``verify`` judges: the
    severities that fail the run (``schema``, ``tools``, ``text``; the first two by default), or a dict of
    ``fail``, ``threshold`` (texts so much alike are the same, 0 to 1) and ``similarity`` (their measure).
    ``intercept_<library>=False`` (``intercept_openai``, ``intercept_langchain``, ...) leaves an SDK or a
    framework alone; all are watched by default, and none is imported.

    At the end of a run, with no exception on its way, the first call that had no recorded counterpart is
    raised (:class:`~trace_ops.errors.UnrecordedCallError`), else recorded calls that were not made
    (:class:`~trace_ops.errors.UnplayedCallsError`), even if the code under test swallowed the former. An
    exception of that code is never hidden; the cassette is then left as it was, and what was recorded
    stays in the journal beside it, where the next run finds it.
    """

    keeps_empty = True
    """Whether a run without a call leaves a cassette, so that it can be replayed."""

    def __init__(
        self,
        save_to: str | PathLike[str] | None = None,
        mode: ModeName = "all",
        *,
        name: str | None = None,
        tags: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        match_on: Iterable[str] | None = None,
        ignore: Iterable[str] = (),
        normalize: Any = (),
        scope: context.Scope = "global",
        allow_unplayed: bool = False,
        freeze: Iterable[str] | None = None,
        live: Iterable[str] = (),
        freeze_tools: bool | Iterable[str] = False,
        scrub: Iterable[str] = (),
        verify: Any = None,
        **intercept: bool,
    ) -> None:
        if scope not in ("global", "context"):
            raise UsageError(f"unknown scope {scope!r}; choose 'global' or 'context'")
        self.path = None if save_to is None else Path(save_to)
        self.mode: Mode = get_mode(mode)
        self.name = name or (self.path.stem if self.path else "")
        self.tags, self.metadata = list(tags), dict(metadata or {})
        self.allow_unplayed = allow_unplayed
        self.hints: list[str] = []
        self.accept_hint = "accept it: allow_unplayed=True"
        self._matching = matching.Rules.of(match_on=match_on, ignore=ignore, normalize=normalize)
        self._scope: context.Scope = scope
        self._freeze, self._scrub = Freeze.of(freeze, live, freeze_tools), tuple(map(re.compile, scrub))
        self._verify = Verify.of(verify)
        self._unwatched = _unwatched(intercept)
        self._tape: Tape | None = None
        self._storage: Storage
        self._stack = ExitStack()
        self._began = datetime.now(timezone.utc)
        self._active = False

    # --- start and stop

    def start(self: _Self) -> _Self:
        """Begin the run; raises :class:`CassetteMissingError` where the mode needs a cassette."""
        if self._active:
            raise UsageError("this recorder is already running; make another one to nest them")
        pricing.check()
        providers.install()
        frameworks.install()
        self._storage = self._open()
        self._began = datetime.now(timezone.utc)
        self._tape = Tape(
            self.mode,
            recorded=self.recorded,
            rules=self._matching,
            scrubber=Scrubber.from_environment(extra=self._scrub),
            freeze=self._freeze,
            keep=self._storage.keep,
            marks=self._storage,
            resumed=self._storage.resumed,
            hints=self._hints,
            verify=self._verify,
            unwatched=self._unwatched,
        )
        if not self._tape.live:
            self._stack.enter_context(providers.stand_in_credentials(self._recorded_calls()))
        context.activate(self._tape, self._scope)
        self._active = True
        return self

    def stop(self, failed: BaseException | None = None) -> None:
        """End the run: write what the mode says, raise what went wrong.

        ``failed`` is the exception the run ended with; then nothing is written and nothing is raised.
        """
        if not self._active:
            return
        self._active = False
        if isinstance(failed, SystemExit) and not failed.code:
            failed = None  # a program that is done, and well
        tape = self.tape
        context.deactivate(tape)
        self._stack.close()
        how: Literal["kept", "failed", "interrupted"] = "interrupted"
        try:
            tape.close()
            if tape.records:
                _manifest.warn_of_unseen()
            problem = self.problem
            if failed is None and problem is None:
                self._storage.write(tape, self.trace, self.keeps_empty)
                how = "kept"
            elif failed is None or isinstance(failed, Exception):
                how = "failed"
        except Exception as error:
            if failed is None:
                raise
            warn(f"the recording could not be ended: {error!r}", stacklevel=4)
            return
        finally:
            self._storage.end(how)
        if failed is not None:
            self._note(failed, problem)
        elif problem is not None:
            raise problem

    def _recorded_calls(self) -> list[Exchange]:
        return [span.exchange for span in self.recorded or () if span.exchange is not None]

    def _open(self) -> Storage:
        return Storage(self.path, self.mode, self.hints)

    # --- what there is to see

    @property
    def tape(self) -> Tape:
        """The engine of the current or last run."""
        if self._tape is None:
            raise UsageError("this recorder has not been started")
        return self._tape

    @property
    def trace(self) -> Trace:
        """What happened in this run, so far."""
        tape = self.tape
        tape.summarise()
        scrub = tape.scrubber
        return Trace(
            name=scrub.text(self.name),
            recorded=self._began,
            spans=list(tape.spans),
            tags=scrub.value(list(self.tags)),
            metadata=scrub.value(tracing.plain(self.metadata)),
            libraries=_manifest.libraries(tape),
            passed_through=_manifest.passed_through(tape),
            uncaptured=_manifest.uncaptured(tape),
            prices=pricing.price_version(),
        )

    @property
    def recorded(self) -> Trace | None:
        """What the cassette held when the run began; ``None`` if there was none."""
        opened = self._storage.opened
        return None if opened is None else opened.trace

    def diff(self, **options: Any) -> TraceDiff | None:
        """Compare the recording with this run so far; ``None`` if there was no recording.

        ``options`` are those of :func:`trace_ops.diff_traces`. Where calls were replayed the time says
        nothing, and is left out.
        """
        from trace_ops.diff import diff_traces

        if self.recorded is None:
            return None
        found = diff_traces(self.recorded, self.trace, **options)
        return found.without(("latency",)) if self.counts["replayed"] else found

    @property
    def misses(self) -> list[ReplayError]:
        """Calls that had no recorded counterpart, and streams read past their recorded end."""
        return list(self.tape.misses)

    @property
    def drift(self) -> list[Drift]:
        """Mode ``verify``: how live answers differ from the recorded ones, failing the run or not."""
        return list(self.tape.differences)

    @property
    def unplayed(self) -> list[Span]:
        """Recorded calls that have not been made in this run."""
        return self.tape.unplayed()

    @property
    def problem(self) -> ReplayError | None:
        """What :meth:`stop` raises if the run ends now: a miss, a difference, or calls not made."""
        tape = self.tape
        if any(drift.fails for drift in tape.differences):
            return VerifyError(self._drift_text())  # calls that are not recorded follow from it
        if tape.misses:
            return tape.misses[0]
        unplayed = tape.unplayed()
        if unplayed and not self.allow_unplayed and self.mode.unplayed is Unplayed.ERROR:
            return UnplayedCallsError(self._unplayed_text(unplayed))
        return None

    @property
    def counts(self) -> dict[str, int]:
        """How many calls were ``replayed``, ``recorded``, ``missed`` and ``unplayed``."""
        tape = self.tape
        return {
            "replayed": sum(1 for span in tape.spans if tape.is_replayed(span)),
            "recorded": sum(
                1 for span in tape.kept if span.exchange is not None and not tape.is_replayed(span)
            ),
            "missed": len(tape.misses),
            "unplayed": len(tape.unplayed()),
        }

    @property
    def verdict(self) -> Verdict:
        """The run in a word."""
        counts = self.counts
        if counts["missed"]:
            return "MISS"
        if counts["recorded"]:
            return "PARTIAL" if counts["replayed"] else "RECORDED"
        return "REPLAYED" if counts["replayed"] else "EMPTY"

    @property
    def cost_spent_usd(self) -> float | None:
        """What the live calls of this run cost; ``None`` if a price is not known."""
        return _cost(span for span in self.tape.spans if not self.tape.is_replayed(span))

    @property
    def cost_saved_usd(self) -> float | None:
        """What the replayed calls cost when they were recorded; ``None`` if a price is not known."""
        return _cost(span for span in self.tape.spans if self.tape.is_replayed(span))

    # --- steps that no SDK shows

    def record_tool_call(
        self, name: str, input: Any = None, output: Any = None, *, error: object = None, ms: float = 0.0
    ) -> Span:
        """Add a tool step that has run: its arguments, and its output or error. ``ms`` is its duration."""
        return tracing.add(self.tape, "tool", name, input=input, output=output, error=error, ms=ms)

    def record_decision(
        self, name: str, choice: Any, *, options: Iterable[Any] | None = None, reason: str | None = None
    ) -> Span:
        """Add a decision the agent took, the options it had and why."""
        given = None if options is None else list(options)
        extra = {key: value for key, value in (("options", given), ("reason", reason)) if value is not None}
        return tracing.add(self.tape, "decision", name, output=choice, attributes=extra)

    def record_retrieval(
        self, query: Any, documents: Iterable[Any], *, name: str = "retrieval", ms: float = 0.0
    ) -> Span:
        """Add a retrieval step: what was asked for and the documents that came back."""
        return tracing.add(self.tape, "retrieval", name, input=query, output=list(documents), ms=ms)

    # --- context manager and decorator

    def __enter__(self: _Self) -> _Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(error)

    async def __aenter__(self: _Self) -> _Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(error)

    def _again(self) -> Recorder:
        """A recorder with the same settings, for one more run."""
        fresh = object.__new__(type(self))
        fresh.__dict__.update(self.__dict__, _tape=None, _active=False, _stack=ExitStack())
        return fresh

    def __call__(self, function: _Callable) -> _Callable:
        """Decorate a function, plain or async: each call of it is a run."""
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise UsageError("a generator function cannot be decorated: use the recorder inside it")
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def recorded_async(*args: Any, **kwargs: Any) -> Any:
                async with self._again():
                    return await function(*args, **kwargs)

            return recorded_async  # type: ignore[return-value]

        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return recorded  # type: ignore[return-value]

    # --- the end of a run

    @property
    def _found(self) -> str:
        return shown(self.path) if self.path else "no cassette"

    def _unplayed_text(self, unplayed: list[Span]) -> str:
        total = sum(1 for span in self.recorded or () if span.exchange is not None)
        lines = [f"{len(unplayed)} of {total} recorded calls were not made this time"]
        lines += [f"  cassette: {self._found}"]
        lines += [f"  span {span.id}: {span.name} {span.model or ''}".rstrip() for span in unplayed[:10]]
        lines += [f"  and {len(unplayed) - 10} more"] if len(unplayed) > 10 else []
        lines += [f"  {hint}" for hint in (self.accept_hint, *self._hints()[1:])]
        return "\n".join(lines)

    def _drift_text(self) -> str:
        from trace_ops._verify import report

        drift, misses = self.drift, self.tape.misses
        told = f"live answers differ from the recorded ones in {self._found}: {report.counts(drift)}"
        lines = [told, *(f"  {line}" for line in report.lines(drift))]
        if misses:
            calls = "call that is" if len(misses) == 1 else "calls that are"
            lines.append(f"  then {len(misses)} {calls} not recorded:")
            lines += [f"    {line}" for line in str(misses[0]).splitlines()]
        return "\n".join(lines)

    def _note(self, failed: BaseException, problem: ReplayError | None) -> None:
        """Tell of a miss without hiding the exception the run ended with."""
        if not self.tape.misses or problem is None or any(error in self.misses for error in _chain(failed)):
            return
        if sys.version_info >= (3, 11):
            failed.add_note(f"TraceOps: {problem}")
        else:
            warn(str(problem), stacklevel=4)

    def _hints(self) -> list[str]:
        """Lines for the error of a miss: which cassette, and what records the call."""
        where = f"cassette: {self._found}" if self.path else "no cassette"
        return [where, *(self.hints or ['record it: Recorder(..., mode="update"), or "all" to start anew'])]


class Replayer(Recorder):
    """Replay a cassette and nothing else: mode ``none``, no network, no keys.

    ``trace`` is what happened now, ``recorded`` what happened then.
    """

    def __init__(self, path: str | PathLike[str], **options: Any) -> None:
        if "mode" in options:
            raise UsageError("a Replayer has mode 'none'; use Recorder(path, mode=...) for another")
        super().__init__(path, mode="none", **options)


def _unwatched(intercept: Mapping[str, bool]) -> list[str]:
    """The libraries that ``intercept_...=False`` names."""
    if not intercept:
        return []
    seams = (*providers.providers(), *frameworks.frameworks())
    names = {f"intercept_{seam.name}" for seam in seams}
    unknown = sorted(set(intercept) - names)
    if unknown:
        raise UsageError(f"unknown option {', '.join(unknown)}; there are {', '.join(sorted(names))}")
    return [name.removeprefix("intercept_") for name, wanted in intercept.items() if not wanted]


def load_cassette(path: str | PathLike[str]) -> Trace:
    """Read the trace of a cassette; raises :class:`CassetteError` for anything that is not one."""
    return cassette.load(path).trace


def _cost(spans: Iterable[Span]) -> float | None:
    return Trace(spans=list(spans)).total_cost_usd


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
