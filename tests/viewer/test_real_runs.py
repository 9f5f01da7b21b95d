"""Runs of other people's agents in a browser: each opens, and every text that was said in it can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import _corpus
from tests.viewer.browser import Desk
from tests.viewer.kit import Page
from trace_ops.viewer.page import page
from trace_ops.viewer.shelf import Shelf

OF_EACH = 10
"""So many runs of each API."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not _corpus.DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"
    ),
]

# Selects a step, shows its texts as they were sent, unfolded, and gives all that is read from top to end.
READ = """async ([hash, plain]) => {
    const still = () => new Promise((done) => {
        let timer = setTimeout(done, 30);
        new MutationObserver(() => {
            clearTimeout(timer);
            timer = setTimeout(done, 30);
        }).observe(document, {subtree: true, childList: true});
    });
    location.hash = hash;
    do await still(); while (document.querySelector('.waiting'));
    const buttons = [...document.querySelectorAll('.detail-bar button')];
    if (plain) buttons.find((one) => one.textContent === 'Plain')?.click();
    await still();
    const panel = document.querySelector('.detail-panel');
    for (let step = 0; step < 200; step += 1) {
        const folded = '.turn details:not([open]) > summary, .fold-button[aria-expanded="false"]';
        for (const fold of panel.querySelectorAll(folded)) fold.click();
        const before = panel.scrollTop;
        panel.scrollBy(0, 3 * panel.clientHeight);
        await still();
        if (panel.scrollTop === before && !panel.querySelector(folded)) break;
    }
    return panel.innerText;
}"""
WORD = re.compile(r"[^\W_]{4,}")
# The address of a link is shown when one asks for it.
ADDRESS = re.compile(r"\]\([^)]*\)")


def _runs() -> dict[str, list[list[dict[str, Any]]]]:
    known: dict[str, list[dict[str, Any]]] = {}
    for record in _corpus.records():
        if record["api"] in _corpus.CHATS and isinstance(record["request_body"], dict):
            known.setdefault(record["cassette_group"], []).append(record)
    groups: dict[str, list[list[dict[str, Any]]]] = {}
    for calls in known.values():
        groups.setdefault(calls[0]["api"], []).append(calls)
    return {api: runs[:OF_EACH] for api, runs in groups.items()}


@pytest.fixture(scope="module")
def runs() -> dict[str, list[list[dict[str, Any]]]]:
    return _runs()


def _said(details: Any, span: str) -> Iterator[str]:
    """The texts of a call's messages, those of parts that tools gave back included."""
    call = details["spans"][span]["call"]
    numbers = [*(call["request"] or {}).get("messages", ()), *(call["response"] or {}).get("messages", ())]
    if call["request"] is not None and call["request"]["system"] is not None:
        numbers.append(call["request"]["system"])
    for number in numbers:
        for part in details["messages"][number]["parts"]:
            if part["type"] in ("text", "refusal", "reasoning") and part["content"]:
                yield part["content"]


@pytest.mark.parametrize("api", sorted(_corpus.CHATS))
def test_every_text_that_was_said_can_be_read(show: Desk, runs: dict[str, Any], api: str) -> None:
    shelf = Shelf()
    for calls in runs[api]:
        trace = _corpus.trace(calls)
        shelf.add(trace, trace.name)
    html = b"".join(page(shelf.pieces("corpus")))
    found = Page(html)
    viewer = show(html=html.decode())
    texts = words = 0
    for head in found.bundle["runs"]:
        details = found.details(head["key"])
        for span in list(details["spans"])[:4]:
            said = list(_said(details, span))
            where = f"#/run/{head['key']}?span={span}"
            plain = viewer.page.evaluate(READ, [where, True])
            for text in said:
                if text.isprintable() or "\n" in text:
                    lines = [line.strip() for line in text.split("\n") if line.strip()]
                    unread = [line for line in lines if line not in plain and line.isprintable()]
                    assert unread == [], (where, unread[:3])
                    texts += 1
            viewer.page.evaluate("location.hash = '#/library'")
            shown = set(WORD.findall(viewer.page.evaluate(READ, [where, False])))
            for text in said:
                if not text.lstrip().startswith(("{", "[")):
                    assert set(WORD.findall(ADDRESS.sub("]", text))) - shown == set(), where
                    words += 1
    assert texts > 5
    assert words > 5
