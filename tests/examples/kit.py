"""Where the examples and their cassettes are, and a run of one as a program.

``python -m tests.examples.kit NAME...`` records cassettes anew, of the examples named or of all that the
installed packages allow.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASSETTES, EXAMPLES = ROOT / "cassettes" / "examples", ROOT / "examples"
NEEDS = {
    "anthropic_stream": "anthropic",
    "crewai_crew": "crewai",
    "langgraph_agent": "langgraph",
    "llamaindex_rag": "llama_index",
    "mcp_agent": "mcp",
    "openai_agents_handoff": "agents",
    "openai_tools": "openai",
    "pydantic_ai_agent": "pydantic_ai",
    "rag_chroma": "chromadb",
}
"""The examples that have a cassette, and the package that each is about."""


def cassette(name: str) -> Path:
    """The cassette of an example."""
    return CASSETTES / f"{name}.yaml"


def run(name: str, *options: str, directory: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run an example by ``replay run``, with no key and no way out."""
    program = [sys.executable, "-m", "trace_ops.cli", "run", *options, "--", str(EXAMPLES / f"{name}.py")]
    closed = "http://127.0.0.1:9"
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_API_KEY")}
    environment |= {"HTTPS_PROXY": closed, "HTTP_PROXY": closed, "NO_PROXY": "127.0.0.1,localhost"}
    environment |= {"PYTHONPATH": str(ROOT)}
    return subprocess.run(program, cwd=directory, env=environment, capture_output=True, text=True)


def replayed(name: str, *options: str, directory: Path) -> str:
    """What an example prints when it is replayed; it must come to a good end."""
    done = run(name, "--replay", str(cassette(name)), *options, directory=directory)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "replay: REPLAYED" in done.stderr
    return done.stdout.strip()


def record(name: str) -> None:
    """Record the cassette of an example anew."""
    cassette(name).unlink(missing_ok=True)
    if name == "anthropic_stream":  # it records by itself
        done = subprocess.run([sys.executable, str(EXAMPLES / f"{name}.py"), "all"], check=False)
        sys.exit(done.returncode) if done.returncode else None
        return
    done_by = run(name, "--record", str(cassette(name)))
    sys.stdout.write(done_by.stderr)
    if done_by.returncode:
        sys.exit(done_by.returncode)


if __name__ == "__main__":
    for each in sys.argv[1:] or [name for name, package in NEEDS.items() if find_spec(package)]:
        record(each)
