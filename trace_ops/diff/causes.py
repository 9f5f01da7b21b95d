"""Which changes came first, and which merely follow from them: by evidence, not by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from trace_ops.diff import documents, evidence
from trace_ops.diff.align import Alignment
from trace_ops.diff.answers import Likeness
from trace_ops.diff.chains import Chain
from trace_ops.diff.compare import compare
from trace_ops.diff.evidence import Evidence, Gist
from trace_ops.diff.findings import Finding
from trace_ops.diff.model import METRICS
from trace_ops.diff.steps import Step
from trace_ops.wire.messages import Message

_CALLS = ("llm", "embedding", "tool", "retrieval")


@dataclass
class _Row:
    """Two steps that correspond, or one alone, and what changed."""

    old: Step | None
    new: Step | None
    step: list[Finding] = field(default_factory=list)
    into: list[Finding] = field(default_factory=list)
    out: list[Finding] = field(default_factory=list)

    @property
    def either(self) -> Step:
        step = self.new or self.old
        assert step is not None
        return step

    def findings(self) -> Iterator[Finding]:
        yield from self.step
        yield from self.into
        yield from self.out


def findings(alignment: Alignment, likeness: Likeness) -> list[Finding]:
    """List what changed in the order of the new run, each change with what it follows from."""
    rows = [_row(old, new, likeness) for old, new in alignment.pairs()]
    _moves(rows, alignment)
    if any(row.step or row.into or row.out for row in rows):
        _Explainer(rows).explain()
    found = [finding for row in rows for finding in row.findings()]
    for number, finding in enumerate(found):
        finding.number = number
    return found


def _row(old: Step | None, new: Step | None, likeness: Likeness) -> _Row:
    row = _Row(old, new)
    if old is not None and new is not None:
        for finding in compare(old, new, likeness):
            (row.into if finding.side == "in" else row.out).append(finding)
    else:
        cause = "step added" if old is None else "step removed"
        row.step.append(Finding("trajectory", cause, "step", old=old, new=new))
    return row


def _moves(rows: list[_Row], alignment: Alignment) -> None:
    place = {row.old: row for row in rows if row.old and row.new}
    swapped: set[Step] = set()
    for first, second in alignment.swapped:
        one, other = place[first].new, place[second].new
        assert one is not None
        assert other is not None
        swapped |= {first, second}
        # Told where the new run first differs: the second step stands in the place of the first.
        before, after = [first.span.id, second.span.id], [one.span.id, other.span.id]
        finding = Finding("trajectory", "steps swapped", "step", before=before, after=after)
        finding.old, finding.new = first, other
        place[second].step.append(finding)
    for step in alignment.moved:
        if step not in swapped:
            finding = Finding("trajectory", "step moved", "step", old=step, new=step.mate)
            place[step].step.append(finding)


class _Explainer:
    """Goes through the rows and finds for each change what explains it, if anything does."""

    def __init__(self, rows: list[_Row]) -> None:
        self._rows = rows
        self._evidence = Evidence()
        self._row_of = {step: row for row in rows for step in (row.old, row.new) if step is not None}
        self._astray: dict[Hashable, Finding] = {}
        self._names: dict[tuple[str, str], Finding] = {}
        self._beneath: dict[int, Finding] = {}
        self._kept: dict[int, Finding | None] = {}
        self._chains = (
            Chain([row.old for row in rows if row.old]),
            Chain([row.new for row in rows if row.new]),
        )

    def explain(self) -> None:
        last, inner = self._ends()
        waiting: defaultdict[int, list[_Row]] = defaultdict(list)
        for number, row in enumerate(self._rows):
            if number in inner:
                waiting[last[number]].append(row)
            self._step(row)
            self._into(row, hands_on=number in inner)
            if number not in inner:
                self._out(row)
            self._follow(row, is_over=number not in inner)
            if number not in inner:
                self._pass_up(row)
            # What contains others has its output when they are over, the innermost first.
            for around in reversed(waiting.pop(number, [])):
                self._out(around)
                self._follow(around, is_over=True)
                self._pass_up(around)

    def _ends(self) -> tuple[list[int], set[int]]:
        """Where the last step beneath each row is, and which rows have any."""
        place = {id(row): number for number, row in enumerate(self._rows)}
        last = list(range(len(self._rows)))
        inner = set()
        for number in reversed(range(len(self._rows))):
            for parent in self._parents(self._rows[number]):
                around = place[id(parent)]
                if around < number:
                    inner.add(around)
                    last[around] = max(last[around], last[number])
        return last, inner

    def _parents(self, row: _Row) -> list[_Row]:
        found = []
        for step in (row.new, row.old):
            if step is not None and step.parent is not None:
                parent = self._row_of[step.parent]
                if parent not in found:
                    found.append(parent)
        return found

    # Steps added, removed, moved

    def _step(self, row: _Row) -> None:
        for finding in row.step:
            cause = self._of_parent(row, finding) or self._asked_for(row) or self._led_astray(row)
            if cause is not None:
                finding.explained(cause, "after")
            self._evidence_of_step(row, finding)

    def _of_parent(self, row: _Row, finding: Finding) -> Finding | None:
        for parent in self._parents(row):
            for other in parent.step:
                if other.cause == finding.cause:
                    return other
        return None

    def _asked_for(self, row: _Row) -> Finding | None:
        """The answer that asks for this call of a tool, or no longer does."""
        span = row.either.span
        if span.kind != "tool" or (row.old and row.new):
            return None
        gist = evidence.call(span.name, span.input)
        exact = self._evidence.called(gist if row.old else None, gist if row.new else None)
        return exact or self._names.get((span.name, "gone" if row.old else "come"))

    def _led_astray(self, row: _Row) -> Finding | None:
        anchor, flow = self._flow(row)
        return self._astray.get(flow) or self._astray.get(anchor)

    def _flow(self, row: _Row) -> tuple[Hashable, Hashable]:
        """What goes on as one: the nearest step around it that is in both runs, and the strand in it."""
        step = row.either
        around = step.parent
        while around is not None and around.mate is None:
            around = around.parent
        if around is not None and row.new is None:
            around = around.mate
        anchor = None if around is None else around.place
        return ("around", anchor), (anchor, step.strand)

    def _evidence_of_step(self, row: _Row, finding: Finding) -> None:
        if row.old is not None and row.new is not None:
            return
        answer = evidence.answer_of(row.either)
        old, new = (answer, None) if row.new is None else (None, answer)
        self._evidence.output(finding, old, new)
        self._learn_names(finding, old, new)
        told = answer.text if answer else row.either.span.output
        self._evidence.text(finding, told if row.new is None else None, told if row.old is None else None)

    def _learn_names(self, finding: Finding, old: Message | None, new: Message | None) -> None:
        for message, sort in ((old, "gone"), (new, "come")):
            for call in message.tool_calls if message else ():
                self._names[call.name, sort] = finding

    # What went in

    def _into(self, row: _Row, *, hands_on: bool) -> None:
        first: Finding | None = None
        previous: Finding | None = None
        for finding in row.into:
            self._explain_input(row, finding)
            if finding.root is None and previous is not None and _is_said_after(previous, finding):
                finding.explained(previous, "after")
            previous = finding if finding.keys is not None else None
            if finding.root is None and first is not None and finding.kind == "arguments":
                # The arguments of one call are one thing that somebody chose.
                finding.explained(first, "answers")
            first = first or finding
            self._evidence.remember(finding)
            if hands_on:
                self._evidence.text(finding, finding.before, finding.after)
            if finding.keys is not None:
                self._evidence.output(finding, *self._messages(finding))

    def _explain_input(self, row: _Row, finding: Finding) -> None:
        repeated = self._evidence.repeated(finding)
        if repeated is not None:
            finding.explained(repeated, "repeats")
            return
        cause = self._carried(row, finding)
        if cause is not None:
            finding.explained(cause, "carries")

    def _carried(self, row: _Row, finding: Finding) -> Finding | None:
        if finding.keys is not None:
            old, new = self._messages(finding)
            message = new or old
            if message is not None and message.role == "assistant":
                return self._evidence.said(old, new)
            if finding.calls != (None, None):
                ran = self._evidence.contained(finding.before, finding.after)
                return ran or self._evidence.called(*self._calls(finding))
        elif row.either.span.kind == "tool" and row.old and row.new and finding.kind == "arguments":
            gists = [evidence.call(step.span.name, step.span.input) for step in (row.old, row.new)]
            asked = self._evidence.called(gists[0], gists[1])
            if asked is not None:
                return asked
        return self._evidence.contained(finding.before, finding.after)

    def _calls(self, finding: Finding) -> tuple[Gist | None, Gist | None]:
        before, after = finding.calls
        return evidence.call_of(finding.old, before), evidence.call_of(finding.new, after)

    @staticmethod
    def _messages(finding: Finding) -> tuple[Message | None, Message | None]:
        assert finding.keys is not None
        before, after = finding.keys
        return (
            evidence.message_of(finding.old, finding.path, before),
            evidence.message_of(finding.new, finding.path, after),
        )

    # What came out

    def _out(self, row: _Row) -> None:
        first: Finding | None = None
        for finding in row.out:
            if finding.kind in METRICS:
                continue
            if row.into:
                finding.explained(_own(row.into), "answers")
            elif (kept := self._kept_changed(row)) is not None:
                finding.explained(kept, "answers")
            elif first is not None:
                finding.explained(first, "answers")
            else:
                self._explain_output(row, finding)
            first = first or finding
            self._evidence.remember(finding)
            if row.either.exchange is None or row.either.response is None:
                self._evidence.text(finding, finding.before, finding.after)
            for old_text, new_text in documents.texts(finding):
                self._evidence.text(finding, old_text, new_text)
        if first is not None and row.old and row.new:
            old, new = evidence.answer_of(row.old), evidence.answer_of(row.new)
            if old or new:
                self._evidence.output(first, old, new)
                self._learn_changed_names(first, old, new)
                self._evidence.text(first, old.text if old else None, new.text if new else None)
                for finding in row.out:
                    if finding.kind == "arguments":
                        self._evidence.text(finding, finding.before, finding.after)

    def _kept_changed(self, row: _Row) -> Finding | None:
        """What changed in the conversation that the server keeps, from which a request goes on."""
        passed = []
        found = None
        while id(row) not in self._kept:
            passed.append(row)
            previous = self._previous(row)
            if previous is None:
                break
            row = previous
            found = next((f for f in [*row.step, *row.into, *row.out] if f.kind not in METRICS), None)
            if found is not None:
                break
        else:
            found = self._kept[id(row)]
        self._kept.update((id(one), found) for one in passed)
        return found

    def _previous(self, row: _Row) -> _Row | None:
        for chain, step in zip(self._chains, (row.old, row.new)):
            before = chain.before(step) if step is not None else None
            if before is not None:
                return self._row_of[before]
        return None

    def _learn_changed_names(self, finding: Finding, old: Message | None, new: Message | None) -> None:
        before = [call.name for call in old.tool_calls] if old else []
        after = [call.name for call in new.tool_calls] if new else []
        for name in {*before, *after}:
            difference = after.count(name) - before.count(name)
            if difference:
                self._names[name, "come" if difference > 0 else "gone"] = finding

    def _explain_output(self, row: _Row, finding: Finding) -> None:
        if finding.kind == "error" or finding.cause == "model served":
            repeated = self._evidence.repeated(finding)
            if repeated is not None:
                finding.explained(repeated, "repeats")
                return
        below = self._below(row)
        if below is not None:
            finding.explained(below, "carries")

    def _below(self, row: _Row) -> Finding | None:
        """The latest change beneath a step that came out of one there."""
        return self._beneath.get(id(row))

    # Where the run went another way

    def _follow(self, row: _Row, *, is_over: bool) -> None:
        if not (self._astray or row.step or row.into or row.out):
            return
        anchor, flow = self._flow(row)
        led = next(
            (
                f
                for f in [*(row.out if is_over else ()), *row.step]
                if f.kind not in METRICS and f.severity != "info"
            ),
            None,
        )
        moved = led is not None and led.kind == "trajectory" and row.old and row.new
        if led is not None and not moved:
            self._astray[flow] = self._astray[anchor] = led
            self._beneath[id(row)] = led
        elif is_over and row.old and row.new and self._goes_on_as_before(row):
            self._astray.pop(flow, None)
            self._astray.pop(anchor, None)
        if row.into and row.new is not None:
            self._astray["around", row.new.place] = _own(row.into)

    def _goes_on_as_before(self, row: _Row) -> bool:
        return row.either.span.kind in _CALLS and not row.into and self._kept_changed(row) is None

    def _pass_up(self, row: _Row) -> None:
        """Tell the steps around one that is over what changed in it."""
        changed = self._beneath.get(id(row))
        if changed is not None:
            for around in self._parents(row):
                self._beneath[id(around)] = changed


def _own(into: Iterable[Finding]) -> Finding:
    """What explains an answer: a change made to the request itself, before one that was carried in."""
    into = list(into)
    return next((finding for finding in into if finding.root is None), into[0])


def _is_said_after(previous: Finding, finding: Finding) -> bool:
    """Whether a message is said, or no longer said, right after one that an earlier answer put there."""
    return previous.follows == "carries" and finding.keys is not None and None in finding.keys
