"""The seam to Bedrock's runtime in boto3 and aiobotocore, at botocore beneath them.

Two places are wrapped. ``_make_api_call`` of the client opens a call: validation, signing, retries and
parsing happen inside. ``_send`` of its endpoint is where bytes leave; in a call it asks the tape, and either
gives recorded bytes back or passes the live response on while reading along. So on replay botocore builds,
parses, retries and raises exactly as it does live. Clients of other services pass.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wrapt import wrap_function_wrapper

from trace_ops._cancellation import is_cancellation
from trace_ops.context import watching
from trace_ops.exchange import Body
from trace_ops.providers import _aiobotocore, _botocore
from trace_ops.providers._call import Call, current_call
from trace_ops.providers._waits import skip_waits
from trace_ops.tape import Play, Tape

SERVICE = "bedrock-runtime"
_making: ContextVar[bool] = ContextVar("trace_ops_making_bedrock", default=False)


class BotocoreCall(Call):
    """A call of a botocore client; its attempts are botocore's."""

    wire = _botocore

    def __init__(self, tape: Tape, client: Any) -> None:
        super().__init__(tape, BEDROCK.name, client._endpoint, urlsplit(client.meta.endpoint_url).path)
        self.signer = client._request_signer

    def send(self, sent: Any, live: Callable[[], Any], stream: bool) -> Any:
        """Serve an attempt from the tape, or make it and read along."""
        self.sends += 1
        play = self._open(sent)
        if play is None:
            return live()
        if play.serving:
            return self._rebuild(play, sent)
        started = time.perf_counter()
        try:
            got = live()
        except Exception as error:
            play.attempts.append(_botocore.describe_failure(error))
            raise
        self._keep(play, got, stream, started)
        return got


class AiobotocoreCall(BotocoreCall):
    """A call of an aiobotocore client."""

    wire = _aiobotocore

    async def asend(self, sent: Any, live: Callable[[], Awaitable[Any]], stream: bool) -> Any:
        """As :meth:`send`, for an async client."""
        self.sends += 1
        play = self._open(sent)
        if play is None:
            return await live()
        if play.serving:
            await self.cancelled_before(play)
            got = self._rebuild(play, sent)
            if not stream:
                await got.content  # read at once, as live
            return got
        started = time.perf_counter()
        try:
            got = await live()
        except BaseException as error:
            if isinstance(error, Exception) or is_cancellation(error):
                play.attempts.append(_botocore.describe_failure(error))
            raise
        if stream:
            self._keep(play, got, stream, started)
        else:
            self._keep_whole(play, got, await got.content, started)
        return got

    def _keep_whole(self, play: Play, got: Any, content: bytes, started: float) -> None:
        try:
            whole = _botocore.describe_response(got, Body(content), "complete", None, started)
            play.attempts.append(whole)
        except Exception as error:  # the caller has a good answer: it must get it
            self.lost(error)


@dataclass(frozen=True)
class Bedrock:
    """The provider ``bedrock``: what the ``bedrock-runtime`` clients of boto3 and aiobotocore call."""

    name: str = "bedrock"
    distributions: Sequence[str] = ("boto3", "botocore", "aiobotocore")

    @property
    def modules(self) -> Sequence[str]:
        """The modules that a call comes through."""
        return tuple(_WRAPPERS)

    @property
    def credentials(self) -> Mapping[str, str]:
        """A region, without which no client can be made; not where a file of the user's may name it."""
        config = Path(os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")).expanduser()
        return {} if config.exists() else {"AWS_DEFAULT_REGION": "us-east-1"}

    def install(self, module: str) -> None:
        """Wrap what a module has of a call's way."""
        found = import_module(module)
        for name, wrapper in _WRAPPERS[module].items():
            # Without these two nothing is recorded; what else an old version lacks is not missed.
            if module.endswith((".client", ".endpoint")) or hasattr(found, name.partition(".")[0]):
                wrap_function_wrapper(module, name, wrapper)
        if module.endswith(".endpoint"):
            skip_waits(module)


BEDROCK = Bedrock()


def _make_api_call(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
    call = open_call(client)
    if call is None:
        return wrapped(*args, **kwargs)
    with call:
        return wrapped(*args, **kwargs)


def open_call(client: Any, kind: type[BotocoreCall] = BotocoreCall) -> BotocoreCall | None:
    """A call of this client, if there is a tape and the client is one of Bedrock's runtime."""
    if client.meta.service_model.service_name != SERVICE:
        return None
    tape = watching("bedrock")
    return None if tape is None else kind(tape, client)


async def _make_async_api_call(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
    call = open_call(client, AiobotocoreCall)
    if call is None:
        return await wrapped(*args, **kwargs)
    with call:
        return await wrapped(*args, **kwargs)


def _send(wrapped: Any, endpoint: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if call is None or call.http is not endpoint:
        return wrapped(*args, **kwargs)
    sent = args[0] if args else kwargs["request"]
    return call.send(sent, lambda: wrapped(*args, **kwargs), sent.stream_output)


async def _async_send(wrapped: Any, endpoint: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if call is None or call.http is not endpoint:
        return await wrapped(*args, **kwargs)
    sent = args[0] if args else kwargs["request"]
    return await call.asend(sent, lambda: wrapped(*args, **kwargs), sent.stream_output)


def _no_rate(wrapped: Any, _limiter: Any, args: Any, kwargs: Any) -> Any:
    """Spare what the adaptive mode waits before an attempt, on which nobody answers it."""
    call = current_call()
    if isinstance(call, BotocoreCall) and (call.is_served or not call.tape.live):
        return _nothing() if isinstance(call, AiobotocoreCall) else None
    return wrapped(*args, **kwargs)


async def _nothing() -> None:
    pass


# --- replaying without credentials


def _sign(wrapped: Any, signer: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if not isinstance(call, BotocoreCall) or call.signer is not signer:
        return wrapped(*args, **kwargs)
    if not call.tape.live:
        return None
    try:
        return wrapped(*args, **kwargs)
    except Exception as error:
        if call.sends and not call.is_served:
            raise
        # The answer may yet come from the cassette.
        call.credential_error = error
        return None


async def _async_sign(wrapped: Any, signer: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if not isinstance(call, BotocoreCall) or call.signer is not signer:
        return await wrapped(*args, **kwargs)
    if not call.tape.live:
        return None
    try:
        return await wrapped(*args, **kwargs)
    except Exception as error:
        if call.sends and not call.is_served:
            raise
        call.credential_error = error
        return None


def _create_client(wrapped: Any, _session: Any, args: Any, kwargs: Any) -> Any:
    with _made_for_replay(args, kwargs):
        return wrapped(*args, **kwargs)


async def _async_create_client(wrapped: Any, _session: Any, args: Any, kwargs: Any) -> Any:
    with _made_for_replay(args, kwargs):
        return await wrapped(*args, **kwargs)


@contextmanager
def _made_for_replay(args: Any, kwargs: Any) -> Iterator[None]:
    service = args[0] if args else kwargs.get("service_name")
    tape = watching("bedrock") if service == SERVICE else None
    token = _making.set(tape is not None and not tape.live)
    try:
        yield
    finally:
        _making.reset(token)


def _load(wrapped: Any, _provider: Any, args: Any, kwargs: Any) -> Any:
    return None if _making.get() else wrapped(*args, **kwargs)


async def _async_load(wrapped: Any, _provider: Any, args: Any, kwargs: Any) -> Any:
    return None if _making.get() else await wrapped(*args, **kwargs)


# Of the ways to credentials, those that ask a server or a program as soon as a client is made.
_WRAPPERS: dict[str, dict[str, Any]] = {
    "botocore.client": {"BaseClient._make_api_call": _make_api_call},
    "botocore.endpoint": {"Endpoint._send": _send},
    "botocore.retries.adaptive": {"ClientRateLimiter.on_sending_request": _no_rate},
    "botocore.signers": {"RequestSigner.sign": _sign},
    "botocore.session": {"Session.create_client": _create_client},
    "botocore.credentials": {
        "InstanceMetadataProvider.load": _load,
        "ContainerProvider.load": _load,
        "ProcessProvider.load": _load,
    },
    "aiobotocore.client": {"AioBaseClient._make_api_call": _make_async_api_call},
    "aiobotocore.endpoint": {"AioEndpoint._send": _async_send},
    "aiobotocore.retries.adaptive": {"AsyncClientRateLimiter.on_sending_request": _no_rate},
    "aiobotocore.signers": {"AioRequestSigner.sign": _async_sign},
    "aiobotocore.session": {"AioSession._create_client": _async_create_client},
    "aiobotocore.credentials": {
        "AioInstanceMetadataProvider.load": _async_load,
        "AioContainerProvider.load": _async_load,
        "AioProcessProvider.load": _async_load,
    },
}
