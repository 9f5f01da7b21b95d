"""Edits of plans, and what a comparison must say of each."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from tests.diff.agents import Call, Key, Talk, Turn


@dataclass(frozen=True)
class Expected:
    """The root that an edit must show as: the beginning of its cause, and the steps in both runs."""

    cause: str
    old: Key | None
    new: Key | None


@dataclass(frozen=True)
class Edit:
    """A thing to do to one talk. ``answers``: it makes an answer another one."""

    name: str
    apply: Callable[[list[Talk], int, int, str], Expected | None]
    answers: bool = False

    def __repr__(self) -> str:
        return self.name


def _prompt(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    turns = talks[talk].turns
    asked = [n for n in range(len(turns)) if turns[n].asked is not None and (n or not talks[talk].agent)]
    if not asked:
        return None
    turn = asked[turn % len(asked)]
    turns[turn].asked = f"{turns[turn].asked} {mark}"
    return Expected("message", (talk, turn), (talk, turn))


def _system(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    talks[talk].system = f"{mark} {talks[talk].system}"
    return Expected("system prompt", (talk, 0), (talk, 0))


def _model(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    turn %= len(talks[talk].turns)
    talks[talk].turns[turn].model = f"model-{mark}"
    return Expected("model", (talk, turn), (talk, turn))


def _parameter(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    turn %= len(talks[talk].turns)
    talks[talk].turns[turn].parameters = {"temperature": len(mark) / 100 + talk}
    return Expected("parameter temperature", (talk, turn), (talk, turn))


def _answer(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    turn %= len(talks[talk].turns)
    talks[talk].turns[turn].answer += f" {mark}"
    return Expected("provider's answer", (talk, turn), (talk, turn))


def _argument(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    turns = [n for n, one in enumerate(talks[talk].turns) if one.calls]
    if not turns:
        return None
    turn = turns[turn % len(turns)]
    talks[talk].turns[turn].calls[-1].arguments["query"] += f" {mark}"
    return Expected("tool arguments", (talk, turn), (talk, turn))


def _result(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    turns = [n for n, one in enumerate(talks[talk].turns) if one.calls]
    if not turns:
        return None
    turn = turns[turn % len(turns)]
    call = talks[talk].turns[turn].calls[0]
    call.result = {**call.result, "found": mark} if isinstance(call.result, dict) else f"{call.result} {mark}"
    return Expected("tool result", (talk, turn, 0), (talk, turn, 0))


def _call_added(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    turn %= len(talks[talk].turns)
    talks[talk].turns[turn].calls.append(Call(f"tool_{mark}", {"query": mark}, f"result {mark}"))
    return Expected("provider's answer", (talk, turn), (talk, turn))


def _step_removed(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    """A call is no longer made, though the conversation goes on as if it had been."""
    turn %= len(talks[talk].turns)
    if talks[talk].turns[turn].hidden:
        return None
    talks[talk].turns[turn].hidden = True
    return Expected("step removed", (talk, turn), None)


def _step_added(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    """A call that nothing asked for, and of which nothing is handed on."""
    talks.append(Talk(f"system {mark}", [Turn(f"answer {mark}", f"question {mark}")], agent=False))
    return Expected("step added", None, (len(talks) - 1, 0))


def _agent_removed(talks: list[Talk], talk: int, turn: int, mark: str) -> Expected | None:
    talks[talk].gone = True
    return Expected("step removed", (talk,) if talks[talk].agent else (talk, 0), None)


PROMPT = Edit("prompt", _prompt)
SYSTEM = Edit("system prompt", _system)
MODEL = Edit("model", _model)
PARAMETER = Edit("parameter", _parameter)
ANSWER = Edit("answer", _answer, answers=True)
ARGUMENT = Edit("tool argument", _argument, answers=True)
RESULT = Edit("tool result", _result)
CALL_ADDED = Edit("tool call added", _call_added, answers=True)
STEP_REMOVED = Edit("step removed", _step_removed)
STEP_ADDED = Edit("step added", _step_added)
AGENT_REMOVED = Edit("agent removed", _agent_removed)

EDITS = [
    *(PROMPT, SYSTEM, MODEL, PARAMETER, ANSWER, ARGUMENT, RESULT, CALL_ADDED),
    *(STEP_REMOVED, STEP_ADDED, AGENT_REMOVED),
]


def edited(talks: list[Talk], edits: list[tuple[Edit, int, int]]) -> tuple[list[Talk], list[Expected]]:
    """A plan after edits (each with the talk and the turn), and the roots they must show as."""
    new, expected = copy.deepcopy(talks), []
    for number, (edit, talk, turn) in enumerate(edits):
        found = edit.apply(new, talk, turn, f"mark{'abcdefghij'[number] * (number + 3)}")
        if found is not None:
            expected.append(found)
    return new, expected
