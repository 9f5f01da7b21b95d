"""The seam to Bedrock's runtime in boto3, at botocore beneath it.

Two places are wrapped. ``_make_api_call`` of the client opens a call: validation, signing, retries and
parsing happen inside. ``_send`` of its endpoint is where bytes leave; in a call it asks the tape, and either
gives recorded bytes back or passes the live response on while reading along. So on replay botocore builds,
parses, retries and raises exactly as it does live. Clients of other services pass.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wrapt import wrap_function_wrapper

from trace_ops.context import active_tape
from trace_ops.providers import _botocore
from trace_ops.providers._call import Call, current_call
from trace_ops.providers._waits import spare_waits
from trace_ops.tape import Tape

SERVICE = "bedrock-runtime"
_ASKING_PROVIDERS = ("InstanceMetadataProvider", "ContainerProvider", "ProcessProvider")
"""Those of botocore's ways to credentials that ask a server or a program as soon as a client is made."""

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


@dataclass(frozen=True)
class Bedrock:
    """The provider ``bedrock``: what boto3's ``bedrock-runtime`` clients call."""

    name: str = "bedrock"
    modules: Sequence[str] = ("botocore.client", "botocore.session", "botocore.endpoint", "botocore.signers")
    distributions: Sequence[str] = ("boto3", "botocore")

    @property
    def credentials(self) -> Mapping[str, str]:
        """A region, without which no client can be made; not where a file of the user's may name it."""
        config = Path(os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")).expanduser()
        return {} if config.exists() else {"AWS_DEFAULT_REGION": "us-east-1"}

    def install(self, module: str) -> None:
        """Wrap what a module of botocore has of a call's way."""
        import_module(module)
        if module == "botocore.client":
            wrap_function_wrapper(module, "BaseClient._make_api_call", _make_api_call)
        elif module == "botocore.endpoint":
            wrap_function_wrapper(module, "Endpoint._send", _send)
            spare_waits(module)
        elif module == "botocore.signers":
            wrap_function_wrapper(module, "RequestSigner.sign", _sign)
        else:
            wrap_function_wrapper(module, "Session.create_client", _create_client)
            for provider in _ASKING_PROVIDERS:
                wrap_function_wrapper("botocore.credentials", f"{provider}.load", _load)


BEDROCK = Bedrock()


def _make_api_call(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
    call = open_call(client)
    if call is None:
        return wrapped(*args, **kwargs)
    with call:
        return wrapped(*args, **kwargs)


def open_call(client: Any) -> BotocoreCall | None:
    """A call of this client, if there is a tape and the client is one of Bedrock's runtime."""
    tape = active_tape()
    if tape is None or client.meta.service_model.service_name != SERVICE:
        return None
    return BotocoreCall(tape, client)


def _send(wrapped: Any, endpoint: Any, args: Any, kwargs: Any) -> Any:
    call = current_call()
    if call is None or call.http is not endpoint:
        return wrapped(*args, **kwargs)
    sent = args[0] if args else kwargs["request"]
    return call.send(sent, lambda: wrapped(*args, **kwargs), sent.stream_output)


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


def _create_client(wrapped: Any, _session: Any, args: Any, kwargs: Any) -> Any:
    tape = active_tape()
    service = args[0] if args else kwargs.get("service_name")
    token = _making.set(service == SERVICE and tape is not None and not tape.live)
    try:
        return wrapped(*args, **kwargs)
    finally:
        _making.reset(token)


def _load(wrapped: Any, _provider: Any, args: Any, kwargs: Any) -> Any:
    return None if _making.get() else wrapped(*args, **kwargs)
