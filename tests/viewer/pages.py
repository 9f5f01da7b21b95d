"""The packaged page with runs in it."""

from __future__ import annotations

import base64
import gzip
import json
from importlib.resources import files
from typing import Any

from tests.viewer.sample import Sample, bundle


def page(*samples: Sample, packed: bool = False, **head: Any) -> str:
    """The page as a file that shows these runs."""
    data: dict[str, Any] = {"bundle": bundle(*samples, **head)}
    for sample in samples:
        data[f"run:{sample.key}"] = sample.run
        data[f"details:{sample.key}"] = sample.all_details
    return document(data, packed=packed)


def document(data: dict[str, Any], *, packed: bool = False) -> str:
    """The page as a file that holds these pieces."""
    viewer = files("trace_ops.viewer").joinpath("viewer.html").read_text("utf-8")
    return viewer.replace(
        "<!--data-->", "\n".join(_element(name, value, packed) for name, value in data.items())
    )


def _element(name: str, value: Any, packed: bool) -> str:
    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
    if not packed:
        return f'<script type="application/json" id="{name}">{text}</script>'
    data = base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()
    return f'<script type="application/octet-stream" id="{name}" data-encoding="gzip">{data}</script>'
