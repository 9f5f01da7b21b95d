"""``python -m benchmarks.drive_sdks``: real exchanges through google-genai, mistralai, cohere, ollama, boto3.

Each recorded run of the corpus is made three times through the SDK of its provider: against a server that
answers as the provider did, under a recorder, and replayed. What the caller gets must be the same, and the
replay must ask the server nothing. The bodies are sent as they were recorded where an SDK takes any body
(google-genai, cohere), else as its parameters. Which record is meant is told by a header that is added
below the SDK.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import inspect
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from benchmarks._corpus import DATA, Record, records
from trace_ops import Recorder, Replayer

Run = tuple[str, list[Record]]
Outcomes = dict[str, Any]
_record: ContextVar[str] = ContextVar("record")


@dataclass(frozen=True)
class SDK:
    """How a client is made for a URL, with its HTTP client, and how a record is sent, by the API of it."""

    name: str
    make: Callable[[str, bool], tuple[Any, Any]]
    calls: Mapping[str, Callable[[Any, Record], Any]]
    modes: Sequence[str] = ("sync", "async")


# --- the SDKs


def _tell(request: Any) -> None:
    request.headers["x-corpus-id"] = _record.get()


async def _atell(request: Any) -> None:
    _tell(request)


def _http(library: str, asynchronous: bool) -> Any:
    module = import_module(library)
    if asynchronous:
        return module.AsyncClient(event_hooks={"request": [_atell]}, timeout=30)
    return module.Client(event_hooks={"request": [_tell]}, timeout=30)


def _google(url: str, asynchronous: bool) -> tuple[Any, Any]:
    own = _http("httpx2", asynchronous)
    http = {"base_url": url, ("httpx_async_client" if asynchronous else "httpx_client"): own}
    client = import_module("google.genai").Client(api_key="none", http_options=http)
    return client.aio if asynchronous else client, own


def _google_call(method: str, contents: str = "contents") -> Callable[[Any, Record], Any]:
    def call(client: Any, record: Record) -> Any:
        streams = urlsplit(record["url"]).path.endswith(":streamGenerateContent")
        named = unquote(urlsplit(record["url"]).path).rpartition("/models/")[2].partition(":")[0]
        config = {"http_options": {"extra_body": record["request_body"]}}
        name = f"{method}_stream" if streams else method
        return getattr(client.models, name)(model=named, **{contents: "-"}, config=config)

    return call


def _google_interaction(client: Any, record: Record) -> Any:
    return client.interactions.create(**record["request_body"])


def _mistral(url: str, asynchronous: bool) -> tuple[Any, Any]:
    own = _http("httpx2", asynchronous)
    http = {"async_client" if asynchronous else "client": own}
    return import_module("mistralai.client").Mistral(api_key="none", server_url=url, **http), own


def _mistral_chat(client: Any, record: Record) -> Any:
    return _by_parameters(_of(client, client.chat, "stream" if record["is_stream"] else "complete"), record)


def _mistral_embeddings(client: Any, record: Record) -> Any:
    body = dict(record["request_body"])
    body["inputs"] = body.pop("input", body.get("inputs"))
    return _by_parameters(_of(client, client.embeddings, "create"), {**record, "request_body": body})


def _of(client: Any, resource: Any, name: str) -> Any:
    has_async = client.sdk_configuration.async_client_supplied
    return getattr(resource, f"{name}_async" if has_async else name)


def _by_parameters(method: Any, record: Record) -> Any:
    known = inspect.signature(method).parameters
    given = {name: value for name, value in record["request_body"].items() if name in known}
    given.pop("stream", None)
    return method(**given)


def _cohere(url: str, asynchronous: bool) -> tuple[Any, Any]:
    made = getattr(import_module("cohere"), "AsyncClientV2" if asynchronous else "ClientV2")
    own = _http("httpx", asynchronous)
    return made(api_key="none", base_url=url, httpx_client=own), own


def _cohere_call(**required: Any) -> Callable[[Any, Record], Any]:
    def call(client: Any, record: Record) -> Any:
        streams = record["is_stream"] and record["api"] == "cohere.chat"
        name = "chat_stream" if streams else record["api"].partition(".")[2]
        body = record["request_body"]
        given = {key: body.get(key, value) for key, value in required.items()}
        options = {"additional_body_parameters": body, "max_retries": 0}
        return getattr(client, name)(**given, request_options=options)

    return call


def _ollama(url: str, asynchronous: bool) -> tuple[Any, Any]:
    made = getattr(import_module("ollama"), "AsyncClient" if asynchronous else "Client")
    client = made(host=url, event_hooks={"request": [_atell if asynchronous else _tell]}, timeout=30)
    return client, client._client


def _ollama_call(name: str) -> Callable[[Any, Record], Any]:
    def call(client: Any, record: Record) -> Any:
        method = getattr(client, name)
        known = inspect.signature(method).parameters
        body = record["request_body"]
        given = {key: value for key, value in body.items() if key in known}
        given.setdefault("model", body.get("name"))  # as show called it
        if "stream" in known:
            given["stream"] = record["is_stream"]
        return method(**given)

    return call


_OPERATIONS = {
    "converse": "converse",
    "converse-stream": "converse_stream",
    "invoke": "invoke_model",
    "invoke-with-response-stream": "invoke_model_with_response_stream",
}


class _Bedrock:
    """A client of Bedrock's runtime, of boto3 or aiobotocore, which is made when it is entered."""

    client: Any = None

    def __init__(self, url: str) -> None:
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        self._options = {"region_name": "us-east-1", "endpoint_url": url, **keys}
        # Old and new requests alike: the installed version need not know every field.
        self._config = {"retries": {"total_max_attempts": 1}, "parameter_validation": False}

    def __enter__(self) -> None:
        config = import_module("botocore.config").Config(**self._config)
        session = import_module("boto3.session").Session()
        self._use(session.client("bedrock-runtime", config=config, **self._options))

    def __exit__(self, *_: object) -> None:
        self.client.close()

    async def __aenter__(self) -> None:
        config = import_module("aiobotocore.config").AioConfig(**self._config)
        session = import_module("aiobotocore.session").get_session()
        self._made = session.create_client("bedrock-runtime", config=config, **self._options)
        self._use(await self._made.__aenter__())

    async def __aexit__(self, *error: Any) -> None:
        await self._made.__aexit__(*error)

    def _use(self, client: Any) -> None:
        self.client = client
        client.meta.events.register("request-created.*", lambda request, **_: _tell(request))

    def call(self, record: Record) -> Any:
        """Send a record: the call of the method."""
        model, _, verb = urlsplit(record["url"]).path.partition("/model/")[2].rpartition("/")
        name, body = _OPERATIONS[verb], record["request_body"]
        given = {"body": json.dumps(body)} if name.startswith("invoke") else self._parameters(name, body)
        return getattr(self.client, name)(modelId=unquote(model), **given)

    def _parameters(self, name: str, body: Any) -> Any:
        """What a program gives so that this body is sent: blobs as bytes."""
        operation = "".join(word.title() for word in name.split("_"))
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        return import_module("botocore.parsers").RestJSONParser()._parse_shape(shape, body)


def _bedrock(url: str, _asynchronous: bool) -> tuple[Any, Any]:
    made = _Bedrock(url)
    return made, made


def _bedrock_call(made: _Bedrock, record: Record) -> Iterator[Any]:
    answer, body = _opened(made.call(record))
    yield answer
    yield from [body.read()] if hasattr(body, "read") else body or ()


async def _async_bedrock_call(made: _Bedrock, record: Record) -> AsyncIterator[Any]:
    answer, body = _opened(await made.call(record))
    yield answer
    if hasattr(body, "read"):
        yield await body.read()
    elif body is not None:
        async for event in body:
            yield event


def _opened(answer: Any) -> tuple[Any, Any]:
    """An answer without the server's own date, and the body that is yet to be read."""
    answer["ResponseMetadata"]["HTTPHeaders"].pop("date", None)
    return answer, answer.pop("stream", None) or answer.pop("body", None)


SDKS = (
    SDK(
        "google-genai",
        _google,
        {
            "google.generateContent": _google_call("generate_content"),
            "google.embed": _google_call("embed_content"),
            "google.countTokens": _google_call("count_tokens"),
            "google.interactions": _google_interaction,
        },
    ),
    SDK("mistralai", _mistral, {"mistral.chat": _mistral_chat, "mistral.embeddings": _mistral_embeddings}),
    SDK(
        "cohere",
        _cohere,
        {
            "cohere.chat": _cohere_call(model="-", messages=[]),
            "cohere.embed": _cohere_call(model="-", input_type="-"),
            "cohere.rerank": _cohere_call(model="-", query="-", documents=[]),
        },
    ),
    SDK(
        "ollama",
        _ollama,
        {
            "ollama.chat": _ollama_call("chat"),
            "ollama.generate": _ollama_call("generate"),
            "ollama.embeddings": _ollama_call("embeddings"),
            "ollama.show": _ollama_call("show"),
        },
    ),
    SDK(
        "boto3",
        _bedrock,
        {"bedrock.converse": _bedrock_call, "bedrock.invoke": _bedrock_call},
        ("sync",),
    ),
    SDK(
        "aiobotocore",
        _bedrock,
        {"bedrock.converse": _async_bedrock_call, "bedrock.invoke": _async_bedrock_call},
        ("async",),
    ),
)


# --- the runs


def select(sdk: SDK, limit: int | None = None, path: Path = DATA) -> list[Run]:
    """The recorded runs of an SDK's APIs, in the order of the file; at most so many of each kind of call."""
    groups: dict[str, list[Record]] = {}
    for record in records(path):
        if record["api"] in sdk.calls and isinstance(record["request_body"], dict):
            groups.setdefault(record["cassette_group"], []).append(record)
    if limit is None:
        return list(groups.items())
    taken: Counter[Any] = Counter()
    chosen = []
    for name, calls in groups.items():
        kinds = {(call["api"], call["is_stream"], call["status"] >= 400) for call in calls}
        if any(taken[kind] < limit for kind in kinds):
            chosen.append((name, calls))
            taken.update(kinds)
    return chosen


@contextmanager
def served(runs: Sequence[Run], path: Path = DATA) -> Iterator[tuple[str, Callable[[], int]]]:
    """Serve the runs as their provider did: the URL, and how many requests came since the last look."""
    sys.path.insert(0, str(path.parent))
    try:
        upstream: Any = import_module("upstream")
    finally:
        sys.path.remove(str(path.parent))
    corpus = upstream.Corpus(record for _, calls in runs for record in calls)
    handler = upstream.make_handler(corpus, argparse.Namespace(delay_ms=0, fragment=0))
    seen: list[str] = []

    class Counting(handler):  # type: ignore[misc,valid-type]
        def parse_request(self) -> bool:
            seen.append("request")
            return bool(super().parse_request())

    server = upstream.Server(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def count() -> int:
        so_far = len(seen)
        seen.clear()
        return so_far

    try:
        yield f"http://127.0.0.1:{server.server_port}", count
    finally:
        server.shutdown()
        server.server_close()


# --- one round

Around = Callable[[str], AbstractContextManager[Any]]


def drive(sdk: SDK, runs: Sequence[Run], url: str, mode: str, around: Around | None = None) -> Outcomes:
    """Make every call of the runs; what came of each, by the id of its record."""
    found: Outcomes = {}
    if mode == "async":
        asyncio.run(_drive_async(sdk, runs, url, around, found))
        return found
    client, http = sdk.make(url, False)
    with http:
        for name, calls in runs:
            with around(name) if around else nullcontext():
                for record in calls:
                    _record.set(record["id"])
                    seen = found[record["id"]] = Seen()
                    try:
                        seen.take(sdk.calls[record["api"]](client, record))
                    except Exception as error:  # noqa: BLE001  whatever it is, it is what the caller saw
                        seen.error = _error(error)
    return found


async def _drive_async(
    sdk: SDK, runs: Sequence[Run], url: str, around: Around | None, found: Outcomes
) -> None:
    client, http = sdk.make(url, True)
    async with http:
        for name, calls in runs:
            with around(name) if around else nullcontext():
                for record in calls:
                    _record.set(record["id"])
                    seen = found[record["id"]] = Seen()
                    try:
                        await seen.atake(sdk.calls[record["api"]](client, record))
                    except Exception as error:  # noqa: BLE001  whatever it is, it is what the caller saw
                        seen.error = _error(error)


@dataclass
class Seen:
    """What a caller got: results in order, and the exception that ended them."""

    items: list[Any] = field(default_factory=list)
    error: Any = None

    def take(self, value: Any) -> None:
        """Take a result, or all that a stream gives."""
        if not _is_stream(value, "__iter__"):
            self.items.append(_plain(value))
            return
        for item in value:
            self.items.append(_plain(item))

    async def atake(self, value: Any) -> None:
        """As :meth:`take`, of an async client."""
        if inspect.isawaitable(value):
            value = await value
        if not _is_stream(value, "__aiter__"):
            self.items.append(_plain(value))
            return
        async for item in value:
            self.items.append(_plain(item))


def _is_stream(value: Any, method: str) -> bool:
    return hasattr(value, method) and not hasattr(value, "model_dump")


def _plain(value: Any) -> Any:
    dumped = value.model_dump(mode="json", warnings=False) if hasattr(value, "model_dump") else repr(value)
    http = dumped.get("sdk_http_response") if isinstance(dumped, dict) else None
    if http and http.get("headers"):
        http["headers"].pop("date", None)  # the server's own: it differs from one live call to the next
    # As text, in which a number that is none is equal to itself.
    return f"{type(value).__module__}.{type(value).__qualname__} {json.dumps(dumped, default=repr)}"


def _error(error: Exception) -> Any:
    told = {name: repr(getattr(error, name, None)) for name in ("status_code", "code", "body", "details")}
    cause = type(error.__cause__).__qualname__
    return [f"{type(error).__module__}.{type(error).__qualname__}", told, cause]


# --- three rounds


@dataclass
class Result:
    """What the three rounds of an SDK came to; ``different`` names the records."""

    sdk: str
    mode: str
    calls: int
    items: int
    errors: Counter[str]
    requests: int
    replay_requests: int
    different: list[str]
    seconds: float


def prove(sdk: SDK, runs: Sequence[Run], mode: str, directory: Path, path: Path = DATA) -> Result:
    """Make the calls direct, recorded and replayed, and compare."""
    began = time.perf_counter()

    def cassette(name: str) -> Path:
        return directory / f"{sdk.name}-{mode}-{hashlib.sha256(name.encode()).hexdigest()[:24]}.yaml"

    with served(runs, path) as (url, count):
        direct = drive(sdk, runs, url, mode)
        requests = count()
        recorded = drive(sdk, runs, url, mode, lambda name: Recorder(cassette(name), mode="all"))
        if (again := count()) != requests:
            raise RuntimeError(f"{sdk.name}: {requests} requests, and {again} when they were recorded")
        replayed = drive(sdk, runs, url, mode, lambda name: Replayer(cassette(name)))
        replay_requests = count()
    different = [
        f"{name}: {round_}"
        for round_, outcomes in (("recorded", recorded), ("replayed", replayed))
        for name in direct
        if direct[name] != outcomes.get(name)
    ]
    return Result(
        sdk.name,
        mode,
        len(direct),
        sum(len(seen.items) for seen in direct.values()),
        Counter(str(seen.error[0]) for seen in direct.values() if seen.error),
        requests,
        replay_requests,
        different,
        time.perf_counter() - began,
    )


def main() -> None:
    """Drive what is named, or everything; exits with 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drive_sdks", description=__doc__)
    parser.add_argument("--sdk", action="append", choices=[sdk.name for sdk in SDKS])
    parser.add_argument("--mode", action="append", choices=("sync", "async"))
    parser.add_argument("--limit", type=int, help="runs for each kind of call")
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="drive-") as directory:
        for sdk in SDKS:
            if options.sdk and sdk.name not in options.sdk:
                continue
            runs = select(sdk, options.limit)
            for mode in options.mode or sdk.modes:
                if mode not in sdk.modes:
                    continue
                result = prove(sdk, runs, mode, Path(directory))
                print(
                    f"{result.sdk} {mode}: {result.calls} calls ({result.items} results and pieces, "
                    f"{result.errors.total()} errors {dict(result.errors)}), {result.requests} requests; "
                    f"replayed with {result.replay_requests}; {len(result.different)} different; "
                    f"{result.seconds:.1f} s"
                )
                for line in result.different[:20]:
                    print(f"  {line}")
                failed |= bool(result.different or result.replay_requests)
    sys.exit(failed)


if __name__ == "__main__":
    main()
