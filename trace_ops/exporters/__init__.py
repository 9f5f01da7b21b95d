"""Traces in the forms of others: JSON with messages, tables, examples to fine-tune models with."""

from trace_ops.exporters.anthropic_finetune import anthropic_finetune
from trace_ops.exporters.conversations import Note
from trace_ops.exporters.openai_finetune import openai_finetune
from trace_ops.exporters.records import span_header, span_record, trace_header, trace_record
from trace_ops.exporters.rows import COLUMNS, csv_line, row
from trace_ops.exporters.text import json_text

__all__ = [
    "COLUMNS",
    "Note",
    "anthropic_finetune",
    "csv_line",
    "json_text",
    "openai_finetune",
    "row",
    "span_header",
    "span_record",
    "trace_header",
    "trace_record",
]
