"""What models of LangChain tell of tokens while they run, of their own accord."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from trace_ops.frameworks import _langchain_json

_THIS = "this"
"""In place of a chunk that is told of and given as well."""


class Tokens:
    """Where LangChain's handler brings tokens that are told of. Every method may be called in any thread."""

    def __init__(self) -> None:
        self._listening: dict[UUID, list[dict[str, Any]]] = {}

    def told(self, run_id: UUID, token: Any, chunk: Any) -> None:
        """A token is told of; nobody listens unless a model does it itself."""
        heard = self._listening.get(run_id)
        if heard is not None:
            heard.append(
                {"token": token} if chunk is None else {"token": token, "chunk": _langchain_json.told(chunk)}
            )

    @contextmanager
    def heard(self, manager: Any, tokens: list[dict[str, Any]]) -> Iterator[None]:
        """Listen to a model while it runs in the block."""
        if manager is None:
            yield
            return
        self._listening[manager.run_id] = tokens
        try:
            yield
        finally:
            self._listening.pop(manager.run_id, None)


def with_tokens(answer: dict[str, Any], tokens: list[dict[str, Any]]) -> dict[str, Any]:
    """An answer, or a piece of one, with what was told before it."""
    if not tokens:
        return answer
    told = [{**token, "chunk": _THIS} if token.get("chunk") == answer else token for token in tokens]
    return {"tokens": told, **answer}


def tokens_of(answer: dict[str, Any], given: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The arguments with which the tokens of an answer were told of, which is ``given`` again."""
    for token in answer.get("tokens", ()):
        chunk = token.get("chunk")
        if chunk is None:
            yield token["token"], {}
        else:
            again = given if chunk == _THIS else _langchain_json.again(chunk, is_piece=True)
            yield token["token"], {"chunk": again}
