"""The verbs of development: setup, test, lint, type, docs, bench; and `matrix` and `seams`, the SDKs."""

from __future__ import annotations

import nox

nox.needs_version = ">=2024.10"
nox.options.sessions = ["lint", "type", "test"]
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]

# Oldest supported, the last major versions on httpx, and whatever is newest. The oldest ones pass httpx what
# 0.28 no longer takes.
SDKS = {
    "oldest": ["openai==1.30.0", "anthropic[bedrock,vertex]==0.30.0", "httpx<0.28"],
    "middle": ["openai==2.20.0", "anthropic[bedrock,vertex]==0.100.0"],
    "newest": ["openai", "anthropic[bedrock,vertex]", "groq", "together", "cerebras-cloud-sdk"],
}
# The SDKs and frameworks beyond those, apart where their requirements are: LiteLLM, CrewAI
# and LlamaIndex ask for openai below 3, the Agents SDK for one above.
SEAMS = {
    "providers": [
        "google-genai",
        "mistralai[agents]",
        "cohere",
        "ollama",
        "boto3",
        "aiobotocore",
        "claude-agent-sdk",
    ],
    # Old versions of mistralai, boto3 and aiobotocore fail by themselves beside what they need today.
    "providers-oldest": ["google-genai==1.40.0", "cohere==5.20.0", "ollama==0.4.7"],
    "frameworks": [
        "langchain",
        "langchain-anthropic",
        "langchain-openai",
        "langgraph",
        "mcp",
        "openai-agents",
        "pydantic-ai-slim[openai,anthropic]",
        "chromadb",
        "qdrant-client",
        "pinecone>=10",
    ],
    "litellm": ["litellm>=1.106", "mcp", "tenacity", "anthropic"],
    "crewai": ["crewai", "litellm>=1.106", "anthropic"],
    "crewai-before": ["crewai==1.14.7", "anthropic"],
    "llamaindex": [
        "llama-index-core",
        "llama-index-llms-openai",
        "llama-index-llms-anthropic",
        "llama-index-embeddings-openai",
    ],
    # Below 0.13 steps of workflows and propagation are told in another way.
    "llamaindex-before": [
        "llama-index-core==0.12.52",
        "llama-index-llms-openai<0.5",
        "llama-index-embeddings-openai<0.4",
    ],
}
SEAM_TESTS = {
    "providers": [
        "tests/providers",
        "tests/sdk/test_conformance.py",
        "tests/corpus/test_drive_sdks.py",
        "tests/corpus/test_bedrock_corpus.py",
    ],
    "providers-oldest": ["tests/sdk/test_conformance.py"],
    "frameworks": ["tests/frameworks", "tests/examples"],
    "litellm": ["tests/sdk/test_litellm.py"],
    "crewai": ["tests/frameworks/crewai", "tests/examples/test_crewai_crew.py"],
    "crewai-before": ["tests/frameworks/crewai"],
    "llamaindex": [
        "tests/frameworks/test_llama_index.py",
        "tests/frameworks/test_llama_index_agents.py",
        "tests/frameworks/test_llama_index_models.py",
        "tests/examples/test_llamaindex_rag.py",
    ],
    "llamaindex-before": [
        "tests/frameworks/test_llama_index.py",
        "tests/frameworks/test_llama_index_agents.py",
        "tests/frameworks/test_llama_index_models.py",
    ],
}
ENVIRONMENTS = (
    *(f"{sdks} SDKs, Python {python}" for sdks in SDKS for python in PYTHONS),
    *(f"seams: {seam}" for seam in SEAMS),
)
"""Names of what `matrix` and `seams` run, in ``docs/providers.json``."""

MATRIX_TOOLS = ["pytest", "pytest-asyncio", "pytest-xdist", "hypothesis", "httpx", "trio", "aiohttp"]


@nox.session(python=False)
def setup(session: nox.Session) -> None:
    """Install TraceOps for development into the environment nox runs from."""
    session.run("python", "-m", "pip", "install", "--editable", ".[dev]")


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests; arguments go to pytest."""
    session.install(".[dev]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and import layers."""
    session.install("--editable", ".[dev]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session(name="type")
def typing(session: nox.Session) -> None:
    """Check types."""
    session.install("--editable", ".[dev]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Run the code blocks of README and docs, and compare generated parts with their source."""
    session.install(".[dev]")
    session.run("pytest", "tests/test_readme.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure; arguments go to the benchmarks."""
    session.install(".[dev]")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python=PYTHONS)
@nox.parametrize("sdk", list(SDKS))
def matrix(session: nox.Session, sdk: str) -> None:
    """Run tests/sdk against old and new SDKs, on every Python.

    What is shown is held against docs/providers.json; with `-- --support-write` it is written there.
    """
    session.install(".", *SDKS[sdk], *MATRIX_TOOLS)
    name = f"{sdk} SDKs, Python {session.python}"
    session.run("pytest", "tests/sdk", "-n", "2", "--support", name, *session.posargs)


@nox.session(python="3.12")
@nox.parametrize("seam", list(SEAMS))
def seams(session: nox.Session, seam: str) -> None:
    """Run the tests of the other SDKs and of the frameworks, each group with what it needs.

    What is shown is held against docs/providers.json; with `-- --support-write` it is written there.
    """
    # Its wheel brings a program of 170 MB, which no test starts.
    session.install("--no-binary", "claude-agent-sdk", ".", *SEAMS[seam], *MATRIX_TOOLS, "zstandard")
    session.run("pytest", *SEAM_TESTS[seam], "-n", "2", "--support", f"seams: {seam}", *session.posargs)
