"""A comparison of two runs as the page has it."""

from __future__ import annotations

from trace_ops.diff import phrases
from trace_ops.diff.document import to_dict
from trace_ops.diff.model import Change, TraceDiff
from trace_ops.viewer import data
from trace_ops.viewer.values import safe


def comparison(diff: TraceDiff, key: str, old: str, new: str) -> data.Comparison:
    """What changed between two runs of a bundle, by their keys."""
    told = to_dict(diff)
    first = told["first_divergence"]
    return {
        "head": head(diff, key, old, new),
        "pairs": [
            (pair.old.id if pair.old is not None else None, pair.new.id if pair.new is not None else None)
            for pair in diff.pairs
        ],
        "changes": list(map(_change, diff.changes)),
        "first": None if first is None else first["number"],
        "metrics": told["metrics"],
        "added_tools": told["added_tools"],
        "removed_tools": told["removed_tools"],
    }


def head(diff: TraceDiff, key: str, old: str, new: str) -> data.ComparisonHead:
    """A comparison in a list."""
    return {
        "key": key,
        "old": old,
        "new": new,
        "severity": diff.severity,
        "first": diff.summary().partition("\n")[0] if diff.has_changes else None,
        "roots": len(diff.roots),
        "downstream": len(diff.downstream),
    }


def _change(change: Change) -> data.Change:
    return {
        "what": phrases.what(change),
        "inline": phrases.is_inline(change),
        "kind": change.kind,
        "cause": change.cause,
        "severity": change.severity,
        "old": change.old,
        "new": change.new,
        "path": change.path,
        "before": safe(change.before),
        "after": safe(change.after),
        "root": change.root,
        "follows": change.follows,
        "similarity": change.similarity,
    }
