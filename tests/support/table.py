"""The tables of ``docs/providers.md``, from ``docs/providers.json``.

``python -m tests.support.table`` writes them into the page, ``--check`` says whether they are there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support import data
from tests.support.rows import FRAMEWORK, ROWS, SDK, STORE, Row

PAGE = data.PATH.with_suffix(".md")
_BEGIN, _END = "<!-- generated: python -m tests.support.table -->\n", "<!-- end of what is generated -->\n"
_TABLES = (("SDKs", SDK), ("Frameworks, tools", FRAMEWORK), ("Stores", STORE))


def tables(found: data.Data) -> str:
    """All tables, and what the blanks in them mean."""
    lines: list[str] = []
    for title, columns in _TABLES:
        rows = [row for row in ROWS if row.columns == columns and _versions(row, found)]
        lines += [f"### {title}", "", *_table(title, columns, rows, found), "", *_reasons(rows, found), ""]
    return "\n".join(lines)


def page(text: str, found: data.Data) -> str:
    """The page with the tables of now."""
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n{tables(found)}\n{_END}{after}"


def _table(title: str, columns: Iterable[str], rows: Iterable[Row], found: data.Data) -> Iterator[str]:
    yield f"| | versions tested | flag | {' | '.join(columns)} |"
    yield "|---" * (3 + len(list(columns))) + "|"
    for row in rows:
        cells = [_cell(row, column, found) for column in columns]
        flag = f"`intercept_{row.seam}`"
        yield f"| `{row.distribution}` | {_range(_versions(row, found))} | {flag} | {' | '.join(cells)} |"


def _cell(row: Row, column: str, found: data.Data) -> str:
    """How many tests passed, in the environment in which most did."""
    most = max((passed.get(column, 0) for passed in _passed(row, found)), default=0)
    return str(most) if most else "-" if column in row.lacks else "**no**"


def _reasons(rows: Iterable[Row], found: data.Data) -> Iterator[str]:
    told: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for column, why in row.lacks.items():
            if _cell(row, column, found) == "-":
                told.setdefault((column, why), []).append(f"`{row.distribution}`")
    for (column, why), names in told.items():
        yield f"- {column} of {', '.join(names)}: {why}"


def _passed(row: Row, found: data.Data) -> list[dict[str, int]]:
    return [
        part["shown"][row.distribution]["passed"]
        for part in found.values()
        if row.distribution in part["shown"]
    ]


def _versions(row: Row, found: data.Data) -> list[str]:
    known = {
        part["shown"][row.distribution]["version"]
        for part in found.values()
        if row.distribution in part["shown"]
    }
    return sorted(known, key=lambda version: [int(number) for number in re.findall(r"\d+", version)])


def _range(versions: list[str]) -> str:
    return ", ".join(versions)


def main(path: Path = PAGE) -> int:
    """Write the page, or check it; the exit code is 1 if the check fails."""
    now = path.read_text("utf-8")
    wanted = page(now, data.read())
    if "--check" in sys.argv[1:]:
        return int(now != wanted)
    path.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
