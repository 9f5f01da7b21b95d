"""Azure, Bedrock and Vertex: recorded with credentials, replayed with none."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable
from typing import Any

from tests.sdk.kit import AWS_SECRET, Kit, acollect, attempt, collect, each, scenario
from tests.sdk.scenarios.inputs import ANTHROPIC_TOOL, CHAT, MESSAGE
from trace_ops.double import Status, StreamError

BEDROCK = MESSAGE | {"model": "anthropic.claude-3-5-haiku-20241022-v1:0"}


def _provider(kit: Kit) -> Any:
    def token() -> str:
        kit.live_only.append("azure token")
        return "eyJ0eXAi.Tr4ceOpsAzureToken.signature"

    return token


def _async_provider(kit: Kit) -> Any:
    async def token() -> str:
        kit.live_only.append("azure token")
        return "eyJ0eXAi.Tr4ceOpsAzureToken.signature"

    return token


@each("azure")
def azure_chat(client: Any) -> Any:
    return client.chat.completions.create(**CHAT)


@each("azure")
def azure_stream(client: Any) -> Any:
    return client.chat.completions.create(**CHAT, stream=True, stream_options={"include_usage": True})


@each("azure", faults=[Status(429, headers={"retry-after": "3"})])
def azure_rate_limit(client: Any) -> Any:
    return client.chat.completions.create(**CHAT)


@scenario(needs=["azure"])
def azure_with_token_provider(kit: Kit) -> Any:
    client = kit.azure(azure_ad_token_provider=_provider(kit))
    return [
        client.chat.completions.create(**CHAT),
        collect(client.chat.completions.create(**CHAT, stream=True)),
    ]


@scenario(needs=["async_azure"])
async def async_azure_with_token_provider(kit: Kit) -> Any:
    client = kit.async_azure(azure_ad_token_provider=_async_provider(kit))
    stream = await client.chat.completions.create(**CHAT, stream=True)
    return [await client.chat.completions.create(**CHAT), await acollect(stream)]


@scenario(needs=["azure"])
def azure_with_deployment(kit: Kit) -> Any:
    client = kit.azure(azure_deployment="my-deployment")
    return [client.chat.completions.create(**CHAT), client.embeddings.create(model="e", input="Paris")]


@scenario(needs=["openai"])
def azure_v1_with_the_plain_client(kit: Kit) -> Any:
    return kit.openai(base_url=f"{kit.url}/openai/v1/").chat.completions.create(**CHAT)


def _no_callable_keys() -> str | None:
    import openai

    kind = str(inspect.signature(openai.OpenAI.__init__).parameters["api_key"].annotation)
    return None if "Callable" in kind else "this openai takes no function for api_key"


@scenario(needs=["openai"], unless=_no_callable_keys)
def api_key_from_a_function(kit: Kit) -> Any:
    client = kit.openai(api_key=_provider(kit))
    return [client.chat.completions.create(**CHAT), client.chat.completions.create(**CHAT)]


@scenario(needs=["async_openai"], unless=_no_callable_keys)
async def async_api_key_from_a_function(kit: Kit) -> Any:
    return await kit.async_openai(api_key=_async_provider(kit)).chat.completions.create(**CHAT)


def _no_botocore() -> str | None:
    return None if importlib.util.find_spec("botocore") else "botocore is not installed"


def _no_google_auth() -> str | None:
    try:
        import google.auth  # noqa: F401
    except ImportError:
        return "google-auth is not installed"
    return None


@each("bedrock", unless=_no_botocore)
def bedrock_message(client: Any) -> Any:
    return client.messages.create(**BEDROCK)


@each("bedrock", unless=_no_botocore)
def bedrock_stream(client: Any) -> Any:
    return client.messages.create(**BEDROCK, tools=[ANTHROPIC_TOOL], stream=True)


@each("bedrock", unless=_no_botocore, faults=[Status(429)])
def bedrock_throttled(client: Any) -> Any:
    return client.messages.create(**BEDROCK)


@each("bedrock", unless=_no_botocore, faults=[StreamError(after=4)])
def bedrock_stream_fails(client: Any) -> Any:
    return client.messages.create(**BEDROCK, stream=True)


@scenario(needs=["bedrock.messages.stream"], unless=_no_botocore)
def bedrock_stream_helper(kit: Kit) -> Any:
    with kit.bedrock().messages.stream(**BEDROCK) as stream:
        return [list(stream.text_stream), stream.get_final_message()]


@each("vertex", unless=_no_google_auth)
def vertex_message(client: Any) -> Any:
    return client.messages.create(**MESSAGE)


@each("vertex", unless=_no_google_auth)
def vertex_stream(client: Any) -> Any:
    return client.messages.create(**MESSAGE, stream=True)


@each("vertex", "messages.count_tokens", unless=_no_google_auth)
def vertex_count_tokens(client: Any) -> Any:
    return client.messages.count_tokens(model="claude-sonnet-5-5", messages=MESSAGE["messages"])


@scenario(needs=["vertex"], unless=_no_google_auth, faults=[Status(403)])
def vertex_forbidden(kit: Kit) -> Any:
    return attempt(lambda: kit.vertex().messages.create(**MESSAGE))


def _offers(module: str, name: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        found = hasattr(importlib.import_module(module), name)
        return None if found else f"this {module} has no {name}"

    return missing


def _both_ways(name: str, options: Callable[[Kit, Any], dict[str, Any]]) -> None:
    """Enter a cloud client of anthropic, sync and async; ``options`` get a callback that gives a token."""

    @scenario(name, unless=_offers("anthropic", name), needs=["anthropic"])
    def sync(kit: Kit) -> Any:
        client = kit.made_of("anthropic", name, **options(kit, _provider(kit)))
        return [client.messages.create(**MESSAGE), collect(client.messages.create(**MESSAGE, stream=True))]

    @scenario(f"Async{name}", unless=_offers("anthropic", name), needs=["async_anthropic"])
    async def asynchronous(kit: Kit) -> Any:
        client = kit.made_of("anthropic", f"Async{name}", **options(kit, _async_provider(kit)))
        stream = await client.messages.create(**MESSAGE, stream=True)
        return [await client.messages.create(**MESSAGE), await acollect(stream)]


def _aws(kit: Kit, _token: Any) -> dict[str, Any]:
    live = {"aws_access_key": "AKIAIOSFODNN7EXAMPLE", "aws_secret_key": AWS_SECRET}
    return {"base_url": kit.url, "aws_region": "us-east-1"} | ({} if kit.replaying else live)


_both_ways("AnthropicFoundry", lambda kit, token: {"base_url": kit.url, "azure_ad_token_provider": token})
_both_ways("AnthropicAWS", lambda kit, token: _aws(kit, token) | {"workspace_id": "wrkspc_1"})
_both_ways("AnthropicBedrockMantle", _aws)
_both_ways(
    "AnthropicGoogleCloud",
    lambda kit, token: {
        "base_url": kit.url,
        "project": "a-project",
        "workspace_id": "wrkspc_1",
        "token_provider": token,
    },
)


@scenario(needs=["openai"], unless=_offers("openai", "BedrockOpenAI"))
def bedrock_openai_with_token_provider(kit: Kit) -> Any:
    options = {"bedrock_token_provider": _provider(kit), "aws_region": "us-east-1"}
    client = kit.made_of("openai", "BedrockOpenAI", base_url=f"{kit.url}/openai/v1", **options)
    return [
        client.chat.completions.create(**CHAT),
        collect(client.chat.completions.create(**CHAT, stream=True)),
    ]


def _no_credentials() -> str | None:
    import anthropic

    known = "credentials" in inspect.signature(anthropic.Anthropic.__init__).parameters
    return None if known else "this anthropic takes no credentials"


@scenario(needs=["anthropic"], unless=_no_credentials)
def anthropic_credentials_provider(kit: Kit) -> Any:
    from anthropic.lib.credentials import AccessToken

    def token(**_: Any) -> Any:
        kit.live_only.append("access token")
        return AccessToken(token="sk-ant-oat01-Tr4ceOpsToken", expires_at=None)

    return kit.made_of("anthropic", "Anthropic", base_url=kit.url, credentials=token).messages.create(
        **MESSAGE
    )
