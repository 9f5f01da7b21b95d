"""No secret in any file that is written, and what was scrubbed still replays."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import openai
import pytest

from trace_ops import Recorder, Replayer, load_cassette
from trace_ops.double import ProviderDouble, Status, ToolUse, Turn

OPENAI_KEY = "sk-proj-" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz" * 2
AWS_KEY = "AKIA" + "Z7Q2W9E4R6T1Y8U3"
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (
        b'{"alg":"HS256","typ":"JWT"}',
        b'{"sub":"1234567890","name":"Jo"}',
        b"s1gnature-s1gnature-s1gn",
    )
)
KEY_LINES = ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "q7Zk2mX9vT4bN8wL")
PEM = "\n".join(["-----BEGIN PRIVATE KEY-----", *KEY_LINES, "-----END PRIVATE KEY-----"])
PASSWORD = "correct-horse-battery"
ORGANIZATION = "org-" + "k2J9xQ4mT7vB1nL8sW3zY6dF"

SECRETS = [
    OPENAI_KEY,
    AWS_KEY,
    JWT,
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
    PASSWORD,
    ORGANIZATION,
    "test-client-key",
]


def written(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


@pytest.fixture
def secretive(double: ProviderDouble, monkeypatch: pytest.MonkeyPatch) -> openai.OpenAI:
    monkeypatch.setenv("DATABASE_PASSWORD", PASSWORD)
    return openai.OpenAI(
        base_url=double.openai_url, api_key="test-client-key", max_retries=0, organization=ORGANIZATION
    )


def agent(client: openai.OpenAI, double: ProviderDouble | None) -> list[object]:
    """Secrets in prompt, tool arguments, a streamed answer and a provider's error."""
    if double is not None:
        call = ToolUse("login", {"api_key": OPENAI_KEY, "jwt": JWT, "password": PASSWORD})
        double.script(Turn(calls=(call,)), Turn(text=f"Your key is {OPENAI_KEY} and it is fine."))
        refusal = Status(
            401, f"Incorrect API key provided: {OPENAI_KEY}. Organization {ORGANIZATION} says no."
        )
        double.fail(None, None, refusal)
    prompt = f"Use {OPENAI_KEY}, {AWS_KEY}, {JWT}, {PASSWORD} and\n{PEM}"
    messages = [{"role": "user", "content": prompt}]
    asked = client.chat.completions.create(model="gpt-5-mini", messages=messages)  # type: ignore[arg-type]
    said = client.chat.completions.create(
        model="gpt-5-mini",
        messages=[{"role": "user", "content": "say it"}],
        stream=True,
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in said if chunk.choices)
    with pytest.raises(openai.AuthenticationError) as raised:
        client.embeddings.create(model="text-embedding-3-small", input="x")
    tools = asked.choices[0].message.tool_calls or []
    arguments = [json.loads(tool.function.arguments) for tool in tools if tool.type == "function"]
    return [arguments, text, raised.value.status_code]


def test_neither_cassette_nor_journal_holds_a_secret_and_both_replay(
    path: Path, secretive: openai.OpenAI, double: ProviderDouble
) -> None:
    with Recorder(path, name=f"run of {OPENAI_KEY}", tags=[JWT], metadata={"password": PASSWORD}) as rec:
        live = agent(secretive, double)
        journals = written(path.parent)
        rec.record_tool_call("connect", {"dsn": f"postgres://me:{PASSWORD}@db/x"}, {"key": OPENAI_KEY})
    assert live[1] == f"Your key is {OPENAI_KEY} and it is fine."
    assert any(name.endswith(".journal") for name in journals)
    for name, kept in {**journals, **written(path.parent)}.items():
        for secret in SECRETS:
            assert secret not in kept, (name, secret)
            assert base64.b64encode(secret.encode()).decode() not in kept

    double.reset()
    with Replayer(path):
        arguments, text, status = agent(secretive, None)
    assert double.hits == 0
    assert status == 401
    assert str(text).startswith("Your key is <")
    assert list(arguments[0]) == ["api_key", "jwt", "password"]  # type: ignore[index]


def test_two_secrets_are_two_calls(path: Path, secretive: openai.OpenAI, double: ProviderDouble) -> None:
    other = OPENAI_KEY[::-1].replace("-jorp-ks", "")
    keys = [OPENAI_KEY, "sk-proj-" + other]

    def ask(key: str) -> str:
        messages = [{"role": "user", "content": key}]
        got = secretive.chat.completions.create(model="gpt-5-mini", messages=messages)  # type: ignore[arg-type]
        return got.id

    with Recorder(path):
        ids = [ask(key) for key in keys]
    with Replayer(path):
        assert [ask(key) for key in reversed(keys)] == ids[::-1]


def test_request_authentication_and_cookies_are_never_stored(
    path: Path, secretive: openai.OpenAI, double: ProviderDouble
) -> None:
    with Recorder(path):
        secretive.models.list()
    text = path.read_text().lower()
    for word in ("authorization", "bearer", "cookie", "test-client-key"):
        assert word not in text


def test_the_cassette_lists_what_was_scrubbed(
    path: Path, secretive: openai.OpenAI, double: ProviderDouble
) -> None:
    with Recorder(path):
        agent(secretive, double)
    text = path.read_text()
    assert "scrubbed:" in text
    assert "<env:DATABASE_PASSWORD>" in text
    assert load_cassette(path)
