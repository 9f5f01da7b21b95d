"""The steps that CrewAI's events begin and end, in the thread or task that emits them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from trace_ops import context
from trace_ops._plain import failure, plain
from trace_ops.context import Place, watching
from trace_ops.errors import UnrecordedCallError
from trace_ops.exchange import Failure
from trace_ops.frameworks import _crewai_events, _crewai_models, _steps
from trace_ops.frameworks._crewai_events import SCOPES
from trace_ops.tape import Tape
from trace_ops.trace import Link, Span


@dataclass(eq=False)
class Open:
    """A step that has begun. ``source`` is the crew, task, agent or flow of it.

    A tool may be run more than once in its step: ``busy`` while it runs, ``filled`` once it has, ``recorded``
    what it is served.
    """

    base: str
    source: Any
    span: Span
    place: Place
    busy: bool = False
    filled: bool = False
    recorded: Span | UnrecordedCallError | None = None


class Steps:
    """What is open, by tape. Nothing here raises into the program, and may be called in any thread."""

    def __init__(self) -> None:
        self._open: WeakKeyDictionary[Tape, dict[int, Open]] = WeakKeyDictionary()
        self._events: WeakKeyDictionary[Tape, dict[str, int]] = WeakKeyDictionary()

    def emit(self, wrapped: Callable[..., Any], _bus: Any, args: Any, kwargs: Any) -> Any:
        """Stand in for ``emit`` of the event bus, whose own handlers are called elsewhere and later."""
        tape = watching("crewai")
        given = wrapped(*args, **kwargs)
        if tape is not None:
            with _steps.guarded(tape, "a step of CrewAI"):
                told = dict(zip(("source", "event"), args)) | kwargs
                self._told(tape, told["source"], told["event"])
        return given

    def _told(self, tape: Tape, source: Any, event: Any) -> None:
        base, how = _crewai_events.place_in(source, event)
        if how == "started":
            self._begin(tape, base, source, event)
        elif base:
            found = next((one for one in self._around(tape) if one.base == base), None)
            if found is not None:
                self._end(tape, found, event, how)
        elif event.type.endswith("_started"):
            self._is_of(tape, event, context.current_span(tape))

    def _is_of(self, tape: Tape, event: Any, step: int | None) -> None:
        """Remember the step that an event belongs to, for those that refer to it."""
        name = getattr(event, "event_id", None)
        if step is not None and name is not None:
            self._events.setdefault(tape, {})[name] = step

    def _begin(self, tape: Tape, base: str, source: Any, event: Any) -> None:
        self._try_again(tape, base, source)
        scope, kind = SCOPES[base], _crewai_events.kind_of(base, source, event)
        parent = self._parent(tape, base, source, event)
        span = _steps.begin(
            tape, kind, scope.name(source, event), via="crewai", input=scope.given(event), parent=parent
        )
        self._open.setdefault(tape, {})[span.id] = Open(base, source, span, context.enter(tape, span.id))
        self._is_of(tape, event, span.id)
        if kind == "agent":
            _crewai_models.watch(getattr(source, "llm", None))
        cause = self._named(tape, event, "triggered_by_event_id")
        if base == "method_execution" and cause is not None:
            span.links.append(Link("caused_by", cause))

    def _try_again(self, tape: Tape, base: str, source: Any) -> None:
        """End the failed attempt of an agent that tries again, which not every version tells of."""
        around = self._around(tape)
        if base == "agent_execution" and around and around[0].base == base and around[0].source is source:
            self._close(tape, around[0], _crewai_events.handled_now())

    def _parent(self, tape: Tape, base: str, source: Any, event: Any) -> int | None:
        """The parent of a step where it is not the one that the code runs in."""
        if base == "memory_save":  # in the background, when the step that saves it may be over
            return self._named(tape, event, "parent_event_id")
        if context.current_span(tape) is not None:
            return None
        # Older versions run some tools and tasks in threads that know of no context.
        agent = getattr(source, "agent", None)
        owner = {"tool_usage": agent, "task": getattr(agent, "crew", None)}.get(base)
        own = [one.span.id for one in list(self._open.get(tape, {}).values()) if one.source is owner]
        return max(own, default=None) if owner is not None else None

    def _named(self, tape: Tape, event: Any, reference: str) -> int | None:
        """The step of another event, to which an event refers; older versions do not."""
        return self._events.get(tape, {}).get(getattr(event, reference, None) or "")

    def _end(self, tape: Tape, found: Open, event: Any, how: str) -> None:
        span, error = found.span, _crewai_events.error_of(event, how)
        if how == "paused":
            span.attributes["left_by"] = "pause"
        elif how in ("completed", "finished"):
            self._is_of(tape, event, span.id)
            if not found.filled:
                span.output = plain(SCOPES[found.base].came(event))
        if found.base == "tool_usage" and not found.filled:
            span.attributes["inexact"] = True  # a cache answered, or a hook, or it does not exist
        self._close(tape, found, error if span.error is None else span.error)

    def _close(self, tape: Tape, found: Open, error: Failure | None) -> None:
        """End a step, and what is left open within it where the code runs; what runs elsewhere goes on."""
        around = self._around(tape)
        within = around[: around.index(found)] if found in around else []
        for one in (*within, found):
            self._leave(tape, one, error)

    def _leave(self, tape: Tape, one: Open, error: Failure | None) -> None:
        self._open.get(tape, {}).pop(one.span.id, None)
        context.leave(one.place)
        if one.span.ms is None:  # else it was refused, and has ended
            one.span.error = error if one.span.error is None else one.span.error
            tape.end(one.span)

    def _around(self, tape: Tape) -> list[Open]:
        """The open steps that the code runs in, the innermost first."""
        still, at = self._open.get(tape, {}), context.current_span(tape)
        around: list[Open] = []
        parents: dict[int, int | None] = {}
        while at is not None:
            one = still.get(at)
            if one is not None:
                around.append(one)
            elif not parents:
                parents = _parents(tape)
            at = parents.get(at) if one is None else one.span.parent
        return around

    def tool(self, tape: Tape, name: str) -> Open | None:
        """The step of the tool that is about to run, if an agent is what runs it."""
        found = self._open.get(tape, {}).get(context.current_span(tape) or 0)
        is_it = found is not None and found.base == "tool_usage" and found.span.name == name
        return found if is_it and found is not None and not found.busy else None

    # --- runs that end without telling

    def run(self, wrapped: Any, owner: Any, args: Any, kwargs: Any) -> Any:
        """Stand in for what starts a crew, a flow or an agent, plain or async."""
        tape = watching("crewai")
        if tape is None:
            return wrapped(*args, **kwargs)
        if inspect.iscoroutinefunction(wrapped):
            return self._awaited(tape, owner, wrapped(*args, **kwargs))
        with self._settled(tape, owner):
            return wrapped(*args, **kwargs)

    async def _awaited(self, tape: Tape, owner: Any, running: Awaitable[Any]) -> Any:
        with self._settled(tape, owner):
            return await running

    @contextmanager
    def _settled(self, tape: Tape, owner: Any) -> Iterator[None]:
        """End what a run leaves open: CrewAI tells of no interrupt and no cancellation."""
        before = set(self._open.get(tape, {}))
        try:
            yield
        except BaseException as error:
            self._settle(tape, owner, before, failure(error))
            raise
        self._settle(tape, owner, before, None)

    def _settle(self, tape: Tape, owner: Any, before: set[int], error: Failure | None) -> None:
        with _steps.guarded(tape, "a run of CrewAI"):
            still = self._open.get(tape, {})
            own = [one for one in list(still.values()) if one.source is owner and one.span.id not in before]
            for one in own:
                for inner in [] if error is None else _within(one.span, list(still.values()), _parents(tape)):
                    self._leave(tape, inner, error)
                self._close(tape, one, error)


def _parents(tape: Tape) -> dict[int, int | None]:
    return {span.id: span.parent for span in list(tape.spans)}


def _within(outer: Span, still: list[Open], parents: dict[int, int | None]) -> list[Open]:
    """Those of the open steps that are within a step, the innermost first."""
    found = []
    for one in reversed(still):
        at = one.span.parent
        while at is not None and at != outer.id:
            at = parents.get(at)
        found += [] if at is None else [one]
    return found
