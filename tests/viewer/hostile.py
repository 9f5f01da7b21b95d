"""Texts that want to be more than texts, and pages that hold one of them in every place."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.viewer.pages import document
from tests.viewer.talk import Talk, attempt, call_of, message, parts, picture, support

Json = Any
RUN = "window.pwned=1"


class Payload(NamedTuple):
    """A text; ``shown`` is how it reads, where that is not as it stands."""

    name: str
    text: str
    shown: str = ""


def payloads(trap: str) -> list[Payload]:
    """All of them; what they want to load is at an address of ours."""
    coded = base64.b64encode(f"<script>top.{RUN}</script>".encode()).decode()
    return [
        Payload("script end", f"</script><script>{RUN}</script>"),
        Payload("script", f"<script>{RUN}</script>"),
        Payload("script src", f"<script src={trap}/script.js></script>"),
        Payload("image error", f"<img src=x onerror={RUN}>"),
        Payload("image", f'<img src="{trap}/image.png">'),
        Payload("image set", f'<picture><source srcset="{trap}/set.png"><img></picture>'),
        Payload("svg load", f"<svg onload={RUN}>"),
        Payload("svg image", f'<svg><image href="{trap}/svg.png"/><use href="{trap}/use.svg#a"/></svg>'),
        Payload("svg script", f'<svg><script href="data:text/javascript,{RUN}"></script></svg>'),
        Payload(
            "svg animate",
            f'<svg><a><animate attributeName=href values="javascript:{RUN}" /><text>x</text></a></svg>',
        ),
        Payload(
            "mathml",
            f'<math><maction actiontype="statusline#{trap}" xlink:href="javascript:{RUN}">x</maction></math>',
        ),
        Payload(
            "foster parent",
            f'<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror={RUN}>">',
        ),
        Payload("noscript", f'<noscript><p title="</noscript><img src=x onerror={RUN}>">'),
        Payload("frame", f'<iframe src="javascript:parent.{RUN}"></iframe>'),
        Payload("frame source", f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>'),
        Payload("frame elsewhere", f"<iframe src={trap}/frame.html></iframe>"),
        Payload("object", f"<object data={trap}/object></object><embed src={trap}/embed>"),
        Payload("style sheet", f"<link rel=stylesheet href={trap}/style.css>"),
        Payload("hints", f"<link rel=preconnect href={trap}><link rel=prefetch href={trap}/prefetch>"),
        Payload("style", f"<style>*{{background:url({trap}/style.png)}} body{{display:none}}</style>"),
        Payload(
            "style attribute",
            f'<div style="position:fixed;inset:0;background:url({trap}/attribute.png)">x</div>',
        ),
        Payload("style value", f"red;background:url({trap}/value.png);}}*{{display:none"),
        Payload("import", f"@import '{trap}/import.css';"),
        Payload("refresh", f'<meta http-equiv="refresh" content="0;url={trap}/refresh">'),
        Payload("base", f"<base href={trap}/base/>"),
        Payload("form", f"<form action={trap}/form><input name=a value=b><button>send</button></form>"),
        Payload("link", f'<a href="javascript:{RUN}">click</a>'),
        Payload("ping", f'<a href="#" ping="{trap}/ping">click</a>'),
        Payload(
            "media", f"<video src={trap}/video autoplay></video><audio src={trap}/audio autoplay></audio>"
        ),
        Payload("body", f"<body onload={RUN} onpageshow={RUN}>"),
        Payload("toggle", f"<details open ontoggle={RUN}>x</details>"),
        Payload("focus", f"<input autofocus onfocus={RUN}>"),
        Payload(
            "animation",
            f"<style>@keyframes a{{}}</style><b style=animation-name:a onanimationstart={RUN}>x</b>",
        ),
        Payload("template", f"<template shadowrootmode=open><script>{RUN}</script></template>"),
        Payload("comment", f"<!--><img src=x onerror={RUN}>-->"),
        Payload("cdata", f"<![CDATA[<img src=x onerror={RUN}>]]>"),
        Payload("attribute end", f"\"' onmouseover={RUN} autofocus onfocus={RUN} x='"),
        Payload("tag end", f'"><img src=x onerror={RUN}>'),
        Payload("unfinished", f"<img src=x onerror={RUN}//"),
        Payload("entities", f"&lt;script&gt;{RUN}&lt;/script&gt; &#x6a;avascript:{RUN} &nbsp; &amp;lt;"),
        Payload("percent", f"%3Cscript%3E{RUN}%3C/script%3E"),
        Payload("escapes", f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e"),
        Payload("javascript", f"javascript:{RUN}"),
        Payload("data", f"data:text/html;base64,{coded}"),
        Payload(
            "interpolation", f"{{{{constructor.constructor('{RUN}')()}}}} ${{{RUN}}} #{{{RUN}}} <%= {RUN} %>"
        ),
        Payload("markdown image", f"![x]({trap}/markdown.png)"),
        Payload("markdown reference", f"![x][r]\n\n[r]: {trap}/reference.png"),
        Payload(
            "markdown script",
            f"[click](javascript:{RUN}) [again](JaVaScRiPt:{RUN}) [more](&#106;avascript:{RUN})",
        ),
        Payload("markdown data", f"[click](data:text/html;base64,{coded})"),
        Payload(
            "markdown attribute", f'[x]({trap}/a "t" onmouseover="{RUN}") [y]({trap}/b"onmouseover="{RUN})'
        ),
        Payload("markdown autolink", f"<{trap}/autolink> {trap}/bare <javascript:{RUN}>"),
        Payload("markdown tag", f"**a** <b onclick={RUN}>b</b>\n\n<div onclick={RUN}>\n\n*c*\n\n</div>"),
        Payload("markdown code", f"```html\n<script>{RUN}</script>\n```\n\n`<img src=x onerror={RUN}>`"),
        Payload("markdown table", f"| <img src=x onerror={RUN}> |\n|---|\n| [x](javascript:{RUN}) |"),
        Payload("markdown depth", ">" * 3000 + " " + "- " * 3000 + "deep"),
        Payload("markdown marks", "*_a_`[" * 3000),
        Payload("huge", "A" * 10_000),
        Payload("lines", "line\n" * 2000),
        Payload(
            "direction",
            "pay\u202eegassem\u202c \u2066isolated\u2069 \u200fright",
            "pay\\u202eegassem\\u202c \\u2066isolated\\u2069 \\u200fright",
        ),
        Payload("zero width", "pay\u200bpal \u2060joined\ufeff", "pay\\u200bpal \\u2060joined\\ufeff"),
        Payload("null", "nul\x00l \x07bell \x7fdelete", "nul\\u0000l \\u0007bell \\u007fdelete"),
        Payload(
            "tags",
            "plain" + "".join(chr(0xE0000 + ord(letter)) for letter in "hi"),
            "plain\\u{e0068}\\u{e0069}",
        ),
        Payload("surrogate", "half \ud800 and \udfff", "half \\ud800 and \\udfff"),
        Payload(
            "terminal",
            "\x1b[31mred\x1b[0m \x1b]8;;http://x\x07",
            "\\u001b[31mred\\u001b[0m \\u001b]8;;http://x\\u0007",
        ),
        Payload("separators", "one\u2028two\u2029three\x85four", "one\\u2028two\\u2029three\\u0085four"),
        Payload("prototype", "__proto__"),
        Payload("constructor", "constructor"),
        Payload("methods", "toString"),
        Payload("expression", "(?:a+)+$ [ ) \\"),
        Payload("path", "../../../etc/passwd\\..\\..\\x"),
        Payload("hash", "#/run/other?span=1&filter=%00"),
    ]


def hostile(payload: str) -> tuple[dict[str, Json], dict[str, str]]:
    """The pieces of a page with a payload in every place, and the places by the marks before it."""
    planter = _Planter(payload)
    runs = [planter.run(_everything()), planter.run(_other())]
    comparison = planter.plant(_comparison(), "comparison")
    bundle = planter.plant(
        {
            "version": 1,
            "title": "title",
            "generator": "generator",
            "created": "2026-11-25T10:05:00Z",
            "runs": [run["head"] for run, _ in runs],
            "comparisons": [comparison["head"]],
            "session": _session(),
            "live": False,
            "library": None,
        },
        "bundle",
    )
    pieces: dict[str, Json] = {"bundle": bundle}
    for run, details in runs:
        pieces[f"run:{run['head']['key']}"] = run
        pieces[f"details:{run['head']['key']}"] = details
    pieces["comparison:c"] = comparison
    return pieces, planter.places


def page(pieces: dict[str, Json]) -> str:
    return document(pieces)


# What refers to something, and the words that the page tells things apart by.
_REFERRING = {"key", "run", "comparison", "base64", "created"}
_WORDS = (
    "text refusal reasoning tool_call tool_call_response blob uri file unknown system user assistant tool "
    "major minor info complete failed trajectory documents image/png image/svg+xml"
).split()
# What holds anything, under names that somebody else chose.
_FREE = (
    "metadata libraries input output attributes parameters extra arguments response value json before after "
    "values headers"
).split()


class _Planter:
    def __init__(self, payload: str) -> None:
        self._payload = payload
        self.places: dict[str, str] = {}

    def run(self, talk: Talk) -> tuple[dict[str, Json], dict[str, Json]]:
        run = self.plant(talk.run, f"run {talk.key}")
        details = self.plant(talk.all_details, f"details {talk.key}")
        return run, details

    def plant(self, value: Json, path: str, name: str = "", *, free: bool = False) -> Json:
        """A value with the payload in each of its texts, and in the names that are not the contract's."""
        if isinstance(value, list):
            return [self.plant(item, f"{path}.{at}", name, free=free) for at, item in enumerate(value)]
        if isinstance(value, dict):
            return dict(self._entries(value, path, free))
        if not isinstance(value, str) or (not free and self._is_kept(name, path, value)):
            return value
        return self._mark(path, value)

    def _entries(self, value: dict[str, Json], path: str, free: bool) -> Iterator[tuple[str, Json]]:
        parted = (value.get("type") in _PARTS and "content" in value) or "sha256" in value
        for key, item in value.items():
            inside = f"{path}.{key}"
            named = free and not parted and key not in _MEANT
            yield (
                self._mark(f"{inside} (name)", key) if named else key,
                self.plant(item, inside, key, free=(free and not parted) or _is_free(key, item)),
            )

    def _is_kept(self, name: str, path: str, value: str) -> bool:
        if name in ("old", "new") and ".head" in path:
            return True
        named = name in ("type", "role", "severity", "end", "kind", "cause", "mime_type") and value in _WORDS
        return named or name in _REFERRING or (name == "kind" and ("spans" in path or "links" in path))

    def _mark(self, path: str, was: str) -> str:
        mark = f"\u00a7{len(self.places)}\u00a7"
        self.places[mark] = path
        # Markdown begins on a line of its own.
        return (
            f"{mark}\n\n{self._payload}" if len(was) > 20 or "content" in path else f"{mark} {self._payload}"
        )


def _is_free(name: str, value: Json) -> bool:
    """Whether a field holds anything: what a call was answered has a form, what a tool responded none."""
    return name in _FREE and not (name == "response" and isinstance(value, dict) and "finish" in value)


# By these names documents are known, and the place of a value of the pool.
_MEANT = {"id", "text", "score", "messages"}
_PARTS = {"text", "refusal", "reasoning"}


def _everything() -> Talk:
    """A run with every sort of step, message, part, failure and body."""
    run = support()
    run.key = "a"
    more = parts()
    start = len(run.messages)
    run.messages += more.messages
    asked = [start + number for number in range(5)]
    answered = [start + number for number in range(5, 8)]
    svg = base64.b64encode(f'<svg xmlns="http://www.w3.org/2000/svg" onload="top.{RUN}"/>'.encode()).decode()
    (drawn,) = run.say(
        message(
            "user",
            {**_blob(), "mime_type": "image/svg+xml", "base64": svg},
            {**_blob(), "base64": '"onerror="x'},
        )
    )
    run.call(
        [*asked, drawn],
        answered,
        label="odd model",
        start=5200,
        parent=1,
        error={"type": "status 500", "message": "the server failed at what it does"},
        finish="length, or what it calls so",
        tools=[0],
        headers={"x-request": "a header"},
        body={"text": "a body that is text, not JSON at all"},
        attempts=[
            attempt(500, reason="Server Error", body={"base64": "AAAA"}, end="failed"),
            attempt(
                200,
                reason="Fine",
                body={"text": "said"},
                failure={"type": "ReadError", "message": "reset by peer"},
            ),
        ],
        response={"complete": False, "error": {"message": "broken off"}, "extra": {"id": "chatcmpl-1"}},
    )
    run.details["5"]["attributes"] = {"session": "s-1", "list": ["one", {"deep": "two"}]}
    run.details["5"]["call"]["body"]["places"] = {
        "/messages/0": 0,
        "/__proto__/polluted": 0,
        "/constructor/prototype/x": 0,
    }
    run.link("retry", 2, 5)
    return run


def _blob() -> dict[str, Json]:
    return {
        "type": "blob",
        "modality": "image",
        "mime_type": "image/png",
        "sha256": "ab" * 32,
        "size": 105,
        "base64": picture(),
    }


def _other() -> Talk:
    """Nearly the same run."""
    run = Talk("support, as it was", key="b")
    run.tools.append({"name": "get_order", "description": "Looks it up.", "parameters": {"type": "object"}})
    agent = run.add("agent", "agent", 0, 4000, input="question", output="done")
    asked = run.say(
        message("system", "You are another agent of a shop."), message("user", "My lamp is broken.")
    )
    run.call(
        asked, run.say(message("assistant", "Wait.", call_of("get_order", {"n": 1}))), parent=agent, tools=[0]
    )
    run.add(
        "tool", "get_order", 950, 100, agent, input={"number": "A-1"}, output="nothing of the kind was found"
    )
    return run


def _comparison() -> dict[str, Json]:
    changes = [
        _change(
            "system prompt changed",
            "prompt",
            "system prompt",
            2,
            2,
            "messages.0",
            "You are an agent.",
            "You are another agent.",
        ),
        _change(
            "tool result changed",
            "result",
            "tool result",
            3,
            3,
            "output",
            {"a": "old value"},
            {"a": "new value", "b": 1},
            root=0,
        ),
        _change(
            "documents changed",
            "result",
            "documents",
            None,
            4,
            "output",
            [{"id": "d1", "text": "t"}],
            [{"id": "d2", "text": "u"}],
        ),
        _change("step added", "trajectory", "step added", None, 5, "", None, None, root=0, follows="after"),
        _change("model: a -> b", "model", "model", 1, 1, "model", "a", "b", inline=True),
    ]
    return {
        "head": {
            "key": "c",
            "old": "b",
            "new": "a",
            "severity": "major",
            "first": "first difference: step 2",
            "roots": 3,
            "downstream": 2,
        },
        "pairs": [[1, 1], [2, 2], [3, 3], [None, 4], [None, 5], [None, 6], [None, 7], [None, 8]],
        "changes": changes,
        "first": 0,
        "metrics": {
            name: {"before": 1, "after": 2, "ratio": 1.0} for name in ("llm_calls", "__proto__", "ms")
        },
        "added_tools": ["a tool that is new"],
        "removed_tools": ["a tool that is gone"],
    }


def _change(
    what: str,
    kind: str,
    cause: str,
    old: int | None,
    new: int | None,
    path: str,
    before: Json,
    after: Json,
    **more: Json,
) -> dict[str, Json]:
    usual: dict[str, Json] = {"root": None, "follows": None, "similarity": None, "inline": False}
    told = {"what": what, "kind": kind, "cause": cause, "severity": "minor", "old": old, "new": new}
    return {**usual, **told, "path": path, "before": before, "after": after, **more}


def _session() -> dict[str, Json]:
    test = {
        "test": "tests/test_a.py::test_a",
        "result": "failed",
        "verdict": "missed",
        "reason": "AssertionError: it is not so",
        "mode": "once",
        "cassette": "cassettes/test_a.yaml",
        "seconds": 1.0,
        "llm_calls": 1,
        "tool_calls": 1,
        "tokens": {"spent": 1, "saved": 1},
        "cost_usd": {"spent": 0.1, "saved": None},
        "misses": ["no recorded call for this one"],
        "unplayed": ["span 1 of the recording"],
        "violations": ["max_usd: more than it may"],
        "notes": ["nothing to relate to here"],
        "warnings": ["a warning about something"],
        "change": "first difference: step 1",
        "take": None,
        "command": "pytest tests/test_a.py --record",
        "run": "a",
        "comparison": "c",
    }
    return {
        "exit_status": 1,
        "totals": {"violations": 1},
        "tests": [test, {**test, "run": None, "comparison": None}],
        "takes": [{"test": "tests/test_a.py::test_a", "passed": 1, "taken": 2}],
        "loose_ends": [
            {
                "what": "orphan",
                "kind": "orphan",
                "cassette": "c.yaml",
                "detail": "no test",
                "command": "rm c.yaml",
            }
        ],
        "base": {
            "directory": "../base",
            "changed": [{"cassette": "x.yaml", "change": "y"}],
            "added": ["z.yaml"],
        },
    }
