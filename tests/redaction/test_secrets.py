"""No secret of any kind comes through in any place."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, quote_plus

import pytest

from tests.redaction.kit import HEX, PLACES, SHAPED, URL, WORD, jwt, leaks, made, pem
from trace_ops.redaction import Scrubber, placeholders


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber({})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", SHAPED)
def test_a_key_is_known_by_its_shape_wherever_it_stands(scrubber: Scrubber, kind: str, place: str) -> None:
    secret, text = SHAPED[kind], PLACES[place](SHAPED[kind])

    scrubbed = scrubber.text(text)

    assert leaks(secret, scrubbed) == []
    assert placeholders(scrubbed)
    assert scrubber.text(scrubbed) is scrubbed
    if text.startswith('{"'):
        assert shape(json.loads(scrubbed)) == shape(json.loads(text))


@pytest.mark.parametrize("kind", SHAPED)
def test_a_key_gives_the_same_placeholder_in_every_place(kind: str) -> None:
    found = {
        name for place in PLACES.values() for name in placeholders(Scrubber({}).text(place(SHAPED[kind])))
    }

    assert len(found) == 1


def test_two_keys_never_give_the_same_placeholder() -> None:
    scrubber = Scrubber({})

    found = [scrubber.text(secret) for secret in SHAPED.values()]

    assert len(set(found)) == len(SHAPED)


@pytest.mark.parametrize("kind", SHAPED)
def test_a_key_cut_over_deltas_is_found_wherever_it_is_cut(scrubber: Scrubber, kind: str) -> None:
    secret = SHAPED[kind]
    text = f"Your key is {secret} I think."

    for at in range(len(text)):
        scrubbed = scrubber.parts([text[:at], text[at:]])

        assert len(scrubbed) == 2
        assert leaks(secret, "".join(scrubbed)) == []


PASSWORD = "hunter2-" + "Qz9!x"
TOKEN = made("", 40, URL)

CONTEXT: dict[str, tuple[str, str]] = {
    "password field": (PASSWORD, json.dumps({"password": PASSWORD})),
    "spaced": (PASSWORD, json.dumps({"user": "bob", "password": PASSWORD}, indent=2)),
    "with words before": (PASSWORD, json.dumps({"db_password": PASSWORD})),
    "camel case": (PASSWORD, json.dumps({"dbPassword": PASSWORD})),
    "short password": ("pw12", json.dumps({"password": "pw12"})),
    "password of words": (
        "correct horse battery staple",
        json.dumps({"password": "correct horse battery staple"}),
    ),
    "password with quotes": ('p"w\\1', json.dumps({"password": 'p"w\\1'})),
    "api key": (TOKEN, json.dumps({"api_key": TOKEN})),
    "short api key": ("abc123def", json.dumps({"api_key": "abc123def"})),
    "apiKey": (TOKEN, json.dumps({"apiKey": TOKEN})),
    "x-api-key": (TOKEN, json.dumps({"headers": {"X-Api-Key": TOKEN}})),
    "client secret": (TOKEN, json.dumps({"client_secret": TOKEN})),
    "azure client secret": ("abC8Q~" + TOKEN, json.dumps({"client_secret": "abC8Q~" + TOKEN})),
    "access token": (TOKEN, json.dumps({"access_token": TOKEN})),
    "refresh token": (TOKEN, json.dumps({"refreshToken": TOKEN})),
    "in tool arguments": (PASSWORD, json.dumps({"arguments": json.dumps({"password": PASSWORD})})),
    "in nested arguments": (
        'pa"ss1',
        json.dumps({"arguments": json.dumps({"body": json.dumps({"password": 'pa"ss1'})})}),
    ),
    "in a repr": (PASSWORD, f"called with {{'password': '{PASSWORD}'}}"),
    "bearer": (TOKEN, f"curl -H 'Authorization: Bearer {TOKEN}' https://example.org"),
    "bearer in json": (TOKEN, json.dumps({"headers": {"Authorization": f"Bearer {TOKEN}"}})),
    "basic": (
        base64.b64encode(f"bob:{PASSWORD}".encode()).decode(),
        f"Authorization: Basic {base64.b64encode(f'bob:{PASSWORD}'.encode()).decode()}",
    ),
    "url password": (PASSWORD, f"connect to postgres://bob:{PASSWORD}@db.example.org:5432/app"),
    "url password, no user": (PASSWORD, f"redis://:{PASSWORD}@cache:6379/0"),
    "url password, escaped slashes": (PASSWORD, f'{{"url":"postgres:\\/\\/bob:{PASSWORD}@db\\/app"}}'),
    "dotenv": (PASSWORD, f"DEBUG=1\nDB_PASSWORD={PASSWORD}\nPORT=80"),
    "dotenv in json": (TOKEN, json.dumps({"content": f"$ cat .env\nSESSION_TOKEN={TOKEN}\n"})),
    "dotenv, quoted": (TOKEN, f'export SERVICE_API_KEY="{TOKEN}"'),
    "query key": (TOKEN, f"GET https://example.org/v1?key={TOKEN}&alt=json"),
    "signed url": (made("", 64, HEX), f"https://x.example.org/a?X-Amz-Signature={made('', 64, HEX)}"),
    "shared access signature": (
        made("", 40) + "%3D",
        f"https://x.blob.example.net/a.png?se=2026-01-01&sig={made('', 40)}%3D",
    ),
    "aws secret beside its id": (
        made("", 40, WORD + "+/"),
        f"aws_access_key_id = {SHAPED['aws key id']}\naws_secret_access_key = {made('', 40, WORD + '+/')}",
    ),
    "refused key": (TOKEN, f"Incorrect API key provided: {TOKEN}. You can find your key"),
    "masked key": ("sk-abc***xyz", "Incorrect API key provided: sk-abc***xyz. You can find"),
    "masked project key": (
        "sk-proj-" + "*" * 20 + "Wx9z",
        json.dumps({"error": {"message": f"Incorrect API key provided: sk-proj-{'*' * 20}Wx9z."}}),
    ),
    "organization by uuid": (
        "5ba6d482-b475-4c66-8cd2-5815694764e3",
        "would exceed the rate limit of your organization (5ba6d482-b475-4c66-8cd2-5815694764e3)",
    ),
    "private key cut short": (pem(lines=9)[:400], f"it begins {pem(lines=9)[:400]}"),
    "private key in base64": (
        base64.b64encode(pem().encode()).decode(),
        f"tls.key: {base64.b64encode(pem().encode()).decode()}",
    ),
}


@pytest.mark.parametrize("case", CONTEXT)
def test_a_secret_is_known_by_what_stands_around_it(scrubber: Scrubber, case: str) -> None:
    secret, text = CONTEXT[case]

    scrubbed = scrubber.text(text)

    assert leaks(secret, scrubbed) == []
    assert scrubber.text(scrubbed) is scrubbed
    if text.startswith('{"'):
        assert shape(json.loads(scrubbed)) == shape(json.loads(text))


def test_the_same_password_gives_the_same_placeholder_in_every_context(scrubber: Scrubber) -> None:
    texts = [
        json.dumps({"password": PASSWORD}),
        json.dumps({"arguments": json.dumps({"client_secret": PASSWORD})}),
        f"postgres://bob:{PASSWORD}@db/app",
        f"DB_PASSWORD={PASSWORD}",
        f"{{'passwd': '{PASSWORD}'}}",
    ]

    found = {name for text in texts for name in placeholders(scrubber.text(text))}

    assert len(found) == 1


def test_a_key_under_a_secret_name_is_still_named_by_its_shape(scrubber: Scrubber) -> None:
    alone = scrubber.text(SHAPED["openai"])

    assert json.loads(scrubber.text(json.dumps({"api_key": SHAPED["openai"]}))) == {"api_key": alone}
    assert scrubber.text(f"Bearer {SHAPED['openai']}") == f"Bearer {alone}"


VALUES = {
    "plain": "hunter2hunter2",
    "quotes": 'pa"ss\'wo"rd1',
    "backslashes": "pa\\ss\\\\word1",
    "line ends": "line one\nline two\r\n3",
    "slashes": "a/b+c=d/e9==",
    "markup": '<b>&"secret"</b>1',
    "umlauts": "pässwört-größe1",
    "other planes": "key-\U0001f511-\u5bc6\u7801-1",
    "percent": "100%sure+or not",
    "long": made("", 80, WORD + "+/="),
    "of digits": "4815162342",
    "of letters": "qwertzuiop",
    "at sign": "p@ss:w0rd#1",
    "shaped": SHAPED["openai project"],
}

FORMS = {
    "raw": lambda value: value,
    "json": lambda value: json.dumps({"a": f"x {value} y"}, ensure_ascii=False),
    "json, ascii": lambda value: json.dumps({"a": f"x {value} y"}),
    "json twice": lambda value: json.dumps({"a": json.dumps({"b": value})}),
    "json thrice": lambda value: json.dumps({"a": json.dumps({"b": json.dumps([value])})}),
    "json, slashes escaped": lambda value: json.dumps({"a": value}).replace("/", "\\/"),
    "json, safe for html": lambda value: (
        json.dumps({"a": value}).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    ),
    "url": lambda value: f"https://x.example.org/?q={quote(value, safe='')}",
    "url, plus": lambda value: f"q={quote_plus(value)}&b=1",
    "url, lower": lambda value: re.sub("%..", lambda hit: hit[0].lower(), quote(value, safe="")),
    "base64": lambda value: f"it is {base64.b64encode(value.encode()).decode()}",
    "base64, url-safe": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "base64 of more": lambda value: base64.b64encode(f"user:{value}, and more".encode()).decode(),
    "base64 of still more": lambda value: base64.b64encode(f"users:{value}, and more".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", VALUES)
def test_the_value_of_a_secret_variable_is_found_in_every_form(kind: str, form: str) -> None:
    value = VALUES[kind]
    scrubber = Scrubber.from_environment({"DB_PASSWORD": value, "EDITOR": "vi"})
    text = FORMS[form](value)

    scrubbed = scrubber.text(text)

    assert "<env:DB_PASSWORD" in scrubbed
    assert leaks(value, scrubbed) == []
    assert leaks(json.dumps(value)[1:-1], scrubbed) == []
    assert scrubber.text(scrubbed) is scrubbed
    if text.startswith('{"'):
        assert shape(json.loads(scrubbed)) == shape(json.loads(text))


def test_a_form_of_a_value_is_another_text_than_the_value() -> None:
    """Else two requests that differ would be taken for one."""
    scrubber = Scrubber.from_environment({"DB_PASSWORD": "hunter2hunter2"})

    assert scrubber.text("hunter2hunter2") == "<env:DB_PASSWORD>"
    assert scrubber.text(base64.b64encode(b"hunter2hunter2").decode()) == "<env:DB_PASSWORD.base64>="


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("OPENAI_API_KEY", True),
        ("DB_PASSWORD", True),
        ("db_password", True),
        ("GITHUB_TOKEN", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("AWS_ACCESS_KEY_ID", True),
        ("PGPASSWORD", True),
        ("HFTOKEN", True),
        ("MY_CREDENTIALS", True),
        ("SLACK_WEBHOOK_URL", True),
        ("BASIC_AUTH", True),
        ("PWD", False),
        ("OLDPWD", False),
        ("TOKENIZERS_PARALLELISM", False),
        ("MAX_TOKENS", False),
        ("SSH_AUTH_SOCK", False),
        ("SSL_KEY_FILE", False),
        ("TOKEN_URL", False),
        ("API_KEY_NAME", False),
        ("KEYBOARD_LAYOUT", False),
        ("AUTHOR", False),
        ("PATH", False),
        ("GPG_TTY", False),
        ("MONKEY", False),
    ],
)
def test_variables_are_secret_by_their_names(name: str, is_secret: bool) -> None:
    scrubber = Scrubber.from_environment({name: "Zx81-spectrum"})

    assert ("Zx81" not in scrubber.text("my Zx81-spectrum")) is is_secret


@pytest.mark.parametrize(
    "value",
    [
        "short12",
        "postgres",
        "password",
        "changeme",
        "your-api-key-here",
        "xxxxxxxxxxxx",
        "/etc/ssl/private/key",
        "~/key.pem",
    ],
)
def test_values_that_are_no_secret_stay(value: str) -> None:
    scrubber = Scrubber.from_environment({"DB_PASSWORD": value})

    assert scrubber.text(f"it is {value} indeed") == f"it is {value} indeed"


def test_the_password_in_a_url_of_a_variable_is_secret_too() -> None:
    scrubber = Scrubber.from_environment({"DATABASE_URL": "postgres://bob:s3cr3t-pw@db/app"})

    assert scrubber.text("the password is s3cr3t-pw") == "the password is <env:DATABASE_URL>"


def test_values_of_letters_alone_are_whole_words() -> None:
    scrubber = Scrubber.from_environment({"DB_PASSWORD": "sunshine"})

    assert scrubber.text("sunshine and sunshines") == "<env:DB_PASSWORD> and sunshines"


def test_values_that_look_like_an_escape_do_not_break_json() -> None:
    scrubber = Scrubber.from_environment({"A_SECRET": "nabcdefgh1", "B_SECRET": "12345678"})
    text = json.dumps({"a": "x\nabcdefgh1 y", "n": 12345678, "s": "12345678"})

    scrubbed = json.loads(scrubber.text(text))

    assert scrubbed["n"] == 12345678
    assert scrubbed["s"] == "<env:B_SECRET>"


def test_further_patterns_can_be_given() -> None:
    scrubber = Scrubber.from_environment({}, extra=[r"cust-\d+", r"ticket (\w+)"])

    scrubbed = scrubber.text("cust-12 opened ticket ABC")

    assert "cust-12" not in scrubbed
    assert scrubbed.endswith("opened ticket " + placeholders(scrubbed)[1])


def shape(value: object) -> object:
    """A JSON value with its strings blanked."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "" if isinstance(value, str) else value


def test_jwts_differ() -> None:
    assert Scrubber({}).text(jwt(1)) != Scrubber({}).text(jwt(2))
