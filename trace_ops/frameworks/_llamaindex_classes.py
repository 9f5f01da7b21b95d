"""Classes that programs derive from one of LlamaIndex's: those that are there, and those to come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Watch = Callable[[type], None]


def watch_derived(base: type, watch: Watch) -> None:
    """Call ``watch`` with a class and each that is derived from it, once, now or when it is made."""
    seen: set[int] = set()

    def watch_once(cls: type) -> None:
        if id(cls) not in seen:
            seen.add(id(cls))
            watch(cls)

    _tell_of_new(base, watch_once)
    waiting = [base]
    while waiting:
        cls = waiting.pop()
        watch_once(cls)
        waiting += type.__subclasses__(cls)


def _tell_of_new(base: type, watch: Watch) -> None:
    own: Any = vars(base).get("__init_subclass__")
    inherited: Any = super

    def made(cls: Any, /, **kwargs: Any) -> None:
        if own is None:
            inherited(base, cls).__init_subclass__(**kwargs)
        else:
            own.__get__(None, cls)(**kwargs)
        watch(cls)

    base.__init_subclass__ = classmethod(made)  # type: ignore[assignment]


def own_methods(cls: type, names: tuple[str, ...]) -> list[str]:
    """Which of some methods a class has of its own, and not only in name."""
    found = {name: vars(cls).get(name) for name in names}
    return [
        name
        for name, method in found.items()
        if callable(method) and not getattr(method, "__isabstractmethod__", False)
    ]
