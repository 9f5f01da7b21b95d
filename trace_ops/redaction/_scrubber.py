"""The scrubber: every rule over every kind of value that is written."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import RLock
from typing import Any, TypedDict, TypeVar

from trace_ops import _json_text
from trace_ops.errors import UsageError
from trace_ops.redaction import _environment, _events, _headers, _named
from trace_ops.redaction._hit import Hit, apply, claimed
from trace_ops.redaction._placeholder import of_key, of_weak
from trace_ops.redaction._suspicion import Lookout, Rule

Json = TypeVar("Json")

# Each round replaces something, and what is replaced is never looked at again: few texts need two.
_ROUNDS = 8
_MOST_ORGANIZATIONS = 1000
_MOST_CLEAN = 1000

Found = TypedDict("Found", {"secret": str, "as": str, "times": int})
"""What was scrubbed: the kind of secret, its placeholder, and how often it stood somewhere."""


class Scrubber:
    """Replaces secrets by placeholders.

    The same secret gives the same placeholder in every process; two secrets never share one (values
    of environment variables go by the variable's name). Scrubbing twice changes nothing more, and a
    value that holds no secret is returned itself. Safe to call from many threads.
    """

    def __init__(
        self, environ: Mapping[str, str] | None = None, extra: Iterable[str | re.Pattern[str]] = ()
    ) -> None:
        needles = _environment.needles(environ or {})
        self._lookout = Lookout(needles, [_finder(_compiled(pattern)) for pattern in extra])
        self._counts: Counter[tuple[str, str]] = Counter()
        self._clean: set[str] = set()
        self._organizations: dict[str, tuple[str, list[Hit]]] = {}
        # Held while objects are made, so that garbage collection may run and end a dropped stream, which is
        # scrubbed in turn, by this very thread.
        self._lock = RLock()

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None, extra: Iterable[str | re.Pattern[str]] = ()
    ) -> Scrubber:
        """Build a scrubber that knows the secret-looking environment variables.

        ``environ`` defaults to ``os.environ``; ``extra`` are regular expressions whose matches (or first
        groups) are secret; raises :class:`UsageError` for one that does not compile.
        """
        return cls(os.environ if environ is None else environ, extra)

    @property
    def found(self) -> list[Found]:
        """What was scrubbed so far, by kind; placeholders that were there already do not count."""
        with self._lock:
            # A copy in one step: the lock does not keep out what garbage collection ends meanwhile.
            counts = sorted(dict(self._counts).items())
        return [{"secret": kind, "as": placeholder, "times": n} for (kind, placeholder), n in counts]

    def text(self, text: str) -> str:
        """Scrub text. JSON stays JSON of the same structure."""
        hits = self._hits(text)
        if not hits:
            return text
        scrubbed = apply(text, hits)
        if _breaks_json(text, scrubbed):
            value = _json_text.parse(text)
            style = _json_text.detect(text, value) or _json_text.COMPACT
            return _json_text.render(self.value(value), style)
        self._count(hits)
        return scrubbed

    def short(self, text: str) -> str:
        """Scrub a short text of which there are few, such as the path of an API."""
        if text in self._clean:
            return text
        scrubbed = self.text(text)
        if scrubbed is text and len(self._clean) < _MOST_CLEAN:
            self._clean.add(text)
        return scrubbed

    def bytes(self, data: bytes) -> bytes:
        """Scrub bytes; those that are no UTF-8 come through as they are."""
        if not self._lookout.rules(data):
            return data
        text = data.decode("utf-8", "surrogateescape")
        scrubbed = self.text(text)
        return data if scrubbed is text else scrubbed.encode("utf-8", "surrogateescape")

    def parts(self, parts: Sequence[str]) -> list[str]:
        """Scrub consecutive pieces of one text.

        A secret that is cut over several is replaced in the piece where it begins; there are as many
        pieces after as before.
        """
        hits = self._hits("".join(parts))
        if not hits:
            return list(parts)
        self._count(hits)
        return _cut(parts, hits)

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Drop credentials and cookies, scrub organisations and whatever else is secret."""
        kept = [header for header in headers if not _headers.drops_header(header[0])]
        plain = [value for name, value in kept if not _headers.identifies(name)]
        # One look at all of them: a header by itself takes as long as a whole body.
        clean = not self._lookout.rules("\n".join(plain).encode("utf-8", "surrogatepass"))
        return [(name, self._header(name, value, clean)) for name, value in kept]

    def _header(self, name: str, value: str, clean: bool) -> str:
        if _headers.identifies(name):
            return self._organization(value)
        return value if clean else self.text(value)

    def query(self, query: str) -> str:
        """Drop credentials from a raw query string and scrub the rest."""
        pairs = query.split("&")
        kept = [pair for pair in pairs if not _headers.drops_parameter(pair.partition("=")[0])]
        return self.text(query if len(kept) == len(pairs) else "&".join(kept))

    def value(self, value: Json) -> Json:
        """Scrub the strings in a JSON-like value; returns ``value`` itself if there is nothing to scrub.

        What is nested too deep to be looked through is not kept at all.
        """
        try:
            return self._value(value)  # type: ignore[no-any-return]
        except RecursionError:
            return "<nested too deep to be scrubbed>"  # type: ignore[return-value]

    def events(self, events: Sequence[str]) -> list[str]:
        """Scrub server-sent event blocks, also secrets that are cut over the deltas of several."""
        return _events.scrub(events, self.text, self.parts)

    def _value(self, value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            scrubbed = self.text(value)
            if name and scrubbed is value:
                return self._named(name, value)
            return scrubbed
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, (list, tuple)):
            items = [self._value(item) for item in value]
            if all(new is old for new, old in zip(items, value, strict=True)):
                return value
            return items if isinstance(value, list) else tuple(items)
        return value

    def _mapping(self, mapping: dict[Any, Any]) -> dict[Any, Any]:
        changed = False
        items: dict[Any, Any] = {}
        for key, old in mapping.items():
            name = self.text(key) if isinstance(key, str) else key
            new = self._value(old, name if isinstance(name, str) else "")
            changed = changed or new is not old or name is not key
            items[name] = new
        return items if changed else mapping

    def _named(self, name: str, value: str) -> str:
        hit = _named.secret_in(name, value)
        if hit is None:
            return value
        self._count([hit])
        return hit.placeholder

    def _organization(self, value: str) -> str:
        # A client sends the same one with every answer.
        scrubbed, hits = self._organizations.get(value) or self._identify(value)
        self._count(hits)
        return scrubbed

    def _identify(self, value: str) -> tuple[str, list[Hit]]:
        hits = self._hits(value)
        if not hits and value and not claimed(value):
            uuid = re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value)
            placeholder = of_key("organization", value.lower()) if uuid else of_weak("organization", value)
            hits = [Hit(0, len(value), "organization", placeholder)]
        if len(self._organizations) >= _MOST_ORGANIZATIONS:
            self._organizations.clear()
        self._organizations[value] = apply(value, hits), hits
        return self._organizations[value]

    def _count(self, hits: Iterable[Hit]) -> None:
        with self._lock:
            for hit in hits:
                self._counts[hit.kind, hit.placeholder] += 1

    def _hits(self, text: str) -> list[Hit]:
        """Everything secret in a text, in order, found in rounds until nothing is left."""
        hits: list[Hit] = []
        current = text
        for _ in range(_ROUNDS):
            rules = self._lookout.rules(current.encode("utf-8", "surrogatepass"))
            new = _first_come(current, rules) if rules else []
            if not new:
                break
            hits = sorted(hits + _in_original(new, hits))
            current = apply(text, hits)
        return hits


def _compiled(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"no regular expression of a secret: {pattern!r} ({error})") from error


def _finder(pattern: re.Pattern[str]) -> Rule:
    group = 1 if pattern.groups else 0

    def find(text: str) -> Iterator[Hit]:
        for match in pattern.finditer(text):
            if match[group]:
                yield _named.weak(*match.span(group), match[group], "extra")

    return find


def _first_come(text: str, rules: Iterable[Rule]) -> list[Hit]:
    """The hits of all rules; where two overlap, that of the earlier rule stays."""
    taken = claimed(text)
    hits: list[Hit] = []
    for rule in rules:
        for hit in rule(text):
            # What is taken is sorted and apart from one another: only the two neighbours can overlap.
            at = bisect_left(taken, (hit.start, hit.end))
            after_last = at == 0 or taken[at - 1][1] <= hit.start
            before_next = at == len(taken) or hit.end <= taken[at][0]
            if after_last and before_next:
                taken.insert(at, (hit.start, hit.end))
                hits.append(hit)
    return sorted(hits)


def _in_original(new: list[Hit], hits: list[Hit]) -> list[Hit]:
    """Hits in a text to which ``hits`` were applied, as positions in the text before; all are sorted."""
    moved = []
    shift = passed = 0
    for hit in new:
        while passed < len(hits):
            earlier = hits[passed]
            if earlier.start + shift + len(earlier.placeholder) > hit.start:
                break
            shift += len(earlier.placeholder) - (earlier.end - earlier.start)
            passed += 1
        moved.append(hit._replace(start=hit.start - shift, end=hit.end - shift))
    return moved


def _cut(parts: Sequence[str], hits: list[Hit]) -> list[str]:
    """Apply hits in the joined text (sorted) to its pieces."""
    pieces = []
    offset = first = 0
    for part in parts:
        end = offset + len(part)
        while first < len(hits) and hits[first].end <= offset:
            first += 1
        local = []
        at = first
        while at < len(hits) and hits[at].start < end:
            hit = hits[at]
            placeholder = hit.placeholder if hit.start >= offset else ""
            start, stop = max(hit.start, offset) - offset, min(hit.end, end) - offset
            local.append(Hit(start, stop, hit.kind, placeholder))
            at += 1
        pieces.append(apply(part, local) if local else part)
        offset = end
    return pieces


def _breaks_json(text: str, scrubbed: str) -> bool:
    """Whether a JSON text is none any more, or another one: a number was replaced, an escape cut in two."""
    value = _json_text.parse(text) if text.lstrip()[:1] in ("{", "[", '"') else None
    try:
        return value is not None and not _same_structure(value, _json_text.parse(scrubbed))
    except RecursionError:
        return False


def _same_structure(old: Any, new: Any) -> bool:
    """Whether two JSON values differ in strings only."""
    if isinstance(old, dict):
        return (
            isinstance(new, dict)
            and len(old) == len(new)
            and all(map(_same_structure, old.values(), new.values()))
        )
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(_same_structure, old, new))
    return isinstance(new, str) if isinstance(old, str) else type(old) is type(new) and old == new
