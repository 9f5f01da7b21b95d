"""The cassette: a recorded run in one YAML file that people review, and how it gets to disk and back."""

from trace_ops.cassette.decode import from_document
from trace_ops.cassette.encode import to_document
from trace_ops.cassette.files import dumps, load, loads, save
from trace_ops.cassette.journal import Journal, JournalFile, unfinished
from trace_ops.cassette.model import VERSION, Cassette
from trace_ops.cassette.numbering import renumbered
from trace_ops.cassette.store import lock

__all__ = [
    "VERSION",
    "Cassette",
    "Journal",
    "JournalFile",
    "dumps",
    "from_document",
    "load",
    "loads",
    "lock",
    "renumbered",
    "save",
    "to_document",
    "unfinished",
]
