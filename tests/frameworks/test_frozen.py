"""The error of a frozen step is raised again as it was: a model may have been told its class or its text."""

from __future__ import annotations

import pytest

from trace_ops._plain import failure
from trace_ops.exchange import Failure
from trace_ops.frameworks._frozen import RecordedStepError, raised


class Odd(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one, two)


ERRORS = [
    ValueError("no"),
    KeyError("Atlantis"),
    Odd("one", "two"),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "no"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_with_its_class_and_text(error: Exception) -> None:
    again = raised(failure(error))

    assert isinstance(again, type(error))
    assert failure(again) == failure(error)
    assert type(again).__name__ == type(error).__name__


@pytest.mark.parametrize("kind", ["not_here.Gone", "error", "builtins.int", "builtins.KeyboardInterrupt"])
def test_another_stands_in_for_a_class_that_is_not_to_be_had(kind: str) -> None:
    again = raised(Failure(kind, "no"))

    assert isinstance(again, RecordedStepError)
    assert str(again) == "no"
    assert type(again).__name__ == kind.rpartition(".")[2]
