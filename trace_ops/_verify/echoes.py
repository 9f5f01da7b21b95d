"""Live answers that come back in later requests, so that these are still known for the recorded calls.

A model seldom says the same thing twice, and an agent sends on what it said. Without this the second call
of most agents would be an unknown one.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from trace_ops import wire
from trace_ops.exchange import Body, Exchange, Request
from trace_ops.wire.messages import ChatResponse, ReasoningPart, RefusalPart, TextPart

_SHORTEST_WITHIN = 12
"""Shorter texts are told only where they stand alone, not within others."""


class Echoes:
    """What live answers said in place of what was recorded."""

    def __init__(self) -> None:
        self._recorded: dict[str, str] = {}

    def learn(self, recorded: Exchange, now: Exchange) -> None:
        """Remember the texts of a live answer to a recorded call."""
        before, after = wire.read_response(recorded), wire.read_response(now)
        if before is None or after is None:
            return
        for old, new in zip(_texts(before), _texts(after), strict=False):
            if new and old and new != old:
                self._recorded[new] = old

    def restored(self, request: Request) -> Request:
        """The request as it would be, had the answers been those recorded."""
        body = request.body
        if not self._recorded or body is None or body.json is None:
            return request
        longest_first = sorted(self._recorded.items(), key=lambda pair: -len(pair[0]))
        value = self._restored(body.json, longest_first)
        if value == body.json:
            return request
        return replace(request, body=Body(json.dumps(value).encode()))

    def _restored(self, value: Any, texts: list[tuple[str, str]]) -> Any:
        if isinstance(value, dict):
            return {key: self._restored(item, texts) for key, item in value.items()}
        if isinstance(value, list):
            return [self._restored(item, texts) for item in value]
        if not isinstance(value, str):
            return value
        if value in self._recorded:
            return self._recorded[value]
        for now, recorded in texts:
            if len(now) >= _SHORTEST_WITHIN and now in value:
                value = value.replace(now, recorded)
        return value


def _texts(answer: ChatResponse) -> list[str]:
    """The texts of an answer, kind by kind, so that those of two answers stand beside each other."""
    parts = [part for message in answer.messages for part in message.parts]
    kinds = (TextPart, ReasoningPart, RefusalPart)
    return [part.content or "" for kind in kinds for part in parts if isinstance(part, kind)]
