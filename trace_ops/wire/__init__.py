"""What provider formats say: one model of requests and answers, and a summary that is quick to make."""

from trace_ops.wire._api import api_of, read_body, read_request, read_response
from trace_ops.wire._operation import operation
from trace_ops.wire._pieces import Piece, said
from trace_ops.wire._summary import Summary, complaint, fault, summarise

__all__ = [
    "Piece",
    "Summary",
    "api_of",
    "complaint",
    "fault",
    "operation",
    "read_body",
    "read_request",
    "read_response",
    "said",
    "summarise",
]
