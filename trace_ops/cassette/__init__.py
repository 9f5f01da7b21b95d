"""The cassette: a recorded run in one YAML file that people review, and how it gets to disk and back."""

from trace_ops.cassette.decode import from_document
from trace_ops.cassette.encode import to_document
from trace_ops.cassette.files import dumps, load, loads, save
from trace_ops.cassette.model import VERSION, Cassette

__all__ = [
    "VERSION",
    "Cassette",
    "dumps",
    "from_document",
    "load",
    "loads",
    "save",
    "to_document",
]
