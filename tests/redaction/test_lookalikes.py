"""What merely looks like a secret stays, to the object."""

from __future__ import annotations

import base64
import json

import pytest

from tests.redaction.kit import HEX, URL, WORD, made
from trace_ops.redaction import Scrubber

TEXTS = {
    "words": "The task-force asked the risk-assessment-committee at its desk-side-meeting-of-2024.",
    "packages": "pip install sk-learn scikit-learn sk-learn-contrib-extensions sk-video2 sk-dist",
    "locale": "sk-SK and sk-Latn-SK-x-private-use",
    "model names": "gpt-5-2025-08-07 claude-sonnet-4-5-20250929 us.anthropic.claude-3-5-sonnet-20241022-v2:0 "
    "text-embedding-3-small-and-more ft:gpt-4o-mini-2024-07-18:acme-corporation::A1b2C3d4",
    "uuids": "5ba6d482-b475-4c66-8cd2-5815694764e3 and 019A72BE-2B3C-7D4E-8F90-A1B2C3D4E5F6",
    "tool ids": f"{made('call_', 24)} {made('toolu_', 24)} {made('toolu_bdrk_', 24)} {made('srvtoolu_', 24)}",
    "answer ids": f"{made('chatcmpl-', 29)} {made('msg_', 24)} {made('resp_', 48, HEX)} gen-1763-x7",
    "item ids": f"{made('rs_', 48, HEX)} {made('fc_', 48, HEX)} {made('file-', 24)} {made('asst_', 24)}",
    "request ids": f"{made('req_', 24)} {made('req_', 32, HEX)} 9a0b1c2d3e4f5a6b-FRA",
    "sums": f"sha256:{made('', 64, HEX)} {made('', 40, HEX)} sha512-{made('', 86, WORD + '+/')}==",
    "fingerprints": "fp_a1b2c3d4e5f6 system_fingerprint",
    "image": "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 40).decode(),
    "signature": json.dumps({"type": "thinking", "signature": made("EqQB", 400, WORD + "+/") + "=="}),
    "encrypted reasoning": json.dumps({"encrypted_content": made("gAAAAAB", 800, URL) + "=="}),
    "urls": "https://user@example.org/path?page=2&sort=name http://[::1]:8080/a:b@c see me@example.org:",
    "times": "12:30:45@home and scp a:b user@host:path",
    "schema": json.dumps(
        {
            "properties": {
                "password": {"type": "string", "description": "The password of the account"},
                "api_key": {"type": "string"},
                "max_tokens": {"type": "integer"},
            },
            "required": ["password", "api_key", "username"],
        }
    ),
    "fields without a secret": json.dumps(
        {
            "password": "",
            "api_key": None,
            "secret": "string",
            "token": "hello",
            "tokens": ["a"],
            "max_tokens": "5",
        }
    ),
    "stand-ins": json.dumps({"api_key": "your-api-key-here", "password": "********", "secret": "<secret>"}),
    "references": json.dumps({"api_key": "${API_KEY}", "password": "{{ password }}", "token": "$TOKEN"}),
    "puzzle": json.dumps({"name": "open_door", "input": {"passphrase": "portal", "password": "mellon"}}),
    "logprobs": json.dumps({"logprobs": {"content": [{"token": "hello", "bytes": [104, 101]}]}}),
    "prose of keys": "The bearer has basic knowledge. Authorization: required. Bearer authentication.",
    "code": 'key = os.environ["OPENAI_API_KEY"]\nAPI_KEY=os.getenv("X")\nPASSWORD=$SECRET\nTOKEN = get()',
    "pages": json.dumps({"next_page_token": made("", 40, URL), "nextPageToken": made("", 40, URL)}),
    "certificate": "-----BEGIN CERTIFICATE-----\n" + made("", 64) + "\n-----END CERTIFICATE-----",
    "talk of private keys": "A file with -----BEGIN PRIVATE KEY----- is a private key, never commit it.",
    "masked": "Incorrect API key provided: bad-key-**********test. You can find your API key at example.org.",
    "organizations": "a cross-org-initiative of org-wide-scope and org-mode-for-emacs users, non-proj_x",
    "escapes": json.dumps("\n\t\u2028\U0001f600" * 50),
    "dotted": "com.example.application.internal.service.v2.AbstractSingletonProxyFactoryBean9",
    "paths": "/usr/lib/python3.12/site-packages/pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so",
    "placeholders": "<env:DB_PASSWORD> <openai-key:0123456789ab> <secret:0123456789ab>",
    "aws documentation": "AKIAIOSFODNN7 is short; arn:aws:iam::123456789012:role/my-very-long-name",
    "empty": "",
}


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_returned_itself(name: str) -> None:
    text = TEXTS[name]

    assert Scrubber({}).text(text) is text


@pytest.mark.parametrize("name", TEXTS)
def test_it_stays_within_json(name: str) -> None:
    text = json.dumps({"messages": [{"role": "user", "content": TEXTS[name]}]})

    assert Scrubber({}).text(text) is text


@pytest.mark.parametrize("data", [b"", b"\x00\xff\xfe" * 100, "grüße".encode("latin-1"), b'{"a": 1}'])
def test_bytes_are_returned_themselves(data: bytes) -> None:
    assert Scrubber({}).bytes(data) is data
