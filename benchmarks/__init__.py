"""What TraceOps costs: ratios against a peer or a floor, measured in one run.

``python -m benchmarks`` prints them, ``--write`` puts them into ``docs/benchmarks.md``.
"""
