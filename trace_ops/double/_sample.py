"""A plausible value for a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def sample(schema: Mapping[str, Any], hint: str = "") -> Any:
    """Build a value that satisfies ``schema``; strings are taken from proper nouns in ``hint``."""
    names = iter(re.findall(r"(?<!^)(?<![.?!] )\b[A-Z][\w-]+", hint))
    return _value(schema, schema, names, hint, "value", 0)


def _value(schema: Any, root: Mapping[str, Any], names: Any, hint: str, key: str, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > 12:
        return None
    if "$ref" in schema:
        return _value(_resolve(str(schema["$ref"]), root), root, names, hint, key, depth + 1)
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return _value(schema[union][0], root, names, hint, key, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else None)
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _value(sub, root, names, hint, name, depth + 1) for name, sub in properties.items()}
    if kind == "array":
        count = max(1, int(schema.get("minItems", 1)))
        return [_value(schema.get("items", {}), root, names, hint, key, depth + 1) for _ in range(count)]
    return _scalar(kind, schema, names, hint, key)


def _scalar(kind: Any, schema: Mapping[str, Any], names: Any, hint: str, key: str) -> Any:
    if kind in ("integer", "number"):
        found = re.search(r"\d+", hint)
        number = int(found.group()) if found else len(hint) % 90 + 7
        number = max(number, schema.get("minimum", number))
        number = min(number, schema.get("maximum", number))
        return number if kind == "integer" else float(number) + 0.5 * ("maximum" not in schema)
    if kind == "boolean":
        return True
    if kind == "string":
        return next(names, None) or f"some {key.replace('_', ' ')}"
    return None


def _resolve(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in reference.lstrip("#/").split("/"):
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return found
