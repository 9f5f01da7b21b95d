"""The recorded calls, found by key."""

from __future__ import annotations

from collections.abc import Sequence

from trace_ops.matching.canonical import Canonical, canonical
from trace_ops.matching.mint import Minted
from trace_ops.matching.nearest import Nearest, nearest
from trace_ops.matching.rules import Rules
from trace_ops.trace import Span


class Index:
    """Recorded spans by canonical key; each is given out once.

    Built on first use, in time linear in the number of spans. ``minted`` names the ids that the calls of
    this run were answered with: pass it to :func:`canonical`, and let it learn the live answers, those of
    spans given out are known. Not thread-safe.
    """

    def __init__(self, spans: Sequence[Span], rules: Rules | None = None) -> None:
        self.spans = [span for span in spans if span.exchange is not None]
        self.rules = rules or Rules()
        self.minted = Minted()
        self._recorded = Minted()
        self._played: set[int] = set()
        self._by_key: dict[str, _Equals] | None = None
        self._by_group: dict[str, list[int]] = {}

    @staticmethod
    def reference(span: Span) -> str:
        """Name a recorded call for :func:`~trace_ops.matching.mint.mint`.

        A live answer to the same call must be learned under this name, so that its new ids mean what
        the recorded ones do.
        """
        return f"span {span.id}"

    def canonical(self, span: Span) -> Canonical:
        """Reduce a recorded call to what makes it the same call."""
        assert span.exchange is not None
        return canonical(span.exchange.request, span.exchange.provider, self.rules, self._recorded)

    def take(self, call: Canonical, parent: int | None = None, lane: int = 0) -> Span | None:
        """Give out the next unplayed span with that key; ``None`` if there is none.

        In recorded order, first of the same parent and lane (in the numbers of the recording), then of
        the same parent, then of all. Amortised constant time, even if all keys are equal.
        """
        equals = self._keys().get(call.key)
        position = None if equals is None else equals.take(parent, lane, self.spans, self._played)
        if position is None:
            return None
        self._played.add(position)
        span = self.spans[position]
        self._learn(self.minted, span)
        return span

    @property
    def played(self) -> list[Span]:
        """The spans that were given out, in recorded order."""
        return [self.spans[position] for position in sorted(self._played)]

    def unplayed(self) -> list[Span]:
        """The spans that were not given out yet, in recorded order."""
        return [span for position, span in enumerate(self.spans) if position not in self._played]

    def equals(self, call: Canonical) -> list[Span]:
        """The spans with that key, played or not, in recorded order."""
        equals = self._keys().get(call.key)
        return [] if equals is None else [self.spans[position] for position in equals.all.positions]

    def groups(self) -> dict[str, int]:
        """How many calls were recorded of each group, in recorded order of the first."""
        self._keys()
        return {group: len(positions) for group, positions in self._by_group.items()}

    def nearest(self, call: Canonical, limit: int = 200) -> Nearest | None:
        """Find the recorded call of the same group that is most like one that has no counterpart.

        Looks at ``limit`` spans at most: those next to be played, then the last ones played.
        """
        self._keys()
        positions = self._by_group.get(call.group, [])
        unplayed = [position for position in positions if position not in self._played][:limit]
        played = [position for position in positions if position in self._played]
        played = played[max(0, len(played) - (limit - len(unplayed))) :]
        return nearest(
            call,
            (
                (self.spans[position], position in self._played, self.canonical(self.spans[position]))
                for position in sorted(unplayed + played)
            ),
        )

    def _keys(self) -> dict[str, _Equals]:
        if self._by_key is None:
            self._by_key = {}
            for position, span in enumerate(self.spans):
                call = self.canonical(span)
                self._by_group.setdefault(call.group, []).append(position)
                equals = self._by_key.get(call.key)
                if equals is None:
                    equals = self._by_key[call.key] = _Equals()
                equals.add(position)
                # Afterwards, as in the run: an id can only be sent back once it was received.
                self._learn(self._recorded, span)
        return self._by_key

    def _learn(self, minted: Minted, span: Span) -> None:
        assert span.exchange is not None
        minted.learn(span.exchange, self.reference(span))


class _Queue:
    """Positions that are given out from the front; those played meanwhile are passed over once."""

    __slots__ = ("next", "positions")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.next = 0

    def take(self, played: set[int]) -> int | None:
        while self.next < len(self.positions):
            position = self.positions[self.next]
            self.next += 1
            if position not in played:
                return position
        return None


class _Equals:
    """The spans of one key: all of them, and by where they ran."""

    __slots__ = ("all", "by_place")

    def __init__(self) -> None:
        self.all = _Queue()
        self.by_place: dict[tuple[int | None, int | None], _Queue] | None = None

    def add(self, position: int) -> None:
        self.all.positions.append(position)

    def take(self, parent: int | None, lane: int, spans: Sequence[Span], played: set[int]) -> int | None:
        if len(self.all.positions) > 1:
            if self.by_place is None:
                self.by_place = self._places(spans)
            for place in ((parent, lane), (parent, None)):
                queue = self.by_place.get(place)
                position = None if queue is None else queue.take(played)
                if position is not None:
                    return position
        return self.all.take(played)

    def _places(self, spans: Sequence[Span]) -> dict[tuple[int | None, int | None], _Queue]:
        places: dict[tuple[int | None, int | None], _Queue] = {}
        for position in self.all.positions:
            span = spans[position]
            for place in ((span.parent, span.lane), (span.parent, None)):
                places.setdefault(place, _Queue()).positions.append(position)
        return places
