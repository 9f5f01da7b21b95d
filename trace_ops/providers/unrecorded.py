"""SDKs that are told of and not recorded: what they do leaves in another program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.providers._unseen import unseen


@dataclass(frozen=True)
class Unrecorded:
    """One such SDK: the method in which it leaves, what the cassette calls that, and why it is not seen."""

    name: str
    module: str
    method: str
    what: str
    why: str
    distributions: Sequence[str]
    credentials: Mapping[str, str] = field(default_factory=dict)

    @property
    def modules(self) -> Sequence[str]:
        """Where the method is."""
        return (self.module,)

    def install(self, module: str) -> None:
        """Wrap the method, which is named or refused before it runs."""

        def leave(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
            tape = watching(self.name)
            if tape is not None:
                unseen(tape, self.what, self.why)
            return wrapped(*args, **kwargs)

        wrap_function_wrapper(module, self.method, leave)


UNRECORDED: tuple[Unrecorded, ...] = (
    Unrecorded(
        "claude_agent_sdk",
        "claude_agent_sdk._internal.transport.subprocess_cli",
        "SubprocessCLITransport.connect",
        "sessions of claude-agent-sdk",
        "its calls are made by the claude program that it starts",
        ("claude-agent-sdk",),
    ),
)
