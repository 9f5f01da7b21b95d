"""Workflows of LlamaIndex and the agents it makes of them: whose turn it is while one runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trace_ops import context
from trace_ops._plain import failure, plain
from trace_ops.context import Place
from trace_ops.frameworks import _steps
from trace_ops.frameworks._langchain_values import is_a
from trace_ops.frameworks._llamaindex_values import fields_of, is_event, readable
from trace_ops.tape import Tape
from trace_ops.trace import Link, Span, SpanKind

_OWN = ("llama_index.core.agent.", "llama_index.core.workflow.", "workflows.")
HANDOFF = "llama_index.core.agent.workflow.multi_agent_workflow"
_WORKFLOWS = ("workflows.workflow", "llama_index.core.workflow.workflow")
# What every agent is told of a run, and what differs in each.
_LEFT_OUT = ("ctx", "stepwise", "checkpoint_callback", "memory", "chat_history")


def is_workflow(instance: Any) -> bool:
    """Whether an object is a workflow."""
    return any(is_a(instance, module, "Workflow") for module in _WORKFLOWS)


def is_machinery(workflow: Any, step: str) -> bool:
    """Whether a step is LlamaIndex's own, such as those of which it makes its agents."""
    function = getattr(type(workflow), step, None)
    return str(getattr(function, "__module__", "")).startswith(_OWN)


class Agents:
    """A run of a workflow. Where several agents take turns in it, each turn is a step of its own."""

    def __init__(self, tape: Tape, workflow: Any) -> None:
        self.workflow = workflow
        self.failed: BaseException | None = None
        self._tape = tape
        self._turn: Span | None = None
        self._root: int | None = None

    @property
    def kind(self) -> SpanKind:
        """An agent by itself is one; several, and workflows of the program, are a chain."""
        return "agent" if self._is_agent else "chain"

    @property
    def name(self) -> str:
        """What the program calls it."""
        own = getattr(self.workflow, "name", None) if self._is_agent else None
        return str(own) if own else type(self.workflow).__name__

    @property
    def _is_agent(self) -> bool:
        return is_a(self.workflow, "llama_index.core.agent.workflow.base_agent", "BaseWorkflowAgent")

    @property
    def _takes_turns(self) -> bool:
        return is_a(self.workflow, HANDOFF, "AgentWorkflow")

    def has(self, step: str) -> bool:
        """Whether it has a step of this name."""
        return step in self.workflow._get_steps()

    def asked(self, arguments: Mapping[str, Any]) -> Any:
        """What a run was given: the message, or the fields of the first event."""
        start = arguments.get("start_event")
        fields = fields_of(start) if is_event(start) else {**arguments, **arguments.get("kwargs", {})}
        fields = {
            name: value
            for name, value in fields.items()
            if name not in ("init_state", "start_event", "tags", "kwargs") and value is not None
        }
        if self._is_agent or self._takes_turns:
            message = fields.get("user_msg")
            if message is None:
                return readable(fields.get("chat_history"))
            return message if isinstance(message, str) else readable(message)
        return {name: readable(value) for name, value in fields.items() if name not in _LEFT_OUT}

    def enter(self, step: str, event: Any) -> Place | None:
        """One of LlamaIndex's own steps begins: it is part of the turn of the agent that it is about."""
        if not self._takes_turns:
            return None
        if self._root is None:
            self._root = context.current_span(self._tape)
        name = getattr(event, "current_agent_name", None)
        if step == "run_agent_step" and name and (self._turn is None or self._turn.name != name):
            self._take_turn(str(name), event)
        return None if self._turn is None else context.enter(self._tape, self._turn.id)

    def _take_turn(self, name: str, event: Any) -> None:
        handed = self._handed_to(name)
        self._end_turn()
        asked = next(iter(list(getattr(event, "input", None) or ())[-1:]), None)
        turn = _steps.begin(self._tape, "agent", name, via="llamaindex", input=readable(asked))
        turn.parent = self._root
        turn.links += [] if handed is None else [Link("caused_by", handed)]
        self._turn = turn

    def _handed_to(self, name: str) -> int | None:
        """The decision of the agent before to hand over to this one."""
        turn = self._turn
        made = [] if turn is None else [one for one in list(self._tape.spans) if one.parent == turn.id]
        wanted = [one.id for one in made if one.kind == "decision" and one.output == name]
        return wanted[-1] if wanted else None

    def told(self, result: Any) -> None:
        """One of LlamaIndex's own steps gave a result; what an agent said is what came of its turn."""
        self.failed = None
        response = getattr(result, "response", None)
        if self._turn is not None and response is not None:
            self._turn.output = plain(readable(getattr(response, "content", None)))

    def end(self, error: BaseException | None = None) -> None:
        """The run is over."""
        self._end_turn(error)

    def _end_turn(self, error: BaseException | None = None) -> None:
        turn, self._turn = self._turn, None
        if turn is not None and turn.ms is None:
            turn.error = None if error is None else failure(error)
            self._tape.end(turn)
