"""Made-up secrets of every kind, and the places where they turn up.

None is written out, so that no scanner of the repository takes one for real.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterator

from trace_ops.redaction import Scrubber

WORD = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URL = WORD + "-_"
SLICE = 12


def made(prefix: str, length: int, alphabet: str = WORD, suffix: str = "", seed: int = 0) -> str:
    """A secret that is the same in every run, and holds a digit and a letter near its start."""
    source = random.Random(f"{prefix}{length}{suffix}{seed}")
    letter = next(char for char in alphabet if char.isalpha())
    return prefix + letter + "7" + "".join(source.choices(alphabet, k=length - 2)) + suffix


def leaks(secret: str, text: str) -> list[str]:
    """The slices of a secret that are still in a text."""
    slices = [secret[at : at + SLICE] for at in range(max(1, len(secret) - SLICE + 1))]
    return [piece for piece in slices if piece in text]


def jwt(seed: int = 0) -> str:
    """A signed token."""
    return ".".join(("eyJ" + made("", 33, URL, seed=seed), "eyJ" + made("", 60, URL), made("", 43, URL)))


def pem(kind: str = "RSA ", lines: int = 6) -> str:
    """A private key."""
    body = "\n".join(made("", 64, WORD + "+/", seed=line) for line in range(lines))
    edge = "-----{} " + kind + "PRIVATE" + " KEY-----"
    return f"{edge.format('BEGIN')}\n{body}\n{made('', 30)}==\n{edge.format('END')}"


SHAPED: dict[str, str] = {
    "openai": made("sk-", 48),
    "openai with mark": made("sk-", 20, suffix="T3BlbkFJ" + made("", 20)),
    "openai project": made("sk-proj-", 148, URL),
    "openai service account": made("sk-svcacct-", 120, URL),
    "openai admin": made("sk-admin-", 60, URL),
    "openai letters only": "sk-" + "abcdefghijklmnopqrstuvwx",
    "openai-like, dashed": "sk-" + "test-1234567890abcdef-xyz",
    "deepseek": made("sk-", 32, HEX),
    "anthropic": made("sk-ant-api03-", 93, URL, "AA"),
    "anthropic admin": made("sk-ant-admin01-", 80, URL),
    "anthropic oauth": made("sk-ant-oat01-", 80, URL),
    "openrouter": made("sk-or-v1-", 64, HEX),
    "langfuse": "sk-lf-" + "a7f3c2d1-9b8e-4f6a-8c7d-1e2f3a4b5c6d",
    "groq": made("gsk_", 52),
    "xai": made("xai-", 80),
    "perplexity": made("pplx-", 48),
    "cerebras": made("csk-", 48, LOWER),
    "together": made("tgp_v1_", 43, URL),
    "fireworks": made("fw_", 24),
    "replicate": made("r8_", 37),
    "nvidia": made("nvapi-", 64, URL),
    "huggingface": made("hf_", 34),
    "langsmith": made("lsv2_pt_", 32, HEX, "_" + made("", 10, HEX)),
    "pinecone": made("pcsk_", 60),
    "tavily": made("tvly-", 32),
    "databricks": made("dapi", 32, HEX),
    "google": made("AIza", 35, URL[:-2] + "_"),
    "google oauth": made("ya29.", 120, URL),
    "google client secret": made("GOCSPX-", 28, URL),
    "aws key id": made("AKIA", 16, UPPER),
    "aws session key id": made("ASIA", 16, UPPER),
    "aws bedrock": made("ABSK", 128, WORD + "+/"),
    "github": made("ghp_", 36),
    "github app": made("ghs_", 36),
    "github fine-grained": made("github_pat_", 82, WORD + "_"),
    "gitlab": made("glpat-", 20, URL),
    "slack bot": "xoxb-" + "123456789012-1234567890123-" + made("", 24),
    "slack webhook": "hooks.slack.com/services/"
    + made("T", 10, UPPER)
    + "/"
    + made("B", 10, UPPER)
    + "/"
    + made("", 24),
    "stripe": made("sk_live_", 24),
    "stripe restricted": made("rk_live_", 24),
    "sendgrid": made("SG.", 22, URL) + "." + made("", 43, URL),
    "npm": made("npm_", 36),
    "pypi": made("pypi-AgE", 150, URL),
    "shopify": made("shpat_", 32, HEX),
    "digitalocean": made("dop_v1_", 64, HEX),
    "vault": made("hvs.", 90, URL),
    "age": made("AGE-SECRET-KEY-1", 58, UPPER),
    "jwt": jwt(),
    "organization": made("org-", 24),
    "project": made("proj_", 24),
    "private key": pem(),
    "private key, PKCS 8": pem(""),
    "private key, EC": pem("EC ", 2),
    "private key, OpenSSH": pem("OPENSSH ", 20),
}


def _json(content: str, ascii_only: bool = False) -> str:
    body = {"model": "gpt-5", "messages": [{"role": "user", "content": content}], "temperature": 0.5}
    return json.dumps(body, ensure_ascii=ascii_only, separators=(",", ":"))


def _arguments(content: str) -> str:
    call = {"type": "function", "function": {"name": "run", "arguments": json.dumps({"text": content})}}
    return json.dumps({"choices": [{"message": {"content": None, "tool_calls": [call]}}]})


PLACES: dict[str, Callable[[str], str]] = {
    "alone": lambda secret: secret,
    "prompt": lambda secret: f"My key is {secret}, keep it to yourself.",
    "end of a sentence": lambda secret: f"The key is {secret}.",
    "on its own line": lambda secret: f"Here:\n{secret}\nThanks",
    "after a tab": lambda secret: f"key\t{secret}\tend",
    "markdown": lambda secret: f"Use `{secret}` or **{secret}**",
    "assignment": lambda secret: f"export THE_KEY={secret}",
    "parentheses": lambda secret: f"({secret})",
    "url": lambda secret: f"https://example.org/?q={secret}&page=2",
    "repr": lambda secret: f"{{'it': {secret!r}}}",
    "json": lambda secret: _json(f"use {secret} now"),
    "json, after a line end": lambda secret: _json(f"key:\n{secret}\nend"),
    "json, after a tab": lambda secret: _json(f"key:\t{secret}\tend"),
    "json, after an escape": lambda secret: _json(f"\u201c{secret}\u201d", ascii_only=True),
    "json, quoted": lambda secret: _json(f'say "{secret}"'),
    "tool arguments": lambda secret: _arguments(f"echo {secret}"),
    "tool arguments, after a line end": lambda secret: _arguments(f"a\n{secret}\nb"),
    "tool arguments, quoted": lambda secret: _arguments(f'"{secret}"'),
    "nested thrice": lambda secret: _json(_arguments(_arguments(f"a\n{secret}"))),
    "provider error": lambda secret: json.dumps(
        {"error": {"message": f"Rate limit reached for gpt-5 in organization {secret} on tokens per min."}}
    ),
}


def scrubbed_everywhere(secret: str, scrubber: Scrubber) -> Iterator[tuple[str, str, str]]:
    """Name, text before and text after scrubbing, for each place."""
    for name, place in PLACES.items():
        text = place(secret)
        yield name, text, scrubber.text(text)
