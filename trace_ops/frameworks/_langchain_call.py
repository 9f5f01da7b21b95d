"""One call of a model of LangChain that is told to the tape: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from trace_ops.frameworks._langchain_json import again, asked, kept
from trace_ops.frameworks._langchain_tokens import Tokens, tokens_of, with_tokens
from trace_ops.frameworks._model_calls import ModelCall, begin
from trace_ops.tape import Tape

_GIVEN = ("messages", "prompts", "prompt")


class LangChainCall:
    """A call that has begun, of ``_generate`` or, if it ``streams``, of ``_stream``."""

    def __init__(self, call: ModelCall, tokens: Tokens, manager: Any) -> None:
        self._call, self._listener, self._manager = call, tokens, manager
        self._tokens: list[dict[str, Any]] = []

    @property
    def is_served(self) -> bool:
        """Whether the model is not to be asked."""
        return self._call.answer is not None

    # --- live

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Have what happens in the block known as part of the call."""
        with self._call.inside(), self._listener.heard(self._manager, self._tokens):
            yield

    def end(self, result: Any) -> None:
        """The model gave an answer."""
        self._call.end(lambda: self._kept(result))

    def fail(self, error: BaseException) -> None:
        """The model raised an error."""
        self._call.fail(error)

    def piece(self, chunk: Any) -> None:
        """The model gave a piece of an answer."""
        self._call.piece(lambda: self._kept(chunk, is_piece=True), is_last=_is_last(chunk))

    def end_pieces(self, error: BaseException | None = None) -> None:
        """The model has no more to give, failed, or its reader left."""
        if self._tokens:
            told = with_tokens({}, self._heard())
            self._call.piece(lambda: (told, True), is_last=error is None)
        self._call.end_pieces(error)

    def _kept(self, result: Any, *, is_piece: bool = False) -> tuple[Any, bool]:
        answer, is_exact = kept(result, is_piece=is_piece)
        return with_tokens(answer, self._heard()), is_exact

    def _heard(self) -> list[dict[str, Any]]:
        heard, self._tokens[:] = list(self._tokens), []
        return heard

    # --- served

    def again(self) -> Any:
        """The recorded answer; raises the recorded error."""
        assert self._call.answer is not None
        answer = self._call.answer.whole()
        given = again(answer)
        self._tell(answer, given)
        return given

    async def again_async(self) -> Any:
        """The same, for an async model."""
        assert self._call.answer is not None
        answer = await self._call.answer.whole_async()
        given = again(answer)
        await self._tell_async(answer, given)
        return given

    def pieces(self) -> Iterator[Any]:
        """The recorded pieces, then the recorded error."""
        assert self._call.answer is not None
        for piece in self._call.answer.pieces():
            given = again(piece, is_piece=True)
            self._tell(piece, given)
            if given is not None:
                yield given

    async def pieces_async(self) -> AsyncIterator[Any]:
        """The same, for an async model."""
        assert self._call.answer is not None
        async for piece in self._call.answer.pieces_async():
            given = again(piece, is_piece=True)
            await self._tell_async(piece, given)
            if given is not None:
                yield given

    def _tell(self, answer: dict[str, Any], given: Any) -> None:
        for token, chunk in tokens_of(answer, given) if self._manager else ():
            self._manager.on_llm_new_token(token, **chunk)

    async def _tell_async(self, answer: dict[str, Any], given: Any) -> None:
        for token, chunk in tokens_of(answer, given) if self._manager else ():
            await self._manager.on_llm_new_token(token, **chunk)


def begun(
    tape: Tape, tokens: Tokens, model: Any, args: Any, kwargs: Any, *, streams: bool = False
) -> LangChainCall | None:
    """The call of a method with these arguments; ``None`` if it cannot be told."""
    options = dict(zip(("given", "stop", "run_manager"), args)) | kwargs
    given = next((options.pop(name) for name in ("given", *_GIVEN) if name in options), ())
    manager, name = options.pop("run_manager", None), type(model).__name__
    call = begin(tape, "langchain", name, lambda: asked(model, given, streams=streams, **options))
    return None if call is None else LangChainCall(call, tokens, manager)


def _is_last(chunk: Any) -> bool:
    if isinstance(chunk, dict):
        return chunk.get("event") == "message-finish"
    return getattr(getattr(chunk, "message", None), "chunk_position", None) == "last"
