"""The JSON Schema is that of the files that are written."""

from __future__ import annotations

import copy
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from tests.cassette.agents import STREAMS, agent_run, streamed
from tests.cassette.kit import cassettes, sample
from trace_ops import cassette
from trace_ops.cassette import Cassette, dumps, from_document, to_document
from trace_ops.cassette.fields import DocumentError

SCHEMA = Path(cassette.__file__).with_name("schema.json")
GENERATOR = Path(__file__).parents[2] / "scripts" / "cassette_schema.py"
validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="pydantic reads typing.TypedDict from Python 3.12 on")
def test_the_schema_is_that_of_the_model() -> None:
    assert SCHEMA.read_text("utf-8") == runpy.run_path(str(GENERATOR))["generate"]()


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(validator.schema)


@given(cassettes())
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
def test_any_file_that_is_written_is_valid(made: Cassette) -> None:
    validator.validate(yaml.safe_load(dumps(made)))


@pytest.mark.parametrize("api", STREAMS)
def test_streams_are_valid(api: str) -> None:
    validator.validate(to_document(streamed(api, STREAMS[api])))


def test_an_agent_run_is_valid() -> None:
    validator.validate(to_document(agent_run(5)))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("version",), 2),
        (("version",), None),
        (("spans",), None),
        (("spans",), {}),
        (("spans", 0), "a span"),
        (("spans", 0, "span"), "1"),
        (("spans", 0, "kind"), "dream"),
        (("spans", 0, "colour"), "red"),
        (("spans", 0, "request_adds"), []),
        (("spans", 0, "usage", "input"), "12"),
        (("spans", 0, "response", "status"), None),
        (("spans", 0, "response", "headers"), 5),
        (("spans", 1, "error"), {"type": "ValueError"}),
        (("spans", 2, "links", 0, "kind"), "likes"),
        (("spans", 2, "response", "stream", "framing"), "loose"),
        (("spans", 2, "response", "stream", "gaps_ms"), "1"),
        (("spans", 2, "response", "stream", "events", 0, "varying"), {"/a": {"text": "a"}}),
        (("scrubbed",), [{"secret": "openai-key"}]),
        (("with", "openai"), 3),
        (("tags",), [1]),
    ],
)
def test_the_schema_and_the_loader_refuse_the_same(place: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(to_document(sample()))
    holder: Any = document
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value

    assert not validator.is_valid(document)
    with pytest.raises(DocumentError):
        from_document(document)
