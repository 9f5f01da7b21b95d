"""Bodies that no provider would send, in the words that they use."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from tests.corpus.completeness import Leaf, Where, missing
from trace_ops.wire._api import Reader
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import ChatRequest, ChatResponse

# What the types of the model say: kinds of parts, roles, states.
_SAID_BY_TYPE = frozenset(
    "user assistant model tool system USER text thinking document_url input_audio file success error".split()
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.integers(0, 999).map("leaf {}".format)
    | st.sampled_from(["", "text", "user", "tool", "\ud800", "\0", '{"a": 1}', "[1", "1" * 5000])
)


def bodies(words: str, kinds: str = "") -> st.SearchStrategy[dict[str, Any]]:
    """Objects of any values under the given words, nested; ``kinds`` are texts that decide on a reading."""
    names = st.sampled_from(words.split()) | st.text(max_size=2)
    leaves = _LEAVES | st.sampled_from(kinds.split() or [""])
    values = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4)
    )
    return st.dictionaries(names, values, max_size=6)


def reads_anything(reader: Reader | SimpleNamespace, body: dict[str, Any], name: str | None) -> None:
    """Assert that a body is read as a request, as an answer and as the events of one, and stays as it is."""
    before = deepcopy(body)
    asked, answered = reader.request(body, "/v1/x"), reader.response(body)
    assert isinstance(asked, ChatRequest)
    assert isinstance(answered, ChatResponse)
    keeps_all(body, asked)
    keeps_all(body, answered)
    events = [Payload(name, body), Payload(None, list(body.values())), Payload(name, body)]
    answer = reader.assemble(events)
    assert isinstance(answer, ChatResponse)
    assert len(answer.finish) == len(answer.finish_words) == len(answer.messages)
    assert repr(body) == repr(before)


def keeps_all(value: Any, model: Any) -> None:
    """Assert that every text of a value is found again in what was read from it."""
    assert missing(value, model, exempt=_said_by_type) == []


def _said_by_type(_: Where, leaf: Leaf) -> bool:
    return not isinstance(leaf, str) or leaf in _SAID_BY_TYPE
