"""Conversations that the server keeps: a request names the answer it goes on from."""

from __future__ import annotations

from collections.abc import Iterable

from trace_ops.diff.steps import Step


class Chain:
    """The steps of one run by the ids of their answers, which are read when the first is asked for."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = steps
        self._by_answer: dict[str, Step] | None = None

    def before(self, step: Step) -> Step | None:
        """The step whose answer a request goes on from."""
        body = step.exchange.request.body if step.exchange is not None else None
        given = body.json if body is not None and step.span.kind == "llm" else None
        named = given.get("previous_response_id") if isinstance(given, dict) else None
        if not isinstance(named, str):
            return None
        if self._by_answer is None:
            self._by_answer = dict(self._answers())
        found = self._by_answer.get(named)
        return found if found is not None and found.place < step.place else None

    def _answers(self) -> Iterable[tuple[str, Step]]:
        for step in self._steps:
            name = step.response.extra.get("id") if step.response is not None else None
            if isinstance(name, str):
                yield name, step
