"""Whether a live answer is still of the kind that was recorded: status, shape, tools asked for, finish.

Words are not compared: a model seldom says the same thing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trace_ops import wire
from trace_ops.exchange import Body, Exchange, Failure, Response


def differences(recorded: Exchange, now: Exchange) -> list[str]:
    """What is not as recorded, a line each; empty if the answers are of one kind."""
    then, live = recorded.outcome, now.outcome
    if isinstance(then, Failure) or isinstance(live, Failure):
        return [] if _named(then) == _named(live) else [f"ended with {_named(live)}, recorded {_named(then)}"]
    if then.status != live.status:
        return [f"status {live.status}, recorded {then.status}"]
    found = []
    before, after = wire.summarise(recorded), wire.summarise(now)
    if list(before.tools) != list(after.tools):
        found.append(f"asks for tools {list(after.tools)}, recorded {list(before.tools)}")
    if before.finish != after.finish:
        found.append(f"finish {after.finish!r}, recorded {before.finish!r}")
    shape_then, shape_now = _shape(_json(then)), _shape(_json(live))
    found += [f"{path or '/'} is gone" for path in shape_then.keys() - shape_now.keys()]
    found += [f"{path or '/'} is new" for path in shape_now.keys() - shape_then.keys()]
    for path in shape_then.keys() & shape_now.keys():
        if not shape_now[path] <= shape_then[path]:
            now_is, then_was = (" or ".join(sorted(shape[path])) for shape in (shape_now, shape_then))
            found.append(f"{path} is {now_is}, recorded {then_was}")
    return sorted(found)


def _named(outcome: Response | Failure) -> str:
    return outcome.type if isinstance(outcome, Failure) else f"status {outcome.status}"


def _json(response: Response) -> Any:
    if isinstance(response.body, Body):
        return response.body.json
    merged = []
    for event in response.body.events:
        for line in event.splitlines():
            if line.startswith("data:"):
                try:
                    merged.append(json.loads(line[5:]))
                except ValueError:
                    continue
    return merged


def _shape(value: Any) -> dict[str, set[str]]:
    """Paths with the types that stand there; items of a list share one path."""
    shape: dict[str, set[str]] = {}
    for path, kind in _leaves(value, ""):
        shape.setdefault(path, set()).add(kind)
    return shape


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield path, "an object"
        for key, item in value.items():
            yield from _leaves(item, f"{path}/{key}")
    elif isinstance(value, list):
        yield path, "a list"
        for item in value:
            yield from _leaves(item, f"{path}/*")
    else:
        names = {str: "a text", bool: "a truth value", int: "a number", float: "a number"}
        yield path, names.get(type(value), "null")
