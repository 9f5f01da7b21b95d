"""Assertions about a run: what it cost, which way it went, what it answered.

Each takes a :class:`~trace_ops.trace.Trace`, a :class:`~trace_ops.recorder.Recorder` (such as the
``cassette`` fixture) or the path of a cassette, and raises an ``AssertionError`` that says by how much a
limit is exceeded, in which steps, and shows the trajectory with these steps in brackets.

Limits may be relative to the recording: ``max_tokens="+10%"``. What was recorded is then given as
``recorded=``; a recorder knows it by itself, and on its first run, when there is none, has nothing to
compare with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from os import PathLike
from typing import Any, Protocol, TypeAlias

from trace_ops import cassette
from trace_ops.checks import (
    ANYTHING,
    Budget,
    LoopLimits,
    Trajectory,
    TrajectoryMode,
    Violation,
    answers,
    caching,
    explained,
    regex,
    retrieval,
    subset,
    tool,
)
from trace_ops.errors import UsageError
from trace_ops.trace import Trace

__all__ = [
    "AgentLoopError",
    "BudgetExceededError",
    "RetrievalError",
    "TraceAssertionError",
    "TrajectoryError",
    "anything",
    "assert_answer_contains",
    "assert_answer_json",
    "assert_answer_matches",
    "assert_cache_prefix_stable",
    "assert_cost_under",
    "assert_duration_under",
    "assert_first_token_under",
    "assert_max_chunks",
    "assert_max_distance",
    "assert_max_llm_calls",
    "assert_max_tool_calls",
    "assert_max_tool_errors",
    "assert_min_chunks",
    "assert_min_score",
    "assert_no_errors",
    "assert_no_loops",
    "assert_no_retrieval_drift",
    "assert_tokens_under",
    "assert_trajectory",
    "regex",
    "subset",
    "tool",
]

anything = ANYTHING
"""Stands for any argument, or for all of them."""


class _Running(Protocol):
    @property
    def trace(self) -> Trace: ...


Run: TypeAlias = Trace | _Running | str | PathLike[str]
"""What assertions are about: a trace, a recorder, or the path of a cassette."""

Limit: TypeAlias = float | str
"""A number, or a change against the recording such as ``"+10%"``."""


class TraceAssertionError(AssertionError):
    """A run is not what is asserted of it. ``violations`` are the findings, ``trace`` is the run."""

    def __init__(self, trace: Trace, violations: Sequence[Violation]) -> None:
        self.trace, self.violations = trace, list(violations)
        super().__init__(explained(trace, violations))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.trace, self.violations)


class BudgetExceededError(TraceAssertionError):
    """A run takes more than it may: money, tokens, calls, time, errors."""


class AgentLoopError(TraceAssertionError):
    """An agent goes round in circles."""


class TrajectoryError(TraceAssertionError):
    """A run does not take the steps that are expected of it."""


class RetrievalError(TraceAssertionError):
    """A retrieval gave back too few documents, documents too far off, or others than recorded."""


# --- budgets


def assert_cost_under(trace: Run, *, max_usd: Limit, recorded: Run | None = None) -> None:
    """Assert that a run cost no more than ``max_usd``, in US dollars.

    A call whose price, or whose usage, is not known fails the assertion, with the reason.
    """
    __tracebackhide__ = True
    _keep(trace, recorded, max_usd=max_usd)


def assert_tokens_under(trace: Run, *, max_tokens: Limit, recorded: Run | None = None) -> None:
    """Assert that input and output of all calls together are no more than ``max_tokens``.

    An answer that came in full and does not tell its usage fails the assertion. Streams that were broken
    off rarely tell it, and count nothing.
    """
    __tracebackhide__ = True
    _keep(trace, recorded, max_tokens=max_tokens)


def assert_max_llm_calls(trace: Run, *, max_calls: Limit, recorded: Run | None = None) -> None:
    """Assert that no more than ``max_calls`` LLM calls were made; embeddings do not count."""
    __tracebackhide__ = True
    _keep(trace, recorded, "max_calls", max_llm_calls=max_calls)


def assert_max_tool_calls(trace: Run, *, max_calls: Limit, recorded: Run | None = None) -> None:
    """Assert that no more than ``max_calls`` tools were called, those that ran unseen included."""
    __tracebackhide__ = True
    _keep(trace, recorded, "max_calls", max_tool_calls=max_calls)


def assert_duration_under(trace: Run, *, max_seconds: Limit, recorded: Run | None = None) -> None:
    """Assert that a run took no longer than ``max_seconds``.

    Calls that were served from a recording count with the time they took when they were recorded; of
    those in parallel lanes, the longest.
    """
    __tracebackhide__ = True
    _keep(trace, recorded, max_seconds=max_seconds)


def assert_first_token_under(trace: Run, *, max_seconds: Limit, recorded: Run | None = None) -> None:
    """Assert that every streamed answer began within ``max_seconds``.

    Measured is the first event that holds something said (text, reasoning, a request for a tool), from
    the start of the call, in a replay too: the times of events are recorded. Calls that are not streamed
    do not count.
    """
    __tracebackhide__ = True
    _keep(trace, recorded, "max_seconds", max_first_token_seconds=max_seconds)


def assert_no_errors(trace: Run) -> None:
    """Assert that no step failed: no exception, no status of 400 or more, no broken stream.

    An error that only passed through the steps around it counts once. Attempts that an SDK made again by
    itself are no errors.
    """
    __tracebackhide__ = True
    _keep(trace, None, max_errors=0)


def assert_max_tool_errors(trace: Run, *, max_errors: Limit = 0, recorded: Run | None = None) -> None:
    """Assert that no more than ``max_errors`` tools failed."""
    __tracebackhide__ = True
    _keep(trace, recorded, "max_errors", max_tool_errors=max_errors)


# --- the way a run went


def assert_no_loops(
    trace: Run, *, max_consecutive_same_tool: int = 3, max_same_call: int = 3, max_cycles: int = 2
) -> None:
    """Assert that an agent does not go round in circles.

    ``max_consecutive_same_tool``: so many calls of one tool in a row, LLM calls between them aside.
    ``max_same_call``: so many calls of one tool with the same arguments, anywhere in the run.
    ``max_cycles``: so many times the same two or more tools one after the other (A B A B is two). Tools
    that one answer asks for at once count as one call in a row, and branches that run in parallel each by
    itself.
    """
    __tracebackhide__ = True
    limits = LoopLimits.of(
        max_consecutive_same_tool=max_consecutive_same_tool,
        max_same_call=max_same_call,
        max_cycles=max_cycles,
    )
    run = _trace(trace)
    _raise(AgentLoopError, run, limits.check(run))


def assert_trajectory(
    trace: Run,
    expected: Iterable[Any],
    *,
    mode: TrajectoryMode = "strict",
    kinds: Collection[str] | None = None,
) -> None:
    """Assert that a run took the expected steps.

    ``expected`` holds names (``"search"``, ``"llm:gpt-5"``, patterns such as ``"search_*"``), calls with
    arguments (:func:`tool`), and sets of these for steps in any order::

        assert_trajectory(run, ["plan", {"search", "read"}, tool("answer", text=regex("Oslo"))])

    Modes: ``strict``, exactly these in this order; ``in_order``, these in this order, others may come
    between; ``unordered``, exactly these in any order; ``superset``, the run has at least these;
    ``subset``, the run has none but these. Each expected step stands for one step of the run.

    Looked at are tool calls, and other ``kinds`` if they are given or expected (``"llm:..."``). Steps in
    parallel lanes beneath one parent have no order: any will do.
    """
    __tracebackhide__ = True
    run = _trace(trace)
    _raise(TrajectoryError, run, Trajectory.of(expected, mode, kinds).check(run))


def assert_cache_prefix_stable(trace: Run) -> None:
    """Assert that each request begins as the one before it in its conversation.

    Providers bill what they have read before at a fraction of the price, up to the first token that
    differs: a time in the system prompt, or tools in another order, make every turn pay for all of it.
    OpenAI, and most who speak its formats, cache by themselves prompts of 1,024 tokens or more
    (https://platform.openai.com/docs/guides/prompt-caching); the whole request counts. Anthropic caches
    up to the last block marked with ``cache_control``
    (https://platform.claude.com/docs/en/build-with-claude/prompt-caching); what comes after it may
    change, and a request without one is not cached, and not checked.

    Requests are of one conversation if model, parent and lane are the same, and the first message or half
    of all messages. Those that go on from a response kept at the provider are left out.
    """
    __tracebackhide__ = True
    run = _trace(trace)
    _raise(TraceAssertionError, run, caching.check(run))


# --- retrievals


def assert_min_chunks(trace: Run, min_chunks: int, *, name: str | None = None) -> None:
    """Assert that every retrieval gave back at least ``min_chunks`` documents.

    ``name`` picks the retrievals of one name, such as a collection. A run without any fails the assertion.
    A retrieval within another, such as the store's within a framework's retriever, is a part of that.
    """
    __tracebackhide__ = True
    run = _trace(trace)
    _raise(RetrievalError, run, retrieval.count(run, name, least=min_chunks, most=None))


def assert_max_chunks(trace: Run, max_chunks: int, *, name: str | None = None) -> None:
    """Assert that no retrieval gave back more than ``max_chunks`` documents."""
    __tracebackhide__ = True
    run = _trace(trace)
    _raise(RetrievalError, run, retrieval.count(run, name, least=None, most=max_chunks))


def assert_min_score(trace: Run, min_score: float, *, name: str | None = None) -> None:
    """Assert that every document that was retrieved has a score of ``min_score`` or more.

    The higher a score, the nearer the document. One without a score fails the assertion: where the store
    only tells distances, use :func:`assert_max_distance`.
    """
    __tracebackhide__ = True
    run = _trace(trace)
    _raise(RetrievalError, run, retrieval.measured(run, name, "score", min_score))


def assert_max_distance(trace: Run, max_distance: float, *, name: str | None = None) -> None:
    """Assert that every document that was retrieved has a distance of ``max_distance`` or less."""
    __tracebackhide__ = True
    run = _trace(trace)
    _raise(RetrievalError, run, retrieval.measured(run, name, "distance", max_distance))


def assert_no_retrieval_drift(
    trace: Run,
    recorded: Run | None = None,
    *,
    name: str | None = None,
    min_overlap: float = 1.0,
    ranked: bool = True,
) -> None:
    """Assert that retrievals gave back the documents that they did when ``recorded`` was.

    ``recorded`` is the snapshot: a trace or the path of a cassette; a recorder knows its own, and on its
    first run, when there is none, has nothing to compare with. ``min_overlap`` is the share of documents
    that have to be the same, of all that either run has, 0 to 1. With ``ranked=False`` their order may be
    another. Documents are the same by their ``id``; texts and scores are not compared.
    """
    __tracebackhide__ = True
    run = _trace(trace)
    before = _recorded(trace) if recorded is None else _trace(recorded)
    if before is None:
        if isinstance(trace, (Trace, str, PathLike)):
            raise UsageError("assert_no_retrieval_drift needs recorded=, the run to compare with")
        return
    _raise(RetrievalError, run, retrieval.drift(run, before, name, min_overlap=min_overlap, ranked=ranked))


# --- answers


def assert_answer_contains(
    trace: Run, text: str | Iterable[str], *, ignore_case: bool = False, span: int | None = None
) -> None:
    """Assert that the last answer contains a text, or each of several; ``span`` picks another answer."""
    __tracebackhide__ = True
    _answer(trace, span, answers.contains(text, ignore_case=ignore_case))


def assert_answer_matches(
    trace: Run, pattern: str | re.Pattern[str], *, flags: int = 0, span: int | None = None
) -> None:
    """Assert that a regular expression is found in the last answer, or in that of ``span``."""
    __tracebackhide__ = True
    _answer(trace, span, answers.matches(pattern, flags))


def assert_answer_json(trace: Run, schema: Any = None, *, span: int | None = None) -> None:
    """Assert that the last answer, or that of ``span``, is JSON, and fits a schema if one is given.

    ``schema`` is a JSON Schema or a pydantic model, and takes the library ``jsonschema``.
    """
    __tracebackhide__ = True
    _answer(trace, span, answers.is_json(schema))


def _answer(run: Run, span: int | None, check: Callable[[answers.Answer], list[Violation]]) -> None:
    __tracebackhide__ = True
    trace = _trace(run)
    found = answers.answer(trace, span)
    violations = [found] if isinstance(found, Violation) else check(found)
    _raise(TraceAssertionError, trace, violations)


def _keep(run: Run, recorded: Run | None, option: str | None = None, **limits: Any) -> None:
    """Raise if a run exceeds a limit, which the caller calls by another name."""
    __tracebackhide__ = True
    try:
        budget = Budget.of(**limits)
    except UsageError as error:
        (name,) = limits
        text = str(error)
        raise UsageError(option + text.removeprefix(name) if option else text) from None
    trace = _trace(run)
    before = _recorded(run) if recorded is None else _trace(recorded)
    if budget.is_relative and before is None and isinstance(run, (Trace, str, PathLike)):
        (name,) = limits
        raise UsageError(f"{option or name}={limits[name]!r} needs recorded=, the run that it relates to")
    _raise(BudgetExceededError, trace, budget.check(trace, before))


def _raise(error: type[TraceAssertionError], trace: Trace, violations: Sequence[Violation]) -> None:
    __tracebackhide__ = True
    if violations:
        raise error(trace, violations)


def _trace(run: Any) -> Trace:
    if isinstance(run, Trace):
        return run
    if isinstance(run, (str, PathLike)):
        return cassette.load(run).trace
    trace = getattr(run, "trace", None)
    if isinstance(trace, Trace):
        return trace
    raise UsageError(f"{type(run).__name__!r} is no run: give a trace, a recorder or the path of a cassette")


def _recorded(run: Any) -> Trace | None:
    recorded = None if isinstance(run, (Trace, str, PathLike)) else getattr(run, "recorded", None)
    return recorded if isinstance(recorded, Trace) else None
