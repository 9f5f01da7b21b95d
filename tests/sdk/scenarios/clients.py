"""Clients made at any time, with options, HTTP clients, hooks and middleware of one's own."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from tests.sdk.kit import Kit, acollect, attempt, collect, scenario
from tests.sdk.scenarios.inputs import CHAT, MESSAGE
from trace_ops.double import Status

AT_ONCE = {"retry-after-ms": "1", "retry-after": "0"}


def http_of(sdk: str) -> Any:
    """The HTTP library an SDK is built on."""
    client = importlib.import_module(f"{sdk}._base_client")
    return getattr(client, "httpx2", None) or client.httpx


def _explicit(kit: Kit, name: str, key: str, **options: Any) -> Any:
    return kit.client(name, api_key=key, **options)


@scenario(needs=["openai"], before=lambda kit: kit.openai(api_key="dummy"))
def openai_client_made_before(kit: Kit) -> Any:
    return [
        kit.made.chat.completions.create(**CHAT),
        collect(kit.made.chat.completions.create(**CHAT, stream=True)),
    ]


@scenario(needs=["async_openai"], before=lambda kit: kit.async_openai(api_key="dummy"))
async def async_openai_client_made_before(kit: Kit) -> Any:
    answer = await kit.made.chat.completions.create(**CHAT)
    return [answer, await acollect(await kit.made.chat.completions.create(**CHAT, stream=True))]


@scenario(needs=["anthropic"], before=lambda kit: kit.anthropic(api_key="dummy"))
def anthropic_client_made_before(kit: Kit) -> Any:
    return [kit.made.messages.create(**MESSAGE), collect(kit.made.messages.create(**MESSAGE, stream=True))]


def _used_before(kit: Kit) -> Any:
    # Warm: the connection pool, and the class of the HTTP client, were used before any recorder.
    client = kit.openai(api_key="dummy")
    if not kit.replaying:
        client.models.list()
    return client


@scenario(needs=["openai"], before=_used_before)
def openai_client_used_before(kit: Kit) -> Any:
    return kit.made.chat.completions.create(**CHAT)


@scenario(needs=["openai"], before=lambda kit: kit.openai(api_key="dummy").chat.completions.create)
def bound_method_taken_before(kit: Kit) -> Any:
    return kit.made(**CHAT)


@scenario(needs=["openai"], faults=[Status(429, headers=AT_ONCE), None])
def with_options(kit: Kit) -> Any:
    client = kit.openai()
    patient = client.with_options(max_retries=2, timeout=9)
    return [patient.chat.completions.with_raw_response.create(**CHAT), client.chat.completions.create(**CHAT)]


@scenario(needs=["async_anthropic"], faults=[Status(429, headers=AT_ONCE), None])
async def async_copy_with_headers(kit: Kit) -> Any:
    client = kit.async_anthropic().copy(max_retries=1, default_headers={"x-team": "blue"})
    return await client.messages.with_raw_response.create(**MESSAGE)


@scenario(needs=["openai"])
def client_as_context_manager(kit: Kit) -> Any:
    with kit.openai() as client:
        answer = client.chat.completions.create(**CHAT)
    return [answer, client.is_closed(), attempt(lambda: client.chat.completions.create(**CHAT))]


@scenario(needs=["openai"])
def strict_client(kit: Kit) -> Any:
    return attempt(lambda: kit.openai(_strict_response_validation=True).chat.completions.create(**CHAT))


@scenario(needs=["openai"])
def subclass_of_the_sdk_client(kit: Kit) -> Any:
    import openai

    class Traced(openai.OpenAI):
        def _prepare_options(self, options: Any) -> Any:
            kit.seen.append(options.url)
            return super()._prepare_options(options)

        def _prepare_request(self, request: Any) -> None:
            kit.seen.append(str(request.url))
            request.headers["x-traced"] = "1"

    with Traced(base_url=f"{kit.url}/v1", api_key="dummy", max_retries=0) as client:
        return client.chat.completions.with_raw_response.create(**CHAT)


def _answers(client: Any) -> Any:
    create = client.chat.completions.create
    return [
        create(**CHAT),
        collect(create(**CHAT, stream=True)),
        client.chat.completions.with_raw_response.create(**CHAT),
    ]


@scenario(needs=["openai"])
def own_http_client(kit: Kit) -> Any:
    with http_of("openai").Client(timeout=5, headers={"x-own": "1"}) as http:
        return _answers(kit.openai(http_client=http))


@scenario(needs=["anthropic"])
def own_http_client_anthropic(kit: Kit) -> Any:
    with http_of("anthropic").Client(timeout=5) as http:
        client = kit.anthropic(http_client=http)
        return [client.messages.create(**MESSAGE), collect(client.messages.create(**MESSAGE, stream=True))]


@scenario(needs=["async_openai"])
async def async_own_http_client(kit: Kit) -> Any:
    async with http_of("openai").AsyncClient(timeout=5) as http:
        client = kit.async_openai(http_client=http)
        answer = await client.chat.completions.create(**CHAT)
        return [answer, await acollect(await client.chat.completions.create(**CHAT, stream=True))]


@scenario(needs=["openai"])
def own_http_client_with_base_url_and_params(kit: Kit) -> Any:
    with http_of("openai").Client(params={"tag": "x"}, base_url="http://elsewhere.invalid") as http:
        return _answers(kit.openai(http_client=http))


def _no_legacy_httpx() -> str | None:
    if http_of("openai").__name__ == "httpx":
        return "this openai is built on httpx itself"
    return None if importlib.util.find_spec("httpx") else "httpx is not installed"


@scenario(needs=["openai"], unless=_no_legacy_httpx)
def legacy_httpx_client(kit: Kit) -> Any:
    httpx = importlib.import_module("httpx")
    with httpx.Client(timeout=5) as http:
        client = kit.openai(http_client=http)
        return [*_answers(client), attempt(lambda: client.models.retrieve("none"))]


@scenario(needs=["async_openai"], unless=_no_legacy_httpx)
async def async_legacy_httpx_client(kit: Kit) -> Any:
    httpx = importlib.import_module("httpx")
    async with httpx.AsyncClient(timeout=5) as http:
        client = kit.async_openai(http_client=http)
        answer = await client.chat.completions.create(**CHAT)
        return [answer, await acollect(await client.chat.completions.create(**CHAT, stream=True))]


@scenario(needs=["openai"])
def http_client_that_overrides_send(kit: Kit) -> Any:
    class Loud(http_of("openai").Client):  # type: ignore[misc]
        def send(self, request: Any, **options: Any) -> Any:
            kit.seen.append(("send", request.method, request.headers["content-length"]))
            request.headers["x-loud"] = "1"
            response = super().send(request, **options)
            kit.seen.append(("got", response.status_code))
            return response

    with Loud() as http:
        return _answers(kit.openai(http_client=http))


@scenario(needs=["async_anthropic"])
async def async_http_client_that_overrides_send(kit: Kit) -> Any:
    class Loud(http_of("anthropic").AsyncClient):  # type: ignore[misc]
        async def send(self, request: Any, *args: Any, **options: Any) -> Any:
            kit.seen.append(("send", request.method))
            response = await super().send(request, *args, **options)
            kit.seen.append(("got", response.status_code))
            return response

    async with Loud() as http:
        client = kit.async_anthropic(http_client=http)
        return [
            await client.messages.create(**MESSAGE),
            await acollect(await client.messages.create(**MESSAGE, stream=True)),
        ]


@scenario(needs=["openai"])
def event_hooks(kit: Kit) -> Any:
    def on_request(request: Any) -> None:
        kit.seen.append(("request", request.method, str(request.url)))
        request.headers["x-hooked"] = "1"

    def on_response(response: Any) -> None:
        kit.seen.append(
            ("response", response.status_code, response.is_closed, response.headers["content-type"])
        )

    with http_of("openai").Client(event_hooks={"request": [on_request], "response": [on_response]}) as http:
        return _answers(kit.openai(http_client=http))


@scenario(needs=["async_openai"])
async def async_event_hooks(kit: Kit) -> Any:
    async def on_response(response: Any) -> None:
        await response.aread()
        kit.seen.append(("response", response.status_code, response.text))

    async with http_of("openai").AsyncClient(event_hooks={"response": [on_response]}) as http:
        return await kit.async_openai(http_client=http).chat.completions.create(**CHAT)


@scenario(needs=["openai"])
def own_transport(kit: Kit) -> Any:
    http = http_of("openai")

    def answer(request: Any) -> Any:
        kit.live_only.append("transport")
        return http.Response(200, json={"id": "made-up", "object": "chat.completion", "choices": []})

    with http.Client(transport=http.MockTransport(answer)) as client:
        return kit.openai(http_client=client).chat.completions.create(**CHAT)


@scenario(needs=["openai"])
def http_client_with_auth(kit: Kit) -> Any:
    class Signed(http_of("openai").Auth):  # type: ignore[misc]
        requires_response_body = True

        def auth_flow(self, request: Any) -> Any:
            request.headers["x-signature"] = "signed"
            yield request

    with http_of("openai").Client(auth=Signed()) as http:
        return kit.openai(http_client=http).chat.completions.create(**CHAT)


def _no_middleware() -> str | None:
    import anthropic

    return None if hasattr(anthropic, "Middleware") else "this anthropic has no middleware"


def _middleware(kit: Kit) -> Any:
    import anthropic

    class Counting(anthropic.Middleware):  # type: ignore[name-defined, misc]
        def handle(self, request: Any, call_next: Any) -> Any:
            kit.seen.append(("request", request.method))
            response = call_next(request)
            kit.seen.append(("response", response.status_code, response.headers.get("request-id")))
            return response

        async def handle_async(self, request: Any, call_next: Any) -> Any:
            kit.seen.append(("request", request.method))
            response = await call_next(request)
            kit.seen.append(("response", response.status_code, response.headers.get("request-id")))
            return response

    return Counting()


@scenario(needs=["anthropic"], unless=_no_middleware, faults=[None, Status(529, headers=AT_ONCE)])
def anthropic_middleware(kit: Kit) -> Any:
    client = kit.anthropic(middleware=[_middleware(kit)], max_retries=1)
    return [
        client.messages.create(**MESSAGE),
        client.messages.with_raw_response.create(**MESSAGE),
        collect(client.messages.create(**MESSAGE, stream=True)),
        attempt(lambda: client.models.retrieve("none")),
    ]


@scenario(needs=["async_anthropic"], unless=_no_middleware)
async def async_anthropic_middleware(kit: Kit) -> Any:
    client = kit.async_anthropic(middleware=[_middleware(kit)])
    return [
        await client.messages.create(**MESSAGE),
        await acollect(await client.messages.create(**MESSAGE, stream=True)),
    ]


@scenario(needs=["anthropic"], unless=_no_middleware)
def anthropic_middleware_that_parses(kit: Kit) -> Any:
    def parse(request: Any, call_next: Any) -> Any:
        response = call_next(request)
        kit.seen.append(response.parse())
        return response

    return kit.anthropic(middleware=[parse]).messages.create(**MESSAGE)


@scenario(needs=["openai"])
def organization_and_project(kit: Kit) -> Any:
    client = kit.openai(organization="org-Mine000000000000000000", project="proj_Mine00000000000000000")
    return client.chat.completions.create(**CHAT)
