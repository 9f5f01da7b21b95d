"""Hostile texts in every place of a page, in a real browser: none runs, none loads, all can be read."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.viewer.browser import Desk, Viewer
from tests.viewer.hostile import Payload, hostile, page, payloads

TRAP = "http://127.0.0.1:9"
NAMES = [payload.name for payload in payloads(TRAP)]
# What is not told: what the page only works with, and what it tells by the words of another field.
UNTOLD = re.compile(
    r"recorded$|generator$|modality$|sha256$|models\.\d$|head\.first$|call\.provider$|finish\.\d$"
    r"|changes\.\d\.(?:cause|kind|follows)$|changes\.4\.(?:before|after)$|loose_ends\.\d\.kind$"
)


class Trap:
    """A server that notes who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self.caught: list[str] = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread.start()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(0.5)
                try:
                    self.caught.append(
                        connection.recv(200).decode("latin-1").split("\r\n")[0] or "a connection"
                    )
                except TimeoutError:
                    self.caught.append("a connection")

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    server = Trap()
    yield server
    server.close()


def payload(name: str, trap: Trap) -> Payload:
    return next(one for one in payloads(trap.url) if one.name == name)


HARM = """() => {
    const all = [...document.querySelectorAll('*')];
    const links = [...document.querySelectorAll('a[href]')];
    const holds = {
        'nothing ran': window.pwned === undefined,
        'objects have nothing new': Object.keys(Object.prototype).length + Object.keys(Object).length === 0,
        'no element stands there that must not': !document.querySelector(
            'iframe, object, embed, form, base, video, audio, link[href]:not([rel=icon])'
        ),
        'nothing listens': all.every((one) => !one.getAttributeNames().some((name) => /^on/.test(name))),
        'no link leads astray': links.every((link) => /^(file|https?|mailto):$/.test(link.protocol)),
        'images are images': [...document.images].every((one) => one.src.startsWith('data:image/png;')),
    };
    return Object.keys(holds).filter((name) => !holds[name]);
}"""

# Goes to a view, unfolds all of it, a few levels deep, and looks from its top to its end. A text of thousands
# of characters stays folded where it stands in hundreds of places.
LOOK = """async ([hash, texts]) => {
    const still = () => new Promise((done) => {
        let timer = setTimeout(done, 25);
        const observer = new MutationObserver(() => {
            clearTimeout(timer);
            timer = setTimeout(() => { observer.disconnect(); done(); }, 25);
        });
        observer.observe(document, {subtree: true, childList: true, characterData: true});
    });
    const folds = [
        'main details:not([open]) > summary', '.diff-hidden', '.json-inner',
        '.diff-fold:not([aria-expanded="true"])', '.pair-open[aria-expanded="false"]',
        '.test-more[aria-expanded="false"]', ...(texts ? ['.fold-button[aria-expanded="false"]'] : []),
    ].join();
    if (hash !== null) location.hash = hash;
    do await still(); while (document.querySelector('.waiting'));
    for (let level = 0; level < 6; level += 1) {
        const folded = [...document.querySelectorAll(folds)].slice(0, 200);
        if (folded.length === 0) break;
        for (const fold of folded) fold.click();
        await still();
    }
    for (const scroller of document.querySelectorAll('[data-scrolls]')) {
        for (let step = 0; step < 60; step += 1) {
            const before = scroller.scrollTop;
            scroller.scrollBy(0, scroller.clientHeight);
            await still();
            if (scroller.scrollTop === before) break;
        }
        scroller.scrollTo(0, 0);
    }
    const over = new MouseEvent('mouseover', {bubbles: true});
    for (const link of document.querySelectorAll('a')) link.dispatchEvent(over);
    const said = [document.title, document.body.innerText];
    for (const one of document.querySelectorAll('[title], [aria-label], [alt], option')) {
        said.push(one.title ?? '', one.ariaLabel ?? '', one.alt ?? '', one.textContent.slice(0, 300));
    }
    return said.join('\\n');
}"""


def look_everywhere(viewer: Viewer, *, texts: bool) -> str:
    """Go through all views, steps and tabs with everything unfolded; gives all that could be read."""
    said: list[str] = []

    def look(hash: str | None) -> None:
        said.append(viewer.page.evaluate(LOOK, [hash, texts]))
        assert viewer.page.evaluate(HARM) == [], hash

    look("#/session")
    look("#/library")
    look("#/compare/c?layout=unified")
    for whole in viewer.page.get_by_role("button", name="The whole step").all()[:2]:
        whole.click()
    look(None)
    look("#/run/a")
    for span in (1, 3, 4, 6):
        look(f"#/run/a?span={span}")
    for span in (2, 5, 7, 8):
        for tab in ("rendered", "new", "raw", "stream", "attributes", "cost"):
            look(f"#/run/a?span={span}&tab={tab}")
    look("#/run/a?span=3&at=end&tab=conversation")
    look("#/run/b")
    for tab in ("rendered", "raw", "attributes"):
        look(f"#/run/b?span=2&tab={tab}")
    look("#/run/b?span=1")
    look("#/run/b?span=3")
    return "\n".join(said)


@pytest.mark.parametrize("name", NAMES)
def test_none_runs_none_loads_and_all_can_be_read(show: Desk, trap: Trap, name: str) -> None:
    one = payload(name, trap)
    pieces, places = hostile(one.text)
    before = len(trap.caught)
    viewer = show(html=page(pieces), offline=False)
    said = look_everywhere(viewer, texts=len(one.text) < 2000)
    unread = [place for mark, place in places.items() if mark not in said and not UNTOLD.search(place)]
    assert unread == []
    assert as_it_stands(viewer) == (one.shown or one.text)[:300]
    assert trap.caught[before:] == []
    assert len(viewer.page.context.pages) == 1


def as_it_stands(viewer: Viewer) -> str:
    """The beginning of the last answer, told as the text that it is."""
    viewer.page.evaluate(LOOK, ["#/run/a?span=7", False])
    viewer.button("Plain").click()
    viewer.settle()
    text = viewer.page.locator(".turn .plain").last.inner_text()
    return text.split("\n\n", 1)[1][:300]


@pytest.mark.parametrize(
    "name", ["markdown autolink", "script", "direction", "prototype", "expression", "huge", "markdown marks"]
)
def test_a_reader_may_type_it_too(show: Desk, trap: Trap, name: str) -> None:
    one = payload(name, trap)
    pieces, _ = hostile(one.text)
    viewer = show(html=page(pieces), hash="#/run/a?span=5&tab=notes", offline=False).settle()
    viewer.page.get_by_label("Note on step 5").fill(one.text)
    viewer.page.evaluate("location.hash = '#/run/a?span=5'")
    viewer.settle()
    viewer.page.get_by_label("Find in messages (Ctrl F)").fill(one.text)
    viewer.settle()
    viewer.page.evaluate("location.hash = '#/session'")
    viewer.settle()
    viewer.page.get_by_label("Filter tests (/)").fill(one.text)
    viewer.settle()
    assert viewer.page.evaluate(HARM) == []
    viewer.open("#/run/a?tab=notes").settle()
    assert one.text[:40] in viewer.page.locator(".note-other").inner_text() or one.shown
    assert viewer.page.evaluate(HARM) == []


def test_links_ask_before_they_lead_anywhere(show: Desk, trap: Trap) -> None:
    one = payload("markdown autolink", trap)
    pieces, _ = hostile(one.text)
    before = len(trap.caught)
    viewer = show(html=page(pieces), hash="#/run/a?span=7", offline=False).settle()
    links = viewer.page.locator(".turn a")
    assert links.count() > 1
    for how in ("click", "middle", "control"):
        link = links.first
        if how == "click":
            link.click()
        else:
            link.click(
                button="middle" if how == "middle" else "left",
                modifiers=["Control"] if how == "control" else [],
            )
        viewer.settle()
        if viewer.page.get_by_role("dialog").count():
            viewer.press("Escape")
            viewer.page.get_by_role("dialog").wait_for(state="detached")
    assert len(viewer.page.context.pages) == 1
    assert trap.caught[before:] == []


def test_values_may_be_nested_as_deeply_as_they_like(show: Desk) -> None:
    pieces, _ = hostile("x")
    deep = "DEEPLY NESTED"
    pieces["details:a"]["spans"]["3"]["input"] = deep
    html = page(pieces).replace(json.dumps(deep), '{"__proto__":[' * 3000 + '"the bottom"' + "]}" * 3000)
    viewer = show(html=html, hash="#/run/a?span=3").settle()
    assert viewer.page.locator(".json").first.is_visible()
    viewer.open("#/run/a?span=3&tab=conversation").settle()
    assert viewer.page.evaluate(HARM) == []


def test_there_are_enough_of_them() -> None:
    assert len({payload.text for payload in payloads(TRAP)}) == len(NAMES) >= 40
