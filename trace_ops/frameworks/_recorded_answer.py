"""The recorded answer of a model within the process, given again in the place of a call."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Generator
from typing import Any

from trace_ops._cancellation import CANCELLED, wait_for_cancellation
from trace_ops.exchange import Failure, Response, Stream
from trace_ops.frameworks._frozen import raised
from trace_ops.tape import Play


class RecordedAnswer:
    """What a call that is served gave when it was recorded: JSON in one piece or in several, or an error."""

    def __init__(self, play: Play) -> None:
        self._play, self._outcome = play, play.next_outcome()

    def whole(self) -> Any:
        """The answer; raises the recorded error."""
        self._play.finish()
        if self._outcome == CANCELLED:
            raise self._play.tape.truncated(self._play)
        if isinstance(self._outcome, Failure):
            raise raised(self._outcome)
        return json_of(self._outcome)

    async def whole_async(self) -> Any:
        """The same; waits to be cancelled if the recorded call was."""
        if self._outcome == CANCELLED:
            await wait_for_cancellation()
        return self.whole()

    def pieces(self) -> Generator[Any, None, None]:
        """Each piece, then the recorded error."""
        # At once: some readers leave the end of a stream to nobody.
        self._play.finish()
        yield from self._pieces()
        self._end()

    async def pieces_async(self) -> AsyncGenerator[Any, None]:
        """The same; waits to be cancelled where the recorded call was."""
        self._play.finish()
        for piece in self._pieces():
            yield piece
        if isinstance(self._outcome, Response) and self._outcome.end == "cancelled":
            await wait_for_cancellation()
        self._end()

    def _pieces(self) -> list[Any]:
        if isinstance(self._outcome, Failure):
            raise raised(self._outcome)
        found: list[Any] = json_of(self._outcome)
        return found

    def _end(self) -> None:
        assert isinstance(self._outcome, Response)
        if self._outcome.failure is not None:
            raise raised(self._outcome.failure)
        if self._outcome.end != "complete":
            raise self._play.tape.truncated(self._play)


def json_of(response: Response) -> Any:
    """The JSON of an answer; a list of it where it came in pieces."""
    body = response.body
    return [json.loads(line) for line in body.events] if isinstance(body, Stream) else body.json
