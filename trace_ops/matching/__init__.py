"""Tells whether a call is one that was recorded, and if not, what the nearest recorded call is."""

from trace_ops.matching.canonical import Canonical, canonical
from trace_ops.matching.differences import Difference, differences
from trace_ops.matching.explain import describe, explain
from trace_ops.matching.index import Index
from trace_ops.matching.mint import Minted, mint
from trace_ops.matching.nearest import Nearest
from trace_ops.matching.rules import Normalizer, Replacement, Rules
from trace_ops.matching.steps import explain_step, step_key

__all__ = [
    "Canonical",
    "Difference",
    "Index",
    "Minted",
    "Nearest",
    "Normalizer",
    "Replacement",
    "Rules",
    "canonical",
    "describe",
    "differences",
    "explain",
    "explain_step",
    "mint",
    "step_key",
]
