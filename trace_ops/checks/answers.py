"""What an answer says: contains a text, matches a pattern, is JSON of a schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from trace_ops import wire
from trace_ops.checks.folding import printable
from trace_ops.checks.meters import place
from trace_ops.checks.violation import Violation
from trace_ops.errors import UsageError
from trace_ops.matching import excerpt
from trace_ops.trace import Span, Trace

_MAX_ANSWER = 300
_MAX_ERRORS = 5
_FENCE = re.compile(r"\s*```")


@dataclass(frozen=True)
class Answer:
    """The text that a model answered with, and the call it answered."""

    span: Span
    text: str


def answer(trace: Trace, span: int | None = None) -> Answer | Violation:
    """The last answer of a run, or that of the given span; what is wrong where there is none.

    The last answer is that of the last LLM call that did not fail. It has the text of its first choice;
    requests for tools and reasoning are not part of it.
    """
    if span is None:
        answered = [call for call in trace.llm_calls if not call.failed]
        if not answered:
            return Violation("answer", "there is no answer: the run has no LLM call that did not fail")
        found = answered[-1]
    else:
        found = _span(trace, span)
    text = _text(found)
    if not text:
        asked = f"; it asks for {', '.join(map(printable, found.tools))}" if found.tools else ""
        return Violation("answer", f"the answer of {place(found)} has no text{asked}", where=(found.id,))
    return Answer(found, text)


def contains(text: str | Iterable[str], *, ignore_case: bool = False) -> Callable[[Answer], list[Violation]]:
    """A check that an answer contains a text, or each of several."""
    wanted: list[Any] = [text] if isinstance(text, str) else list(text)
    for each in wanted or [text]:
        if not isinstance(each, str) or not each:
            raise UsageError(f"{each!r} is no text that an answer could contain")

    def check(given: Answer) -> list[Violation]:
        said = given.text.casefold() if ignore_case else given.text
        return [
            _violation("contains", given, f"does not contain {excerpt.short(each)}")
            for each in wanted
            if (each.casefold() if ignore_case else each) not in said
        ]

    return check


def matches(pattern: str | re.Pattern[str], flags: int = 0) -> Callable[[Answer], list[Violation]]:
    """A check that a regular expression is found in an answer (``re.search``)."""
    try:
        compiled = re.compile(pattern, flags)
    except (re.error, TypeError, ValueError) as error:
        raise UsageError(f"{pattern!r} is no regular expression: {error}") from error

    def check(given: Answer) -> list[Violation]:
        if compiled.search(given.text):
            return []
        return [_violation("matches", given, f"does not match {printable(repr(compiled.pattern))}")]

    return check


def is_json(schema: Any = None) -> Callable[[Answer], list[Violation]]:
    """A check that an answer is JSON, and valid by a JSON Schema if one is given.

    The schema is a mapping, or a pydantic model. Raises :class:`UsageError` for what is no schema, or if
    the library ``jsonschema`` is not installed.
    """
    validator = None if schema is None else _validator(schema)

    def check(given: Answer) -> list[Violation]:
        try:
            value = json.loads(given.text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            fenced = "; it stands in a code block" if _FENCE.match(given.text) else ""
            return [_violation("json", given, f"is no JSON ({error}){fenced}")]
        wrong = [] if validator is None else list(_wrong(validator, value))
        if not wrong:
            return []
        more = [f"and {len(wrong) - _MAX_ERRORS} more"] if len(wrong) > _MAX_ERRORS else []
        count = f"{len(wrong)} error{'' if len(wrong) == 1 else 's'}"
        return [_violation("json", given, f"does not fit the schema: {count}", *wrong[:_MAX_ERRORS], *more)]

    return check


def _span(trace: Trace, number: int) -> Span:
    for span in trace:
        if span.id == number:
            return span
    raise UsageError(f"span={number!r}: the run has no such span")


def _text(span: Span) -> str:
    read = wire.read_response(span.exchange) if span.exchange is not None else None
    if read is not None:
        return read.text
    return span.output if isinstance(span.output, str) else ""


def _violation(what: str, given: Answer, problem: str, *details: str) -> Violation:
    text = f"the answer of {place(given.span)} {problem}"
    said = f"answer: {excerpt.short(given.text, _MAX_ANSWER)}"
    return Violation(f"answer {what}", text, where=(given.span.id,), details=(*details, said))


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not in JSON")


def _validator(schema: Any) -> Any:
    try:
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
    except ImportError as error:
        raise UsageError(
            "checking an answer against a schema takes the library jsonschema: pip install 'TraceOps[schema]'"
        ) from error
    if callable(getattr(schema, "model_json_schema", None)):
        schema = schema.model_json_schema()
    if not isinstance(schema, (dict, bool)):
        raise UsageError(f"{schema!r} is no JSON Schema")
    kind: Any = validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise UsageError(f"this is no JSON Schema: {error.message}") from error
    return kind(schema)


def _wrong(validator: Any, value: Any) -> Iterator[str]:
    for error in sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path))):
        path = ".".join(map(str, error.absolute_path)) or "the whole answer"
        yield printable(f"{path}: {error.message}", 200)
