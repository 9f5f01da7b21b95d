"""The command ``replay``: a verb a module, loaded when it is called."""

from trace_ops.cli._main import cli, main

__all__ = ["cli", "main"]
