"""Write the JSON Schema of cassettes from their shape in ``trace_ops.cassette.document``.

python scripts/cassette_schema.py          write trace_ops/cassette/schema.json
python scripts/cassette_schema.py --check  say whether it is as it would be written
"""

from __future__ import annotations

import json
import sys
from inspect import cleandoc
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from trace_ops.cassette import document

SCHEMA = Path(__file__).parents[1] / "trace_ops" / "cassette" / "schema.json"


def generate() -> str:
    """The text of ``schema.json``."""
    schema = TypeAdapter(document.CassetteDocument).json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_strict(schema)}
    return json.dumps(schema, indent=2) + "\n"


def _strict(schema: Any) -> Any:
    """The schema with unknown fields refused and our own descriptions, without generated titles."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    name = schema.get("title", "")
    strict = {key: _strict(value) for key, value in schema.items() if key not in ("title", "description")}
    if "properties" in schema and "additionalProperties" not in schema:
        strict = {"description": cleandoc(getattr(document, name).__doc__), **strict}
        strict["additionalProperties"] = False
        strict["properties"] = {key: _strict(value) for key, value in schema["properties"].items()}
    return strict


def main() -> int:
    """Write the schema, or check it; the exit code is 1 if the check fails."""
    text = generate()
    if "--check" in sys.argv[1:]:
        fresh = SCHEMA.read_text(encoding="utf-8") == text
        state = "as it should be" if fresh else "out of date: run scripts/cassette_schema.py"
        print(f"{SCHEMA.name} is {state}")
        return 0 if fresh else 1
    SCHEMA.write_text(text, encoding="utf-8")
    print(f"wrote {SCHEMA}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
