"""The recorded calls, found by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trace_ops.matching.canonical import Canonical, canonical
from trace_ops.matching.mint import Minted
from trace_ops.matching.nearest import Nearest, nearest
from trace_ops.matching.rules import Rules
from trace_ops.trace import Span

_Place = tuple[bytes | None, int | None, int]
_Shelf = tuple[bytes | int | None, ...]


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

        In recorded order, first those with the very ids of the call, for they continue the same
        conversation; then of the same parent and lane (in the numbers of the recording), then of the
        same parent, then of all. Amortised constant time, even if all keys are equal.
        """
        equals = self._keys().get(call.key)
        position = (
            None if equals is None else equals.take((call.letter, parent, lane), self.spans, self._played)
        )
        if position is None:
            return None
        self._played.add(position)
        span = self.spans[position]
        self._learn(self.minted, span)
        return span

    def pass_over(self, span: Span) -> None:
        """Count a span as given out: what it belongs to is served as a whole."""
        for position, each in enumerate(self.spans):
            if each is span and position not in self._played:
                self._played.add(position)
                self._learn(self.minted, span)

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
                equals.add(position, call.letter)
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
    """The spans of one key: all of them, and by the letters of their ids and where they ran."""

    __slots__ = ("all", "letters", "shelves")

    def __init__(self) -> None:
        self.all = _Queue()
        self.letters: list[bytes | None] = []
        self.shelves: dict[_Shelf, _Queue] = {}

    def add(self, position: int, letter: bytes | None) -> None:
        self.all.positions.append(position)
        self.letters.append(letter)

    def take(self, place: _Place, spans: Sequence[Span], played: set[int]) -> int | None:
        # Most keys have one span, which needs no shelves.
        if len(self.all.positions) > 1:
            if not self.shelves:
                self._fill(spans)
            for shelf in _shelves(*place):
                queue = self.shelves.get(shelf)
                position = None if queue is None else queue.take(played)
                if position is not None:
                    return position
        return self.all.take(played)

    def _fill(self, spans: Sequence[Span]) -> None:
        for position, letter in zip(self.all.positions, self.letters, strict=True):
            span = spans[position]
            for shelf in _shelves(letter, span.parent, span.lane):
                self.shelves.setdefault(shelf, _Queue()).positions.append(position)


def _shelves(letter: bytes | None, parent: int | None, lane: int) -> Iterator[_Shelf]:
    """The shelves a span stands on, the narrowest first; that of all spans is not among them."""
    if letter is not None:
        yield letter, parent, lane
        yield letter, parent
        yield (letter,)
    yield parent, lane
    yield (parent,)
