"""``python -m trace_ops.cli`` is ``replay``."""

from trace_ops.cli._main import main

main()
