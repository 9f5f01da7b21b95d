"""What goes wrong before an answer: error statuses, retries, timeouts, broken connections, bad bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sdk.kit import SCENARIOS, Kit, Scenario, aattempt, attempt, each, scenario
from tests.sdk.scenarios.inputs import CHAT, MESSAGE
from trace_ops.double import Fault, Garbled, HangUp, Stall, Status

AT_ONCE = {"retry-after-ms": "1", "retry-after": "0"}
CALLS: dict[str, Callable[..., Any]] = {
    "openai": lambda client, **options: client.chat.completions.create(**CHAT, **options),
    "anthropic": lambda client, **options: client.messages.create(**MESSAGE, **options),
}


def _enter(
    name: str,
    faults: tuple[Fault | None, ...],
    act: Callable[[Any, Callable[..., Any]], Any],
    aact: Callable[[Any, Callable[..., Any]], Any],
    clients: tuple[str, ...] = ("openai", "anthropic"),
    **options: Any,
) -> None:
    """Enter a fault for both SDKs, sync and async."""

    def enter(client: str) -> None:
        async def asynchronous(kit: Kit) -> Any:
            return await aact(kit.client(f"async_{client}", **options), CALLS[client])

        def sync(kit: Kit) -> Any:
            return act(kit.client(client, **options), CALLS[client])

        SCENARIOS.append(Scenario(f"{client}-{name}", sync, (client,), faults))
        SCENARIOS.append(Scenario(f"async_{client}-{name}", asynchronous, (f"async_{client}",), faults))

    for client in clients:
        enter(client)


def _plain(client: Any, call: Callable[..., Any]) -> Any:
    return attempt(lambda: call(client))


async def _aplain(client: Any, call: Callable[..., Any]) -> Any:
    return await aattempt(call(client))


def _raw(client: Any, call: Callable[..., Any]) -> Any:
    kind = type(client).__module__.partition(".")[0]
    create = (client.messages if kind == "anthropic" else client.chat.completions).with_raw_response.create
    return attempt(lambda: create(**(MESSAGE if kind == "anthropic" else CHAT)))


async def _araw(client: Any, call: Callable[..., Any]) -> Any:
    kind = type(client).__module__.partition(".")[0]
    create = (client.messages if kind == "anthropic" else client.chat.completions).with_raw_response.create
    return await aattempt(create(**(MESSAGE if kind == "anthropic" else CHAT)))


def _stream(client: Any, call: Callable[..., Any]) -> Any:
    return attempt(lambda: call(client, stream=True))


async def _astream(client: Any, call: Callable[..., Any]) -> Any:
    return await aattempt(call(client, stream=True))


def _twice(client: Any, call: Callable[..., Any]) -> Any:
    return [attempt(lambda: call(client)), attempt(lambda: call(client))]


async def _atwice(client: Any, call: Callable[..., Any]) -> Any:
    return [await aattempt(call(client)), await aattempt(call(client))]


for code in (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529):
    _enter(f"status_{code}", (Status(code),), _plain, _aplain)

for code in (400, 429, 529):
    _enter(f"status_{code}_to_a_stream", (Status(code),), _stream, _astream)

_enter("status_429_with_retry_after", (Status(429, headers={"retry-after": "17"}),), _plain, _aplain)
_enter("status_500_in_html", (Status(500, body=b"<html>Bad gateway</html>"),), _plain, _aplain)
_enter("status_500_empty", (Status(500, body=b""),), _plain, _aplain)
_enter("error_then_success", (Status(500), None), _twice, _atwice)
_enter("retried_once", (Status(429, headers=AT_ONCE), None), _raw, _araw, max_retries=2)
_enter(
    "retried_twice_for_different_reasons",
    (Status(503, headers=AT_ONCE), Status(409, headers=AT_ONCE), None),
    _raw,
    _araw,
    max_retries=2,
)
_enter("retried_to_a_stream", (Status(529, headers=AT_ONCE), None), _stream, _astream, max_retries=1)
_enter("retries_used_up", (Status(500, headers=AT_ONCE),) * 3, _plain, _aplain, max_retries=2)
_enter(
    "retry_forbidden_by_the_server",
    (Status(500, headers={"x-should-retry": "false"}),),
    _plain,
    _aplain,
    max_retries=2,
)
_enter("hang_up", (HangUp(),), _plain, _aplain)
_enter("hang_up_then_success", (HangUp(), None), _raw, _araw, max_retries=1)
_enter("hang_up_before_a_stream", (HangUp(),), _stream, _astream)
_enter("read_timeout", (Stall(3.0),), _plain, _aplain, timeout=0.5)
_enter("read_timeout_then_success", (Stall(3.0), None), _raw, _araw, timeout=0.5, max_retries=1)
_enter("garbled_json", (Garbled(),), _plain, _aplain)
_enter("answer_that_is_no_json", (Status(200, body=b"I am a proxy"),), _plain, _aplain)
_enter(
    "strict_validation_fails",
    (Status(200, body=b'{"id": 7}'),),
    _plain,
    _aplain,
    _strict_response_validation=True,
)
_enter("answer_of_unknown_shape", (Status(200, body=b'{"choices": 7, "made_up": [1.0]}'),), _plain, _aplain)


@scenario(needs=["openai"])
def connection_refused(kit: Kit) -> Any:
    return attempt(lambda: CALLS["openai"](kit.openai(base_url="http://127.0.0.1:9/v1")))


@scenario(needs=["async_anthropic"])
async def async_connection_refused(kit: Kit) -> Any:
    return await aattempt(CALLS["anthropic"](kit.async_anthropic(base_url="http://127.0.0.1:9")))


@scenario(needs=["openai"])
def unknown_host(kit: Kit) -> Any:
    return attempt(lambda: CALLS["openai"](kit.openai(base_url="http://no-such-host.invalid/v1")))


@each("openai")
def unknown_path(client: Any) -> Any:
    return client.models.retrieve("no/such/../model")


@each("openai")
def error_in_a_list(client: Any) -> Any:
    return client.files.retrieve("file-none")


@scenario(needs=["openai"], faults=[Status(307, headers={"location": "/v1/models/gpt-5-mini"}), None])
def redirected(kit: Kit) -> Any:
    # Where it was redirected to is not kept: only what came of it.
    return attempt(lambda: kit.openai().models.retrieve("gpt-5"))
