"""Bodies that no provider would send, in the words that they use."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from trace_ops.wire._api import Reader
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import ChatRequest, ChatResponse

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
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
    assert isinstance(reader.request(body, "/v1/x"), ChatRequest)
    assert isinstance(reader.response(body), ChatResponse)
    events = [Payload(name, body), Payload(None, list(body.values())), Payload(name, body)]
    answer = reader.assemble(events)
    assert isinstance(answer, ChatResponse)
    assert len(answer.finish) == len(answer.finish_words) == len(answer.messages)
    assert repr(body) == repr(before)
