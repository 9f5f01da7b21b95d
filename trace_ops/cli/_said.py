"""What was said in the steps of a run, turn by turn: all of it, or of a conversation what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from trace_ops.cli import _render
from trace_ops.viewer import data, steps
from trace_ops.viewer.texts import is_parts

if TYPE_CHECKING:
    from rich.text import Text

    from trace_ops.viewer.runs import TraceView

_STYLES = {"system": "dim", "user": "green", "assistant": "default", "tool": "magenta", "error": "red"}
_VALUE = 2_000
"""So much is told of a body that is no conversation; it may be the numbers of an embedding."""


class Turn(NamedTuple):
    """Something that was said, and by whom; of a step that is no call, what went in or came out."""

    role: str
    text: str


class Said:
    """What was said in each step of a run."""

    def __init__(self, view: TraceView) -> None:
        self._details = view.details

    def new(self, number: int, answered: bool = True) -> Iterator[Turn]:
        """A step by its id: of a conversation that goes on, what the call before it did not say."""
        yield from self._turns(number, answered, only_new=True)

    def all(self, number: int, answered: bool = True) -> Iterator[Turn]:
        """A step by its id, with the whole conversation."""
        yield from self._turns(number, answered, only_new=False)

    def before(self, number: int) -> int | None:
        """The call whose conversation goes on in a step."""
        call = self._details["spans"][number]["call"]
        return None if call is None else call["before"]

    def terms(self, number: int, only_new: bool) -> Iterator[Turn]:
        """The tools that a model is offered, and parameters: all, or those that are others than before."""
        now, before = self._asked(number), self._asked(self.before(number)) if only_new else None
        if now is None:
            return
        tools, earlier = self._offered(now), self._offered(before)
        if before is None and tools:
            yield Turn("tools offered", ", ".join(tools))
        for what, names in (("offered anew", tools), ("offered no more", earlier)):
            others = [name for name in names if name not in (earlier if names is tools else tools)]
            if before is not None and others:
                yield Turn(what, ", ".join(others))
        parameters = {} if before is None else before["parameters"]
        for name, value in now["parameters"].items():
            if before is None or parameters.get(name) != value:
                yield Turn(name, steps.plain(value))

    def _offered(self, asked: data.Asked | None) -> list[str]:
        return [] if asked is None else [self._details["tools"][number]["name"] for number in asked["tools"]]

    def _turns(self, number: int, answered: bool, only_new: bool) -> Iterator[Turn]:
        step = self._details["spans"][number]
        call = step["call"]
        if call is None:
            sides = (("input", step["input"]), *((("output", step["output"]),) if answered else ()))
            yield from (Turn(name, steps.plain(value)) for name, value in sides if value is not None)
            return
        asked = call["request"]
        if asked is None:
            yield from _body("request", call["body"])
        else:
            known = self._known(call["before"]) if only_new else set()
            own = {self._gist(each) for each in known}
            yield from self._messages(
                each for each in _asked(asked) if each not in known and self._gist(each) not in own
            )
        if not answered:
            return
        if call["response"] is not None:
            yield from self._messages(call["response"]["messages"])
        elif call["attempts"]:
            yield from _body("response", call["attempts"][-1]["body"])

    def _asked(self, number: int | None) -> data.Asked | None:
        call = self._details["spans"][number]["call"] if number is not None else None
        return None if call is None else call["request"]

    def _known(self, number: int | None) -> set[int]:
        """What a call and all before it said, answer included."""
        call = self._details["spans"][number]["call"] if number is not None else None
        if call is None or call["request"] is None:
            return set()
        return {*_asked(call["request"]), *(call["response"]["messages"] if call["response"] else ())}

    def _gist(self, number: int) -> object:
        """What a model said, however it is written when it comes back; of others, which message it is."""
        message = self._details["messages"][number]
        if message["role"] != "assistant":
            return number
        return tuple(text for text in map(_part, message["parts"]) if text)

    def _messages(self, numbers: Iterable[int]) -> Iterator[Turn]:
        for number in numbers:
            message = self._details["messages"][number]
            for part in message["parts"]:
                yield Turn(message["role"], _part(part))


def lines(turns: Iterable[Turn], most: int | None = None) -> Text:
    """Turns as they are read, each text under who said it; of a longer one than ``most``, the beginning."""
    from rich.text import Text

    told = []
    for role, text in turns:
        shown = text if most is None or len(text) <= most else text[:most]
        first, *rest = _render.visible(shown).splitlines() or [""]
        style = _STYLES.get(role, "default")
        told.append(Text("  ").append(f"{_render.one_line(role, 60)}: ", "bold dim").append(first, style))
        told += [Text(f"    {line}", style) for line in rest]
        if len(shown) < len(text):
            told.append(Text(f"    … {len(text) - len(shown):,} more characters", "dim"))
    return Text("\n").join(told)


def _asked(asked: data.Asked) -> list[int]:
    return [*([] if asked["system"] is None else [asked["system"]]), *asked["messages"]]


def _body(name: str, body: data.RawBody | None) -> Iterator[Turn]:
    if body is not None:
        value = body.get("json", body.get("text"))
        text = "(not text)" if value is None else steps.plain(value)
        yield Turn(name, text if len(text) <= _VALUE else f"{text[:_VALUE]} …")


def _part(part: data.Part) -> str:
    kind: str = part["type"]
    if kind in ("text", "refusal"):
        return str(part["content"])
    if kind == "reasoning":
        return f"(thinks) {part['content'] or '...'}"
    if kind == "tool_call":
        return f"calls {part['name']} {steps.plain(part['arguments'])}"
    if kind == "tool_call_response":
        return _result(part["response"])
    if kind == "blob":
        return f"({part['modality']}, {part['size']:,} bytes)"
    if kind in ("uri", "file"):
        return f"({part['modality']}) {part.get('uri') or part.get('file_id')}"
    return f"({part['kind']}) {steps.plain(part['value'])}"


def _result(response: Any) -> str:
    return "\n".join(map(_part, response)) if is_parts(response) else steps.plain(response)
