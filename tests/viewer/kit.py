"""A page read as the browser reads it: by the HTML parser, and JSON without what JavaScript lacks."""

from __future__ import annotations

import base64
import gzip
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn

from tests.viewer.contract import Contract

CONTRACT = Contract()
_TYPES = {"run": "Run", "details": "Details", "comparison": "Comparison", "bundle": "Bundle"}
# Of a test, the report has more than the page needs.
_MORE = (" is in no contract",)


class Page:
    """The pieces of a page by their ids; ``scripts`` are the types of all script elements."""

    def __init__(self, html: bytes | Path) -> None:
        text = (html.read_bytes() if isinstance(html, Path) else html).decode()
        reader = _Reader()
        reader.feed(text)
        reader.close()
        self.scripts = [attributes.get("type") for attributes, _ in reader.elements]
        self.pieces: dict[str, Any] = {}
        for attributes, content in reader.elements:
            name = attributes.get("id") or ""
            if name.partition(":")[0] in _TYPES:
                assert name not in self.pieces, f"{name} is there twice"
                self.pieces[name] = _read(content, attributes.get("data-encoding"))

    @property
    def bundle(self) -> Any:
        return self.pieces["bundle"]

    def run(self, key: str) -> Any:
        return self.pieces[f"run:{key}"]

    def details(self, key: str) -> Any:
        return self.pieces[f"details:{key}"]

    def comparison(self, key: str) -> Any:
        return self.pieces[f"comparison:{key}"]

    def check(self) -> Page:
        """Hold all pieces to the contract, and to each other."""
        for name, value in self.pieces.items():
            problems = CONTRACT.problems(_TYPES[name.partition(":")[0]], value)
            wrong = [each for each in problems if not (".session." in each and each.endswith(_MORE))]
            assert wrong == [], wrong
        keys = [head["key"] for head in self.bundle["runs"]]
        compared = [head["key"] for head in self.bundle["comparisons"]]
        assert len({*keys, *compared}) == len(keys) + len(compared)
        for key in keys:
            check_run(self.run(key), self.details(key))
            assert self.run(key)["head"] in self.bundle["runs"]
        for head in self.bundle["comparisons"]:
            assert self.comparison(head["key"])["head"] == head
            assert {head["old"], head["new"]} <= set(keys)
        assert len(self.pieces) == 1 + 2 * len(keys) + len(compared)
        return self


def check_run(run: Any, details: Any) -> None:
    """Hold a run to what its numbers refer to."""
    ids = [span["id"] for span in run["spans"]]
    assert len(set(ids)) == len(ids)
    assert {str(number) for number in ids} == set(details["spans"])
    for link in run["links"]:
        assert {link["from"], link["to"]} <= set(ids)
        assert link["from"] != link["to"]
    for detail in details["spans"].values():
        call = detail["call"]
        if call is None:
            continue
        asked, answered = call["request"], call["response"]
        for number in (asked["messages"] if asked else []) + (answered["messages"] if answered else []):
            assert 0 <= number < len(details["messages"])
        if asked:
            assert all(0 <= number < len(details["tools"]) for number in asked["tools"])
            assert asked["system"] is None or details["messages"][asked["system"]]["role"] == "system"
        assert call["before"] is None or call["before"] in ids
        for body in (call["body"], *(attempt["body"] for attempt in call["attempts"])):
            whole(body, details)


def whole(body: Any, details: Any) -> Any:
    """The JSON of a raw body with the values of the pool in their places."""
    if body is None or "json" not in body:
        return None
    value = json.loads(json.dumps(body["json"]))
    for pointer, number in body.get("places", {}).items():
        *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
        here = value
        for step in steps:
            here = here[int(step) if isinstance(here, list) else step]
        key: Any = int(last) if isinstance(here, list) else last
        assert here[key] is None, pointer
        here[key] = details["values"][number]
    return value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[dict[str, str | None], str]] = []
        self._open: dict[str, str | None] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._open, self._text = dict(attrs), []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._open is not None:
            self.elements.append((self._open, "".join(self._text)))
            self._open = None


def _read(content: str, encoding: str | None) -> Any:
    text = gzip.decompress(base64.b64decode(content)).decode() if encoding == "gzip" else content
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is no JSON")
