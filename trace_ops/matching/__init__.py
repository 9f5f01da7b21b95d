"""Tells whether a call is one that was recorded, and if not, what the nearest recorded call is."""

from trace_ops.matching.canonical import Canonical, canonical
from trace_ops.matching.index import Index
from trace_ops.matching.mint import Minted, mint
from trace_ops.matching.rules import Rules

__all__ = ["Canonical", "Index", "Minted", "Rules", "canonical", "mint"]
