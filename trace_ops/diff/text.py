"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

SegmentKind = Literal["equal", "removed", "added"]


class Segment(NamedTuple):
    """A run of words.

    Of a comparison, the equal and removed ones make up the old text, the equal and added ones the new.
    """

    kind: SegmentKind
    text: str


# Chinese and Japanese put no spaces between words; each character counts as one.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\n|[^\S\n]+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# A comparison takes time and memory by the product of the lengths: here, a tenth of a second and 25 MB.
_MOST_PAIRS = 200_000_000
# What stayed between two changes, and is no longer than this and than they are, stayed by chance.
_STRAY = 16
_FARTHEST = 200


def segments(old: str, new: str) -> list[Segment]:
    """Compare two texts by words; very long ones by lines, and by words where lines differ."""
    return [segment for segment in _tidied(_compared(old, new)) if segment.text]


def _compared(old: str, new: str) -> Iterator[Segment]:
    for unit in (_WORD, _LINE):
        before, after = unit.findall(old), unit.findall(new)
        start, end = _common_ends(before, after)
        inner = before[start : len(before) - end], after[start : len(after) - end]
        if len(inner[0]) * len(inner[1]) <= _MOST_PAIRS:
            yield Segment("equal", "".join(before[:start]))
            yield from _aligned(*inner, finer=unit is _LINE)
            yield Segment("equal", "".join(before[len(before) - end :]))
            return
    yield from (Segment("removed", old), Segment("added", new))


def _aligned(before: list[str], after: list[str], finer: bool) -> Iterator[Segment]:
    from rapidfuzz.distance import LCSseq

    # Numbers stand for the words: equal by value, where hashes of texts could collide.
    number: dict[str, int] = {}
    coded = [[number.setdefault(word, len(number)) for word in words] for words in (before, after)]
    for step in LCSseq.opcodes(*coded):
        removed = "".join(before[step.src_start : step.src_end])
        added = "".join(after[step.dest_start : step.dest_end])
        if step.tag == "equal":
            yield Segment("equal", removed)
        elif finer:
            yield from _by_words(removed, added)
        else:
            yield from (Segment("removed", removed), Segment("added", added))


def _by_words(old: str, new: str) -> Iterator[Segment]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if len(before) * len(after) <= _MOST_PAIRS:
        yield from _aligned(before, after, finer=False)
    else:
        yield from (Segment("removed", old), Segment("added", new))


def _common_ends(before: list[str], after: list[str]) -> tuple[int, int]:
    shorter = min(len(before), len(after))
    start = end = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start, end


def _tidied(found: Iterable[Segment]) -> Iterator[Segment]:
    """Join what belongs together, and do not let single words that stayed tear a change to pieces."""
    # Each: what is equal, and then what was removed and added.
    parts: list[tuple[str, str, str]] = [("", "", "")]
    for kind, text in found:
        equal, removed, added = parts[-1]
        if kind == "removed":
            parts[-1] = (equal, removed + text, added)
        elif kind == "added":
            parts[-1] = (equal, removed, added + text)
        elif removed or added:
            parts.append((text, "", ""))
        else:
            parts[-1] = (equal + text, "", "")
    for equal, removed, added in _slid(_merged(parts)):
        yield from (Segment("equal", equal), Segment("removed", removed), Segment("added", added))


def _merged(parts: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    kept = parts[:1]
    for part in parts[1:]:
        kept.append(part)
        while len(kept) > 1 and _stray(kept[-2], kept[-1]):
            equal, removed, added = kept.pop()
            before = kept[-1]
            kept[-1] = (before[0], before[1] + equal + removed, before[2] + equal + added)
    return kept


def _stray(before: tuple[str, str, str], after: tuple[str, str, str]) -> bool:
    between = after[0]
    if "\n" in between or not (after[1] or after[2]) or not (before[1] or before[2]):
        return False
    smaller = min(max(len(before[1]), len(before[2])), max(len(after[1]), len(after[2])))
    return between.isspace() or len(between) <= min(_STRAY, smaller)


def _slid(parts: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Let what was only removed, or only added, begin with a line where it can be read so.

    Of "line 1, line 2, line 3", what is gone may be "2, line" or "line 2": the letters are the same.
    """
    for number, (equal, removed, added) in enumerate(parts):
        if bool(removed) == bool(added) or number + 1 == len(parts):
            continue
        after, *changed = parts[number + 1]
        before, edit, after = _on_a_line(equal, removed or added, after)
        parts[number] = (before, edit, "") if removed else (before, "", edit)
        parts[number + 1] = (after, changed[0], changed[1])
    return parts


def _on_a_line(before: str, edit: str, after: str) -> tuple[str, str, str]:
    left = 0
    if before.endswith("\n") or not before:
        return before, edit, after
    around = before[-_FARTHEST:] + edit
    while left < len(around) - len(edit) and around[-1 - left] == before[-1 - left]:
        left += 1
        if left == len(before) or before[-1 - left] == "\n":
            moved = before[len(before) - left :]
            return (
                before[: len(before) - left],
                (moved + edit)[: len(edit)],
                (moved + edit)[len(edit) :] + after,
            )
    return before, edit, after
