"""The seams to the SDKs: installed once, dormant until a tape is active.

This is what a seam of your own is made of; see ``docs/providers.md``.
"""

from trace_ops.exchange import Body, Request, Response
from trace_ops.providers._own import record_call, record_call_async
from trace_ops.providers._own_http import record_http
from trace_ops.providers._own_streams import record_stream, record_stream_async
from trace_ops.providers._protocol import Provider
from trace_ops.providers._registry import install, providers, stand_in_credentials
from trace_ops.providers._waits import skip_waits

__all__ = [
    "Body",
    "Provider",
    "Request",
    "Response",
    "install",
    "providers",
    "record_call",
    "record_call_async",
    "record_http",
    "record_stream",
    "record_stream_async",
    "skip_waits",
    "stand_in_credentials",
]
