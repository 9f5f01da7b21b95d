"""Replaying without waiting: the clocks of the modules in which SDKs wait between attempts.

Such a module gets a ``time`` and an ``asyncio`` of its own, which differ from the real ones only for a
call that is served from a cassette: nothing is waited for, and when the recorded attempts are over, so
is any patience. So an SDK that tries again for a minute gives up at the attempt at which it did live.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from wrapt import ObjectProxy

from trace_ops.providers._call import current_call

if TYPE_CHECKING:
    _Proxy = ObjectProxy[ModuleType]
else:
    _Proxy = ObjectProxy  # not generic before wrapt 2

_FOREVER = 1e9


def is_served() -> bool:
    """Whether the running code belongs to a call whose answers come from a cassette."""
    call = current_call()
    return call is not None and call.is_served


def skip_waits(module: str) -> None:
    """Give a module clocks of its own, in place of the modules of those names that it imported."""
    names = vars(sys.modules[module])
    for name, clock in (("time", _Time), ("asyncio", _AsyncIO)):
        real = names.get(name)
        if isinstance(real, ModuleType) and real is sys.modules.get(name):
            names[name] = clock(real)


class _Time(_Proxy):
    def sleep(self, seconds: float) -> None:
        if not is_served():
            self.__wrapped__.sleep(seconds)

    def time(self) -> float:
        call = current_call()
        now: float = self.__wrapped__.time()
        return now + _FOREVER if call is not None and call.is_exhausted else now


class _AsyncIO(_Proxy):
    async def sleep(self, seconds: float, result: Any = None) -> Any:
        return await self.__wrapped__.sleep(0 if is_served() else seconds, result)
