"""How a live answer differs from the recorded one, gravest first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from trace_ops import wire
from trace_ops._verify.drift import SEVERITIES, Drift, Severity, Verify
from trace_ops._verify.shape import differences, shape_of
from trace_ops.exchange import Exchange, Failure, Response
from trace_ops.matching import Difference, describe
from trace_ops.matching.excerpt import printable, short
from trace_ops.trace import Span
from trace_ops.wire.messages import ChatResponse, Message, RefusalPart, ToolCallPart, UnknownPart

# What an answer says, in the words of all formats: judged as tools and text, not by its shape.
_SAID = frozenset(
    """content text output output_text message delta tool_calls function_call refusal reasoning
    reasoning_content reasoning_details annotations citations parts candidates item part content_block
    partial_json thinking arguments input args summary logprobs audio sources generation completion""".split()
)
_MOST_LEAVES = 20
_MOST_ROWS = 12


class _Found(NamedTuple):
    severity: Severity
    path: str
    what: str
    detail: tuple[str, ...] = ()
    similarity: float | None = None


def judge(recorded: Span, now: Exchange, verify: Verify) -> list[Drift]:
    """List what is not as in a recorded call, gravest first; empty if the answers are alike."""
    assert recorded.exchange is not None
    found = sorted(_compared(recorded.exchange, now, verify), key=lambda one: SEVERITIES.index(one.severity))
    name = printable(f"{recorded.name} {recorded.model or ''}".rstrip())
    return [
        Drift(recorded.id, name, one.severity, printable(one.path), one.what, one.detail, one.similarity,
              one.severity in verify.fail)
        for one in found
    ]  # fmt: skip


def _compared(recorded: Exchange, now: Exchange, verify: Verify) -> Iterator[_Found]:
    then, live = recorded.outcome, now.outcome
    if isinstance(then, Failure) or isinstance(live, Failure):
        if _named(then) != _named(live):
            yield _changed("outcome", _named(then), _named(live))
        return
    if then.status != live.status:
        said = f" ({short(_error(live))})" if live.status >= 400 and _error(live) else ""
        yield _Found("schema", "status", f"status: {then.status} -> {live.status}{said}")
        return
    if live.status >= 400:
        if _error(then) != _error(live):
            yield _changed("error", _error(then), _error(live))
        return
    if live.failure is not None and then.failure is None:
        yield _Found("schema", "end", f"the answer broke off: {printable(live.failure.type)}")
        return
    if then.end != "complete" or live.end != "complete":
        return  # only a part of one of them is known
    before, after = wire.read_response(recorded), wire.read_response(now)
    if before is None or after is None:
        yield from _shapes(then, live, said=False)
        return
    yield from _finish(before, after)
    yield from _shapes(then, live, said=True)
    if len(before.messages) != len(after.messages):
        yield _changed("choices", len(before.messages), len(after.messages))
    for number, (one, other) in enumerate(zip(before.messages, after.messages, strict=False)):
        prefix = f"choices.{number}." if len(before.messages) > 1 else ""
        yield from _kinds(one, other, prefix)
        yield from _tools(one.tool_calls, other.tool_calls, verify, prefix)
        yield from _texts(one.text, other.text, verify, prefix)


def _changed(path: str, recorded: Any, now: Any, severity: Severity = "schema") -> _Found:
    return _Found(severity, path, describe(Difference(path, recorded, now)))


def _named(outcome: Response | Failure) -> str:
    return outcome.type if isinstance(outcome, Failure) else f"status {outcome.status}"


def _error(response: Response) -> str | None:
    """What kind of error an answer tells of: its type and code, and not its words."""
    body = _whole(response)
    error = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    words = [error.get(key) for key in ("type", "code", "status", "__type")]
    return " ".join(str(word) for word in words if isinstance(word, (str, int))) or None


def _whole(response: Response) -> Any:
    # A stream has no JSON of its own.
    return getattr(response.body, "json", None)


def _finish(before: ChatResponse, after: ChatResponse) -> Iterator[_Found]:
    if (before.error is None) != (after.error is None):
        yield _changed("error", before.error, after.error)
    for number, (one, other) in enumerate(zip(before.finish, after.finish, strict=False)):
        # That an answer asks for tools, or not any more, is told by the tools.
        asked = [bool(answer.messages[number : number + 1] and answer.messages[number].tool_calls)
                 for answer in (before, after)]  # fmt: skip
        if one != other and not ({one, other} <= {"stop", "tool_calls"} and asked[0] != asked[1]):
            yield _changed(f"choices.{number}.finish" if number else "finish", one, other)


def _shapes(then: Response, live: Response, *, said: bool) -> Iterator[_Found]:
    keys = _SAID if said else ()
    before, after = _values(then), _values(live)
    if (before is None) != (after is None):
        what = "is no JSON any more" if after is None else "is JSON, recorded none"
        yield _Found("schema", "", f"the answer {what}")
        return
    if before is None:
        kinds = [
            dict(response.headers).get("content-type", "").partition(";")[0] for response in (then, live)
        ]
        if kinds[0] != kinds[1]:
            yield _changed("content-type", kinds[0], kinds[1])
        return
    # Which events a stream has is what it says; each kind of them has a shape.
    shapes = shape_of([before], keys), shape_of([after], keys)
    for path, what in sorted(differences(*shapes)):
        yield _Found("schema", path, f"{printable(path) or 'the body'} {what}")


def _values(response: Response) -> Any:
    """The JSON of an answer; for a stream that of its events."""
    whole = _whole(response)
    if whole is not None:
        return whole
    from trace_ops.wire._events import payloads

    events = payloads(response)
    return (
        None if events is None else [event.data for event in events if isinstance(event.data, (dict, list))]
    )


def _kinds(one: Message, other: Message, prefix: str) -> Iterator[_Found]:
    refused = [any(isinstance(part, RefusalPart) for part in message.parts) for message in (one, other)]
    if refused[0] != refused[1]:
        what = "answers with a refusal, recorded without" if refused[1] else "answers, recorded a refusal"
        yield _Found("schema", f"{prefix}refusal", what)
    known = {part.kind for part in one.parts if isinstance(part, UnknownPart)}
    for part in other.parts:
        if isinstance(part, UnknownPart) and part.kind not in known:
            known.add(part.kind)
            yield _Found("schema", f"{prefix}parts", f"a part of a new kind: {short(part.kind)}")


def _tools(
    before: list[ToolCallPart], after: list[ToolCallPart], verify: Verify, prefix: str
) -> Iterator[_Found]:
    names, now = [call.name for call in before], [call.name for call in after]
    if sorted(names) != sorted(now):
        yield _changed(f"{prefix}tools", names, now, "tools")
    for one, other in _paired(before, after):
        found = list(_arguments(one, other, verify))
        for difference in found[:_MOST_LEAVES]:
            place = f"{prefix}{one.name}.{difference.path}" if difference.path else f"{prefix}{one.name}"
            yield _Found(
                "tools",
                place,
                describe(Difference(place, difference.recorded, difference.now, difference.kind)),
            )
        if len(found) > _MOST_LEAVES:
            yield _Found("tools", f"{prefix}{one.name}", f"and {len(found) - _MOST_LEAVES} more arguments")


def _paired(
    before: list[ToolCallPart], after: list[ToolCallPart]
) -> Iterator[tuple[ToolCallPart, ToolCallPart]]:
    """Calls of the same tool, those with equal arguments first: the order of parallel calls says nothing."""
    left = list(after)
    unequal = []
    for call in before:
        twin = next((one for one in left if one.name == call.name and one.arguments == call.arguments), None)
        if twin is None:
            unequal.append(call)
        else:
            left.remove(twin)
    for call in unequal:
        other = next((one for one in left if one.name == call.name), None)
        if other is not None:
            left.remove(other)
            yield call, other


def _arguments(one: ToolCallPart, other: ToolCallPart, verify: Verify) -> Iterator[Difference]:
    from trace_ops.diff.values import leaves

    for leaf in leaves(one.arguments, other.arguments):
        texts = isinstance(leaf.recorded, str) and isinstance(leaf.now, str)
        if not (texts and verify.alike(leaf.recorded, leaf.now) >= verify.threshold):
            yield leaf


def _texts(before: str, after: str, verify: Verify, prefix: str) -> Iterator[_Found]:
    if before == after:
        return
    structured, now = _parsed(before), _parsed(after)
    if structured is not None and now is None and after:
        yield _Found("schema", f"{prefix}text", "the text is no JSON, as recorded")
    elif structured is not None and now is not None:
        yield from _structured(structured, now, verify, f"{prefix}text")
        return
    yield from _worded(before, after, verify, f"{prefix}text")


def _worded(before: str, after: str, verify: Verify, path: str) -> Iterator[_Found]:
    from trace_ops.diff.rows import rows

    likeness = verify.alike(before, after)
    if likeness >= verify.threshold:
        return
    if not before or not after:
        what = f"{path}: {short(after)}, recorded none" if after else f"{path} is gone: {short(before)}"
        yield _Found("text", path, what, (), likeness)
        return
    shown = tuple(f"{row.sign} {row.text}".rstrip() for row in rows(before, after).rows[:_MOST_ROWS])
    yield _Found("text", path, f"{path} {_percent(likeness)} alike", shown, likeness)


def _percent(likeness: float) -> str:
    # Rounded down: what differs is never quite the same.
    return f"{int(likeness * 100)}%"


def _structured(before: Any, after: Any, verify: Verify, path: str) -> Iterator[_Found]:
    """Compare JSON that a text holds: its shape, and its values as text."""
    from trace_ops.diff.values import leaves

    misshapen = list(differences(shape_of([before]), shape_of([after]), path))
    yield from (_Found("schema", place, f"{printable(place)} {what}") for place, what in sorted(misshapen))
    if misshapen:
        return
    for leaf in leaves(before, after, path)[:_MOST_LEAVES]:
        likeness = 0.0
        if isinstance(leaf.recorded, str) and isinstance(leaf.now, str):
            likeness = verify.alike(leaf.recorded, leaf.now)
        if likeness < verify.threshold:
            yield _Found("text", leaf.path, describe(leaf), (), likeness)


def _parsed(text: str) -> Any:
    """The JSON object or list that a text is."""
    start = text.lstrip()[:1]
    if start not in ("{", "["):
        return None
    parse: Callable[[str], Any] = json.loads
    try:
        return parse(text)
    except (ValueError, RecursionError):
        return None
