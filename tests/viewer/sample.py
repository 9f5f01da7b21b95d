"""Runs for the page, in the form that it is given: small ones with everything in them, and large ones."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

Json = Any

WORDS = (
    "the harbour master keeps a log of every vessel that enters at night with its draught cargo flag and the "
    "name of the pilot who brought it in so that the morning shift can see at a glance which berths are taken"
).split()
CLAUDE: dict[str, Json] = {"provider": "anthropic", "name": "anthropic messages"}
TIMEOUT = {"type": "builtins.TimeoutError", "message": "the port authority did not answer within 5 s"}


@dataclass
class Sample:
    """A run that is put together step by step."""

    name: str
    key: str = "run"
    verdict: str | None = None
    running: bool = False
    spans: list[dict[str, Json]] = field(default_factory=list)
    links: list[dict[str, Json]] = field(default_factory=list)
    messages: list[dict[str, Json]] = field(default_factory=list)
    details: dict[str, dict[str, Json]] = field(default_factory=dict)

    def add(
        self,
        kind: str,
        label: str,
        start: float,
        ms: float | None,
        parent: int | None = None,
        **more: Json,
    ) -> int:
        """A step; gives its id."""
        span: dict[str, Json] = {
            "id": len(self.spans) + 1,
            "parent": parent,
            "kind": kind,
            "name": label,
            "label": label,
            "lane": 0,
            "start": start,
            "ms": ms,
            "first": None,
            "model": None,
            "provider": None,
            "usage": None,
            "cost": None,
            "unpriced": False,
            "tools": [],
            "finish": None,
            "error": None,
            "attempts": 1,
            "preview": "",
        }
        unknown = more.keys() - span.keys() - {"input", "output"}
        assert not unknown, unknown
        detail = {"input": more.pop("input", None), "output": more.pop("output", None)}
        self.spans.append({**span, **more})
        self.details[str(span["id"])] = {**detail, "attributes": {}, "call": None}
        return int(span["id"])

    def llm(self, label: str, start: float, ms: float | None, parent: int | None = None, **more: Json) -> int:
        """A model call with tokens and a conversation."""
        asked = more.pop("asked", "Which berths are free?")
        said = more.pop("said", "Berth four is free until noon.")
        used = {"input": 1200, "output": 80, "cache_read": 1024, "cache_write": None, "reasoning": None}
        usual: dict[str, Json] = {
            "model": label,
            "provider": "openai",
            "usage": used,
            "cost": 0.0004,
            "first": None if ms is None else round(ms / 3, 1),
            "finish": "stop",
            "preview": said,
            "name": "openai chat.completions",
        }
        number = self.add("llm", label, start, ms, parent, **{**usual, **more})
        self.details[str(number)]["call"] = _call(self._say("user", asked), self._say("assistant", said))
        return number

    def link(self, kind: str, start: int, end: int) -> None:
        """A link between two steps."""
        self.links.append({"kind": kind, "from": start, "to": end})

    def _say(self, role: str, text: str) -> int:
        message = {"role": role, "name": None, "parts": [{"type": "text", "content": text}]}
        if message not in self.messages[-50:]:
            self.messages.append(message)
        return len(self.messages) - 1 - self.messages[::-1].index(message)

    @property
    def head(self) -> dict[str, Json]:
        """The run as it stands in a list."""
        costs = [span["cost"] for span in self.spans if span["cost"] is not None]
        usages = [span["usage"] for span in self.spans if span["usage"] is not None]
        known = {
            name: sum(usage[name] or 0 for usage in usages)
            if any(usage[name] is not None for usage in usages)
            else None
            for name in ("input", "output", "cache_read", "cache_write", "reasoning")
        }
        return {
            "key": self.key,
            "name": self.name,
            "path": f"cassettes/{self.key}.yaml",
            "recorded": "2026-11-25T10:04:00Z",
            "tags": [],
            "verdict": self.verdict,
            "running": self.running,
            "stamp": None,
            "totals": {
                "spans": len(self.spans),
                "llm_calls": sum(span["kind"] == "llm" for span in self.spans),
                "tool_calls": sum(span["kind"] == "tool" for span in self.spans),
                "errors": sum(span["error"] is not None for span in self.spans),
                "usage": known,
                "cost": None if any(span["unpriced"] for span in self.spans) else sum(costs),
                "ms": max((span["start"] + (span["ms"] or 0) for span in self.spans), default=0),
                "models": sorted({span["model"] for span in self.spans if span["model"]}),
            },
        }

    @property
    def run(self) -> dict[str, Json]:
        """The run itself."""
        return {
            "head": self.head,
            "metadata": {},
            "libraries": {"openai": "2.1.0"},
            "uncaptured": [],
            "prices": "genai-prices 0.0.54",
            "spans": self.spans,
            "links": self.links,
        }

    @property
    def all_details(self) -> dict[str, Json]:
        """What was said in it."""
        return {"messages": self.messages, "tools": [], "values": [], "spans": self.details}


def _call(asked: int, answered: int) -> dict[str, Json]:
    return {
        "provider": "openai",
        "method": "POST",
        "path": "/chat/completions",
        "query": "",
        "api": "openai.chat",
        "request": {"system": None, "messages": [asked], "tools": [], "parameters": {}},
        "response": {
            "messages": [answered],
            "finish": ["stop"],
            "error": None,
            "complete": True,
            "extra": {},
        },
        "before": None,
        "headers": {},
        "body": None,
        "attempts": [],
    }


def bundle(*samples: Sample, title: str = "Harbour", live: bool = False) -> dict[str, Json]:
    """What a page holds of some runs."""
    return {
        "version": 1,
        "title": title,
        "generator": "TraceOps 0.1.0",
        "created": "2026-11-25T10:05:00Z",
        "runs": [sample.head for sample in samples],
        "comparisons": [],
        "session": None,
        "live": live,
        "library": None,
    }


def three() -> Sample:
    """A question, a tool, an answer."""
    run = Sample("test_weather", key="three", verdict="replayed")
    first = run.llm("gpt-5-mini", 0, 1240, tools=["get_weather"], finish="tool_calls", said="Let me look.")
    tool = run.add(
        "tool", "get_weather", 1245, 180, preview="city: Rome → 18 °C and sun", output="18 °C and sun"
    )
    last = run.llm("gpt-5-mini", 1430, 900, said="It is 18 °C and sunny in Rome.")
    run.link("data", tool, last)
    run.link("continues", first, last)
    return run


def research() -> Sample:
    """Agents that plan, search side by side, fail, try again, fall back, and hand over."""
    run = Sample("Research assistant: berths in Genoa", key="research", verdict="recorded")
    root = run.add("agent", "research assistant", 0, 96_400)
    summary = _searches(run, root)
    _looks_up(run, root)
    expert = run.add("agent", "port expert", 36_000, 19_000, root, error=TIMEOUT)
    run.link("handoff", summary, expert)
    _asks_the_port(run, expert)
    run.add("custom", "ask a person", 55_100, 0, root, preview="waiting for an answer")
    said = "Berth four is free until noon; berth nine all day."
    last = run.llm("gpt-5", 88_000, 8300, root, first=1900, cost=0.0183, said=said)
    run.link("continues", summary, last)
    return run


def _searches(run: Sample, root: int) -> int:
    asks: dict[str, Json] = {"tools": ["search"] * 3, "finish": "tool_calls", "cost": 0.0121}
    plan = run.llm("gpt-5", 40, 5200, root, said="I shall ask three sources.", **asks)
    branches = [
        run.add("tool", "search", 5300 + 40 * at, 1900 + 700 * at, root, lane=at + 1, preview=f"berths {at}")
        for at in range(3)
    ]
    summary = run.llm("gpt-5-mini", 9000, 2600, root, said="Nine berths were found, three of them free.")
    for branch in branches:
        run.link("branch", plan, branch)
        run.link("data", branch, summary)
    return summary


def _looks_up(run: Sample, root: int) -> None:
    chain = run.add("chain", "look up berths", 11_700, 24_000, root)
    model = "text-embedding-3-small"
    used = {"input": 12, "output": None, "cache_read": None, "cache_write": None, "reasoning": None}
    run.add("embedding", model, 11_720, 140, chain, model=model, usage=used, cost=0.0000002)
    run.add("retrieval", "harbour_docs", 11_900, 60, chain, preview="5 documents")
    for number in range(12):
        start, ms = 12_000 + 900 * number, 420 + 31 * number
        run.add("tool", "search", start, ms, chain, preview=f"query: berth {number}")
    run.add("decision", "enough found?", 22_800, 1, chain, preview="yes")


def _asks_the_port(run: Sample, expert: int) -> None:
    overloaded: dict[str, Json] = {
        **dict.fromkeys(("usage", "cost", "first", "finish")),
        "attempts": 3,
        "error": {"type": "status 529", "message": "Overloaded"},
    }
    failed = run.llm("claude-sonnet-4-5", 36_050, 5000, expert, said="", **CLAUDE, **overloaded)
    said = "I ask the port authority."
    again = run.llm("claude-sonnet-4-5", 41_200, 4100, expert, cost=0.0216, said=said, **CLAUDE)
    unpriced: dict[str, Json] = {"cost": None, "unpriced": True, "said": "They are slow today."}
    other = run.llm("claude-haiku-9", 45_500, 2400, expert, **CLAUDE, **unpriced)
    run.link("retry", failed, again)
    run.link("fallback", again, other)
    run.link("continues", again, other)
    run.add("tool", "port_authority", 48_000, 6990, expert, error=TIMEOUT, preview="berth: 4")


def growing() -> Sample:
    """A run that is being recorded."""
    run = Sample("Nightly watch", key="growing", running=True)
    root = run.add("agent", "watch", 0, None)
    run.llm("gpt-5-mini", 20, 1800, root, tools=["look"], said="I look at the harbour.")
    run.add("tool", "look", 1900, 700, root)
    run.llm("gpt-5-mini", 2700, None, root, usage=None, cost=None, finish=None, said="")
    return run


def large(size: int, seed: int = 7) -> Sample:
    """A run of so many steps: agents in turn, each with model calls and tools."""
    chance = random.Random(seed)
    run = Sample(f"Synthetic run of {size:,} steps", key=f"large{size}")
    root = run.add("agent", "orchestrator", 0, 0)
    at = 10.0
    while len(run.spans) < size:
        at = _one_agent(run, root, at, chance, size)
    run.spans[0]["ms"] = at
    return run


def _one_agent(run: Sample, root: int, at: float, chance: random.Random, size: int) -> float:
    agent = run.add("agent", chance.choice(("planner", "researcher", "writer", "critic")), at, 0, root)
    start, before = at, None
    for _ in range(chance.randint(3, 9)):
        if len(run.spans) >= size:
            break
        ms = round(chance.lognormvariate(7, 0.6), 1)
        model = chance.choice(("gpt-5", "gpt-5-mini", "claude-sonnet-4-5"))
        said = " ".join(chance.choices(WORDS, k=chance.randint(8, 30)))
        call = run.llm(model, round(at, 1), ms, agent, said=said, asked=f"Turn {len(run.spans)}: {said[:40]}")
        if before is not None:
            run.link("continues", before, call)
        before, at = call, at + ms + 5
        lanes = chance.randint(0, 4)
        longest = 0.0
        for lane in range(lanes):
            if len(run.spans) >= size:
                break
            took = round(chance.lognormvariate(5.5, 0.9), 1)
            name = chance.choice(("search", "search", "read_file", "run_tests", "fetch"))
            wrong = TIMEOUT if chance.random() < 0.01 else None
            start_at, query = round(at + lane * 3, 1), f"query: {said[:60]}"
            tool = run.add("tool", name, start_at, took, agent, lane=lane, error=wrong, preview=query)
            run.link("branch", call, tool)
            longest = max(longest, took + lane * 3)
        at += longest + 10
    run.spans[agent - 1]["ms"] = round(at - start, 1)
    return at + 20
