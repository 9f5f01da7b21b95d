"""Markdown that is no longer than it may be, and whole all the same."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def cut(text: str, limit: int, note: str) -> str:
    """The lines that fit into ``limit`` bytes, what they leave open closed, and a note that there is more."""
    if len(text.encode("utf-8", "replace")) <= limit:
        return text
    kept: list[str] = []
    size = len(note.encode()) + 200
    for line in text.splitlines():
        size += len(line.encode("utf-8", "replace")) + 1
        if size > limit:
            break
        kept.append(line)
    return "\n".join([*kept, *_closing(kept), "", note, ""])


def _closing(lines: list[str]) -> list[str]:
    fence, details = "", 0
    for line in lines:
        match = _FENCE.match(line)
        if fence:
            if match and match[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif match:
            fence = match[1]
        else:
            details += line.count("<details") - line.count("</details>")
    return [*([fence] if fence else []), *["</details>"] * max(details, 0)]
