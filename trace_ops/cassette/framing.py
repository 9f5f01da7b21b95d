"""How the blocks of a streamed body are put together: server-sent events, or lines of JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Framing:
    """One of the ways in which providers write ``event`` and ``data`` lines."""

    colon: str = ": "
    newline: str = "\n"
    lines: bool = False
    event_last: bool = False

    def join(self, event: str | None, data: str) -> str:
        """The block of one event."""
        if self.lines:
            return data + self.newline
        named = "" if event is None else f"event{self.colon}{event}{self.newline}"
        sent = f"data{self.colon}{data}{self.newline}"
        return f"{sent}{named}{self.newline}" if self.event_last else f"{named}{sent}{self.newline}"

    def split(self, block: str) -> tuple[str | None, str] | None:
        """The event name and the data of a block that is written in exactly this way."""
        match = self._pattern.fullmatch(block)
        return None if match is None else (match["event"], match["data"])

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        if self.lines:
            return re.compile(r"(?P<event>(?!))?(?P<data>[{\[][^\r\n]*)\n")
        colon, newline = re.escape(self.colon), self.newline
        # Without this, a blank after the colon would be data here and a separator in the other framing.
        data = r"(?! )" if self.colon == ":" else ""
        named = rf"(?:event{colon}(?P<event>[^\r\n]*){newline}){'' if self.event_last else '?'}"
        sent = rf"data{colon}(?P<data>{data}[^\r\n]*){newline}"
        return re.compile(f"{sent}{named}{newline}" if self.event_last else f"{named}{sent}{newline}")


USUAL = Framing()
FRAMINGS = {
    "crlf": Framing(newline="\r\n"),
    "tight": Framing(colon=":"),
    "crlf tight": Framing(colon=":", newline="\r\n"),
    "event last": Framing(event_last=True),
    "lines": Framing(lines=True),
}
"""Every framing but the usual one, by the name it has in a cassette."""


def detect_framing(blocks: Iterable[str]) -> str | None:
    """The name of the framing of the first block that has one; ``None`` for the usual one."""
    for block in blocks:
        if USUAL.split(block):
            return None
        for name, framing in FRAMINGS.items():
            if framing.split(block):
                return name
    return None
